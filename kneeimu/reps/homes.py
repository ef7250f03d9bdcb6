"""Where the movement starts from: home poses under watch, found without a calibration or a still start."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion, ExcursionDetector, ExcursionParameters, Vector, tilt
from kneeimu.reps.likeness import mean_axis, unlike
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.stretch import drawn_to
from kneeimu.reps.strokes import as_vector
from kneeimu.types import FloatArray

TICK_S = 1.0 / TICK_HZ
MOST_HOMES = 3
"""Home poses under watch at a time."""
KEPT_REPS = 6
RESTED_TICKS, SWAY_DEG = 13, 2.5
"""A person rests who only sways for so long, whatever the pose."""
USUAL_GAIN = 0.35
"""Weight of the newest rep in the usual range."""


@dataclass(slots=True)
class Home:
    """A home pose under watch, with the reps counted from it in this set.

    ``rested`` says that the segment has rested there, and not merely turned round.
    """

    detector: ExcursionDetector
    reps: list[Excursion] = field(default_factory=list)
    announced_turn: bool = False
    rested: bool = True

    def learn(self, excursion: Excursion, c: CounterParameters) -> None:
        """Learn the usual range and the axis of the movement from one more rep."""
        reps, detector = self.reps, self.detector
        if reps and unlike(reps[-1], excursion, c):
            reps.clear()
        reps.append(excursion)
        del reps[:-KEPT_REPS]
        # range and sign of the movement are trusted from the second rep on
        if len(reps) < 2:
            detector.forget()
            return
        usual = detector.usual_deg or reps[-2].peak_deg
        detector.usual_deg = usual + USUAL_GAIN * (excursion.peak_deg - usual)
        detector.axis = mean_axis(reps)


class HomeStack:
    """Homes are kept as a stack, the oldest first.

    When the segment rests (or, with no set under way, turns round) at a new pose, that pose is tried as a new home
    while the old ones are still under watch.

    Attributes:
        homes: at least one from the first tick on.
        rest: where the segment has last been still for a while.
        comes_to_rest: it has been still there for just so long.
        unrest_deg: sway at home: what a movement has to stand out of.
    """

    def __init__(self, excursion: ExcursionParameters, counter: CounterParameters) -> None:
        self._e, self._c = excursion, counter
        self._poses: deque[Vector] = deque(maxlen=4)
        self._plateau_ticks = self._sway_ticks = 0
        self._tried_s = -1e9
        self._most_unrest_deg = 0.5 * excursion.floor_deg
        self.homes: list[Home] = []
        self.rest: Vector | None = None
        self.comes_to_rest = False
        self.unrest_deg = 0.0

    def observe(self, up: Vector, short_deg: float, change_deg: float) -> bool:
        """Take one tick's pose, and its change over 0.28 and 0.6 s; say whether the segment is still."""
        self._poses.append(up)
        if not self.homes:
            self.homes.append(Home(ExcursionDetector(self._e, TICK_S, up)))
        limit = self._c.still_deg
        top = self.homes[-1].detector
        still = change_deg < limit and short_deg < limit
        sways = change_deg < SWAY_DEG and short_deg < SWAY_DEG
        if top.out:
            # far from home a plateau need not be as steady
            steady_deg = change_deg if change_deg > short_deg else short_deg
            rests = still or (steady_deg < self._c.plateau_deg and steady_deg < self._c.plateau_share * top.angle_deg)
        else:
            rests = still
            if change_deg < 180.0:
                change_deg = change_deg if change_deg < self._most_unrest_deg else self._most_unrest_deg
                self.unrest_deg += TICK_S / self._c.unrest_tau_s * (change_deg - self.unrest_deg)
        self._plateau_ticks = self._plateau_ticks + 1 if rests else 0
        self._sway_ticks = self._sway_ticks + 1 if sways else 0
        self.comes_to_rest = self._sway_ticks == RESTED_TICKS
        if self._sway_ticks >= RESTED_TICKS:
            self.rest = up
        return still

    @property
    def rests(self) -> bool:
        """There is one home only, where the segment rests, and nothing is known of a movement."""
        return len(self.homes) == 1 and self.homes[0].rested and self.homes[0].detector.rests

    def still(self, tilted_deg: FloatArray) -> npt.NDArray[np.bool_]:
        """Say of many ticks whether the segment is still; ``tilted_deg`` as in ``motion.orientation.Ticks``."""
        still: npt.NDArray[np.bool_] = np.all(tilted_deg[:, 1:] < self._c.still_deg, axis=1)
        return still

    def skip(self, up: FloatArray, tilted_deg: FloatArray) -> None:
        """Take many ticks at once while the segment ``rests``; ``observe`` has to take the next few seconds."""
        if not len(up):
            return
        sways = np.all(tilted_deg[:, 1:] < SWAY_DEG, axis=1)
        at = np.arange(len(up))
        moved = np.maximum.accumulate(np.where(sways, -1 - self._sway_ticks, at))
        rested = np.flatnonzero(at - moved >= RESTED_TICKS)
        self._sway_ticks = int(at[-1] - moved[-1])
        if len(rested):
            self.rest = as_vector(up[rested[-1]])
        change_deg = np.minimum(tilted_deg[:, 2], self._most_unrest_deg)
        self.unrest_deg = drawn_to(self.unrest_deg, change_deg, TICK_S / self._c.unrest_tau_s)

    def try_another(self, time_s: float, up: Vector, short_deg: float) -> None:
        """Put the present pose on top when the segment rests or turns round away from every home."""
        homes = self.homes
        top = homes[-1]
        if top.rested and not top.detector.out:
            return
        rested = self._plateau_ticks * TICK_S >= self._c.plateau_s
        if not top.detector.out:
            top.rested = rested
            return
        if not rested and not self._turns_elsewhere(time_s, short_deg):
            return
        if len(homes) == MOST_HOMES:
            del homes[0]
        trial = Home(ExcursionDetector(self._e, TICK_S, up if rested else self._poses[0]), rested=rested)
        if len(homes[0].reps) >= 2:
            trial.detector.usual_deg = homes[0].detector.usual_deg
        homes.append(trial)
        self._tried_s = time_s
        bottom = homes[0].detector
        if bottom.out and time_s - bottom.start_s > 2 * self._c.longest_s:
            self.keep_from(-1)

    def _turns_elsewhere(self, time_s: float, short_deg: float) -> bool:
        """The segment reverses far from every home, and no set is under way that would explain it."""
        c, top = self._c, self.homes[-1].detector
        if short_deg > c.turn_deg or time_s - self._tried_s < c.turn_apart_s or time_s - top.start_s < c.turn_after_s:
            return False
        if any(self._explains(home, time_s) for home in self.homes):
            return False
        return tilt(top.home, self._poses[0])[0] > self._e.floor_deg

    def _explains(self, home: Home, time_s: float) -> bool:
        """A set goes on from this home: its present rep goes the way of those before, and is not much longer."""
        if len(home.reps) < 2 or (home.detector.out and home.detector.aside_deg > self._c.other_home_deg):
            return False
        away_s = time_s - home.detector.start_s if home.detector.out else 0.0
        return away_s < self._c.drawn_out_share * max(rep.duration_s for rep in home.reps)

    def keep_from(self, index: int) -> None:
        """Drop the homes below ``index``."""
        self.homes = self.homes[index:]

    def only_at(self, up: Vector) -> None:
        """Drop all but the oldest home, and move it here."""
        self.homes = self.homes[:1]
        self.homes[0].detector.rehome(up)

    def resume(self) -> None:
        """Samples were lost: drop the excursions under way, keep the oldest home."""
        self._poses.clear()
        self._plateau_ticks = 0
        if self.homes:
            self.only_at(self.homes[0].detector.home)

    def forget(self) -> None:
        """A new set may be another movement."""
        for home in self.homes:
            home.reps.clear()
            home.detector.forget()
