"""Exercises that are timed and not counted by movement: a position held, a muscle massaged."""

from __future__ import annotations

from dataclasses import dataclass

from kneeimu.motion.orientation import Ticks
from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.counter_words import Counted, CounterWord, Refused, SetClosed, SetOpened, Turned
from kneeimu.reps.excursion import Excursion, Vector, blend, tilt
from kneeimu.reps.walking import WalkingDetector

TICK_S = 1.0 / TICK_HZ


@dataclass(frozen=True, slots=True)
class TimedParameters:
    """What counts as holding or as massaging. Engineering choices.

    Attributes:
        floor_deg: the held pose differs from the resting pose by at least this.
        within_deg: so far may the held pose wander.
        sag_tau_s: time constant with which a held pose may sag.
        other_pose_deg: a massage does not move the leg by more than this.
        rest_s: a pose kept for so long may be the resting pose.
        least_s, least_massage_s: a hold, a massage shorter than this is not counted ...
        worth_telling_s: ... but told when it was longer than this.
        active_deg_s: mean speed of tilt above which a massage goes on.
        active_tau_s: time constant of that mean.
        pause_s: a massage ends after so long without movement.
        set_quiet_s: a set ends after so long without another.
        restless: the exercise is the movement (massage) and not the stillness (stretch).
    """

    floor_deg: float = 4.0
    within_deg: float = 5.0
    sag_tau_s: float = 8.0
    other_pose_deg: float = 30.0
    rest_s: float = 1.5
    least_s: float = 10.0
    least_massage_s: float = 20.0
    worth_telling_s: float = 5.0
    active_deg_s: float = 0.5
    active_tau_s: float = 2.0
    pause_s: float = 5.0
    set_quiet_s: float = 90.0
    restless: bool = False


class TimedCounter:
    """Times holds or massages tick by tick; same calls as ``reps.counter.RepCounter``."""

    def __init__(self, parameters: TimedParameters) -> None:
        self._p = parameters
        self._walking = WalkingDetector(0.0, False)
        self._said: list[CounterWord] = []
        self._in_set = self._manual = False
        self._ended_s = 0.0
        self._rest: Vector | None = None
        self._forget_pose()
        self.angle_deg = 0.0

    def _forget_pose(self) -> None:
        self._anchor: Vector | None = None
        self._anchor_s = self._left_s = self._last_active_s = 0.0
        self._busy = False
        self._speed_deg_s = 0.0
        self._peak_deg = 0.0
        self._told = False

    def step(
        self, time_s: float, up: Vector, jolt_m_s2: float, moved_deg: float, short_deg: float, change_deg: float
    ) -> list[CounterWord]:
        """Take one tick; see ``RepCounter.step``."""
        del short_deg
        self._said = []
        if self._walking.step(time_s, up, jolt_m_s2, moved_deg):
            self._finish(time_s)
            self._forget_pose()
            return self._said
        if self._p.restless:
            self._massage(time_s, up, moved_deg)
        else:
            self._hold(time_s, up, change_deg)
        if self._in_set and not self._manual and not self._busy and time_s - self._ended_s > self._p.set_quiet_s:
            self._close(time_s)
        return self._said

    def rest(self, ticks: Ticks) -> list[float]:
        """Take no ticks at once: a hold is long, and short to work out."""
        del ticks
        return []

    @property
    def walked(self) -> list[tuple[float, float]]:
        """Start and end of the last bouts of walking, s."""
        return list(self._walking.bouts)

    @property
    def moving(self) -> bool:
        """A hold or a massage is under way."""
        return self._busy

    def open_set(self, time_s: float) -> list[CounterWord]:
        """The person says that a set begins."""
        self._said = []
        if self._in_set:
            self._close(time_s)
        self._manual = self._in_set = True
        self._ended_s = time_s
        self._said.append(SetOpened(time_s))
        return self._said

    def close_set(self, time_s: float) -> list[CounterWord]:
        """The person says that the set is over."""
        self._said = []
        self._finish(time_s)
        if self._in_set:
            self._close(time_s)
        return self._said

    end_stream = close_set

    def resume(self) -> None:
        """Samples were lost."""
        self._forget_pose()

    # --- a position that is held --------------------------------------------------------------------------------------

    def _hold(self, time_s: float, up: Vector, change_deg: float) -> None:
        if self._anchor is None:
            if change_deg < self._p.within_deg / 2:
                self._anchor, self._anchor_s = up, time_s
                self._busy = self._rest is not None and tilt(self._rest, up)[0] >= self._p.floor_deg
            return
        off = tilt(self._anchor, up)[0]
        self.angle_deg = tilt(self._rest, up)[0] if self._rest is not None else off
        kept_s = time_s - self._anchor_s
        if off <= self._p.within_deg:
            self._anchor = blend(self._anchor, up, TICK_S / self._p.sag_tau_s)
            self._peak_deg = max(self._peak_deg, self.angle_deg)
            if not self._busy and kept_s >= self._p.rest_s:
                self._rest = self._anchor
            elif self._busy and kept_s >= self._p.least_s and not self._told:
                self._told = True
                self._said.append(Turned(time_s, self._peak_deg))
            return
        self._finish(time_s)
        self._anchor, self._busy, self._peak_deg, self._told = None, False, 0.0, False

    # --- a massage ----------------------------------------------------------------------------------------------------

    def _massage(self, time_s: float, up: Vector, moved_deg: float) -> None:
        speed = min(moved_deg, 2.0) * TICK_HZ
        self._speed_deg_s += TICK_S / self._p.active_tau_s * (speed - self._speed_deg_s)
        active = self._speed_deg_s > self._p.active_deg_s
        if active:
            self._last_active_s = time_s
        if not self._busy:
            if active:
                self._busy, self._anchor, self._anchor_s, self._peak_deg = True, up, time_s, 0.0
            return
        if self._anchor is not None:
            self.angle_deg = tilt(self._anchor, up)[0]
            if self.angle_deg > self._p.other_pose_deg:
                self._finish(time_s)
                return
            self._peak_deg = max(self._peak_deg, self.angle_deg)
        if time_s - self._last_active_s > self._p.pause_s:
            self._finish(self._last_active_s)
            self._busy = False

    # --- both ---------------------------------------------------------------------------------------------------------

    def _finish(self, time_s: float) -> None:
        if not self._busy or self._anchor is None:
            return
        self._busy = False
        held_s = time_s - self._anchor_s
        rest = self._rest or self._anchor
        _, cross = tilt(rest, self._anchor)
        size = sum(c * c for c in cross) ** 0.5
        axis = (cross[0] / size, cross[1] / size, cross[2] / size) if size > 1e-9 else (1.0, 0.0, 0.0)
        middle_s = self._anchor_s + 0.5 * held_s
        excursion = Excursion(self._anchor_s, middle_s, time_s, self._peak_deg, axis, rest, self._anchor, held_s=held_s)
        least_s = self._p.least_massage_s if self._p.restless else self._p.least_s
        if held_s < least_s:
            if held_s < self._p.worth_telling_s:
                return
            self._said.append(Refused(time_s, excursion, "too-quick"))
            return
        if not self._in_set:
            self._in_set = True
            self._said.append(SetOpened(self._anchor_s))
        self._ended_s = time_s
        self._said.append(Counted(time_s, excursion))

    def _close(self, time_s: float) -> None:
        self._in_set = self._manual = False
        self._said.append(SetClosed(time_s))
