"""What can go wrong with a sensor and its radio, on purpose.

A fault is asked for as ``name``, ``name=value`` or ``name=at:duration``; times are seconds since the first start of the
stream, probabilities are per notification.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firmware_sim.imu import STANDARD_GRAVITY_M_S2

FloatArray = npt.NDArray[np.float64]

SMALLEST_ACC_M_S2 = 2 * STANDARD_GRAVITY_M_S2
SMALLEST_GYR_RAD_S = np.radians(250.0)
MEAN_LOSS_BURST = 3  # notifications; losses come in bursts (a full queue), not one by one


@dataclass(frozen=True)
class Interval:
    """From ``at_s`` on, for ``for_s`` seconds."""

    at_s: float
    for_s: float = 3.0

    def covers(self, time_s: float) -> bool:
        """Tell whether ``time_s`` lies within."""
        return self.at_s <= time_s < self.at_s + self.for_s


@dataclass(frozen=True)
class Faults:
    """The faults of one sensor; the defaults are a sensor in good health.

    Attributes:
        loss, duplicate, reorder, corrupt, truncate, oversize: probability per notification.
        burst_ms: notifications come in bursts this far apart.
        rate: the true rate as a factor of the one the sensor claims.
        vanish: out of power, then back with its counters.
        reboot: out of power, then back with its counters reset.
        reset: the counters start over, and the link stays.
        silent: connected, but nothing is sent.
        bye: the sensor ends the connection.
        clock_jump: at that time the sensor's clock jumps by that many seconds.
        clock_start: what the sensor's clock shows at power-on, s.
        saturate: the chip stands at its smallest range, and feels everything by one over this too strongly.
        stuck: this axis (0 to 5: acc xyz, gyr xyz) keeps its value from 1 s on.
        nan: this axis reads not-a-number from 1 s on, where the wire can carry it.
        battery: the charge falls to this percentage after 1 s.
        discovery: this many connections break in the middle of the service discovery.
        early: notifications are sent before anybody subscribed.
        chip: the motion chip does not answer.
    """

    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    corrupt: float = 0.0
    truncate: float = 0.0
    oversize: float = 0.0
    burst_ms: float = 0.0
    rate: float = 1.0
    vanish: Interval | None = None
    reboot: Interval | None = None
    reset: float | None = None
    silent: Interval | None = None
    bye: float | None = None
    clock_jump: Interval | None = None
    clock_start: float = 0.0
    saturate: float | None = None
    stuck: int | None = None
    nan: int | None = None
    battery: int | None = None
    discovery: int = 0
    early: bool = False
    chip: bool = False

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Faults:
        """Read faults as given on the command line.

        Raises:
            ValueError: no such fault, or its value does not fit.
        """
        kinds = {field.name: str(field.type) for field in dataclasses.fields(cls)}
        values: dict[str, object] = {}
        for text in texts:
            name, _, value = text.partition("=")
            name = name.replace("-", "_")
            if name not in kinds:
                raise ValueError(f"no fault is called {text!r}; there are {', '.join(sorted(kinds)).replace('_', '-')}")
            try:
                values[name] = _read(kinds[name], value)
            except (TypeError, ValueError) as error:
                raise ValueError(f"fault {text!r}: {error}") from error
        return cls(**values)  # type: ignore[arg-type]

    def samples(self, time_s: float, acc: FloatArray, gyr: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give what the motion chip makes of the true acc and gyr, shape (n, 3) each."""
        if self.saturate is not None:
            acc = np.clip(acc / self.saturate, -SMALLEST_ACC_M_S2, SMALLEST_ACC_M_S2)
            gyr = np.clip(gyr / self.saturate, -SMALLEST_GYR_RAD_S, SMALLEST_GYR_RAD_S)
        for axis, value in ((self.stuck, 1.0), (self.nan, np.nan)):
            if axis is not None and time_s >= 1.0:
                both = np.hstack([acc, gyr])
                both[:, axis] = value
                acc, gyr = both[:, :3], both[:, 3:]
        return acc, gyr


def _read(kind: str, value: str) -> object:
    if kind == "bool":
        return True
    if "Interval" in kind:
        return Interval(*(float(part) for part in value.split(":", 1)))
    return int(value) if kind.startswith("int") else float(value)


class PacketFaults:
    """Loses, doubles, swaps and spoils notifications, the same ones for the same seed."""

    def __init__(self, faults: Faults, seed: int) -> None:
        self._faults, self._random = faults, random.Random(seed)
        self._losing = False
        self._held: bytes | None = None

    def apply(self, data: bytes) -> list[bytes]:
        """Give what goes on the air instead of ``data``."""
        faults = self._faults
        if self._lose():
            return []
        data = self._spoil(data)
        if self._held is not None:
            held, self._held = self._held, None
            return [data, held]
        if self._happens(faults.reorder):
            self._held = data
            return []
        return [data, data] if self._happens(faults.duplicate) else [data]

    def _happens(self, probability: float) -> bool:
        return probability > 0 and self._random.random() < probability

    def _lose(self) -> bool:
        loss = self._faults.loss
        if self._losing:
            self._losing = not self._happens(1 / MEAN_LOSS_BURST)
        elif loss:
            self._losing = self._happens(loss / MEAN_LOSS_BURST / (1 - loss))
        return self._losing

    def _spoil(self, data: bytes) -> bytes:
        faults = self._faults
        if self._happens(faults.corrupt):
            spoilt = bytearray(data)
            for _ in range(3):
                spoilt[self._random.randrange(len(spoilt))] ^= self._random.randrange(1, 256)
            data = bytes(spoilt)
        if self._happens(faults.truncate):
            data = data[: self._random.randrange(len(data))]
        if self._happens(faults.oversize):
            data += self._random.randbytes(self._random.randrange(1, 60))
        return data
