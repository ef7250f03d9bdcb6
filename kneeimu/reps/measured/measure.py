"""From a counted excursion to a rep with its numbers and flags."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from heapq import nsmallest
from itertools import islice
from math import inf
from statistics import median

import numpy as np

from calibration.frames import segment_axes
from calibration.recheck import StrapCheck
from kneeimu.exercises.exercise import Exercise, Limit
from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import TickHistory
from kneeimu.reps.measured.direction import DirectionFinder
from kneeimu.reps.measured.form import SHORTFALLS, fallen_short, judge
from kneeimu.reps.measured.quality import METRICS, SOON_S, QualityMeter, metrics_of_held
from kneeimu.reps.measured.seen import angle_from_home, greatest_tilt_deg, see
from kneeimu.reps.measured.set_metrics import set_metrics
from kneeimu.reps.measured.stepped_lunge import Lunge, LungeShapes
from kneeimu.reps.measured.valgus import Valgus, measure_valgus
from kneeimu.reps.phases import Phases, speed_of
from kneeimu.types import Alignment, FloatArray, Rep, SetSummary, Setup

SHORT_SHARE = 0.6
"""A rep below this share of the set's usual range is flagged ``short``. Engineering choice."""
LEAD_S, LONG_LEAD_S = 1.0, 4.0
"""So much before the counter saw the rep begin may it have begun; the second where it was on its way by then."""
ON_ITS_WAY_S = 1.0
"""At either end of a hold the limb may still be on its way for so long. Engineering choice."""
CUT_S = 0.2
"""A rep whose first or last ticks are missing by more than this spans a gap of the stream."""
HALF_SHARE = 0.75
"""Lunges that last less than this share of what the second look found, in the median, are halves."""
CUT_SHARE = 0.9
"""A plain lunge that is smaller than this when it is measured again was found too late. Engineering choices."""
RESTED_S = 1.0
"""A pause of so long between two reps is a rest in the start pose."""
OWN_REPS = 3
"""So many first reps are the person's own reference when there are no reference reps. Engineering choice."""
USUAL_REPS = 15
"""Until these are done, and for steps, the usual range is the median of so many reps before."""
CUT = ("gap",)
PART_SHARE, OF_WHOLE_STEPS = 0.65, ("rushed", "standing-up")
"""A step to the side that is so much smaller than the others is a part of one: how long it took, and how the limb stood
after it, says nothing."""
MOST_REPS = 400
"""Reps of one set kept for the metrics of its summary; those before are only counted."""


