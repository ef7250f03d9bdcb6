"""Is it a leg that walks? Told by how it turns, however softly the foot comes down.

A leg that does reps turns about one horizontal axis, and dwells at either end. One that walks turns about the vertical
too, since the pelvis does, leaves the plane of its swing, and hardly ever dwells; it swings fast ahead and slowly back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import KEPT_S, TickHistory
from kneeimu.reps.parameters import SAME_POSTURE_DEG
from kneeimu.reps.vectors import between
from kneeimu.types import FloatArray, Mount

SLOW_DEG_S = 10.0
"""A leg that is slower dwells."""
SLOW_DEG_PER_TICK = SLOW_DEG_S / TICK_HZ
FEWEST_TICKS, UNKNOWN = 40, -1.0
"""Less shows no more than a stride, and says neither that it is one nor that it is none."""
LONGEST_STRIDE_S, PAUSE_S = 2.2, 0.8
"""A slow stride up or down stairs takes so long; between two there is hardly a pause. Engineering choices."""
STRIDES = 3
"""So many in a row are looked at together."""
LEAST_DWELLING = 0.14
"""Between two steps of a band walk both feet stand: a limb that is slow for a larger share did not walk
(simulated: 0.05 to 0.07 of walking in the median)."""
MOST_DWELLING = 0.25
"""A leg that walks is slow before and after, and hardly amid strides: a movement between two others that dwells for a
larger share is a stride only where one beside it is. In four simulators and the own 14 of 139 strides amid others dwell
for more, and 5 of 6 reps. An engineering choice."""
NEVER = -2.5
"""Below this they are none: so are 2 or 3 of 100 strides, and most quick reps."""
SURE = 1.0
"""What is asked more of quick movements in a pose in which slow reps were made lying, and of those that come back to
where the person stood. Engineering choice."""
LONGEST_S, AROUND_S = 3.4, 1.5
AROUND_TICKS = round(LONGEST_S * TICK_HZ)
"""Two strides may have been seen as one movement. What the leg did is looked at around the middle of each, for so many
ticks, and from so long before the first to so long after the last."""
BESIDE_S, NEARLY = 2.0, -1.0
"""Of two movements so close to each other one is a stride where the other is one, and it nearly is. Of reps 2 of 1000
are taken for strides so, lunges apart, of the strides of two simulators that were counted 80 in 100."""
FEWEST_SLOW = 3
"""So many slow reps show the pose of an exercise; one or two may have been turns on the way to it. Engineering
choice."""
TURNED_DEG, LONGEST_TURN_S = 90.0, 10.0
"""Who stands faces the same way after a rep as before it: of 9000 reps counted right in five simulators and of people
none ends more than a quarter turn away, of 180 false counts 4 do. In what takes longer the gyro's bias about the
vertical may look like a turn. Engineering choices."""
FEWEST_ALIKE, ALIKE, HARDLY = 5, 0.2, 1.0
"""So many movements whose durations and ranges differ by no more than a factor e to this are strides together or none,
where their own odds are less than that, or come from lopsided turning alone. Engineering choices."""
FEWEST_WIDE = 2
"""What is like so many that are wider than any stride is none. Engineering choice."""
TURNED_IN_STEP_DEG = 40.0
"""Who steps to the side and back the same way turns by less with each step; more is turning round on the spot.
Engineering choice."""
LOPSIDED, LOPSIDED_IN_A_ROW, HARDLY_DWELLS, LOPSIDED_ODDS = 0.7, 0.8, 0.15, 2.0
"""Quick movements whose turning is so lopsided, and that are slow for no larger a share, have at least these odds of
strides, as far as reps and lunges may be meant. Of 6800 reps in the own and four other simulators none is so, if its
neighbour is asked as well, and 290 of 1360 other movements are, half of them in the plane of reps. Of three reps in a
row, without neighbours, one in 900 is by the first limit and none by the second."""
SHAPES = ((-4.61, 0.01), (-3.92, 1.0))
"""Between these the logarithms lie of how far a leg leaves its plane, and of the second harmonic."""
SPECTRUM, PERIODS_HZ = 512, (0.35, 1.7)
"""Points of the spectrum, and between which frequencies the strides of all people lie."""
WIDEST_DEG: dict[Mount, float] = {"thigh": 72.0, "shin": 110.0}
"""Strides up stairs turn the thigh by 70 (simulated), a brisk walk the shin by 85 (a person)."""
Movement = Literal["reps", "lunges", "steps", "swings"]
"""What has to be told from strides: reps, those that step out, steps to the side, steps that swing ahead."""
WEIGHTS: dict[tuple[Movement, Mount], tuple[float, float, float, float, float]] = {
    ("reps", "thigh"): (5.8, -11.4, 4.1, 0.4, -7.7),
    ("reps", "shin"): (1.8, -5.4, 1.1, 0.6, -2.3),
    ("lunges", "thigh"): (5.8, -11.4, 4.1, 0.4, -12.5),
    ("lunges", "shin"): (1.8, -5.4, 1.1, 0.6, -2.8),
    ("steps", "thigh"): (4.0, -4.0, -4.6, -0.8, -15.1),
    ("steps", "shin"): (5.5, -14.1, -5.3, 2.4, -17.1),
    ("swings", "thigh"): (3.2, -9.3, 2.3, -2.4, -10.4),
    ("swings", "shin"): (7.2, -20.2, 2.8, 0.6, -12.6),
}
"""Of the four features, and what is added. Logistic regression on three quick movements in a row: some 1700 of walking,
stairs and fidgeting in two simulators by different people and of one person, 800 of quick reps in three simulators and
of another person, 1000 steps of band walks. At 0 it finds 92 of 100 strides (70 among swings of a thigh) and takes 1 or
2 of 100 quick reps and steps for strides; fitted without one of the simulators 80 to 95 of its strides are found. What
is added for reps at the shin, lunges and swings of a thigh is less than fitted: an engineering choice, since a set that
is lost is worse than some strides. Of the quick reps at the shin in a fourth simulator, whose legs turn more about the
vertical, 3 of 100 are taken for strides so, and 7 with what was fitted.

