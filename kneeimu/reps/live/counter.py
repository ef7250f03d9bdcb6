"""Excursions to reps: what is deliberate, what is not, where a set begins and ends."""

from __future__ import annotations

from array import array
from collections.abc import Generator, Iterator, Sequence
from math import inf

from kneeimu.motion.orientation import Ticks
from kneeimu.reps.counter_words import Counted, CounterWord, Refused, Revoked, SaidAt, SetClosed, SetOpened, Turned
from kneeimu.reps.excursion import Excursion, ExcursionParameters
from kneeimu.reps.handful import go_on, strays
from kneeimu.reps.likeness import alike, at_one_end, between_them, unlike
from kneeimu.reps.live.course import RESTED_TICKS, Course
from kneeimu.reps.live.homes import Home, HomeStack
from kneeimu.reps.live.other_sizes import OtherSizes
from kneeimu.reps.live.refusal import Referee
from kneeimu.reps.live.set_so_far import SetSoFar
from kneeimu.reps.live.turns import Turns
from kneeimu.reps.live.which_end import MOST, WhichEnd
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.vectors import Vector, between
from kneeimu.reps.walk.gait import Gait
from kneeimu.reps.walk.reps_or_strides import QUICK_S, lies_as, on_the_way
from kneeimu.reps.walk.sideways import Lean
from kneeimu.reps.walk.walking import SWING_S, WalkingDetector, share_at_rest

SETTLING_TICKS = 15
"""The first orientation of a sensor that trembles is off by several degrees; home is taken after this."""


