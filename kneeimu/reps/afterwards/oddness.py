"""Strokes of one kind, and how odd each is among them: which of them are the reps of a set."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, inf, log, radians
from statistics import median, quantiles

import numpy as np
import numpy.typing as npt

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import Stroke, angle_deg, as_vector, find_strokes, middle, unit
from kneeimu.types import FloatArray


@dataclass(frozen=True, slots=True)
class LookParameters:
    """What belongs to a set. Engineering choices, tested on people and in simulation.

    Attributes:
        alike_deg_share, alike_s_share, alike_axis_deg, alike_home_deg, alike_home_share: two movements are of one kind
            when range and duration differ by at most these factors, axis and home by at most these angles (home: or
            this share of the range).
        least_s, sure_s: what is quicker than the first does not tell the kind, and the quicker a movement is than the
            second, the less it does: it may have been a stride.
        small, large, quick, slow: a range or width that differs from the usual by the factor e to this is odd by 1 ...
        same_shape, held: in a movement whose shape is less odd than this quickness is not odd, nor is a pause before
            it; slowness is odd from this on.
        axis_deg: ... and so is an axis this far off ...
        pose_share, pose_deg: ... and a home or a far pose off by this share of the range, and by this ...
        pause_share, pause_s: ... and a pause longer than the usual by this share of the period, or by this time, before
            what is odd by 1 or more otherwise; less where it is less odd.
        passing: oddness of a movement that only comes by the home pose.
        hurried, hurried_share, stay_s: oddness of one at either end of the set that stays at home on its outer side for
            less than this share of the usual time, where that is longer than this; of what moves while the person
            walks, that which stays for less on either side is a stride.
        plain, sharp, shaken: a last movement that is odder than the first and faster than any other both ways by the
            second or in which the limb goes further, for its range, than in any other by the third, is none.
        odd: a movement at either end of the set that is odder than this does not belong to it ...
        odd_multiple, odd_most: ... or odder than this multiple of what its reps are, but at most this ...
        same_deg_share, same_s_share, same_least_s: ... unless the one beside it does, and differs by less than these
            factors, and it is not quicker than this share of the usual; engineering choices.
        smaller, in_time: ... and unless it is smaller alone: neither its pace is odder than this, nor its way, axis and
            home together, and neither the pause on its inner side nor the time at home on its outer side makes it odder
            by this. Engineering choices: in five simulators 10 sets gain reps by this, and 1 what was none.
        amid, amid_share: one amid the set that had been missed may be odder, up to this, where the pauses on both sides
            are at most this multiple of the usual, and one beside it is not odd. Engineering choices: in four
            simulators 13 of 15 such were reps.
        stray: nothing odder than this belongs to a set.
        quiet_s, quiet_periods: a set is over after such a pause.
        most_removed: a set of which a larger share would go has reps of several kinds, and is left alone ...
        most_outside: ... nor does more than this share of those that were counted from the other end.
        stride_share, stride_s: ... but movements that take less than this share of the usual time, and than this, were
            steps, and those of another posture were no reps either ...
        apart_share: ... of which both ends are further from those of the set than this share of the range. Engineering
            choice.
        quick_reps: ... unless they are so many, and alike.
        walks: the person may walk before and after: a handful at either end of the set that is none of the rest and no
            set of its own goes, however large a share it is.
        pair_share: ... and where nobody walks, two movements that take less than this share of the usual time.
            Engineering choice.
        like, like_share, like_axis_deg, like_home_share: ... nor those that come about as soon as usual and are like so
            many reps of the set, in range and duration by this factor, in axis by this angle, in home by this share of
            the range: quick or small reps after others are odd, but none of them beside the next. Engineering choices.
        most_turned: seen from the other end a set has at most this share of reps more or less.
        regular, regular_ends, regular_ends_s_share: reps may be counted from their other end when they are less odd
            than this in the median, and at either end of the set, where they last no longer than by this share.
        pose_longer, pose_spread: getting into a start pose and out of it is told from a rep by how long the person
            stays there: longer than in a rep by this, mean and SD of the logarithm (72 simulated sets) ...
        least_spread, surely_reps: ... while reps stray by so much at least. From these odds on, as a logarithm, the
            first and the last are reps: of the 72 sets 1 is mistaken, of 58 that began in the start pose 6.
        stood_s, stood_after_s: a recording that begins less than this before the reps does not show where the person
            stood before, nor one that ends so soon after them where the person stood then.
        stands_share, stands_s: a person who stands at the far end before and after the set does so for longer than this
            multiple of a rep's usual time, and than this. Engineering choice: in four simulators 6 of 6 such were none.
        odd_outside: seen from the other end, what is odder than this and lies outside the set is none of it.
        out_of_turn: reps of a person who stands at the far end before and after need not take turns with what is seen
            from there in this share of cases.
        fewest: a set of fewer reps shows too little of what it is.
        overlap: a rep that was missed may reach into one that was counted by this share, where neither end is sharp.
        known: the two accounts of a set have to agree on this share of the reps.
    """

    alike_deg_share: float = 1.8
    alike_s_share: float = 2.5
    alike_axis_deg: float = 35.0
    alike_home_deg: float = 12.0
    alike_home_share: float = 0.5
    least_s: float = 0.6
    sure_s: float = 2.0
    small: float = 0.6
    large: float = 0.45
    quick: float = 0.35
    slow: float = 0.7
    same_shape: float = 0.3
    held: float = 1.3
    axis_deg: float = 20.0
    pose_share: float = 0.4
    pose_deg: float = 4.0
    pause_share: float = 0.5
    pause_s: float = 2.5
    passing: float = 3.0
    hurried: float = 3.0
    hurried_share: float = 0.4
    stay_s: float = 0.3
    same_deg_share: float = 1.3
    same_s_share: float = 1.7
    same_least_s: float = 0.8
    smaller: float = 1.0
    in_time: float = 0.1
    plain: float = 0.1
    sharp: float = 1.5
    shaken: float = 1.65
    odd: float = 3.0
    odd_multiple: float = 4.0
    odd_most: float = 9.0
    amid: float = 6.0
    amid_share: float = 1.5
    stray: float = 30.0
    quiet_s: float = 8.0
    quiet_periods: float = 2.5
    most_removed: float = 0.2
    most_outside: float = 0.5
    stride_share: float = 0.6
    stride_s: float = 1.3
    quick_reps: float = inf
    apart_share: float = 0.5
    walks: bool = True
    pair_share: float = 0.5
    like: int = 2
    like_share: float = 1.4
    like_axis_deg: float = 12.0
    like_home_share: float = 0.2
    most_turned: float = 0.7
    regular: float = 1.0
    regular_ends: float = 1.2
    regular_ends_s_share: float = 1.6
    pose_longer: float = 0.15
    pose_spread: float = 0.35
    least_spread: float = 0.08
    surely_reps: float = 1.5
    stood_s: float = 2.0
    stood_after_s: float = 3.0
    stands_share: float = 2.3
    stands_s: float = 10.0
    odd_outside: float = 2.0
    out_of_turn: float = 0.15
    fewest: int = 4
    overlap: float = 0.2
    known: float = 0.6


@dataclass(frozen=True, slots=True)
class Kind:
    """What the movements of a set have in common. Angles in deg, times in s, unit vectors (3,) in the sensor frame."""

    home: FloatArray
    far: FloatArray
    axis: FloatArray
    range_deg: float
    duration_s: float

    def from_the_other_end(self) -> Kind:
        """The same movements, seen from their far end."""
        return Kind(self.far, self.home, -self.axis, self.range_deg, self.duration_s)


@dataclass(slots=True)
class Judged:
    """A stroke, how odd it is among those of its set, and whether it was walking.

    ``smaller`` says that it goes their way from their home at their pace, and only less far.
    """

    stroke: Stroke
    odd: float
    walked: bool
    smaller: bool = False


def common_kind(
    counted: Sequence[Excursion], others: Sequence[Excursion], floor_deg: float, p: LookParameters
) -> Kind | None:
    """The movement that is like most others; walking is quick, and what was refused may have been nothing."""
    movements = [(rep, 1.0) for rep in counted] + [(other, 0.6) for other in others]
    movements = [
        (m, weight) for m, weight in movements if m.peak_deg >= floor_deg and p.least_s <= m.duration_s <= 20.0
    ]
    if len(movements) < 3:
        return None
    ranges = np.array([m.peak_deg for m, _ in movements])
    durations = np.array([m.duration_s for m, _ in movements])
    homes, axes = np.array([m.home for m, _ in movements]), np.array([m.axis for m, _ in movements])
    weights = np.array([weight * min(1.0, (m.duration_s / p.sure_s) ** 2) for m, weight in movements])
    home_deg = np.maximum(p.alike_home_deg, p.alike_home_share * ranges)
    alike = (
        _differ_by(ranges, p.alike_deg_share)
        & _differ_by(durations, p.alike_s_share)
        & (axes @ axes.T >= cos(radians(p.alike_axis_deg)))
        & (homes @ homes.T >= np.cos(np.radians(np.minimum(home_deg[:, None], home_deg))))
    )
    most = int(np.argmax(alike @ weights))
    members = np.flatnonzero(alike[most])
    if len(members) < 3:
        return None
    fars = np.array([movements[i][0].far for i in members])
    return Kind(
        unit(homes[members].sum(axis=0)),
        unit(fars.sum(axis=0)),
        unit(axes[members].sum(axis=0)),
        median(ranges[members].tolist()),
        median(durations[members].tolist()),
    )


def _differ_by(values: FloatArray, most: float) -> npt.NDArray[np.bool_]:
    """Which of the values (n,) differ by no more than this factor, (n, n)."""
    not_larger = values[:, None] / values <= most
    return not_larger & not_larger.T


def find_runs(
    time_s: FloatArray,
    up: FloatArray,
    kind: Kind,
    walked: Sequence[tuple[float, float]],
    p: LookParameters,
    fewest: int = 0,
) -> list[list[Judged]]:
    """Strokes that follow one another, without the odd ones at either end; none where there are fewer than so many."""
    strokes = find_strokes(time_s, up, kind.home, kind.axis, kind.range_deg, fewest)
    turns_s = time_s[[stroke.turn for stroke in strokes]].tolist()
    judged = [
        Judged(stroke, 0.0, any(start <= turn_s <= end for start, end in walked))
        for stroke, turn_s in zip(strokes, turns_s, strict=True)
    ]
    core = _of_kind([j for j in judged if not j.walked], kind, p)
    if len(core) < 3:
        return []
    _judge(judged, core, p)
    usual = quantiles([j.odd for j in core], n=5, method="inclusive")[-1]
    limit = min(p.odd_most, max(p.odd, p.odd_multiple * usual))
    period_s = median(later - turn for turn, later in pairwise(time_s.item(j.stroke.turn) for j in core))
    pause_s = max(p.quiet_s, p.quiet_periods * period_s)
    # where reps come to rest at home, what goes on from one to the next while the person walks is strides
    usual_stay_s = median(_stay_s(j) for j in core)
    least_stay_s = p.hurried_share * usual_stay_s if usual_stay_s > p.stay_s else 0.0
    runs: list[list[Judged]] = []
    for j in judged:
        if j.odd > (0.5 * p.odd if j.walked else p.stray) or (j.walked and _stay_s(j) < least_stay_s):
            continue
        if runs and time_s[j.stroke.start] - time_s[runs[-1][-1].stroke.end] <= pause_s:
            runs[-1].append(j)
        else:
            runs.append([j])
    trimmed = (_without_odd_ends(time_s, _without_a_sharp_last(up, run, p), limit, period_s, p) for run in runs)
    return [run for run in trimmed if sum(j.odd < limit for j in run) >= 3]


def _stay_s(judged: Judged) -> float:
    """How long it stays at home, on the side where that is less."""
    return min(judged.stroke.stays_before_s, judged.stroke.stays_after_s)


def _of_kind(judged: list[Judged], kind: Kind, p: LookParameters) -> list[Judged]:
    axis, home = as_vector(kind.axis), as_vector(kind.home)
    home_deg = max(p.alike_home_deg, p.alike_home_share * kind.range_deg)
    return [
        j
        for j in judged
        if 0.6 * kind.range_deg <= j.stroke.height_deg <= 1.7 * kind.range_deg
        and j.stroke.width_s > 0.2 * kind.duration_s
        and angle_deg(j.stroke.axis, axis) <= p.alike_axis_deg
        and angle_deg(j.stroke.home, home) <= home_deg
    ]


def _judge(judged: list[Judged], core: list[Judged], p: LookParameters) -> None:
    """Hold each stroke against the usual one, and its poses against those of the three nearest."""
    height_deg = median(j.stroke.height_deg for j in core)
    width_s = median(j.stroke.width_s for j in core)
    axis = middle([j.stroke.axis for j in core])
    pose_deg = max(p.pose_share * height_deg, p.pose_deg)
    turns = [c.stroke.turn for c in core]
    for j in judged:
        s = j.stroke
        at = bisect_left(turns, s.turn)
        near = [c.stroke for c in core[max(0, at - 3) : at + 4] if c is not j]
        while len(near) > 3:
            near.pop(0 if s.turn - near[0].turn > near[-1].turn - s.turn else -1)
        home = angle_deg(s.home, middle([other.home for other in near]))
        far = angle_deg(s.far, middle([other.far for other in near]))
        size, slowness = log(s.height_deg / height_deg), log(s.width_s / width_s)
        way = (angle_deg(s.axis, axis) / p.axis_deg) ** 2 + (home / pose_deg) ** 2 + (p.passing if s.passes else 0.0)
        shape = way + (size / (p.small if size < 0.0 else p.large)) ** 2 + (far / pose_deg) ** 2
        # a person who hurries, or holds for longer, does the same movement; one who walks, fidgets or sits does another
        same = shape < p.same_shape
        if slowness < 0.0:
            pace = 0.0 if same else (slowness / p.quick) ** 2
        else:
            pace = (slowness / (p.held if same else p.slow)) ** 2
        j.odd = shape + pace
        j.smaller = size < 0.0 and max(way, pace) < p.smaller


def _without_a_sharp_last(up: FloatArray, run: list[Judged], p: LookParameters) -> list[Judged]:
    """Without a last stroke that is far faster than any other both ways, or in which the limb is shaken."""
    if len(run) < p.fewest or run[-1].odd < p.plain:
        return run
    turned = np.append(np.linalg.norm(np.diff(up, axis=0), axis=1), 0.0)
    edges = np.array([(j.stroke.start, j.stroke.turn, j.stroke.end) for j in run])
    fastest = np.maximum.reduceat(turned, edges.ravel()).reshape(-1, 3)[:, :2]
    heights_deg = np.array([j.stroke.height_deg for j in run])
    ways = np.add.reduceat(turned, edges[:, ::2].ravel())[::2] / heights_deg
    sharp = (fastest[-1] > p.sharp * fastest[:-1].max(axis=0)).all()
    small = p.same_deg_share * heights_deg[-1] < np.median(heights_deg)
    shaken = not small and ways[-1] > p.shaken * ways[:-1].max()
    return run[:-1] if sharp or shaken else run


def _without_odd_ends(
    time_s: FloatArray, run: list[Judged], limit: float, period_s: float, p: LookParameters
) -> list[Judged]:
    if not run:
        return []
    pauses_s = [float(time_s[b.stroke.start] - time_s[a.stroke.end]) for a, b in pairwise(run)]
    usual_s = median(pauses_s) if pauses_s else 0.0
    scale_s = max(p.pause_s, p.pause_share * period_s)
    usual_stay_s = min(median(j.stroke.stays_before_s for j in run), median(j.stroke.stays_after_s for j in run))

    def oddness(end: Judged, inner: Judged) -> float:
        """With the time that it stays at home on its outer side, and the pause on its inner side."""
        odd, is_first = end.odd, end.stroke.turn < inner.stroke.turn
        stay_s = end.stroke.stays_before_s if is_first else end.stroke.stays_after_s
        if usual_stay_s > p.stay_s and stay_s < p.hurried_share * usual_stay_s:
            odd += p.hurried
        if end.odd >= p.same_shape:
            first, second = (end, inner) if is_first else (inner, end)
            longer_s = float(time_s[second.stroke.start] - time_s[first.stroke.end]) - usual_s
            odd += min(1.0, end.odd) * (max(0.0, longer_s) / scale_s) ** 2
        return odd

    least_s = p.same_least_s * median(j.stroke.width_s for j in run)

    def goes(end: Judged, inner: Judged) -> bool:
        odd = oddness(end, inner)
        one_more = inner.odd < limit and _is_one_more(end.stroke, inner.stroke, least_s, p)
        return odd > limit and not (one_more and odd < end.odd + 1.0 and odd < 2.0 * limit)

    def is_smaller_one(end: Judged, inner: Judged) -> bool:
        return end.smaller and oddness(end, inner) < min(end.odd + p.in_time, 2.0 * limit)

    def from_its_first(run: list[Judged]) -> list[Judged]:
        at = 0
        while at < len(run) - 1 and goes(run[at], run[at + 1]):
            at += 1
        while at and is_smaller_one(run[at - 1], run[at]):
            at -= 1
        return run[at:]

    run = from_its_first(from_its_first(run)[::-1])[::-1]
    return _without_odd_ones_apart(time_s, run, limit, usual_s + p.pause_s)


def _without_odd_ones_apart(time_s: FloatArray, run: list[Judged], limit: float, pause_s: float) -> list[Judged]:
    """Without those that come after a longer pause, and before one: amid a set, in a short rest, the leg was moved."""
    pauses_s = [float(time_s[b.stroke.start] - time_s[a.stroke.end]) for a, b in pairwise(run)]
    apart = [min(around) > pause_s for around in pairwise([0.0, *pauses_s, 0.0])]
    return [j for j, alone in zip(run, apart, strict=True) if not (alone and j.odd > limit)]


def _is_one_more(end: Stroke, next_one: Stroke, least_s: float, p: LookParameters) -> bool:
    """It is odd as the one beside it is, which belongs to the set: people end with a few smaller ones."""
    same = _ratio(end.height_deg, next_one.height_deg) < p.same_deg_share and not end.passes
    same &= _ratio(end.width_s, next_one.width_s) < p.same_s_share and end.width_s > least_s
    return same and max(angle_deg(end.home, next_one.home), angle_deg(end.far, next_one.far)) < p.pose_deg


def _ratio(one: float, other: float) -> float:
    return max(one / other, other / one)