Steps to the side at the thigh are fitted on five simulators, since who hurries steps without a stand: of 679 threes 3
are taken for strides, and 577 of 721 of strides are found. Fitted so for swings of a thigh, more strides are found in
those five, and six of nine monster walks of a sixth are lost: that was not taken."""


QUICK_LUNGE_S = 1.8
QUICK_LUNGES: dict[Mount, float] = {"thigh": 6.0, "shin": 1.0}
"""What is added where lunges are as quick as that, which few are: of 149 such lunges in five simulators 2 have the odds
of strides so, and of 52 strides before and after sets 37. An engineering choice."""
NARROW_DEG, UNHURRIED_S, SHUFFLED_DEG, NARROW_SWINGS = 46.0, 1.3, 32.0, -4.5
"""What is added where a shin that swings ahead goes no wider, and takes so long for each, and twice that where it goes
less wide than any stride. Strides are wide or quick, steps against a band narrow and slow, but in a hurry as
restless. The first two were chosen on five walks of one simulator, what is added on two others, of which 4 walks are
counted better so; no stride of those is lost by it. Engineering choices."""


def features(up: FloatArray, quat_sensor_to_world: FloatArray, period_s: float | None = None) -> FloatArray:
    """Say how the leg moved over some strides, or reps.

    Args:
        up: (..., n, 3), unit vectors up in the sensor frame, at every tick.
        quat_sensor_to_world: (..., n, 4), scalar-first.
        period_s: from one to the next; None where it is to be found.

    Returns:
        (..., 5): logarithm of its turning about the vertical, deg/s RMS; share of the time in which it is slow;
        logarithms of how far it leaves its plane, and of the second harmonic of its swing, as shares; how lopsided its
        turning is, as the size of the skewness of the swing's rate: 0 when it goes as fast as it comes back.
    """
    turned, slow = _from_tick_to_tick(up, quat_sensor_to_world)
    off = up - up.mean(axis=-2, keepdims=True)
    spread, axes = np.linalg.eigh(np.swapaxes(off, -1, -2) @ off)
    aside, along = np.moveaxis(np.sqrt(np.maximum(spread[..., 1:], 0.0)), -1, 0)
    whole_swing = (off @ axes[..., 2:])[..., 0]
    rate = np.diff(whole_swing, axis=-1)
    lopsided = np.abs((rate**3).mean(axis=-1)) / ((rate**2).mean(axis=-1) ** 1.5 + 1e-15)
    swing = whole_swing * np.hanning(off.shape[-2])
    periods_s = _strongest_period_s(swing) if period_s is None else np.full(swing.shape[:-1], period_s)
    turn = np.exp(2j * np.pi / TICK_HZ * np.arange(off.shape[-2]) / periods_s[..., None])
    first, second = (np.abs((swing * turn**k).sum(axis=-1)) for k in (1, 2))
    out_of_plane, harmonic = np.log(0.01 + aside / (along + 1e-9)), np.log(0.02 + second / (first + 1e-6))
    turning, dwells = _log_of_turning(turned.mean(axis=-1)), slow.mean(axis=-1)
    return np.stack((turning, dwells, out_of_plane, harmonic, lopsided), axis=-1)


def _from_tick_to_tick(up: FloatArray, quat_sensor_to_world: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Square of half the turn about the vertical, rad, and whether the leg is slow, (..., n - 1) each."""
    w, x, y, z = np.moveaxis(quat_sensor_to_world, -1, 0)
    before, after = np.s_[..., :-1], np.s_[..., 1:]
    turned = w[before] * z[after] - w[after] * z[before] - x[after] * y[before] + y[after] * x[before]
    slow = (np.diff(up, axis=-2) ** 2).sum(axis=-1) < np.radians(SLOW_DEG_PER_TICK) ** 2
    return turned**2, slow.astype(float)


