"""Nordic Thingy:52: raw motion, one sample a notification, without number or time."""

from __future__ import annotations

import math
import struct
from typing import ClassVar

import numpy as np

from kneeimu.errors import SensorError
from kneeimu.sensors.driver import (
    BATTERY_LEVEL,
    FIRMWARE_REVISION,
    SERIAL_NUMBER,
    STANDARD_GRAVITY,
    Advertisement,
    Malformed,
    Reading,
    Readings,
    Session,
    StreamSettings,
    battery_readings,
    measure_rate_hz,
    read_battery,
    read_battery_once,
    read_text,
    require,
)
from kneeimu.words import _


def _uuid(short: str) -> str:
    return f"ef68{short}-9b35-4933-9b10-52ffa9740042"


CONFIGURATION_SERVICE_UUID = _uuid("0100")  # the one it advertises
CONFIG_UUID = _uuid("0401")
DATA_UUID = _uuid("0406")

ACC_RANGE_G = 2  # what the chip's driver starts with; nothing in the firmware changes it
SLOWEST_HZ, FASTEST_HZ = 5, 200

_CONFIG = struct.Struct("<HHHHB")
_DEFAULT_CONFIG = _CONFIG.pack(1000, 500, 500, 10, 1)
_RATE_OFFSET = 6
_RAW_SIZE = 18
_MEASURING_S = 2.0
_LSB_PER_G, _LSB_PER_DPS = 1024, 32
_GYR_LIMIT_DPS = 32768 / _LSB_PER_DPS


class Thingy52:
    """Driver of the Thingy:52's motion service."""

    family: ClassVar[str] = "thingy52"
    data_characteristics: ClassVar[frozenset[str]] = frozenset({DATA_UUID})
    device_clock_wrap_s: ClassVar[float | None] = None
    sequence_wrap: ClassVar[int | None] = None
    notification_interval_s: ClassVar[float] = 1 / 60
    poll_interval_s: ClassVar[float | None] = None

    @classmethod
    def recognise(cls, advertisement: Advertisement) -> bool:
        return CONFIGURATION_SERVICE_UUID in advertisement.service_uuids or advertisement.name == "Thingy"

    async def read_charge(self, session: Session) -> int | None:
        return await read_battery_once(session)

    async def configure(self, session: Session, rate_hz: float) -> StreamSettings:
        require(
            session, DATA_UUID, _("has no motion service"),
            _("a Thingy:53 or other firmware has none: load Nordic's Thingy:52 firmware or the " "kneeimu one"),
        )  # fmt: skip
        battery = await read_battery(session)
        await _set_rate(session, min(FASTEST_HZ, max(SLOWEST_HZ, round(rate_hz))))
        await session.subscribe(DATA_UUID)  # it streams from now on
        rate = await measure_rate_hz(session, DATA_UUID, _MEASURING_S, lambda _: 1)
        return StreamSettings(
            rate_hz=rate,
            acc_range_m_s2=ACC_RANGE_G * STANDARD_GRAVITY,
            gyr_range_rad_s=math.radians(_GYR_LIMIT_DPS),
            battery_percent=battery,
            firmware=await read_text(session, FIRMWARE_REVISION),
            serial_number=await read_text(session, SERIAL_NUMBER),
            notes=(
                _("asked for {rate_hz:.0f} Hz, the sensor sends {rate:.0f} Hz (measured: it does not say)").format(
                    rate_hz=rate_hz, rate=rate
                ),
                _("its accelerometer ends at {range} g: hops and hard steps are cut off").format(range=ACC_RANGE_G),
            ),
        )

    async def stop(self, session: Session) -> None:
        await session.unsubscribe(DATA_UUID)  # that stops it

    async def poll(self, session: Session) -> None:
        """Nothing to ask for: the battery level is notified."""

    def parse(self, characteristic: str, data: bytes, host_time_s: float) -> list[Reading]:  # noqa: ARG002
        if characteristic == DATA_UUID:
            return [decode_raw(data)]
        return battery_readings(data) if characteristic == BATTERY_LEVEL else []


def decode_raw(data: bytes) -> Readings | Malformed:
    """Give the sample of one notification.

    The firmware turns the accelerometer's axes over but not the gyroscope's, so that the axis that points *down* reads
    +1 g (orientation matrices in drv_motion.c of its source): turned back here, for specific force is wanted.
    """
    if len(data) != _RAW_SIZE:
        return Malformed("sample of another length")
    values = np.frombuffer(data, "<i2", count=6).reshape(1, 6).astype(np.float64)
    return Readings(-values[:, :3] * (STANDARD_GRAVITY / _LSB_PER_G), np.radians(values[:, 3:] / _LSB_PER_DPS))


async def _set_rate(session: Session, rate_hz: int) -> None:
    """Change the rate and nothing else; the sensor writes each change to its flash, so only when it is one."""
    config = bytearray(await session.read(CONFIG_UUID) if session.has(CONFIG_UUID) else b"")
    if len(config) != _CONFIG.size:
        config = bytearray(_DEFAULT_CONFIG)
    elif struct.unpack_from("<H", config, _RATE_OFFSET)[0] == rate_hz:
        return
    if not session.has(CONFIG_UUID):
        raise SensorError(_("the sensor's rate can't be set"), advice=_("load Nordic's Thingy:52 firmware"))
    struct.pack_into("<H", config, _RATE_OFFSET, rate_hz)
    await session.write(CONFIG_UUID, bytes(config))
