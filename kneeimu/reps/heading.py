"""Reps in which a level thigh turns about the vertical by more than it tilts.

A thigh that lies or rests on a seat hardly tilts in small reps; the pelvis and the hip turn it aside all the same. In
the third group of a person's prone lifts the thigh tilts by 1 to 2 deg and turns by 2 to 5; the thigh that rests turns
by less than 1 (recordings of the UCI set, subject 1). Gravity does not show that, the gyro does.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf
from statistics import median

import numpy as np

from kneeimu.motion.orientation import PoseChange, Ticks, joined
from kneeimu.reps.counter import RepCounter
from kneeimu.reps.counter_words import Beside, Counted, CounterWord, Revoked, SaidAt, SetClosed
from kneeimu.reps.excursion import Excursion, ExcursionParameters
from kneeimu.reps.handful import strays
from kneeimu.reps.history import TickHistory
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.review import SetReview
from kneeimu.types import FloatArray, Rep

FLOOR_SHARE = 1.2
"""The other leg shakes the heading, too: the usual rep turns by this multiple of the smallest tilt that counts."""
BLOCK = 128
"""Ticks that are looked at together, 5 s: a tick by itself costs several times as much."""
AS_LARGE = 0.75
"""A heading that turns by less than this share of the tilt adds nothing to it."""
PAUSE_S = 6.0
"""After so long another group of reps begins, of another size perhaps."""
LEVEL_DEG = 8.0
"""Where the limb tilts by more than this in a set, the tilt tells the reps."""
LEAST_TILT_DEG = 0.5
"""What turns and does not tilt at all is the seat, or the mat. All of these are engineering choices, made on the
recordings of one person and on simulated people."""


@dataclass(frozen=True, slots=True)
class Missed:
    """What a heading tells of some time: reps told by the tilt, by number, that are none; and those that are."""

    removed: list[int]
    added: list[Excursion]


class HeadingCounter:
    """Counts by the heading alone, beside the counter that follows the tilt, which goes first where it sees as much.

    Args:
        poses: the last ticks as they are.

    Attributes:
        history: the same, with the up vectors of a limb that tilts by as much as this one turns, and no more.
    """

    def __init__(self, limits: ExcursionParameters, counter: CounterParameters, poses: TickHistory) -> None:
        self._floor_deg, self._c, self._poses = limits.floor_deg, counter, poses
        self._counter = RepCounter(limits, counter)
        self._review = SetReview(limits.floor_deg, "out-and-back", lies=counter.lies, counter=counter)
        self.history = TickHistory()
        self._change = PoseChange()
        self._heading_rad = 0.0
        self._last: FloatArray | None = None
        self._reps: dict[int, Excursion] = {}
        self._number = 0
        self._groups: list[list[Excursion]] = []  # that are over, and nobody has decided on
        self._decided_s = -inf
        self._blocks: list[Ticks] = []
        self._waiting = 0

    def follow(self, ticks: Ticks) -> Iterator[SaidAt]:
        """Take ticks; give the index of each at which something is said, and what is for ``hear`` at its time.

        Nobody waits for it: ticks are looked at by the block, wherever the blocks of the stream begin and end.
        """
        waited = self._waiting
        self._blocks.append(ticks)
        self._waiting += len(ticks)
        for at, said in self._look_at(self._waiting // BLOCK * BLOCK):
            yield (at // BLOCK + 1) * BLOCK - 1 - waited, [Beside(said)]

    def _look_at(self, count: int) -> list[SaidAt]:
        """Look at so many of the ticks that wait, the first ones; give where among them something is said, and what."""
        if not count:
            return []
        waiting = joined(self._blocks)
        self._blocks, self._waiting = [waiting.part(count, len(waiting))], len(waiting) - count
        turned = self._turned(waiting.part(0, count))
        self.history.append(turned)
        return list(self._counter.follow(turned, array("d"), bytearray()))

    def resume(self, lost_s: float) -> None:
        """Samples were lost, for so long: what was before can't be measured any more."""
        self._groups.clear()
        self._blocks, self._waiting = [], 0
        self._counter.resume(lost_s)
        self.history.clear()
        self._change = PoseChange()
        self._last = None

    def end_stream(self, time_s: float) -> None:
        """No more ticks will come."""
        self._catch_up()
        self.hear(self._counter.end_stream(time_s))

    def _catch_up(self) -> None:
        for _, said in self._look_at(self._waiting):
            self.hear(said)

    def hear(self, said: Sequence[CounterWord]) -> None:
        """Take what the counter said, at its time."""
        for word in said:
            match word:
                case Counted():
                    self._number += 1
                    self._reps[self._number] = word.excursion
                    self._review.count(self._number, word.excursion, word.trusted)
                case Revoked():
                    numbers = sorted(self._reps, reverse=True)[: word.count]
                    self._review.take_back(numbers)
                    for number in numbers:
                        del self._reps[number]
                case SetClosed():
                    look = self._review.close(word.time_s, self.history, word.walked)
                    stay = [rep for number, rep in self._reps.items() if number not in look.removed]
                    self._part([*stay, *look.added])
                case _:
                    pass

    def interrupt(self) -> None:
        """The set is over as far as it is known: samples were lost."""
        self._catch_up()
        self._part(self._reps.values())

    @property
    def begins_s(self) -> float | None:
        """When a set began that is over and that nobody has decided on; None when there is none."""
        return min((group[0].start_s for group in self._groups), default=None)

    def decide(self, told: Sequence[Rep], now_s: float, *, last: bool = False) -> Missed:
        """Say what the tilt missed until now, and where it saw something else.

        Args:
            told: what the tilt told, of the set that is over.
            last: the person said that the set is over, or nothing more will come.
        """
        if last:
            self._catch_up()
        if last or _in_time_of(list(self._reps.values()), told):
            self._part(self._reps.values())
            self._decided_s = now_s
        missed = Missed([], [])
        for group in self._groups:
            seen = _in_time_of(group, told)
            if _tells_more(group, seen):
                missed.removed.extend(rep.number for rep in seen)
                missed.added.extend(group)
        self._groups.clear()
        return missed

    def _part(self, reps: Iterable[Excursion]) -> None:
        """A set is over, or as much of it as matters: keep its groups in which the limb stays level."""
        new = sorted((rep for rep in reps if rep.start_s > self._decided_s), key=lambda rep: rep.start_s)
        self._reps = {}
        level = (_level(group, self._poses) for group in _groups(new))
        self._groups += [group for group in level if self._is_set(group)]

    def _is_set(self, group: Sequence[Excursion]) -> bool:
        if len(group) < self._c.fewest_reps or (len(group) <= self._c.handful and strays(group, None, self._c)):
            return False
        return median(rep.peak_deg for rep in group) > FLOOR_SHARE * self._floor_deg

    def _turned(self, ticks: Ticks) -> Ticks:
        quats = ticks.quat_sensor_to_world
        before = np.concatenate(((quats[:1] if self._last is None else self._last), quats[:-1]))
        self._last = quats[-1:]
        w, x, y, z = quats.T
        v, a, b, c = before.T
        # about the vertical, from one tick to the next: the twist of a quaternion
        turn = 2.0 * np.arctan2(v * z - w * c - x * b + y * a, w * v + x * a + y * b + z * c)
        turn -= 2.0 * np.pi * np.round(turn / (2.0 * np.pi))
        heading = np.cumsum(np.concatenate(([self._heading_rad], turn)))[1:]
        self._heading_rad = float(heading[-1])
        up = np.stack((np.sin(heading), np.zeros(len(heading)), np.cos(heading)), axis=1)
        return replace(ticks, up=up, heave_m_s2=np.zeros(len(heading)), tilted_deg=self._change.of(up))


