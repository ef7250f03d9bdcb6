"""Polar Verity Sense: acceleration and rotation in frames of about a second, each with a time of its own."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from kneeimu.errors import SensorError
from kneeimu.sensors import merge, pmd
from kneeimu.sensors.driver import (
    BATTERY_LEVEL,
    FIRMWARE_REVISION,
    SERIAL_NUMBER,
    STANDARD_GRAVITY,
    Advertisement,
    Malformed,
    Reading,
    Session,
    Stopped,
    StreamSettings,
    battery_readings,
    read_battery,
    read_battery_once,
    read_text,
    require,
)
from kneeimu.types import FloatArray
from kneeimu.words import _, mark

SERVICE_UUID = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
CONTROL_UUID = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA_UUID = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"

WANTED_ACC_RANGE_G = 16
WANTED_GYR_RANGE_DPS = 2000
NORMAL_RATE_HZ = 52.0  # the only one outside the SDK mode

_NAMES = {pmd.ACC: "acceleration", pmd.GYRO: "rotation"}
_KINDS = {pmd.ACC: merge.ACC, pmd.GYRO: merge.GYR}
_PERIOD_TOLERANCE = 0.2
_REFUSALS = {
    3: (mark("does not support it"), mark("update the sensor's firmware with the Polar Flow app")),
    10: (
        mark("says the radio packets are too small"),
        mark("use a Bluetooth adapter that allows an MTU of 70 or more"),
    ),
    12: (
        mark("can't do that in its present state"),
        mark("switch it to heart-rate mode: press its button until one LED shows"),
    ),
    13: (mark("is on its charger"), mark("take it off the charger")),
    14: (mark("has no memory left"), mark("empty it with the Polar Flow app")),
}


class PolarVeritySense:
    """Driver of the Polar measurement data service for sensors with a gyroscope."""

    family: ClassVar[str] = "polar"
    data_characteristics: ClassVar[frozenset[str]] = frozenset({DATA_UUID})
    device_clock_wrap_s: ClassVar[float | None] = None
    sequence_wrap: ClassVar[int | None] = None
    notification_interval_s: ClassVar[float] = 1.0
    poll_interval_s: ClassVar[float | None] = None

    def __init__(self) -> None:
        self._factors: dict[int, float] = {}
        self._rate_hz = NORMAL_RATE_HZ
        self._last_s: dict[int, float] = {}
        self._merger = merge.TimeMerger()
        self._sdk_mode = False

    @classmethod
    def recognise(cls, advertisement: Advertisement) -> bool:
        return advertisement.name.startswith(("Polar Sense", "Polar Verity"))

    async def read_charge(self, session: Session) -> int | None:
        return await read_battery_once(session)

    async def configure(self, session: Session, rate_hz: float) -> StreamSettings:
        require(
            session, CONTROL_UUID, _("has no measurement service"), _("update its firmware with the Polar Flow app")
        )
        battery = await read_battery(session)
        firmware = await read_text(session, FIRMWARE_REVISION)
        serial_number = await read_text(session, SERIAL_NUMBER)
        has_sdk_mode = _check_features(await session.read(CONTROL_UUID))
        await session.subscribe(CONTROL_UUID)
        await session.subscribe(DATA_UUID)
        for measurement in _NAMES:
            await _ask(session, pmd.STOP, measurement)  # a stream of an earlier central may still run
        notes = await self._choose_mode(session, rate_hz, has_sdk_mode)
        choices = {kind: await _choose(session, kind, rate_hz) for kind in _NAMES}
        self._rate_hz = float(choices[pmd.GYRO].get(pmd.RATE, NORMAL_RATE_HZ))
        for measurement, choice in choices.items():
            await _command(session, pmd.START, measurement, pmd.write_settings(choice))
        return StreamSettings(
            rate_hz=self._rate_hz,
            acc_range_m_s2=choices[pmd.ACC].get(pmd.RANGE, 8) * STANDARD_GRAVITY,
            gyr_range_rad_s=math.radians(choices[pmd.GYRO].get(pmd.RANGE, WANTED_GYR_RANGE_DPS)),
            battery_percent=battery,
            firmware=firmware,
            serial_number=serial_number,
            notes=notes,
        )

    async def _choose_mode(self, session: Session, rate_hz: float, has_sdk_mode: bool) -> tuple[str, ...]:
        """Enter the SDK mode when the normal one is too slow; give what there is to say about it."""
        late = _("the sensor sends whole frames: reps show up to a second late")
        self._sdk_mode = False
        if rate_hz > NORMAL_RATE_HZ and has_sdk_mode:
            reply = await _ask(session, pmd.START, pmd.SDK_MODE)
            self._sdk_mode = reply.status in (pmd.DONE, pmd.ALREADY)
        if self._sdk_mode or rate_hz <= NORMAL_RATE_HZ:
            return (late,)
        return late, _("this firmware offers {normal_rate_hz:.0f} Hz only").format(normal_rate_hz=NORMAL_RATE_HZ)

    async def stop(self, session: Session) -> None:
        for measurement in _NAMES:
            await _ask(session, pmd.STOP, measurement)
        if self._sdk_mode:
            await _ask(session, pmd.STOP, pmd.SDK_MODE)
        for uuid in (DATA_UUID, CONTROL_UUID):
            await session.unsubscribe(uuid)

    async def poll(self, session: Session) -> None:
        """Nothing to ask for: the battery level is notified."""

    def parse(self, characteristic: str, data: bytes, host_time_s: float) -> list[Reading]:  # noqa: ARG002
        if characteristic == DATA_UUID:
            return self._on_frame(data)
        if characteristic == CONTROL_UUID:
            return self._on_control(data)
        return battery_readings(data) if characteristic == BATTERY_LEVEL else []

    def _on_control(self, data: bytes) -> list[Reading]:
        if len(data) > 1 and data[0] == 0x01:
            names = [_NAMES[kind & 0x3F] for kind in data[1:] if kind & 0x3F in _NAMES]
            return (
                [Stopped(_("the sensor stopped measuring {names}").format(names=" and ".join(names)))] if names else []
            )
        reply = pmd.read_reply(data)
        if reply and reply.command == pmd.START and reply.status == pmd.DONE and reply.measurement in _NAMES:
            self._factors[reply.measurement] = 1.0 if reply.factor is None else reply.factor
            self._last_s.pop(reply.measurement, None)
            self._merger.clear()
        return []

    def _on_frame(self, data: bytes) -> list[Reading]:
        frame = pmd.read_frame(data, self._factors)
        if isinstance(frame, Malformed):
            return [frame]
        kind = _KINDS[frame.measurement]
        return self._merger.add(kind, self._sample_times(frame), frame.values, 1 / self._rate_hz)

    def _sample_times(self, frame: pmd.Frame) -> FloatArray:
        """Spread the samples between the last frame's time and this one's; by the nominal rate when one is missing."""
        n = len(frame.values)
        period_s = 1 / self._rate_hz
        last_s = self._last_s.get(frame.measurement)
        self._last_s[frame.measurement] = frame.time_s
        if last_s is not None and abs((frame.time_s - last_s) / n / period_s - 1) < _PERIOD_TOLERANCE:
            period_s = (frame.time_s - last_s) / n
        times: FloatArray = frame.time_s - period_s * np.arange(n - 1, -1, -1, dtype=np.float64)
        return times


def _check_features(features: bytes) -> bool:
    """Tell whether there is an SDK mode.

    Raises:
        SensorError: the sensor lacks a measurement kneeimu needs.
    """
    bits = int.from_bytes(features[1:3], "little") if features[:1] == b"\x0f" else 0
    missing = [name for kind, name in _NAMES.items() if not bits >> kind & 1]
    if missing:
        raise SensorError(
            _("this Polar sensor does not measure {missing}").format(missing=" and ".join(missing)),
            advice=_("use a Polar Verity Sense; an H10 or OH1 has no gyroscope"),
        )
    return bool(bits >> pmd.SDK_MODE & 1)


async def _choose(session: Session, measurement: int, rate_hz: float) -> dict[int, int]:
    """Choose from what the sensor offers: the lowest rate that is enough, the widest range."""
    offered = (await _command(session, pmd.GET_SETTINGS, measurement)).settings
    choice: dict[int, int] = {}
    if rates := offered.get(pmd.RATE):
        choice[pmd.RATE] = min((rate for rate in rates if rate >= rate_hz), default=max(rates))
    for kind in (pmd.RESOLUTION, pmd.RANGE, pmd.CHANNELS):
        if values := offered.get(kind):
            choice[kind] = max(values)
    return choice


async def _command(session: Session, command: int, measurement: int, data: bytes = b"") -> pmd.Reply:
    """Send a command and give the reply.

    Raises:
        SensorError: the sensor refuses.
    """
    reply = await _ask(session, command, measurement, data)
    if reply.status == pmd.ALREADY:
        await _ask(session, pmd.STOP, measurement)
        reply = await _ask(session, command, measurement, data)
    if reply.status != pmd.DONE:
        advice = _("switch the sensor off and on")
        what, advice = _REFUSALS.get(
            reply.status, (_("refuses with code {status}").format(status=reply.status), advice)
        )
        raise SensorError(
            _("asked for {measurement}, the sensor {what}").format(
                measurement=_NAMES.get(measurement, "SDK"), what=_(what)
            ),
            advice=_(advice),
        )
    return reply


async def _ask(session: Session, command: int, measurement: int, data: bytes = b"") -> pmd.Reply:
    head = bytes([0xF0, command, measurement])
    answer = await session.request(
        CONTROL_UUID,
        bytes([command, measurement]) + data,
        reply=CONTROL_UUID,
        matches=lambda reply: reply[:3] == head and len(reply) >= 4,
    )
    reply = pmd.read_reply(answer)
    if reply is None:
        raise SensorError(_("the sensor's answer makes no sense"), advice=_("switch the sensor off and on"))
    return reply
