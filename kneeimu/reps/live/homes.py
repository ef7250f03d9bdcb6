"""Where the movement starts from: home poses under watch, found without a calibration or a still start."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion, ExcursionParameters
from kneeimu.reps.likeness import axes_apart_deg, mean_axis, unlike
from kneeimu.reps.live.course import RESTED_TICKS, Course
from kneeimu.reps.live.detector import ExcursionDetector
from kneeimu.reps.live.rests import Rests
from kneeimu.reps.parameters import SAME_POSTURE_DEG, CounterParameters
from kneeimu.reps.vectors import Vector, between, tilt
from kneeimu.reps.walk.walking import share_at_rest

TICK_S = 1.0 / TICK_HZ
MOST_HOMES = 3
"""Home poses under watch at a time."""
KEPT_REPS = 6
SEEN_POSES = 4
"""A turn is seen a little after it happened."""
USUAL_GAIN = 0.35
"""Weight of the newest rep in the usual range."""

BETWEEN_SHARE = 0.25
"""Who stands further than this share of a swing from both of its ends has the feet together. Engineering choice."""
STOOD_S = 3.5
"""Who stands still for so long, and longer than a movement takes, has not taken the start pose yet. Engineering choice:
of 23 first movements after such a rest in five simulators 21 were the way into it, 2 were reps."""
LYING_SHARE = 0.8
"""A first rep is no larger a share of the largest there are; further away is the standing pose, before lying down.
Engineering choice."""


@dataclass(slots=True)
class Home:
    """A home pose under watch, with the reps counted from it in this set.

    ``rested`` says that the segment has rested there, and not merely turned round; ``since_s`` when it came there.
    """

    detector: ExcursionDetector
    reps: list[Excursion] = field(default_factory=list)
    announced_turn: bool = False
    rested: bool = True
    since_s: float = 0.0

    @property
    def unannounced(self) -> bool:
        """The far end of an excursion was passed, and nobody has been told."""
        return self.detector.out and self.detector.turned and not self.announced_turn

    def turned_before(self, at: int) -> tuple[int, float] | None:
        """Give where the far end was passed, if that was before this tick and nobody has been told: now somebody is."""
        turn = self.detector.turn
        if self.announced_turn or turn is None or turn[0] >= at:
            return None
        self.announced_turn = True
        return turn

    def is_dwarfed_by(self, excursion: Excursion, c: CounterParameters) -> bool:
        """The one movement or two before were fidgeting: this is so much larger."""
        few = 1 <= len(self.reps) < c.fewest_reps
        return few and excursion.peak_deg > c.larger_share * max(rep.peak_deg for rep in self.reps)

    def learn(self, excursion: Excursion, c: CounterParameters) -> None:
        """Learn the usual range and the axis of the movement from one more rep."""
        reps, detector = self.reps, self.detector
        other_way = bool(reps) and not c.steps and axes_apart_deg(reps[-1].axis, excursion.axis, c) > c.other_axis_deg
        if other_way or (reps and unlike(reps[-1], excursion, c)):
            reps.clear()
        reps.append(excursion)
        del reps[:-KEPT_REPS]
        # range and sign of the movement are trusted from the second rep on
        if len(reps) < 2:
            detector.forget()
            return
        usual = detector.usual_deg or reps[-2].peak_deg
        detector.usual_deg = usual + USUAL_GAIN * (excursion.peak_deg - usual)
        detector.axis = mean_axis(reps, c)
        detector.doubted = len(reps) <= c.handful and not (c.steps or c.stands_far)


class HomeStack:
    """Homes are kept as a stack, the oldest first.

    When the segment rests (or, with no set under way, turns round) at a new pose, that pose is tried as a new home
    while the old ones are still under watch.

    Attributes:
        homes: at least one from the first tick on.
        rest, first_rest: where the segment has last, and has first, been still for a while.
        comes_to_rest: it has been still there for just so long.
        sway_ticks: how long it has not done more than sway.
        unrest_deg: sway at home: what a movement has to stand out of.
    """

    def __init__(self, excursion: ExcursionParameters, counter: CounterParameters) -> None:
        self._e, self._c = excursion, counter
        self._poses: deque[Vector] = deque(maxlen=SEEN_POSES)
        self._plateau_ticks = self.sway_ticks = 0
        self._keen = False
        self._tried_s = self._settled_s = self._stood_s = -1e9
        self._settled_deg = 0.0
        self._most_unrest_deg = 0.5 * excursion.floor_deg
        self._rests = Rests() if counter.stands_far or (counter.steps and not counter.swings_through) else None
        self.homes: list[Home] = []
        self.rest: Vector | None = None
        self.first_rest: Vector | None = None
        self.comes_to_rest = False
        self.unrest_deg = 0.0

    def observe(self, course: Course, ticks: range, away_deg: Sequence[float] | None) -> None:
        """Take ticks.

        Args:
            ticks: of the course, those to take.
            away_deg: angle from the newest home, each at the tick before, while an excursion from there is under way.
        """
        part, up = slice(ticks.start, ticks.stop), course.poses.up
        self._poses.extend(up[max(ticks.start, ticks.stop - SEEN_POSES) : ticks.stop])
        if not self.homes:
            self.homes.append(Home(self._detector_at(up[ticks.start])))
        if away_deg is None:
            self._learn_unrest(course.lists.change_deg[part])
            lasting = _true_at_the_end(course.poses.still[part])
        else:
            lasting = self._on_a_plateau_at_the_end(course, ticks, away_deg)
        self._plateau_ticks = self._plateau_ticks + lasting if lasting == len(ticks) else lasting
        sway_ticks = course.sway_ticks
        self.sway_ticks = sway_ticks[ticks[-1]]
        self.comes_to_rest = self.sway_ticks == RESTED_TICKS
        if self._rests is not None:
            self._rests.observe(course, ticks)
        if self.sway_ticks >= RESTED_TICKS:
            self.rest = up[ticks[-1]]
        elif max(sway_ticks[part]) >= RESTED_TICKS:
            self.rest = next(up[at] for at in reversed(ticks) if sway_ticks[at] >= RESTED_TICKS)
        if self.first_rest is None and self.rest is not None:
            self.first_rest = next(up[at] for at in ticks if sway_ticks[at] >= RESTED_TICKS)
        if self.comes_to_rest and self._c.swings_through:
            self.stand_between(course.lists.time_s[ticks[-1]])

    @property
    def lies_now(self) -> Vector | None:
        """The pose of rest of who lies down to exercise; None where it is the first one again: the person got up."""
        if self.rest is None or between(self.first_rest, self.rest) < SAME_POSTURE_DEG:
            return None
        return self.rest

    def _detector_at(self, home: Vector) -> ExcursionDetector:
        detector = ExcursionDetector(self._e, TICK_S, home)
        detector.be_keen(self._keen)
        return detector

    def be_keen(self, keen: bool) -> None:
        """Look for smaller movements, too, or not."""
        if keen != self._keen:
            self._keen = keen
            for home in self.homes:
                home.detector.be_keen(keen)

    def _on_a_plateau_at_the_end(self, course: Course, ticks: range, away_deg: Sequence[float]) -> int:
        """For how many of the last ticks it keeps still. Far from home a plateau need not be as steady."""
        most_deg, share = self._c.plateau_deg, self._c.plateau_share
        still, steady_deg = course.poses.still, course.steady_deg
        for lasting, (at, away) in enumerate(zip(reversed(ticks), reversed(away_deg), strict=True)):
            if not (still[at] or steady_deg.item(at) < min(most_deg, share * away)):
                return lasting
        return len(ticks)

    def _learn_unrest(self, change_deg: Sequence[float]) -> None:
        unrest_deg, most_deg, share = self.unrest_deg, self._most_unrest_deg, TICK_S / self._c.unrest_tau_s
        for change in change_deg:
            if change < most_deg:
                unrest_deg += share * (change - unrest_deg)
            elif change < 180.0:
                unrest_deg += share * (most_deg - unrest_deg)
        self.unrest_deg = unrest_deg

    @property
    def away_deg(self) -> list[float] | None:
        """Angle from the newest home while an excursion from there is under way."""
        top = self.homes[-1].detector if self.homes else None
        return [top.angle_deg] if top is not None and top.out else None

    @property
    def looked_at_from(self) -> Home:
        """The home that the movement is drawn from: the oldest from which a rep may have come this far.

        One that reps were counted from comes first. Where all are too far away the person has just taken another
        posture, and the newest is looked at.
        """
        homes, most_deg = self.homes, self._e.ceiling_deg
        if len(homes) == 1:
            return homes[0]
        for home in homes:
            if home.reps and home.detector.angle_deg <= most_deg:
                return home
        if self._c.lies:
            most_deg *= LYING_SHARE
        return next((home for home in homes if home.detector.angle_deg <= most_deg), homes[-1])

    def next_event(self, course: Course, at: int) -> int:
        """Index of the next tick, from ``at`` on, before which there is only the one home to follow."""
        home = self.homes[0]
        if len(self.homes) > 1 or not home.rested or home.unannounced:
            return at
        return course.next_home(at, self._turns_from_s) if home.detector.out else len(course)

    def follow(self, course: Course, ticks: range, angle_deg: array[float]) -> Excursion | None:
        """Take ticks while there is one home only: see ``ExcursionDetector.follow``."""
        away_deg, known = self.away_deg, len(angle_deg)
        excursion = self.homes[0].detector.follow(course.poses, ticks, angle_deg)
        if away_deg is not None:
            away_deg += angle_deg[known:-1]
        self.observe(course, range(ticks.start, ticks.start + len(angle_deg) - known), away_deg)
        return excursion

    def passed_far_end(self) -> float | None:
        """Give how far away the far end was that has just been passed, deg; None when there is nothing new to tell.

        A movement is seen from every home, also from the one on trial at a far end that is held, and is told once.
        """
        for home in self.homes:
            if home.unannounced and home.detector.peak_deg >= self._e.floor_deg:
                for other in self.homes:
                    other.announced_turn = other.announced_turn or other.detector.out
                return home.detector.peak_deg
        return None

    def try_another(self, course: Course, at: int) -> None:
        """Put the present pose on top when the segment rests or turns round away from every home."""
        time_s, up, short_deg = course.lists.time_s[at], course.poses.up[at], course.short_deg.item(at)
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
        since_s = time_s - self._c.plateau_s if rested else time_s
        trial = Home(self._detector_at(up if rested else self._poses[0]), rested=rested, since_s=since_s)
        if len(homes[0].reps) >= 2:
            trial.detector.usual_deg = homes[0].detector.usual_deg
        homes.append(trial)
        self._tried_s = time_s
        bottom = homes[0].detector
        if bottom.out and (time_s - bottom.start_s > 2 * self._c.longest_s or (rested and bottom.other_way)):
            self.keep_from(1)

    @property
    def _turns_from_s(self) -> float:
        """Before this a reversal away from home is none that shows another home."""
        return max(self._tried_s + self._c.turn_apart_s, self.homes[-1].detector.start_s + self._c.turn_after_s)

    def _turns_elsewhere(self, time_s: float, short_deg: float) -> bool:
        """The segment reverses far from every home, and no set is under way that would explain it."""
        c, top = self._c, self.homes[-1].detector
        if short_deg > max(c.turn_deg, c.turn_share * top.angle_deg) or time_s < self._turns_from_s:
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

    def had_settled(self, time_s: float, index: int, excursion: Excursion) -> bool:
        """Say, once a set, that the person had rested in the start pose that an exercise has: that is home, and stays.

        However short that rest was where they had stood for long before, and stand at the far end of the movement.
        Once more where this is so much larger that the time before was fidgeting.

        Args:
            index: of the home from which the excursion was seen.
        """
        large = self._e.floor_deg <= excursion.peak_deg <= self._c.start_pose_deg
        larger = excursion.peak_deg > self._c.larger_share * self._settled_deg
        soon = time_s - self._settled_s <= self._c.lone_rep_s and not larger
        if not self._c.settles or self.homes[index].reps or not large or soon:
            return False
        if rested := [i for i, home in enumerate(self.homes) if i > index and self._stayed_at(home)]:
            self.keep_from(rested[-1])
        elif self._c.stands_far and self._stood_before(excursion):
            self.turn_over(time_s, excursion)
        else:
            return False
        self._settled_s, self._settled_deg = time_s, excursion.peak_deg
        return True

    def _stood_before(self, excursion: Excursion) -> bool:
        """The person stood still for long before, where it sets out."""
        return self._rests is not None and self._rests.before(excursion) > max(STOOD_S, excursion.duration_s)

    def _stayed_at(self, home: Home) -> bool:
        """It rested there, and for longer than a rep is held."""
        return home.rested and home.detector.start_s - home.since_s > self._c.start_pose_s

    def stood_before(self, time_s: float) -> Vector | None:
        """Give the pose in which the person stood for long before this; None where that is not known."""
        return None if self._rests is None else self._rests.longest_before(time_s)

    def stood(self, time_s: float) -> list[Vector]:
        """Give the poses in which the person stood of late, the last rest among them."""
        earlier = [] if self._rests is None else self._rests.stood_before(time_s)
        return earlier if self.rest is None else [*earlier, self.rest]

    def rested_before(self, time_s: float) -> list[Vector]:
        """Give the poses in which the person rested in the time before this, where that is looked at."""
        return [] if self._rests is None else self._rests.poses_before(time_s)

    def turn_over(self, time_s: float, movement: Excursion) -> Home:
        """Home is where this movement turned, and nowhere else: the next one began there and is under way."""
        home = Home(self._detector_at(movement.far), since_s=movement.turn_s)
        home.detector.set_out(time_s, self._poses[-1], movement.turn_s)
        self.homes = [home]
        return home

    def stand_between(self, time_s: float) -> None:
        """The person stands: where the feet are together, amid the swing, they may go on the other way.

        Not so who brings the feet together after each step.
        """
        rest, stood_s = self.rest, self._stood_s
        for home in self.homes:
            share = share_at_rest(home.reps[-1], rest) if home.reps else None
            if share is None or not BETWEEN_SHARE < share < 1.0 - BETWEEN_SHARE:
                continue
            self._stood_s = time_s
            if not home.detector.out and sum(rep.turn_s > stood_s for rep in home.reps) > 1:
                home.reps.clear()
                home.detector.forget()

    def keep_from(self, index: int) -> None:
        """Drop the homes below ``index``."""
        self.homes = self.homes[index:]

    def forget_reps(self) -> None:
        """Those so far were none."""
        for home in self.homes:
            home.reps.clear()

    def forget_strides(self, since_s: float) -> int:
        """Reps that ended after this were strides, and so was their way; give how many they were."""
        before = sum(len(home.reps) for home in self.homes)
        for home in self.homes:
            home.reps[:] = [rep for rep in home.reps if rep.end_s < since_s]
            if not home.reps and not self._c.swings_through:
                home.detector.forget()
        return before - sum(len(home.reps) for home in self.homes)

    def only_at(self, up: Vector) -> None:
        """Drop all but the oldest home, and move it here."""
        self.homes = self.homes[:1]
        self.homes[0].detector.rehome(up)
        self.homes[0].announced_turn = False

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


def _true_at_the_end(flags: Sequence[bool]) -> int:
    """How many of the last ones are true."""
    return flags[::-1].index(False) if False in flags else len(flags)
