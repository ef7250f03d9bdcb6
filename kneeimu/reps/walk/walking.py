"""Foot strikes in a row mean walking, and walking is not exercise."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from math import asin, atan2, degrees, radians, sqrt

import numpy as np

from calibration.standards import GRAVITY_M_S2
from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.vectors import Vector, tilt
from kneeimu.reps.walk.bent import stays_bent
from kneeimu.reps.walk.gait import LONGEST_STRIDE_S, NEVER, SLOW_DEG_PER_TICK, STRIDES, SURE, UNKNOWN, Gait, follows
from kneeimu.reps.walk.recent import RecentTicks

STRIKE_M_S2 = 3.5
"""Change of specific force in 40 ms that a foot strike makes at thigh or shin; squats stay below 3. Measured."""
STRIKE_IN_STEPS_M_S2 = 15.0
"""Steps of a band walk are set down with care; walking people strike with 30 and more. Measured on one person."""
SOFT_STRIKE_M_S2 = 3.0
"""A foot put down softly."""
SHARP = 3.0
"""A strike stands out of the lower quartile of the seconds before by this; walking does by 6 (measured)."""
QUARTILE_RISE, QUARTILE_FALL = 1.03, 1.0 / 1.09
"""Factors per tick with which the lower quartile is followed: up on three of four ticks, down on one."""
LEAST_USUAL_M_S2 = 0.1
STRIKES_OF_LUNGES, REFRACTORY_OF_LUNGES_S = 6, 0.42
"""A lunge lands, pushes off and lands again: more strikes, further apart, are asked where each rep makes some."""
STRIKES = 4
"""So many strikes in a row are walking; a lunge makes one, or two when the foot scuffs."""
WINDOW_S = 3.6
SLOW_SHARE = 0.35
SLOW_TAU_TICKS, SLOW_TICKS = 40.0, 400
RECENCY = np.exp(np.arange(SLOW_TICKS) * np.log1p(-1.0 / SLOW_TAU_TICKS)) / SLOW_TAU_TICKS
"""A walking leg is hardly ever slower than 10 deg/s; one that does snappy reps rests between and within them."""
REFRACTORY_S = 0.3
LINGER_S = 1.6
"""After the last strike walking is over for sure."""
WIND_DOWN_S = 1.0
STEPS = 3
"""So many quick excursions in a row, each with a soft strike, are walking too."""
BRISK_S = 1.4
"""Strides of walking last 1.0 to 1.3 s; steps of a band walk are slower or smaller."""
RESTLESS_M_S2 = 0.5
"""A walking leg is never quiet: the lower quartile of the jolts over a stride is 0.6 and more, that of a quick rep less
than 0.3 (measured). Seen also where the strikes are soft or the sensor is slow."""
RESTLESS_OF_LUNGES_M_S2 = 1.0
ROUGHNESS = 11.0
"""How much more a walking leg jolts than the turning of gravity explains, in the median: 14 and more in simulation, 22
in a person. Arms that ten people swing up and down, 20 times in 22 to 50 s, have 4 to 14."""
CLIMBING_DEG_S, ROUGHNESS_OF_STAIRS = 85.0, 32.0
"""On stairs the shin is hardly faster than the thigh, but the roughest of all: 37 and more in simulation. So may be
lunges, which take longer."""
ROUGHNESS_FLOOR_M_S2 = 0.03
LEAST_INSIDE, LEAST_INSIDE_DEG = 0.15, 5.0
"""A walking leg swings past the pose in which the person stood, to both sides: by 9 to 25 deg to the lesser side in
simulation; quick reps of people pass their pose of rest by less than 5."""
ALONG = 2.5
"""A quick step to the side turns the limb by less than this multiple of its lean, also where the knee straightens; most
strides by more. Engineering choice."""
SWING_S = 1.8
"""A slow walker takes so long for a stride."""
AT_REST = 0.1
FAR_FROM_REST_DEG = 15.0
"""The pose of rest says nothing when the movement is not in its plane: the person has turned over, or stood up."""
QUIET_TICKS = 60
"""A lunge lands, pushes off and lands again, but between two the leg is quiet: 2.4 s show it."""
CROSSINGS, CLEAR_SHARE = 3, 0.2
"""A walking leg passes the middle of its swing so often in that time, clearly; one that does a rep of 2 s, twice."""
STANDING_SHARE = 0.2
"""A walking leg is slower than 10 deg/s in 12 % of its ticks at most; one that does reps rests more (measured in two
simulators and a person)."""
STANDS_SHARE = 0.1
"""A leg that walks is slower than 10 deg/s in no more than this share of a stride: at most 0.1 in 95 of 100 seconds of
simulated walking, at least that in 95 of 100 of the quickest steps."""
STRIDE_DEG = 12.0
"""Strides of the slowest walkers are wider."""
LANDING_S = 0.4
"""So long after the leg is back its foot may come down."""
PAUSE_S = 0.5
"""Strides follow one another faster than this ..."""
SMALL_DEG, SMALL_PAUSE_S = 25.0, 1.6
"""... but small steps, as in turning round, may come one by one."""
ON_THE_SPOT_DEG = 16.0
"""Steps on the spot, which come back to where the person stood as reps do, are smaller. Engineering choice."""
FEWEST_SURE = 5
"""A few soft strides may turn the leg as little as reps do; so many hardly. Engineering choice."""
DANGLES_DEG = 55.0
"""A lower leg that hangs down and is lifted goes so far to one side; one that walks goes to both. Of 164 knee
extensions that are wider and come back to where the person rested 14 were taken for strides, and of 15 other such
movements 1. Engineering choice."""
MOST_STRIDES = 0.7
"""Of movements that were strides so many swing past the pose of rest; the first and the last may not."""


class WalkingDetector:
    """Counts foot strikes.

    Args:
        counter: what strides and reps of the exercise are like.
        widest_deg: steps of the exercise are never wider than this.
        gait: knows how the leg turned in the last movements.

    Attributes:
        began_s: time of the first strike of the present bout.
        bouts: start and end of the last bouts of walking, s.
    """

    def __init__(self, counter: CounterParameters, widest_deg: float = 360.0, gait: Gait | None = None) -> None:
        self._c, self._widest_deg, self._gait = counter, widest_deg, gait
        self._quick: deque[Excursion] = deque(maxlen=STRIDES)
        self._strike_m_s2 = STRIKE_IN_STEPS_M_S2 if counter.steps else STRIKE_M_S2
        self._strikes: deque[float] = deque(maxlen=STRIKES_OF_LUNGES if counter.lands else STRIKES)
        self._refractory_s = REFRACTORY_OF_LUNGES_S if counter.lands else REFRACTORY_S
        self._soft: deque[float] = deque(maxlen=16)
        self._steps: deque[tuple[Excursion, bool]] = deque(maxlen=STEPS)
        self._recent = RecentTicks(SLOW_TICKS)
        self._striding_deg = counter.striding_deg_s / TICK_HZ
        self._restless_m_s2 = RESTLESS_OF_LUNGES_M_S2 if counter.lands else RESTLESS_M_S2
        self._walking = False
        self._walked_s = self._strode_s = -1e9
        self._usual = LEAST_USUAL_M_S2
        self.began_s = 0.0
        self.bouts: deque[tuple[float, float]] = deque(maxlen=64)

    def step(self, time_s: float, up: Vector, jolt_m_s2: float, moved_deg: float, rest: Vector | None = None) -> bool:
        """Take one tick, on which the segment tilted by ``moved_deg``; say whether the person walks.

        ``rest`` is the pose in which the person last stood, or lay.
        """
        usual = self._usual
        self.pass_by((up,), (jolt_m_s2,), (moved_deg,), range(1))
        if jolt_m_s2 > SOFT_STRIKE_M_S2 and jolt_m_s2 > SHARP * usual:
            self._soft.append(time_s)
            if jolt_m_s2 > self._strike_m_s2:
                self._strike(time_s, rest)
        if self._walking:
            self._go_on(time_s)
        return self._walking

    def pass_by(
        self, up: Sequence[Vector], jolt_m_s2: Sequence[float], moved_deg: Sequence[float], ticks: range
    ) -> None:
        """Take these of the ticks, on which no foot strikes, as ``step`` takes one, while the person does not walk."""
        self._recent.take(up, jolt_m_s2, moved_deg, ticks)
        usual = self._usual
        for jolt in jolt_m_s2[ticks.start : ticks.stop]:
            if jolt > usual:
                usual *= QUARTILE_RISE
            elif usual > LEAST_USUAL_M_S2:
                usual *= QUARTILE_FALL
                if usual < LEAST_USUAL_M_S2:
                    usual = LEAST_USUAL_M_S2
        self._usual = usual

    @property
    def walks(self) -> bool:
        """The person walks."""
        return self._walking

    def _strike(self, time_s: float, rest: Vector | None) -> None:
        """The foot came down hard: so many times in a row is walking."""
        strikes = self._strikes
        if strikes and time_s - strikes[-1] <= self._refractory_s:
            return
        strikes.append(time_s)
        in_a_row = len(strikes) == strikes.maxlen and strikes[-1] - strikes[0] < WINDOW_S
        if in_a_row and not self._walking and self._slow_share < SLOW_SHARE and self._strides_along(rest):
            self._walking, self.began_s = True, strikes[0]
            self.bouts.append((self.began_s, time_s))

    @property
    def _slow_share(self) -> float:
        """Share of slow ticks: each weighs less than the next, and before the first all were slow."""
        fast = np.array(self._recent.moved_deg(SLOW_TICKS))[::-1] >= SLOW_DEG_PER_TICK
        return 1.0 - float(RECENCY[: len(fast)][fast].sum())

    def _go_on(self, time_s: float) -> None:
        """Walking is over for sure some time after the last strike."""
        if time_s - self._strikes[-1] > LINGER_S:
            self._walking = False
        else:
            self._walked_s = time_s
            self.bouts[-1] = self.bouts[-1][0], time_s

    def resume(self) -> None:
        """Samples were lost: how the leg turned before is not known any more."""
        self._quick.clear()

    def winds_down(self, excursion: Excursion, rest: Vector | None) -> bool:
        """Is this the last soft step or two after walking?"""
        if excursion.start_s < self._walked_s + WIND_DOWN_S and excursion.duration_s < self._c.stride_s:
            return True
        return excursion.start_s < self._strode_s + WIND_DOWN_S and not self._c.steps and _lies_amid(excursion, rest)

    def struck(self, excursion: Excursion) -> bool:
        """Did the foot come down during the excursion?"""
        return any(excursion.start_s - 0.3 <= at <= excursion.end_s + LANDING_S for at in self._soft)

    def whole(self, excursion: Excursion) -> Excursion:
        """Give a lean to the side with all that the limb turned by meanwhile as its range."""
        ups = self._recent.ups(_ticks_of(excursion))
        return replace(excursion, peak_deg=max(excursion.peak_deg, *(tilt(ups[0], up)[0] for up in ups)))

    def _brisk(self, excursion: Excursion) -> bool:
        """Among the slow small steps of a band walk a large quick one is a stride, however softly it lands."""
        return (
            excursion.peak_deg > self._c.stride_deg and excursion.duration_s < BRISK_S and self._never_stands(excursion)
        )

    def _never_stands(self, excursion: Excursion) -> bool:
        """Between two steps of a band walk both feet stand; a leg that walks swings on."""
        moved = self._recent.moved_deg(_ticks_of(excursion))
        return sum(deg < SLOW_DEG_PER_TICK for deg in moved) <= STANDS_SHARE * len(moved)

    def _restless(self, excursion: Excursion) -> bool:
        """Was the leg never quiet during the newest excursion?"""
        if self._c.steps or excursion.duration_s > BRISK_S:
            return False
        return self._gait_like(_ticks_of(excursion))

    def _strides_along(self, rest: Vector | None) -> bool:
        """Steps of a band walk strike too, and are as restless: but strides are wider."""
        if not self._c.steps:
            if np.mean(np.array(self._recent.moved_deg(QUIET_TICKS)) < SLOW_DEG_PER_TICK) > STANDING_SHARE:
                return False
            climbs = self._gait_like(QUIET_TICKS, ROUGHNESS_OF_STAIRS) and self._to_and_fro(None)
            return climbs or (self._gait_like(QUIET_TICKS) and self._to_and_fro(rest))
        ups = self._recent.ups(QUIET_TICKS)
        far = max(ups, key=lambda up: tilt(ups[0], up)[0])
        return max(tilt(far, up)[0] for up in ups) > self._widest_deg

    def were_strides(self, movements: Sequence[Excursion], rest: Vector | None) -> bool:
        """Most of them swing past the pose in which the person stands now."""
        past = sum(not self._c.steps and passes_rest(movement, rest) for movement in movements)
        return bool(movements) and past >= MOST_STRIDES * len(movements)

    def are_none(self, movements: Sequence[Excursion], now_s: float) -> bool:
        """None of these, which are more than a few, is a stride for sure, from how the leg turned."""
        if self._gait is None or len(movements) < FEWEST_SURE:
            return False
        return len(self._gait.surely_none(movements, now_s)) == len(movements)

    def _returns_to_rest(self, excursion: Excursion, rest: Vector | None) -> bool:
        """A wide movement that comes back to where the person stood is a rep that lands; a small one may be a step."""
        share = share_at_rest(excursion, rest)
        wide = not self._c.steps and excursion.peak_deg > ON_THE_SPOT_DEG
        return wide and share is not None and -AT_REST < share < AT_REST

    def _gait_like(self, ticks: int, roughness: float = ROUGHNESS) -> bool:
        """In the newest ticks the leg was never quiet, fast, and rougher than a smooth movement as fast."""
        jolts = sorted(self._recent.jolts_m_s2(ticks))
        if jolts[len(jolts) // 4] < self._restless_m_s2:
            return False
        moved = sorted(self._recent.moved_deg(ticks))
        fast_deg = moved[len(moved) * 9 // 10]
        if fast_deg < CLIMBING_DEG_S / TICK_HZ:
            return False
        ups = self._recent.ups(ticks)
        bends = sorted(_bend(*three) for three in zip(ups, ups[1:], ups[2:], strict=False))
        turning = 0.5 * GRAVITY_M_S2 * bends[len(bends) // 2] if bends else 0.0
        smooth = max(turning, ROUGHNESS_FLOOR_M_S2)
        return jolts[len(jolts) // 2] > (roughness if fast_deg >= self._striding_deg else ROUGHNESS_OF_STAIRS) * smooth

    def _to_and_fro(self, rest: Vector | None) -> bool:
        """In the newest ticks the leg has swung as often as a walking one, and past the pose of rest."""
        ups = np.array(self._recent.ups(QUIET_TICKS))
        middle = ups.mean(axis=0)
        ups -= middle
        furthest = ups[np.argmax((ups**2).sum(axis=1))]
        furthest = furthest / np.linalg.norm(furthest)
        along = ups @ furthest
        clear = along[np.abs(along) > CLEAR_SHARE * np.abs(along).max()]
        if int((np.diff(np.sign(clear)) != 0).sum()) < CROSSINGS:
            return False
        if rest is None:
            return True
        off = np.array(rest) - middle
        rested = float(off @ furthest)
        if np.linalg.norm(off - rested * furthest) > radians(FAR_FROM_REST_DEG):
            return True
        inside = max(radians(LEAST_INSIDE_DEG), LEAST_INSIDE * float(np.ptp(along)))
        return bool(along.min() + inside < rested < along.max() - inside)

    def _log_odds_of_gait(self, excursion: Excursion, now_s: float) -> float:
        """That this and the last few, one right after the other, are strides."""
        quick = self._quick
        if quick and not follows(quick[-1], excursion):
            quick.clear()
        gait = self._gait
        if gait is None or excursion.duration_s > LONGEST_STRIDE_S or excursion.peak_deg > gait.widest_deg:
            quick.clear()
            return UNKNOWN
        quick.append(excursion)
        return gait.log_odds(list(quick), now_s) if len(quick) == STRIDES else UNKNOWN

    def _lands_softly(self, excursion: Excursion) -> bool:
        return not self._c.steps and self.struck(excursion)

    def strides(
        self,
        excursion: Excursion,
        rest: Vector | None = None,
        *,
        lying: bool = False,
        now_s: float | None = None,
        stood: Sequence[Vector] = (),
    ) -> bool:
        """Take the newest excursion, and the pose of the last rest; say whether it and those before are strides.

        ``lying`` says that slow reps were made in this pose, in which nobody walks; ``now_s`` how much is known: the
        end of a movement is foreseen; ``stood`` in which poses the person stood of late.
        """
        odds = self._log_odds_of_gait(excursion, excursion.end_s if now_s is None else now_s)
        if self._c.steps and stays_bent(self._recent.ups(_ticks_of(excursion)), stood):
            self._steps.clear()
            return False
        returns = self._returns_to_rest(excursion, rest)
        if self._c.dangles and returns and excursion.peak_deg > DANGLES_DEG:
            self._steps.clear()
            return False
        if odds > (SURE if lying or returns else 0.0):
            self.began_s, self._strode_s = self._quick[0].start_s, excursion.end_s
            self.bouts.append((self.began_s, excursion.end_s))
            return True
        steps = self._steps
        pause_s = SMALL_PAUSE_S if excursion.peak_deg < SMALL_DEG else PAUSE_S
        passes = not self._c.steps and passes_rest(excursion, rest)
        if odds < NEVER and not self._c.steps and (self._c.dangles or not passes):
            steps.clear()
            return False
        sure = passes or self._brisk(excursion) or self._restless(excursion)
        if (not sure or (lying and not passes)) and returns:
            steps.clear()
            return False
        longest_s = self._c.stride_s
        if sure:
            longest_s = max(SWING_S if passes else BRISK_S, longest_s)
        if excursion.duration_s >= longest_s or (steps and excursion.start_s - steps[-1][0].end_s > pause_s):
            steps.clear()
        if excursion.duration_s >= longest_s:
            return False
        steps.append((excursion, sure))
        if len(steps) < STEPS or not all(sure or self._lands_softly(step) for step, sure in list(steps)[:-1]):
            return False
        self.began_s, self._strode_s = steps[0][0].start_s, excursion.end_s
        self.bouts.append((self.began_s, excursion.end_s))
        return True


def _ticks_of(excursion: Excursion) -> int:
    """How many of the newest ticks the newest excursion lasted, and are looked at."""
    return min(max(1, round(excursion.duration_s * TICK_HZ)), QUIET_TICKS)


def leads_along(lean: Excursion, whole_deg: float) -> bool:
    """Did the limb turn ahead and back rather than aside? In a slow step the knee may bend and straighten."""
    return lean.duration_s < BRISK_S and whole_deg > ALONG * lean.peak_deg


def passes_rest(excursion: Excursion, rest: Vector | None) -> bool:
    """Is it quick, and the pose in which the person stood in the midst of it?"""
    return excursion.duration_s < SWING_S and swings_past(excursion, rest)


def swings_past(excursion: Excursion, rest: Vector | None) -> bool:
    """Is the pose in which the person stood in the midst of it? A leg swings to both sides, a rep to one."""
    return excursion.peak_deg > STRIDE_DEG and _lies_amid(excursion, rest)


def _lies_amid(excursion: Excursion, rest: Vector | None) -> bool:
    share = share_at_rest(excursion, rest)
    return share is not None and min(share, 1.0 - share) > max(LEAST_INSIDE, LEAST_INSIDE_DEG / excursion.peak_deg)


def share_at_rest(excursion: Excursion, rest: Vector | None) -> float | None:
    """Give how far along the way out a pose is, 0 at home, 1 at the far end; None when it is nowhere near this way."""
    if rest is None:
        return None
    (hx, hy, hz), (ax, ay, az), (x, y, z) = excursion.home, excursion.axis, rest
    along = (hy * z - hz * y) * ax + (hz * x - hx * z) * ay + (hx * y - hy * x) * az
    share = degrees(atan2(along, hx * x + hy * y + hz * z)) / excursion.peak_deg
    off_deg = degrees(asin(min(1.0, abs(ax * x + ay * y + az * z))))
    return share if off_deg < FAR_FROM_REST_DEG and -1.0 < share < 2.0 else None


def _bend(first: Vector, second: Vector, third: Vector) -> float:
    """How far three unit vectors up depart from a straight line."""
    return sqrt(sum((a - 2.0 * b + c) ** 2 for a, b, c in zip(first, second, third, strict=True)))