class RepCounter:
    """Counts tick by tick, with bounded memory.

    A return to the oldest home was a rep with a hold, whatever was tried as a home meanwhile; two reps about a newer
    home show a change of posture, and the older homes are dropped.

    Args:
        which_end: knows which end is home; a movement the other way is none, and its far end is home.
        sideways: where steps to the side are followed by the lean alone.
        gait: knows how the leg turned in the last movements.
    """

    def __init__(
        self,
        excursion: ExcursionParameters,
        counter: CounterParameters,
        which_end: WhichEnd | None = None,
        sideways: Lean | None = None,
        gait: Gait | None = None,
    ) -> None:
        self._e, self._c, self._sideways = excursion, counter, sideways
        self._stack = HomeStack(excursion, counter)
        self._walking = WalkingDetector(counter, 1.1 * excursion.ceiling_deg, gait)
        self._referee = Referee(excursion, counter, self._walking)
        self._which_end = which_end or WhichEnd(excursion.floor_deg, counter)
        self._settling_ticks = SETTLING_TICKS
        self._set, self._manual = SetSoFar(counter), False
        self._rest_known = self._adrift = False
        self._turns = Turns(counter)
        self._other_sizes = OtherSizes(inf if counter.steps or excursion.swings else excursion.floor_deg, counter)
        self._doubtful: list[Excursion] = []
        self._said: list[CounterWord] = []

    def follow(self, ticks: Ticks, angle_deg: array[float], moving: bytearray) -> Iterator[SaidAt]:
        """Take ticks; give the index of each at which something is said, and what.

        The movement angle to draw, and whether an excursion is under way, are added to the arrays tick by tick.
        """
        course = Course(ticks, self._sideways, self._c, self._stack.sway_ticks)
        self._stack.be_keen(self._set.shows_reps)
        at = 0
        while at < len(ticks):
            self._said = []
            until = self._nothing_before(course, at)
            if until > at:
                at = yield from self._pass(course, range(at, until), angle_deg, moving)
            else:
                self._step(course, at)
            self._close_when_over(course.lists.time_s[at])
            detector = self._stack.looked_at_from.detector
            angle_deg.append(detector.angle_deg)
            moving.append(detector.out)
            if self._said:
                self._stack.be_keen(self._set.shows_reps)
                yield at, self._said
            at += 1

    def _nothing_before(self, course: Course, at: int) -> int:
        """Index of the first tick at which more may have to be looked at than the movement from the only home."""
        if self._settling_ticks or self._walking.walks:
            return at
        until = min(course.next_strike(at), self._stack.next_event(course, at))
        if self._adrift or not self._rest_known or self._c.swings_through:
            until = min(until, course.next_rest(at))
        if self._set.under_way and not self._manual:
            over_s, detector = self._set.last_rep_s + self._set.patience_s, self._stack.homes[0].detector
            if detector.out:
                over_s = max(over_s, detector.start_s + self._c.longest_s)
            until = min(until, course.before(over_s, at))
        return until

    def _pass(
        self, course: Course, ticks: range, angle_deg: array[float], moving: bytearray
    ) -> Generator[SaidAt, None, int]:
        """Take ticks until a movement from the only home begins or ends; say if it turns before. Give the last's index.

        What there is to draw at that is not added to the lists yet.
        """
        lists, home, known = course.lists, self._stack.homes[0], len(angle_deg)
        out = home.detector.out
        excursion = self._stack.follow(course, ticks, angle_deg)
        angle_deg.pop()
        at = ticks.start + len(angle_deg) - known
        moving.extend(bytes((out,)) * (at - ticks.start))
        self._walking.pass_by(lists.up, lists.jolt_m_s2, lists.moved_deg, range(ticks.start, at + 1))
        if (turn := home.turned_before(at)) is not None:
            yield turn[0], [Turned(lists.time_s[turn[0]], turn[1])]
        if excursion is not None:
            self._finished(lists.time_s[at], 0, home, excursion)
        self._conclude(course, at)
        return at

    def _step(self, course: Course, at: int) -> None:
        """Take one tick, whatever may happen."""
        lists, stack = course.lists, self._stack
        time_s, pose = lists.time_s[at], course.poses.up[at]
        walking = self._walking.step(time_s, lists.up[at], lists.jolt_m_s2[at], lists.moved_deg[at], stack.rest)
        stack.observe(course, range(at, at + 1), stack.away_deg)
        if self._settling_ticks:
            self._settling_ticks -= 1
            stack.only_at(pose)
        elif walking and not self._set.hurries(self._walking.began_s):
            self._walked(time_s, pose)
        elif self._adrift and stack.sway_ticks >= RESTED_TICKS:
            self._adrift = False
            stack.only_at(pose)
        else:
            for index, home in enumerate(stack.homes):
                if (excursion := home.detector.step(time_s, pose, course.poses.still[at])) is not None:
                    self._finished(time_s, index, home, excursion)
                    break
            self._conclude(course, at)

    # --- the set -----------------------------------------------------------------------------------------------------

    def open_set(self, time_s: float) -> list[CounterWord]:
        """The person says that a set begins."""
        self._said = []
        if self._set.under_way:
            self._close(time_s)
        self._manual = True
        self._open(time_s)
        return self._said

    def close_set(self, time_s: float) -> list[CounterWord]:
        """The person says that the set is over: then it was one, however short."""
        self._said = []
        if self._set.under_way:
            self._manual = True
            self._close(time_s)
        return self._said

    def end_stream(self, time_s: float) -> list[CounterWord]:
        """No more ticks will come: a rep that is all but back counts, and the set is over."""
        self._said = []
        if self._stack.homes and self._set.under_way:
            home = self._stack.homes[0]
            if (excursion := home.detector.cut_short(time_s, self._c.cut_short_share)) is not None:
                self._finished(time_s, 0, home, excursion)
        if self._set.under_way:
            self._close(time_s)
        return self._said

    def resume(self, lost_s: float = 0.0) -> None:
        """Samples were lost, for so long: drop what is under way or can't be measured any more; keep count and home."""
        self._stack.resume()
        self._walking.resume()
        self._turns.lose(self._set.last_rep_s)
        self._other_sizes.lose(self._set.last_rep_s)
        self._set.wait(lost_s)
        self._doubtful = []

    def _open(self, time_s: float) -> None:
        self._set.open(time_s)
        self._said.append(SetOpened(time_s))

    def _close(self, time_s: float) -> None:
        if not self._manual:
            self._doubt(time_s)
        self._set.close()
        self._which_end.forget()
        by_hand, self._manual = self._manual, False
        self._turns.forget()
        self._stack.forget()
        self._said.append(SetClosed(time_s, tuple(self._walking.bouts), by_hand))

    def _doubt(self, time_s: float) -> None:
        """A set that nobody asked for is over: was it one?"""
        now = self._set
        if self._c.lies and on_the_way(now.reps, self._lying_pose) and not self._walking.are_none(now.reps, time_s):
            self._revoke(time_s, now.count, "walking")
        if 0 < now.count <= self._c.handful:
            reps = now.reps
            self._revoke(time_s, strays(reps, now.before, self._c), "alone")
            if not now.count:
                self._doubtful = reps if len(self._turns.known(reps)) == len(reps) else []
        if now.count >= self._c.fewest_reps and now.reps and self._doubtful:
            self._trust_the_doubtful(time_s)

    @property
    def _lying_pose(self) -> Vector | None:
        """The pose of the exercise, as far as it is known when a set is over."""
        if self._set.before is not None and self._set.before.duration_s > QUICK_S:
            return self._set.before.home
        return self._stack.lies_now if self._set.count <= self._c.handful else None

    def _take_strides_back(self, time_s: float) -> None:
        """Only now that the person stands still it is seen: the leg has swung to both sides of this pose."""
        if self._walking.were_strides(self._set.reps, self._stack.rest):
            self._revoke(time_s, self._set.count, "walking")
            self._stack.forget_strides(-inf)

    def _close_when_over(self, time_s: float) -> None:
        if not self._set.under_way or self._manual:
            return
        if self._stack.comes_to_rest and self._set.count and not self._rest_known:
            self._take_strides_back(time_s)
        detector = self._stack.homes[0].detector
        busy = detector.out and time_s - detector.start_s < self._c.longest_s
        if not busy and time_s - self._set.last_rep_s > self._set.patience_s:
            self._close(time_s)

    # --- movements ---------------------------------------------------------------------------------------------------

    def _conclude(self, course: Course, at: int) -> None:
        """The homes have been followed: look whether the far end was passed, or whether there is another home."""
        if (far_deg := self._stack.passed_far_end()) is not None:
            self._said.append(Turned(course.lists.time_s[at], far_deg))
        self._stack.try_another(course, at)

    def _finished(self, time_s: float, index: int, home: Home, excursion: Excursion) -> None:
        home.announced_turn = False
        whole = excursion if self._sideways is None else self._walking.whole(excursion)
        quick = excursion.duration_s < SWING_S  # what is slow is no stride, wherever it was made
        usual = quick and self._set.goes_on([excursion])
        lying = usual or (quick and self._c.lies and lies_as(excursion, self._set.known))
        stack, rest = self._stack, self._stack.rest
        winds_down = self._walking.winds_down(whole, rest) and not (usual and self._set.hurries(self._walking.began_s))
        if self._walking.strides(whole, rest, lying=lying, now_s=time_s, stood=stack.stood(time_s)) or winds_down:
            self._walked(time_s, home.detector.home)
            self._refuse(time_s, excursion, "walking")
            return
        if self._which_end.leads_up(excursion):
            if index == 0 and not home.reps:
                stack.only_at(excursion.far)
            self._refuse(time_s, excursion, "posture")
            return
        above = stack.homes[index + 1 :]
        if not self._manual and self._set.count <= len(home.reps) and home.is_dwarfed_by(excursion, self._c):
            self._give_way(time_s)
        if not self._set.goes_the_known_way(excursion) and stack.had_settled(time_s, index, excursion):
            # on the way out from the start pose that the person had taken
            self._refuse(time_s, excursion, "posture")
            return
        stack.homes = stack.homes[: index + 1]
        reason = self._referee.why_not(home, excursion, stack.unrest_deg, whole)
        if reason == "too-long" and above:
            stack.homes = above
        reps_above = [rep for other in above for rep in other.reps]
        if reason is None and reps_above:
            larger = excursion.peak_deg > self._c.pair_ratio * max(rep.peak_deg for rep in reps_above)
            if len(home.reps) >= 2 or larger:
                # what was counted about the trial home was a dip in a hold
                self._revoke(time_s, len(reps_above), "hold")
                self._count_after_all(time_s, home, [] if self._set.count else self._turns.give_back(excursion))
            elif len(reps_above) == 1 and self._set.count:
                # one movement, that has been counted: from where it set out, or from its other end, and this is home
                if at_one_end(reps_above[0], excursion, self._c):
                    stack.homes = above
                else:
                    self._set.replace_last(excursion)
                    home.learn(excursion, self._c)
                return
            else:
                reason = "posture"
        if reason is None and self._set.count and self._turns.comes_between(self._set.reps, excursion):
            reason = "other-direction"
        if reason in ("other-direction", "other-movement") and self._is_outnumbered(time_s, home, excursion):
            reason = None
        if reason == "other-movement" and excursion.peak_deg <= self._e.ceiling_deg and self._set.has_had(excursion):
            reason = None
        if reason == "small":
            reps = self._other_sizes.go_on(excursion, self._set.before, self._set.reps)
            if reps is not None:
                self._count_after_all(time_s, home, reps)
                reason = None
        if reason is not None:
            if reason == "other-movement" and excursion.peak_deg <= self._e.ceiling_deg:
                self._other_sizes.wait(excursion)
            self._refuse(time_s, excursion, reason)
            return
        self._accept(time_s, home, excursion)
        if index and len(home.reps) >= 2:
            stack.keep_from(index)
        before = stack.stood_before(home.reps[0].start_s), stack.rested_before(home.reps[0].start_s), self._set.before
        if self._set.count <= MOST and (wrong := self._which_end.seen_from_far_end(home.reps, time_s, *before)):
            self._turn_over(time_s, wrong)

    def _turn_over(self, time_s: float, seen: list[Excursion]) -> None:
        """What was counted went from the far end to home and back: the reps lie between."""
        self._said.append(Revoked(time_s, self._set.take_back(self._set.count), "other-end"))
        self._count_after_all(time_s, self._stack.turn_over(time_s, seen[-1]), between_them(seen, self._c))

    def _refuse(self, time_s: float, excursion: Excursion, reason: str) -> None:
        self._said.append(Refused(time_s, excursion, reason))

    def _accept(self, time_s: float, home: Home, excursion: Excursion) -> None:
        if self._set.under_way and not self._manual:
            if excursion.start_s - self._set.last_rep_s > self._set.patience_s:
                self._close(time_s)
            else:
                self._check_before(time_s, home, excursion)
                if not self._set.count:
                    # two movements take turns, as out and past the pose of rest: those like this one were reps
                    self._count_after_all(time_s, home, self._turns.recall(excursion))
        if not self._set.under_way:
            self._open(excursion.start_s)
        if self._set.count < self._c.fewest_reps:
            self._count_after_all(time_s, home, self._other_sizes.join(excursion, self._set.reps))
        at_rest = share_at_rest(excursion, self._stack.rest)
        self._rest_known = at_rest is not None or (self._rest_known and self._set.count > 0)
        self._set.add(excursion)
        home.learn(excursion, self._c)
        self._adrift = False
        self._said.append(Counted(time_s, excursion))

    def _check_before(self, time_s: float, home: Home, excursion: Excursion) -> None:
        """The set so far was something else when this movement is unlike it: settling in, or another posture."""
        if not (before := self._set.reps):
            return
        if self._set.count < self._c.fewest_reps:
            if any(unlike(rep, excursion, self._c) for rep in before):
                like = [rep for rep in before[1:] if alike(rep, excursion, self._c.pair_ratio, self._c)]
                like = [rep for rep in like if not unlike(rep, excursion, self._c)]
                self._give_way(time_s, but_for=like)
                self._count_after_all(time_s, home, like)
        elif between(before[-1].home, excursion.home) > max(self._c.other_home_deg, excursion.peak_deg):
            self._close(time_s)

    def _give_way(self, time_s: float, but_for: Sequence[Excursion] = ()) -> None:
        """What was counted of this set was something else; it may yet take turns with what comes."""
        if self._set.count:
            self._turns.pass_by([rep for rep in self._set.reps if rep not in but_for])
        self._revoke(time_s, self._set.count, "unlike-the-next")
        self._stack.forget_reps()

    def _is_outnumbered(self, time_s: float, home: Home, excursion: Excursion) -> bool:
        """As many movements like this one were refused as were counted, unlike them: these were the reps."""
        if self._manual or not 0 < self._set.count <= self._c.handful or excursion.peak_deg > self._e.ceiling_deg:
            return False
        reps = [rep for rep in self._turns.recall(excursion) if not self._set.has(rep)]
        if not reps or len(reps) + 1 < self._set.count:
            self._turns.pass_by([*reps, excursion])
            return False
        if not all(alike(rep, excursion, self._c.other_ratio, self._c) for rep in self._set.reps):
            self._give_way(time_s)
        self._count_after_all(time_s, home, reps)
        return True

    def _count_after_all(self, time_s: float, home: Home, reps: list[Excursion]) -> None:
        if reps and not self._set.under_way:
            self._open(reps[0].start_s)
        self._set.add_late(reps)
        for rep in reps:
            home.learn(rep, self._c)
            self._said.append(Counted(time_s, rep))

    def _trust_the_doubtful(self, time_s: float) -> None:
        """A few movements before, taken back because no more of them came: now more of them have come."""
        doubtful, self._doubtful = self._doubtful, []
        if go_on(doubtful, self._set.reps[0], self._set.opened_s, time_s, self._c):
            for rep in doubtful:
                self._set.count += 1
                self._said.append(Counted(time_s, rep, trusted=True))

    def _revoke(self, time_s: float, count: int, reason: str) -> None:
        if taken := self._set.take_back(count):
            self._said.append(Revoked(time_s, taken, reason))
            if not self._set.count:
                self._which_end.forget()

    def _walked(self, time_s: float, up: Vector) -> None:
        """Walking: what was counted since it began is taken back, and home is found anew."""
        since = self._walking.began_s - 0.5
        taken = self._stack.forget_strides(since)
        if self._set.under_way and taken:
            self._revoke(time_s, taken, "walking")
        self._stack.only_at(up)
        self._adrift = not (self._c.steps or self._c.lands)
