"""Excursions to reps: what is deliberate, what is not, where a set begins and ends."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from statistics import median

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion, ExcursionDetector, ExcursionParameters, Vector, tilt
from kneeimu.reps.walking import WalkingDetector

TICK_S = 1.0 / TICK_HZ

MOST_LEVELS = 3
"""Home poses under watch at a time."""
TURN_TICK = 12
"""Of the 16 poses kept, the middle one of the last eight."""


@dataclass(frozen=True, slots=True)
class CounterParameters:
    """When an excursion is a rep. Engineering choices, tested on people and in simulation.

    Attributes:
        shortest_s: out and back in less than this is a twitch or a shake.
        shortest_alike_s: the same for a movement of the usual range.
        hasty_s, hasty_share: quicker than this, and than this share of the usual duration, is a step or a fidget.
        drawn_out_share, drawn_out_deg_share, drawn_out_s: longer and at the same time larger than these multiples of the usual is
            another movement, such as sitting down for a while.
        longest_s: out for longer than this is another posture and not a rep.
        other_axis_deg: an excursion this far off the axis of the reps before is another movement.
        smaller_share: below this share of the usual range it is fidgeting within the set.
        same_home_share: homes nearer than this share of the range are the same, and the axes of two movements comparable.
        early_home_deg, early_home_share: two early movements from homes further apart than this, and than this share of
            their range, are unlike.
        other_home_deg: a movement from a home this far from that of the set is another set.
        larger_share: above this multiple of the range before it is another movement, early in the set ...
        larger_settled: ... and when the usual range is known.
        quiet_s: a set ends after this long without a rep, or ``quiet_periods`` usual periods.
        lone_rep_s: a first rep that no second follows within this is taken back.
        fewest_reps: fewer reps than this, found without the person's key, are no set of their own.
        pair_ratio: movements that differ in range by more than this are unlike.
        still_deg: pose change in 0.6 s below which the segment is still.
        plateau_s: stillness away from home after which the pose may be a new home.
        plateau_share, plateau_deg: steadiness asked of a plateau, as a share of the way from home, and at most.
        turn_deg: a pose change within 0.28 s below this, away from home, is a reversal ...
        turn_after_s: ... and may be a new home when home was left so long ago
        turn_apart_s: ... and the last trial was so long ago.
        unrest_multiple: a movement stands out of the sway at home by this.
        unrest_tau_s: time constant with which the sway is learned.
        steps: the exercise is a band walk: every movement out counts, also the last that ends in standing.
        cut_short_share: when the stream ends, a rep that is back below this share of its peak counts.
        stride_s: quick excursions with foot strikes in a row are walking when shorter than this; 0 when lying or seated.
        settles: the exercise begins from a pose of its own (bent knee, split stance) and not from plain standing.
    """

    shortest_s: float = 0.65
    shortest_alike_s: float = 0.5
    hasty_s: float = 1.2
    hasty_share: float = 0.4
    drawn_out_share: float = 2.5
    drawn_out_deg_share: float = 1.3
    drawn_out_s: float = 3.0
    longest_s: float = 20.0
    other_axis_deg: float = 50.0
    smaller_share: float = 0.22
    same_home_share: float = 0.6
    other_home_deg: float = 30.0
    early_home_deg: float = 15.0
    early_home_share: float = 0.8
    larger_share: float = 2.4
    larger_settled: float = 2.5
    quiet_s: float = 8.0
    quiet_periods: float = 2.5
    lone_rep_s: float = 16.0
    fewest_reps: int = 3
    pair_ratio: float = 1.6
    still_deg: float = 0.8
    plateau_s: float = 0.8
    plateau_share: float = 0.1
    plateau_deg: float = 1.6
    turn_deg: float = 1.0
    turn_after_s: float = 2.5
    turn_apart_s: float = 0.4
    unrest_multiple: float = 3.0
    unrest_tau_s: float = 6.0
    steps: bool = False
    cut_short_share: float = 0.6
    stride_s: float = 1.6
    settles: bool = False


@dataclass(slots=True)
class Counted:
    """A rep, complete at ``time_s``."""

    time_s: float
    excursion: Excursion


@dataclass(slots=True)
class Revoked:
    """The newest ``count`` reps were something else."""

    time_s: float
    count: int
    reason: str


@dataclass(slots=True)
class Turned:
    """The movement is on its way back."""

    time_s: float
    angle_deg: float


@dataclass(slots=True)
class Refused:
    """An excursion that is not a rep."""

    time_s: float
    excursion: Excursion
    reason: str


@dataclass(slots=True)
class SetOpened:
    """The first rep of a set was counted."""

    time_s: float


@dataclass(slots=True)
class SetClosed:
    """No rep came for a while, or the person said so."""

    time_s: float


CounterEvent = Counted | Revoked | Turned | Refused | SetOpened | SetClosed


@dataclass(slots=True)
class _Level:
    """A home pose under watch, with the reps counted from it in this set."""

    detector: ExcursionDetector
    reps: list[Excursion] = field(default_factory=list)
    announced_turn: bool = False
    rested: bool = True


class RepCounter:
    """Counts tick by tick, with bounded memory.

    Homes are kept as a stack. When the segment rests at a new pose, that pose is tried as a new home while the old one
    is still under watch: a return to the old home was a rep with a hold (the trial is dropped), two reps about the new
    pose show a change of posture (the old home is dropped).

    Attributes:
        angle_deg: movement angle to draw.
    """

    def __init__(self, excursion: ExcursionParameters, counter: CounterParameters) -> None:
        self._e, self._c = excursion, counter
        self._levels: list[_Level] = []
        self._poses: deque[Vector] = deque(maxlen=16)
        self._plateau_ticks = 0
        self._unrest_deg = 0.0
        self._settling_in = True
        self._settled_s = -1e9
        self._tried_s = -1e9
        self._walking = WalkingDetector(counter.stride_s, counter.steps)
        self._count = 0
        self._in_set = False
        self._manual = False
        self._set_start_s = 0.0
        self._last_rep_s = 0.0
        self._period_s = 0.0
        self._recent: deque[Excursion] = deque(maxlen=8)
        self._last_set: Excursion | None = None
        self._events: list[CounterEvent] = []
        self.angle_deg = 0.0

    def step(self, time_s: float, up: Vector, jolt_m_s2: float) -> list[CounterEvent]:
        """Take one tick."""
        self._events = []
        still = self._stillness(up)
        if not self._levels:
            self._levels.append(self._new_level(up))
        walking = self._walking.step(time_s, jolt_m_s2, tilt(self._poses[-2], up)[0] if len(self._poses) > 1 else 0.0)
        if self._settling_in:
            # the first orientation of a sensor that trembles is off by several degrees
            self._levels[0].detector.rehome(up)
            self._settling_in = len(self._poses) < 16
        elif walking:
            self._walked(time_s, up)
        else:
            self._follow(time_s, up, still)
        self._close_set_when_quiet(time_s)
        self.angle_deg = self._levels[0].detector.angle_deg
        return self._events

    @property
    def moving(self) -> bool:
        """An excursion is under way."""
        return bool(self._levels) and self._levels[0].detector.out

    # --- the set -----------------------------------------------------------------------------------------------------

    def open_set(self, time_s: float) -> list[CounterEvent]:
        """The person says that a set begins."""
        self._events = []
        if self._in_set:
            self._close(time_s)
        self._manual = True
        self._open(time_s)
        return self._events

    def close_set(self, time_s: float) -> list[CounterEvent]:
        """The person says that the set is over, or the stream ends."""
        self._events = []
        if self._in_set:
            self._close(time_s)
        return self._events

    def end_stream(self, time_s: float) -> list[CounterEvent]:
        """No more ticks will come: a rep that is all but back counts, and the set is over."""
        self._events = []
        if self._levels and self._poses:
            level = self._levels[0]
            excursion = level.detector.cut_short(time_s, self._poses[-1], self._c.cut_short_share)
            if excursion is not None and (self._in_set or self._manual):
                self._finished(time_s, 0, level, excursion)
        if self._in_set:
            self._close(time_s)
        return self._events

    def resume(self) -> None:
        """Samples were lost: drop what is under way, keep the count and the home poses."""
        self._poses.clear()
        self._plateau_ticks = 0
        self._levels = self._levels[:1]
        for level in self._levels:
            level.detector.rehome(level.detector.home)

    def _open(self, time_s: float) -> None:
        self._in_set, self._count = True, 0
        self._set_start_s = self._last_rep_s = time_s
        self._period_s = 0.0
        self._events.append(SetOpened(time_s))

    def _close(self, time_s: float) -> None:
        if self._count and not self._manual and self._looks_accidental():
            self._revoke(time_s, self._count, "alone")
        if self._count >= 3:
            self._last_set = self._recent[-1]
        self._in_set = self._manual = False
        self._count = 0
        self._recent.clear()
        for level in self._levels:
            level.reps.clear()
            level.detector.forget()
        self._events.append(SetClosed(time_s))

    def _looks_accidental(self) -> bool:
        """One movement or two that do not go on with the set before."""
        reps = list(self._recent)[-self._count :]
        if self._count >= self._c.fewest_reps or not reps:
            return False
        before = self._last_set
        return before is None or not all(self._alike(before, rep, 2.0) for rep in reps)

    def _alike(self, one: Excursion, other: Excursion, ratio: float) -> bool:
        larger, smaller = max(one.peak_deg, other.peak_deg), min(one.peak_deg, other.peak_deg)
        return (
            larger <= ratio * smaller
            and _between(one.axis, other.axis) <= self._c.other_axis_deg
            and _between(one.home, other.home) <= max(15.0, 0.5 * larger)
        )

    def _unlike(self, one: Excursion, other: Excursion) -> bool:
        """Two movements that can't be reps of one set: another size, axis or posture."""
        c = self._c
        larger, smaller = max(one.peak_deg, other.peak_deg), min(one.peak_deg, other.peak_deg)
        drawn_out = one.peak_deg > c.drawn_out_deg_share * other.peak_deg and (
            one.duration_s > c.drawn_out_share * other.duration_s + c.drawn_out_s
        )
        if drawn_out or larger > c.larger_share * smaller or _between(one.home, other.home) > max(c.early_home_deg, c.early_home_share * larger):
            return True
        near = _between(one.home, other.home) < c.same_home_share * smaller
        return near and _between(one.axis, other.axis) > c.other_axis_deg

    @property
    def _patience_s(self) -> float:
        """So long after the last rep the set is over."""
        patience = self._c.lone_rep_s if self._count <= 1 else self._c.quiet_s
        return max(patience, self._c.quiet_periods * self._period_s)

    def _close_set_when_quiet(self, time_s: float) -> None:
        if not self._in_set or self._manual:
            return
        busy = self._levels[0].detector.out and time_s - self._levels[0].detector.start_s < self._c.longest_s
        if time_s - self._last_rep_s > self._patience_s and not busy:
            self._close(time_s)

    # --- one tick ----------------------------------------------------------------------------------------------------

    def _stillness(self, up: Vector) -> bool:
        self._poses.append(up)
        if len(self._poses) < 16:
            return False
        limit = self._c.still_deg
        change = tilt(self._poses[0], up)[0]
        short = tilt(self._poses[8], up)[0]
        still = change < limit and short < limit
        if self._levels and self._levels[-1].detector.out:
            # far from home a plateau need not be as steady
            limit = max(limit, min(self._c.plateau_deg, self._c.plateau_share * self._levels[-1].detector.angle_deg))
        self._plateau_ticks = self._plateau_ticks + 1 if change < limit and short < limit else 0
        if self._levels and not self._levels[-1].detector.out:
            change = min(change, 0.5 * self._e.floor_deg)
            self._unrest_deg += TICK_S / self._c.unrest_tau_s * (change - self._unrest_deg)
        return still

    def _follow(self, time_s: float, up: Vector, still: bool) -> None:
        for index, level in enumerate(self._levels):
            excursion = level.detector.step(time_s, up, still)
            self._announce_turn(time_s, index, level)
            if excursion is not None:
                level.announced_turn = False
                self._finished(time_s, index, level, excursion)
                break
        self._try_new_home(time_s, up)

    def _announce_turn(self, time_s: float, index: int, level: _Level) -> None:
        detector = level.detector
        top = index == len(self._levels) - 1
        if (
            detector.out
            and detector.turned
            and not level.announced_turn
            and top
            and detector.peak_deg >= self._e.floor_deg
        ):
            level.announced_turn = True
            self._events.append(Turned(time_s, detector.peak_deg))

    def _try_new_home(self, time_s: float, up: Vector) -> None:
        top = self._levels[-1].detector
        rested = self._plateau_ticks * TICK_S >= self._c.plateau_s
        if not top.out:
            self._levels[-1].rested |= rested
            return
        if not rested and not self._turns_elsewhere(time_s, up):
            return
        if len(self._levels) == MOST_LEVELS:
            self._drop_below(1)
        self._levels.append(self._new_level(up if rested else self._poses[TURN_TICK], like=self._levels[0]))
        self._levels[-1].rested = rested
        self._tried_s = time_s
        bottom = self._levels[0].detector
        if time_s - bottom.start_s > 2 * self._c.longest_s and bottom.out:
            self._drop_below(len(self._levels) - 1)

    def _turns_elsewhere(self, time_s: float, up: Vector) -> bool:
        """The segment reverses far from every home, and no set is under way that would explain it."""
        c, top = self._c, self._levels[-1].detector
        if len(self._poses) < 16 or time_s - self._tried_s < c.turn_apart_s or time_s - top.start_s < c.turn_after_s:
            return False
        if tilt(self._poses[8], up)[0] > c.turn_deg or any(self._explains(level, time_s) for level in self._levels):
            return False
        return tilt(top.home, self._poses[TURN_TICK])[0] > self._e.floor_deg

    def _explains(self, level: _Level, time_s: float) -> bool:
        """A set goes on from this home, and its present rep is not much longer than those before."""
        if len(level.reps) < 2:
            return False
        away_s = time_s - level.detector.start_s if level.detector.out else 0.0
        return away_s < self._c.drawn_out_share * max(rep.duration_s for rep in level.reps)

    def _new_level(self, up: Vector, like: _Level | None = None) -> _Level:
        level = _Level(ExcursionDetector(self._e, TICK_S, up))
        if like is not None and len(like.reps) >= 2:
            level.detector.usual_deg = like.detector.usual_deg
        return level

    def _drop_below(self, index: int) -> None:
        self._levels = self._levels[index:]

    # --- judging -----------------------------------------------------------------------------------------------------

    def _finished(self, time_s: float, index: int, level: _Level, excursion: Excursion) -> None:
        if self._walking.strides(excursion) or self._walking.winds_down(excursion):
            self._walked(time_s, level.detector.home)
            self._events.append(Refused(time_s, excursion, "walking"))
            return
        above = self._levels[index + 1 :]
        settled = self._c.settles and any(other.rested for other in above) and not level.reps
        if settled and excursion.peak_deg >= self._e.floor_deg and time_s - self._settled_s > self._c.lone_rep_s:
            # the person had settled into the start pose: this is on the way out from there
            self._settled_s = time_s
            rested = max(i for i, other in enumerate(self._levels) if i > index and other.rested)
            self._drop_below(rested)
            self._events.append(Refused(time_s, excursion, "posture"))
            return
        self._levels = self._levels[: index + 1]
        if self._dwarfs(level, excursion):
            self._revoke(time_s, len(level.reps), "unlike-the-next")
            level.reps.clear()
        reason = self._why_not(level, excursion)
        if reason == "too-long" and above:
            self._levels = above
            self._events.append(Refused(time_s, excursion, reason))
            return
        reps_above = [rep for other in above for rep in other.reps]
        if reps_above and reason is None:
            larger = excursion.peak_deg > self._c.pair_ratio * max(rep.peak_deg for rep in reps_above)
            if len(level.reps) >= 2 or larger:
                # what was counted about the trial home was a dip in a hold
                self._revoke(time_s, len(reps_above), "hold")
            elif len(reps_above) == 1 and self._count:
                # one movement, seen from both its ends: it has been counted, and this is the home it returned to
                self._recent[-1] = excursion
                self._learn(level, excursion)
                return
            else:
                reason = "posture"
        if reason is not None:
            self._events.append(Refused(time_s, excursion, reason))
            return
        self._accept(time_s, level, excursion)
        if index and len(level.reps) >= 2:
            self._drop_below(index)

    def _why_not(self, level: _Level, excursion: Excursion) -> str | None:
        c = self._c
        duration = excursion.duration_s
        usual = level.detector.usual_deg if len(level.reps) >= 2 else None
        if excursion.peak_deg < max(self._e.floor_deg, c.unrest_multiple * self._unrest_deg):
            return "small"
        if excursion.peak_deg > self._e.ceiling_deg:
            return "other-movement"
        alike = usual is not None and usual < c.pair_ratio * excursion.peak_deg < c.pair_ratio**2 * usual
        if duration < (c.shortest_alike_s if alike else c.shortest_s):
            return "too-quick"
        if self._is_step(level, excursion):
            return "step"
        if usual is not None:
            usual_s = median(rep.duration_s for rep in level.reps)
            if duration < min(c.hasty_s, c.hasty_share * min(rep.duration_s for rep in level.reps)):
                return "too-quick"
            if duration > c.drawn_out_share * usual_s and excursion.peak_deg > c.drawn_out_deg_share * usual:
                return "other-movement"
        if duration > c.longest_s:
            return "too-long"
        if usual is not None:
            if excursion.peak_deg < c.smaller_share * usual:
                return "small"
            if excursion.peak_deg > c.larger_settled * usual:
                return "other-movement"
            if _between(level.detector.axis, excursion.axis) > c.other_axis_deg:
                return "other-direction"
        return None

    def _dwarfs(self, level: _Level, excursion: Excursion) -> bool:
        """The one movement or two before were fidgeting: this is so much larger."""
        reps = level.reps
        if self._manual or not 1 <= len(reps) < self._c.fewest_reps or self._count > len(reps):
            return False
        return excursion.peak_deg > self._c.larger_share * max(rep.peak_deg for rep in reps)

    def _is_step(self, level: _Level, excursion: Excursion) -> bool:
        """Quick and with a foot strike, in a set whose reps have been slower and had none."""
        if len(level.reps) < 2 or not self._walking.struck(excursion):
            return False
        usual_s = median(rep.duration_s for rep in level.reps)
        quick = excursion.duration_s < min(self._c.stride_s, 0.7 * usual_s)
        return quick and not any(self._walking.struck(rep) for rep in level.reps[-2:])

    def _accept(self, time_s: float, level: _Level, excursion: Excursion) -> None:
        if self._in_set and not self._manual and excursion.start_s - self._last_rep_s > self._patience_s:
            self._close(time_s)
        self._check_before(time_s, excursion)
        if not self._in_set:
            self._open(excursion.start_s)
        if self._count:
            period = excursion.end_s - self._last_rep_s
            self._period_s = period if not self._period_s else self._period_s + 0.3 * (period - self._period_s)
        self._count += 1
        self._last_rep_s = excursion.end_s
        self._recent.append(excursion)
        self._learn(level, excursion)
        self._events.append(Counted(time_s, excursion))

    def _learn(self, level: _Level, excursion: Excursion) -> None:
        """Learn the usual range and the axis of the movement from one more rep about this home."""
        detector = level.detector
        if level.reps and self._unlike(level.reps[-1], excursion):
            level.reps.clear()
        level.reps.append(excursion)
        del level.reps[:-6]
        # range and sign of the movement are trusted from the second rep on
        if len(level.reps) < 2:
            detector.forget()
            return
        usual = detector.usual_deg or level.reps[-2].peak_deg
        detector.usual_deg = usual + 0.35 * (excursion.peak_deg - usual)
        detector.axis = _mean_axis(level.reps)

    def _check_before(self, time_s: float, excursion: Excursion) -> None:
        """The set so far was something else when this movement is unlike it: settling in, or another posture."""
        if self._manual or not self._recent or not self._count:
            return
        if self._count < self._c.fewest_reps:
            before = list(self._recent)[-self._count :]
            if any(self._unlike(rep, excursion) for rep in before):
                self._revoke(time_s, self._count, "unlike-the-next")
                for level in self._levels:
                    level.reps.clear()
        elif _between(self._recent[-1].home, excursion.home) > max(self._c.other_home_deg, excursion.peak_deg):
            self._close(time_s)

    def _revoke(self, time_s: float, count: int, reason: str) -> None:
        count = min(count, self._count)
        if count:
            self._count -= count
            for _ in range(min(count, len(self._recent))):
                self._recent.pop()
            self._events.append(Revoked(time_s, count, reason))

    def _walked(self, time_s: float, up: Vector) -> None:
        """Walking: what was counted since it began is taken back, and home is found anew."""
        since = self._walking.began_s - 0.5
        taken = 0
        for level in self._levels:
            kept = [rep for rep in level.reps if rep.end_s < since]
            taken += len(level.reps) - len(kept)
            level.reps[:] = kept
        if self._in_set and taken:
            self._revoke(time_s, taken, "walking")
        self._levels = self._levels[:1]
        self._levels[0].detector.rehome(up)


def _between(first: Vector | None, second: Vector) -> float:
    if first is None:
        return 0.0
    return tilt(first, second)[0]


def _mean_axis(reps: list[Excursion]) -> Vector:
    x = sum(rep.axis[0] for rep in reps)
    y = sum(rep.axis[1] for rep in reps)
    z = sum(rep.axis[2] for rep in reps)
    norm = (x * x + y * y + z * z) ** 0.5 or 1.0
    return x / norm, y / norm, z / norm
