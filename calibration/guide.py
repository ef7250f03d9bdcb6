"""The alignment as it happens: leads a person through it, sample by sample, and gives the verdict at the end.

The guide only counts and judges stillness; the alignment itself is made by ``align`` from everything that
was recorded, so a live alignment is the one that the same recording gives from a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from vqf import VQF

from calibration.alignment import AlignmentResult, Mount, Side, align
from calibration.errors import CalibrationError
from calibration.frames import FloatArray, angle_deg, to_sensor
from calibration.moves import HOME_DEG, OUT_DEG, STILL_DEG_S
from calibration.texts import _

STAND_S = 3.5
MOVES = 5
LIFTS = 1
RETURN_S = 1.5
WINDOW_S = 1.0
KEEP_STANDING_S = 12.0
"""While nothing is happening only this much is kept: the rest of the recording begins when the person stands still."""
LONGEST_S = 120.0
WORLD_UP = np.array([0.0, 0.0, 1.0])


class Stage(StrEnum):
    """Where the person is."""

    STAND = "stand"
    MOVE = "move"
    LIFT = "lift"
    RETURN = "return"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Guidance:
    """What to show.

    Attributes:
        progress: 0 to 1 within the stage.
        stillness: 0 to 1; 1 is a sensor on a table.
        movements: counted so far, ``tilt_deg`` the limb's tilt from standing now.
        result: with ``DONE``. refusal: with ``REFUSED``.
    """

    stage: Stage
    progress: float
    stillness: float
    movements: int
    tilt_deg: float
    result: AlignmentResult | None = None
    refusal: CalibrationError | None = None


class AlignmentGuide:
    """Leads through standing still, the movements, a lift to the side (which confirms the side), and standing again.

    Args:
        side, mount: where the sensor is said to be.
        rate_hz: nominal rate of the samples.
        with_lift: ask for the lift to the side. Without it a wrong side is not noticed.
    """

    def __init__(self, side: Side, mount: Mount, rate_hz: float, *, with_lift: bool = True) -> None:
        self._side, self._mount, self._rate_hz, self._with_lift = side, mount, rate_hz, with_lift
        self.restart()

    def restart(self) -> None:
        """Begin again, after a refusal or a break in the stream."""
        self._chunks: list[tuple[FloatArray, FloatArray, FloatArray]] = []
        self._filter = VQF(1.0 / self._rate_hz)
        self._rates: FloatArray = np.empty((0, 3))
        self._up = WORLD_UP
        self._standing: FloatArray | None = None
        self._still_since_s: float | None = None
        self._began_s: float | None = None
        self._away = False
        self.state = Guidance(Stage.STAND, 0.0, 0.0, 0, 0.0)

    def feed(self, time_s: FloatArray, acc: FloatArray, gyr: FloatArray) -> Guidance:
        """Take the next samples, time (n,) s, acc (n, 3) m/s², gyr (n, 3) rad/s; give what to show now."""
        if not len(time_s) or self.state.stage in (Stage.DONE, Stage.REFUSED):
            return self.state
        self._keep(time_s, acc, gyr)
        found = self._filter.updateBatch(np.ascontiguousarray(gyr), np.ascontiguousarray(acc))
        ups = to_sensor(found["quat6D"], WORLD_UP)
        window = max(2, round(WINDOW_S * self._rate_hz))
        self._rates = np.concatenate((self._rates, gyr - found["bias"]))[-window:]
        full = len(self._rates) == window
        centred = self._rates - self._rates.mean(axis=0)
        rate_deg_s = float(np.degrees(np.sqrt((centred**2).sum(axis=1).mean())))
        stillness = max(0.0, 1.0 - rate_deg_s / STILL_DEG_S) if full else 0.0
        now_s = float(time_s[-1])
        if not stillness:
            self._still_since_s = None
        elif self._still_since_s is None:
            self._still_since_s = now_s - WINDOW_S
        still_s = now_s - self._still_since_s if self._still_since_s is not None else 0.0
        self.state = self._advance(now_s, ups, stillness, still_s)
        return self.state

    def _advance(self, now_s: float, ups: FloatArray, stillness: float, still_s: float) -> Guidance:
        last = self.state
        self._up = ups[-1]
        if last.stage is Stage.STAND:
            if still_s < STAND_S:
                return Guidance(Stage.STAND, still_s / STAND_S, stillness, 0, 0.0)
            self._standing, self._began_s = self._up, now_s
            return Guidance(Stage.MOVE, 0.0, stillness, 0, 0.0)
        assert self._standing is not None
        assert self._began_s is not None
        tilts = angle_deg(ups, self._standing)
        count, tilt = last.movements + self._count(tilts), float(tilts[-1])
        if now_s - self._began_s > LONGEST_S:
            slow = CalibrationError(
                "too-slow",
                _("after {longest_s:.0f} s there are {count} of {wanted} movements").format(
                    longest_s=LONGEST_S, count=count, wanted=self._wanted
                ),
                _("begin again"),
            )
            return Guidance(Stage.REFUSED, 1.0, stillness, count, tilt, refusal=slow)
        if count < MOVES:
            return Guidance(Stage.MOVE, count / MOVES, stillness, count, tilt)
        if count < self._wanted:
            return Guidance(Stage.LIFT, 0.0, stillness, count, tilt)
        if still_s < RETURN_S or self._away:
            return Guidance(Stage.RETURN, min(1.0, still_s / RETURN_S), stillness, count, tilt)
        return self._verdict(stillness, count, tilt)

    @property
    def _wanted(self) -> int:
        return MOVES + (LIFTS if self._with_lift else 0)

    def _count(self, tilts: FloatArray) -> int:
        """Movements that came home in these samples."""
        count = 0
        for tilt in tilts.tolist():
            if tilt > OUT_DEG:
                self._away = True
            elif tilt < HOME_DEG and self._away:
                self._away = False
                count += 1
        return count

    def _verdict(self, stillness: float, count: int, tilt: float) -> Guidance:
        time_s, acc, gyr = (np.concatenate([chunk[i] for chunk in self._chunks]) for i in range(3))
        try:
            result = align(time_s, acc, gyr, self._side, self._mount)
        except CalibrationError as refusal:
            return Guidance(Stage.REFUSED, 1.0, stillness, count, tilt, refusal=refusal)
        return Guidance(Stage.DONE, 1.0, stillness, count, tilt, result=result)

    def _keep(self, time_s: FloatArray, acc: FloatArray, gyr: FloatArray) -> None:
        self._chunks.append((np.array(time_s), np.array(acc), np.array(gyr)))
        if self.state.stage is Stage.STAND:
            while len(self._chunks) > 1 and self._chunks[1][0][0] < float(time_s[-1]) - KEEP_STANDING_S:
                del self._chunks[0]