def _means(up: FloatArray, quats: FloatArray, first: npt.NDArray[np.int_], ticks: int) -> tuple[FloatArray, FloatArray]:
    """Give the means of both over so many ticks from each of these on, (m,) each."""
    sums = (np.append(0.0, np.cumsum(of_ticks)) for of_ticks in _from_tick_to_tick(up, quats))
    turned, slow = ((total[first + ticks - 1] - total[first]) / max(1, ticks - 1) for total in sums)
    return turned, slow


def _log_of_turning(mean_square: FloatArray) -> FloatArray:
    logarithm: FloatArray = np.log1p(np.degrees(2.0 * np.sqrt(mean_square)) * TICK_HZ)
    return logarithm


def _strongest_period_s(swing: FloatArray) -> FloatArray:
    """Period (...) of the strongest part of a swing (..., n), among those that strides and quick reps have."""
    hz = np.fft.rfftfreq(SPECTRUM, 1.0 / TICK_HZ)
    strength = np.abs(np.fft.rfft(swing, SPECTRUM)) * ((hz > PERIODS_HZ[0]) & (hz < PERIODS_HZ[1]))
    period_s: FloatArray = 1.0 / hz[np.argmax(strength, axis=-1)]
    return period_s


def follows(one: Excursion, later: Excursion) -> bool:
    """Say whether there was hardly a pause between two movements."""
    return later.start_s - one.end_s <= PAUSE_S