def _groups(reps: Sequence[Excursion]) -> Iterator[list[Excursion]]:
    """Part reps, in order of time, at each longer pause."""
    group: list[Excursion] = []
    for rep in reps:
        if group and rep.start_s - group[-1].end_s > PAUSE_S:
            yield group
            group = []
        group.append(rep)
    if group:
        yield group


def _level(group: Sequence[Excursion], history: TickHistory) -> list[Excursion]:
    """Give the reps, without those at either end in which the limb was not level yet, or any more.

    None where it tilts much amid them or does not tilt at all, or where that is not known any more.
    """
    time_s, up, *_ = history.window(group[0].start_s, group[-1].end_s)
    middle = np.median(up, axis=0)
    tilt_deg = np.degrees(np.arccos(np.clip(up @ (middle / np.linalg.norm(middle)), -1.0, 1.0)))
    spans = time_s.searchsorted([(rep.start_s, rep.end_s) for rep in group])
    tilts_deg = [float(tilt_deg[first : last + 1].max()) for first, last in spans]
    level = [k for k, tilted_deg in enumerate(tilts_deg) if tilted_deg < LEVEL_DEG]
    if time_s[0] > group[0].turn_s or not level or max(tilts_deg) < LEAST_TILT_DEG:
        return []
    among = slice(level[0], level[-1] + 1)
    return list(group[among]) if len(level) == len(tilts_deg[among]) else []


def _in_time_of(run: Sequence[Excursion], reps: Sequence[Rep]) -> list[Rep]:
    return [rep for rep in reps if any(rep.start_s < one.end_s and one.start_s < rep.end_s for one in run)]


def _tells_more(group: Sequence[Excursion], seen: Sequence[Rep]) -> bool:
    """It has more reps than the tilt has seen meanwhile, and these are not much larger."""
    if not seen:
        return True
    turned_deg = median(one.peak_deg for one in group)
    return len(group) > len(seen) and turned_deg > AS_LARGE * median(rep.range_of_motion_deg for rep in seen)