class RepMeter:
    """Measures the reps of one set after another.

    Attributes:
        reps: the last ones of the present set.
        levels: form findings of the newest rep: code to "amber" or "red".
        strap_moved: what tells that the box does not sit as it was aligned; drift is not known any more then.
    """

    def __init__(self, exercise: Exercise, setup: Setup) -> None:
        self._exercise, self._setup = exercise, setup
        self._findings = exercise.profile(setup.mount).findings
        self._lunges = LungeShapes(setup.alignment) if exercise.profile(setup.mount).swings else None
        self.reps: deque[Rep] = deque(maxlen=MOST_REPS)
        self._before: dict[int, bool] = {}  # were the reps before these clean?
        self._quality = QualityMeter(exercise, setup.alignment)
        self._own_deg: list[float] = []  # of sets that are over
        self._reached_deg: dict[int, float] = {}  # by number, how far from the counter's home these reps came
        self._revised = False
        steps = DirectionFinder(setup.side, swings_through=exercise.swings_through)
        self._direction = steps if exercise.kind == "steps" else None
        self._strap = _strap_check(exercise, setup.alignment)
        self.levels: dict[str, str] = {}
        self.strap_moved: str | None = None

    @property
    def count(self) -> int:
        """Number of the newest rep of the present set."""
        return max(self._reached_deg, default=0)

    def begin_set(self) -> None:
        """Forget the set before, but for the first reps of the session."""
        self._own_deg = self._first_deg()
        self.reps.clear()
        self._before.clear()
        self._reached_deg.clear()
        self._revised = False
        self._quality.begin_set()
        if self._lunges is not None:
            self._lunges.begin_set()
        if self._direction is not None:
            self._direction.begin_set()

    def take_back(self, count: int) -> list[int]:
        """Drop the newest reps; give their numbers, newest first."""
        numbers = [rep.number for rep in reversed(self.reps)][:count]
        for number in numbers:
            self.drop(number)
        return numbers

    def drop(self, number: int) -> None:
        """Drop one rep: nothing is held against it any more."""
        if self._strap is not None:
            for gone in (rep for rep in self.reps if rep.number == number):
                self._strap.forget(gone.start_s, gone.end_s)
        self.reps = deque((rep for rep in self.reps if rep.number != number), MOST_REPS)
        self._before.pop(number, None)
        self._reached_deg.pop(number, None)
        self._quality.forget(number)
        if self._lunges is not None:
            self._lunges.forget(number)
        self._revised = True
        if self._direction is not None:
            self._direction.forget(number)

    def measure_again(self, found_as: dict[int, Excursion], history: TickHistory, now_s: float) -> list[Rep]:
        """Measure reps of the set of which only a part was seen, as the second look found them, at ``now_s``.

        Args:
            found_as: by the numbers of the reps.

        Returns:
            Those of which that tells more.
        """
        again: list[Rep] = []
        if self._lunges is None:
            return again
        counted = [rep for rep in self.reps if rep.number in found_as]
        shares = [rep.duration_s / found_as[rep.number].duration_s for rep in counted]
        halves = bool(shares) and median(shares) < HALF_SHARE
        for seen in counted:
            part = self._lunges.is_part(seen.number)
            if not part and not halves:
                continue
            self.drop(seen.number)
            rep = self.measure(found_as[seen.number], history, now_s, late=True, number=seen.number)
            cut = rep.range_of_motion_deg < CUT_SHARE * seen.range_of_motion_deg
            if rep.phases_s is not None and (not self._lunges.is_plain(seen.number) or (part and not cut)):
                again.append(rep)
            else:
                self._replace([seen])
        return again

    def measure(
        self,
        excursion: Excursion,
        history: TickHistory,
        now_s: float,
        *,
        late: bool = False,
        number: int | None = None,
    ) -> Rep:
        """Make a rep of an excursion that was completed at ``now_s``.

        Args:
            late: it was found by the second look.
            number: of the rep; None for the next one.
        """
        number = self.count + 1 if number is None else number
        now_s = min(excursion.end_s + SOON_S, now_s) if late else now_s
        if excursion.held_s is not None:
            return self._measure_held(excursion, excursion.held_s, history)
        before_s = max((rep.end_s for rep in self.reps if rep.end_s < excursion.turn_s), default=None)
        seen = see(excursion, history, now_s, LEAD_S, before_s)
        follows_on = before_s is not None and before_s >= excursion.start_s - LEAD_S
        if not seen.phases.start_seen and not follows_on:
            # the counter began to look in the middle of a movement
            longer = see(excursion, history, now_s, LONG_LEAD_S, before_s)
            # what it shows may be a larger movement that was over before
            seen = longer if longer.phases.start_seen and longer.phases.end_s > excursion.turn_s else seen
        lunge = Lunge(seen.phases)
        if self._lunges is not None:
            split = excursion, seen.time_s, seen.angle_deg, seen.phases, -inf if before_s is None else before_s
            lunge = self._lunges.look(number, *split, late=late)
        time_s, up, quats, angle, phases = seen.time_s, seen.up, seen.quats, seen.angle_deg, lunge.phases
        within = time_s.searchsorted(phases.start_s - 0.5 / TICK_HZ)
        first_s, last_s = time_s.item(0), time_s.item(-1)
        time_s, up, quats, angle = time_s[within:], up[within:], quats[within:], angle[within:] - phases.base_deg
        alignment, axes, valgus = self._setup.alignment, self._axes(quats), None
        if alignment is not None and axes is not None and lunge.known:
            stands = None if lunge.stands_s is None else slice(*time_s.searchsorted(lunge.stands_s).tolist())
            valgus = measure_valgus(axes, alignment, stands)
        if not late and lunge.known:  # steps of the heading are seen from rep to rep, at their start
            self._watch_strap(excursion, phases.start_s, phases.end_s, axes)
        metrics = self._quality.measure(excursion, phases, time_s, angle, up, quats)
        if self._exercise.kind == "steps":
            metrics |= self._quality.stance(number, *seen.with_after, phases)
            metrics["period_s"] = None if before_s is None else phases.end_s - before_s
        if valgus is not None:
            metrics |= {"steady_tilt_deg": valgus.steady_tilt_deg, "steady_rotation_deg": valgus.steady_rotation_deg}
        range_deg = greatest_tilt_deg(up)
        rep = self._rep(number, excursion, phases, range_deg, valgus, metrics)
        # what is missing can't be timed, and is not judged
        cut = first_s > excursion.start_s + CUT_S or last_s < min(excursion.end_s, now_s) - CUT_S
        cut |= not seen.phases.start_seen and history.resumes_at(first_s)
        findings = self._judged(range_deg, lunge.untold) if lunge.known and not cut else {}
        reference_deg, lowers_first = self._reference_deg, self._exercise.lowers_first
        self.levels = judge(rep, phases, findings, alignment, reference_deg, lowers_first, excursion.peak_deg)
        if not lunge.known:
            rep = replace(rep, outward_s=None, hold_s=None, return_s=None, metrics=dict.fromkeys(METRICS))
        else:
            usual_deg = None if "short" in lunge.untold else _usual_deg(self._deep, reference_deg)
            flags = CUT if cut else self._flags(rep, self.levels, usual_deg)
            rep = replace(rep, flags=flags) if flags else rep
        self._keep(rep, excursion.peak_deg)
        return rep

    def _measure_held(self, excursion: Excursion, held_s: float, history: TickHistory) -> Rep:
        """Make a rep of a position that was held, or of a massage: it has no way out and no way back."""
        _, up, quats, *_ = history.window(excursion.start_s + ON_ITS_WAY_S, excursion.end_s - ON_ITS_WAY_S)
        self._watch_strap(excursion, excursion.start_s, excursion.end_s, self._axes(quats))
        still = not self._exercise.restless
        rep = Rep(
            number=self.count + 1,
            start_s=round(excursion.start_s, 3),
            turn_s=round(excursion.turn_s, 3),
            end_s=round(excursion.end_s, 3),
            duration_s=round(excursion.end_s - excursion.start_s, 3),
            range_of_motion_deg=round(excursion.peak_deg, 2),
            outward_s=0.0,
            hold_s=round(held_s, 3),
            return_s=0.0,
            peak_velocity_deg_s=round(float(np.abs(speed_of(angle_from_home(up, excursion))).max()), 2),
            metrics=metrics_of_held(held_s, up) if still else dict.fromkeys(METRICS),
        )
        self.levels = {}
        rep = replace(rep, flags=self._flags(rep, (), _usual_deg(self.reps, self._reference_deg) if still else None))
        self._keep(rep, excursion.peak_deg)
        return rep

    def judge_again(self) -> list[Rep]:
        """Give the reps of the set whose flags are others, now that it is known which reps stand.

        Ranges are held against the first reps of the session: these may have been none, or may have been found late.
        """
        if self._lunges is not None and self._lunges.with_step:
            # what seemed a plain one, when the step was not known yet, was a part of one
            return self._replace([replace(rep, flags=()) for rep in self._deep if rep.flags])
        if not self._revised:
            return []
        self._revised = False
        reps, reference_deg = sorted(self._deep, key=_start_s), self._reference_deg
        own = 0 if self._coached_deg is not None else OWN_REPS - len(self._own_deg)
        again: list[Rep] = []
        for at, rep in enumerate(reps):
            held_against_deg = reference_deg if at >= own else None
            reached_deg = max(rep.range_of_motion_deg, self._reached_deg[rep.number])
            codes = set(rep.flags) - SHORTFALLS | fallen_short(reached_deg, self._findings, held_against_deg).keys()
            usual_deg = _usual_deg(reps[:at], held_against_deg)
            flags = self._flags(rep, [code for code in self._findings if code in codes], usual_deg)
            if flags != rep.flags != CUT:
                again.append(replace(rep, flags=flags))
        return self._replace(again)

    def _replace(self, reps: list[Rep]) -> list[Rep]:
        """Put these in the place of those with the same numbers, and give them."""
        by_number = {rep.number: rep for rep in reps}
        self.reps = deque((by_number.get(rep.number, rep) for rep in self.reps), MOST_REPS)
        return sorted(reps, key=_start_s)

    def _keep(self, rep: Rep, reached_deg: float) -> None:
        if len(self.reps) == MOST_REPS:
            oldest = self.reps[0]
            self._own_deg = self._first_deg()
            self._before[oldest.number] = oldest.clean
            self._reached_deg.pop(oldest.number, None)
        self._revised |= bool(self.reps) and rep.start_s < self.reps[-1].start_s
        self.reps.append(rep)
        self._reached_deg[rep.number] = reached_deg

    def _judged(self, range_deg: float, untold: Collection[str]) -> dict[str, Limit]:
        """The findings that a rep of this range can be judged for."""
        if untold:
            return {code: limit for code, limit in self._findings.items() if code not in untold}
        alike = self._exercise.kind == "steps" and not self._exercise.swings_through
        usual_deg = _usual_deg(self.reps) if alike and len(self.reps) > 2 else None
        if usual_deg is None or range_deg >= PART_SHARE * usual_deg:
            return self._findings
        return {code: limit for code, limit in self._findings.items() if code not in OF_WHOLE_STEPS}

    def _axes(self, quats: FloatArray) -> FloatArray | None:
        """Where the segment points in its sagittal plane, (7, n), if both are known."""
        alignment = self._setup.alignment
        if alignment is None or not self._exercise.sagittal:
            return None
        return segment_axes(quats, alignment.quat_segment_to_sensor)

    def _watch_strap(self, excursion: Excursion, start_s: float, end_s: float, axes: FloatArray | None) -> None:
        if self._strap is None or self.strap_moved is not None:
            return
        moved = None if axes is None else self._strap.rep(end_s, axes)
        rested_s = start_s - self.reps[-1].end_s if self.reps else 0.0
        # standing up straight is the same every time; lying, a leg rests now this way and now that
        if moved is None and rested_s >= RESTED_S and self._exercise.upright:
            moved = self._strap.rest(start_s, np.asarray(excursion.home))
        if moved is not None:
            self.strap_moved = moved.detail

    @property
    def _coached_deg(self) -> float | None:
        """Range of the reference reps."""
        alignment = self._setup.alignment
        return alignment.reference_range_deg if alignment is not None else None

    @property
    def _reference_deg(self) -> float | None:
        """Range of the reference reps; without these, of the first reps of the session that stand."""
        if self._coached_deg is not None:
            return self._coached_deg
        own_deg = self._first_deg()
        return median(own_deg) if len(own_deg) == OWN_REPS else None

    @property
    def _deep(self) -> Sequence[Rep]:
        """The reps of the set whose range is how deep they were."""
        return self.reps if self._lunges is None else [rep for rep in self.reps if self._lunges.is_plain(rep.number)]

    def _first_deg(self) -> list[float]:
        """Ranges of the first reps of the session that stand."""
        missing = OWN_REPS - len(self._own_deg)
        first = nsmallest(missing, self._deep, key=_start_s) if missing else []
        return self._own_deg + [rep.range_of_motion_deg for rep in first]

    def _rep(
        self,
        number: int,
        e: Excursion,
        phases: Phases,
        range_deg: float,
        valgus: Valgus | None,
        metrics: dict[str, float | None],
    ) -> Rep:
        alignment = self._setup.alignment
        drift = fppa = pm = None
        start_s, end_s = phases.start_s, phases.end_s
        if valgus is not None and alignment is not None and self.strap_moved is None:
            if alignment.reference_tilt_deg is not None:
                drift = round(valgus.medial_tilt_deg - alignment.reference_tilt_deg, 2)
            if alignment.quality == "good":
                fppa, pm = round(valgus.fppa_equivalent_deg, 1), round(valgus.fppa_uncertainty_deg, 1)
        return Rep(
            number=number,
            start_s=round(start_s, 3),
            turn_s=round(e.turn_s if phases.single and start_s <= e.turn_s <= end_s else phases.hold_start_s, 3),
            end_s=round(end_s, 3),
            duration_s=round(end_s - start_s, 3),
            range_of_motion_deg=round(range_deg, 2),
            outward_s=round(phases.outward_s, 3),
            hold_s=round(phases.hold_s, 3),
            return_s=round(phases.return_s, 3),
            peak_velocity_deg_s=round(phases.peak_velocity_deg_s, 2),
            medial_tilt_deg=round(valgus.medial_tilt_deg, 2) if valgus else None,
            medial_drift_deg=drift,
            inward_rotation_deg=round(valgus.inward_rotation_deg, 2) if valgus else None,
            fppa_equivalent_deg=fppa,
            fppa_equivalent_uncertainty_deg=pm,
            direction=self._direction.of(number, phases, e.axis) if self._direction is not None else None,
            metrics={name: None if value is None else round(value, 3) for name, value in metrics.items()},
        )

    def _flags(self, rep: Rep, found: Iterable[str], usual_deg: float | None) -> tuple[str, ...]:
        flags = []
        if usual_deg is not None and rep.range_of_motion_deg < SHORT_SHARE * usual_deg:
            flags.append("short")
        if rep.duration_s < self._exercise.fast_s:
            flags.append("fast")
        return *flags, *found

    def summarise(self, number: int, start_s: float, end_s: float) -> SetSummary:
        """Give the present set in numbers."""
        reps = sorted(self.reps, key=lambda rep: rep.start_s)
        # the second look finds reps from before what was taken for the first
        first, last = (min(start_s, reps[0].start_s), reps[-1].end_s) if reps else (start_s, end_s)
        count, clean = len(self._before) + len(reps), sum(self._before.values()) + sum(rep.clean for rep in reps)
        return SetSummary(number, round(first, 3), round(last, 3), count, clean, set_metrics(reps))


def _start_s(rep: Rep) -> float:
    return rep.start_s


def _usual_deg(before: Sequence[Rep], reference_deg: float | None = None) -> float | None:
    """The reference; without one, the usual range of the reps before, if these are enough."""
    if reference_deg is not None or len(before) < 2:
        return reference_deg
    newest = islice(reversed(before), USUAL_REPS)
    return median(rep.range_of_motion_deg for rep in newest)


def _strap_check(exercise: Exercise, alignment: Alignment | None) -> StrapCheck | None:
    if alignment is None:
        return None
    return StrapCheck(alignment.quat_segment_to_sensor, standing=exercise.upright, sagittal=exercise.sagittal)