class Gait:
    """Looks at what the leg did in some movements.

    Args:
        history: the last ticks.
        mount: where the sensor is.
        movement: what the exercise is made of.

    Attributes:
        widest_deg: no stride turns the segment by more.
    """

    def __init__(self, history: TickHistory, mount: Mount, movement: Movement = "reps") -> None:
        self._history, self._weights = history, WEIGHTS[movement, mount]
        self.widest_deg = WIDEST_DEG[mount]
        self._quick_odds = QUICK_LUNGES[mount] if movement == "lunges" else 0.0
        self._narrow_odds = NARROW_SWINGS if (movement, mount) == ("swings", "shin") else 0.0
        self._most_turned_deg = TURNED_IN_STEP_DEG if movement == "steps" else TURNED_DEG
        made_of_steps = movement in ("steps", "swings")
        self._most_slow, self._nearly = (LEAST_DWELLING, 0.0) if made_of_steps else (1.0, NEARLY)
        self._may_be_lopsided = not made_of_steps

    def strides_among(self, movements: Sequence[Excursion], now_s: float, *, lies: bool = False) -> list[Excursion]:
        """Give those of many movements, in order of time, that are strides, from what the leg did around each.

        ``lies`` says that the exercise is done lying: where slow reps were made nobody walks.
        """
        slow_homes = [one.home for one in movements if lies and one.duration_s > LONGEST_S]
        quick = [
            one
            for one in movements
            if one.duration_s <= LONGEST_S
            and one.peak_deg <= self.widest_deg
            and sum(between(one.home, home) < SAME_POSTURE_DEG for home in slow_homes) < FEWEST_SLOW
        ]
        if not quick:
            return []
        time_s, up, quats = self._known(quick[0].start_s - AROUND_S, quick[-1].end_s + AROUND_S, now_s)
        ticks = min(AROUND_TICKS, len(time_s))
        middles = time_s.searchsorted([0.5 * (one.start_s + one.end_s) for one in quick])
        first = np.clip(middles - ticks // 2, 0, len(time_s) - ticks)
        odds = np.full(len(quick), UNKNOWN)
        known = np.array([one.start_s for one in quick]) >= time_s[0] - 1.0 / TICK_HZ
        more = np.array([self._more_for([one]) for one in quick])
        turned, slow = _means(up, quats, first, ticks)
        short = np.array([one.duration_s <= LONGEST_STRIDE_S for one in quick])
        likely = known & ((self._at_most(turned, slow) + more > NEARLY) | (short & (slow < HARDLY_DWELLS)))
        around = first[likely, None] + np.arange(ticks)
        odds[likely] = (
            self._odds(up[around], quats[around], short=short[likely], least_lopsided=LOPSIDED) + more[likely]
        )
        odds = np.where(_amid(quick) & (slow > MOST_DWELLING), np.minimum(odds, 0.0), odds)
        odds = _as_most_alike(quick, odds)
        odds[_as_some(quick, [one for one in movements if one.peak_deg > self.widest_deg])] = UNKNOWN
        pairs = [(k, k + 1) for k, (one, later) in enumerate(pairwise(quick)) if later.start_s - one.end_s < BESIDE_S]
        near = [two for two in pairs if max(odds[k] for k in two) > 0.0 and min(odds[k] for k in two) > self._nearly]
        return [quick[k] for k in sorted({k for two in near for k in two})]

    def surely_none(self, movements: Sequence[Excursion], now_s: float) -> list[Excursion]:
        """Give those of many movements, in order of time, that are no strides, however often the foot comes down."""
        none: list[Excursion] = []
        if not (runs := [run for run in _runs(movements) if len(run) >= STRIDES]):
            return none
        time_s, up, quats = self._known(movements[0].start_s, max(one.end_s for one in movements), now_s)
        for run in runs:
            odds = []
            for three in (run[k : k + STRIDES] for k in range(len(run) - STRIDES + 1)):
                first, last = time_s.searchsorted((three[0].start_s - 1e-9, three[-1].end_s + 1e-9)).tolist()
                known = three[0].start_s >= time_s[0] - 1.0 / TICK_HZ
                three_odds = self._odds(up[first:last], quats[first:last], _period_s(three))
                odds.append(float(three_odds) if known else UNKNOWN)
            if max(odds) < NEVER:
                none += run
        return none

    def _at_most(self, turned: FloatArray, slow: FloatArray) -> FloatArray:
        """Log odds (m,) that movements which turn and dwell so much can have, whatever the shape of the swing."""
        shape = sum(
            max(weight * least, weight * most) for weight, (least, most) in zip(self._weights[2:4], SHAPES, strict=True)
        )
        at_most: FloatArray = self._weights[0] * _log_of_turning(turned) + self._weights[1] * slow
        return at_most + shape + self._weights[4]

    def turns_among(self, movements: Sequence[Excursion], now_s: float) -> list[Excursion]:
        """Give those of many movements, in order of time, after which the person faces another way than before."""
        short = [one for one in movements if one.duration_s <= LONGEST_TURN_S]
        turned_deg = self.turned_deg(short, now_s).tolist()
        return [one for one, deg in zip(short, turned_deg, strict=True) if deg > self._most_turned_deg]

    def turned_deg(self, movements: Sequence[Excursion], now_s: float) -> FloatArray:
        """Say how far another way the person faces after each of many movements, in order of time, than before it.

        Returns:
            (m,), 0 to 180 deg; 0 where it is not known any more.
        """
        if not movements:
            return np.zeros(0)
        time_s, _, quats = self._known(movements[0].start_s, max(one.end_s for one in movements), now_s)
        spans_s = np.array([(one.start_s, one.end_s) for one in movements]).T
        at = np.minimum(time_s.searchsorted(spans_s), len(time_s) - 1)
        (w, x, y, z), (w1, x1, y1, z1) = quats[at].transpose(0, 2, 1)
        half = np.arctan2(w * z1 - z * w1 - y * x1 + x * y1, w * w1 + x * x1 + y * y1 + z * z1)
        turned_deg = np.abs(np.remainder(np.degrees(2.0 * half) + 180.0, 360.0) - 180.0)
        return np.where(spans_s[0] >= time_s[0] - 1.0 / TICK_HZ, turned_deg, 0.0)

    def log_odds(self, movements: Sequence[Excursion], now_s: float) -> float:
        """That these movements, one right after the other, are strides, from what is known now."""
        time_s, up, quats = self._known(movements[0].start_s, movements[-1].end_s, now_s)
        if movements[0].start_s < time_s[0] - 1.0 / TICK_HZ:
            return UNKNOWN
        return float(self._odds(up, quats, _period_s(movements))) + self._more_for(movements)

    def _more_for(self, movements: Sequence[Excursion]) -> float:
        quick = all(one.duration_s < QUICK_LUNGE_S for one in movements)
        narrow = all(one.peak_deg <= NARROW_DEG and one.duration_s >= UNHURRIED_S for one in movements)
        shuffled = all(one.peak_deg <= SHUFFLED_DEG for one in movements)
        return quick * self._quick_odds + (narrow + 2 * shuffled) * self._narrow_odds

    def _known(self, start_s: float, end_s: float, now_s: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Times, poses and orientations: nothing later than now, and nothing that a live history has forgotten."""
        return self._history.window(max(start_s, now_s - KEPT_S), min(end_s, now_s))[:3]

    def _odds(
        self,
        up: FloatArray,
        quats: FloatArray,
        period_s: float | None = None,
        *,
        short: bool | npt.NDArray[np.bool_] = True,
        least_lopsided: float = LOPSIDED_IN_A_ROW,
    ) -> FloatArray:
        """``short`` says whether the movement takes no longer than a stride."""
        if up.shape[-2] < FEWEST_TICKS:
            return np.full(up.shape[:-2], UNKNOWN)
        values = features(up, quats, period_s)
        slow, lopsided = values[..., 1], values[..., 4]
        odds = values[..., :4] @ np.array(self._weights[:4]) + self._weights[4]
        odds = np.where(slow > self._most_slow, UNKNOWN, odds)
        as_strides = short & (lopsided > least_lopsided) & (slow < HARDLY_DWELLS) & self._may_be_lopsided
        return np.where(as_strides, np.maximum(odds, LOPSIDED_ODDS), odds)


def _as_most_alike(movements: Sequence[Excursion], odds: FloatArray) -> FloatArray:
    """Give the odds (m,), or the median of those of all that are as long and as large, where they hardly tell.

    Nor does lopsided turning alone.
    """
    seen = np.log([(max(one.duration_s, 1.0 / TICK_HZ), one.peak_deg) for one in movements])
    told = odds.copy()
    for k in np.flatnonzero((np.abs(odds) < HARDLY) | (odds == LOPSIDED_ODDS)).tolist():
        alike = np.abs(seen - seen[k]).max(axis=-1) < ALIKE
        if np.count_nonzero(alike) >= FEWEST_ALIKE:
            told[k] = np.median(odds[alike])
    return told


def _as_some(movements: Sequence[Excursion], others: Sequence[Excursion]) -> npt.NDArray[np.bool_]:
    """Which are as long and as large as two of the others at least, (m,)."""
    if len(others) < FEWEST_WIDE:
        return np.zeros(len(movements), dtype=bool)
    one, other = (
        np.log([(max(m.duration_s, 1.0 / TICK_HZ), m.peak_deg) for m in some]) for some in (movements, others)
    )
    alike = np.abs(one[:, None] - other).max(axis=-1) < ALIKE
    return np.asarray(alike.sum(axis=1) >= FEWEST_WIDE)


def _amid(movements: Sequence[Excursion]) -> npt.NDArray[np.bool_]:
    """Which follow another soon, and are followed so, (m,)."""
    soon = [later.start_s - one.end_s < BESIDE_S for one, later in pairwise(movements)]
    return np.array([before and after for before, after in pairwise([False, *soon, False])])


def _period_s(movements: Sequence[Excursion]) -> float:
    return max((movements[-1].turn_s - movements[0].turn_s) / (len(movements) - 1), 1.0 / PERIODS_HZ[1])


def _runs(movements: Sequence[Excursion]) -> Iterator[list[Excursion]]:
    """Those that are quick enough for strides, as far as they follow one another."""
    run: list[Excursion] = []
    for one in movements:
        if one.duration_s > LONGEST_STRIDE_S or (run and not follows(run[-1], one)):
            yield run
            run = []
        if one.duration_s <= LONGEST_STRIDE_S:
            run.append(one)
    yield run
