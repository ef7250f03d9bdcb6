"""Walking is told from brisk reps: both are quick, and a person's reps are never as quiet as a drawing board's."""

from __future__ import annotations

from math import cos, pi, radians, sin

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from swung import count, swung, tilted

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion, ExcursionParameters
from kneeimu.reps.live.detector import ExcursionDetector
from kneeimu.reps.live.homes import Home
from kneeimu.reps.live.refusal import Referee
from kneeimu.reps.parameters import STRIDING_DEG_S, CounterParameters
from kneeimu.reps.vectors import Vector
from kneeimu.reps.walk.walking import WalkingDetector
from kneeimu.types import Samples


def _called_walking(
    range_deg: float,
    period_s: float,
    jolts_m_s2: tuple[float, float],
    mount: str,
    rest: Vector | None = None,
    *,
    lying: bool = False,
) -> bool:
    """Let a segment go out and back for 20 s, with jolts anywhere between these."""
    rng = np.random.default_rng(1)
    detector = WalkingDetector(CounterParameters(stride_s=0.0, striding_deg_s=STRIDING_DEG_S[mount]))
    movement = ExcursionDetector(ExcursionParameters(), 1.0 / TICK_HZ, (0.0, 0.0, 1.0))
    up = (0.0, 0.0, 1.0)
    walked = False
    for tick in range(int(20.0 * TICK_HZ)):
        time_s = tick / TICK_HZ
        angle = radians(range_deg) * 0.5 * (1.0 - cos(2.0 * pi * time_s / period_s))
        before, up = up, (sin(angle), 0.0, cos(angle))
        moved_deg = float(np.degrees(np.arccos(np.clip(np.dot(before, up), -1.0, 1.0))))
        walked |= detector.step(time_s, up, float(rng.uniform(*jolts_m_s2)), moved_deg, rest)
        excursion = movement.step(time_s, up, still=False)
        walked |= excursion is not None and detector.strides(excursion, rest, lying=lying)
    return walked


def test_strides_are_walking() -> None:
    """As fast, as wide and as rough as the leg of somebody who walks through the room."""
    assert _called_walking(45.0, 1.1, (2.0, 12.0), "thigh")


@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_brisk_reps_that_tremble_are_not(mount: str) -> None:
    """Fast and wide, but no rougher than arms that people swing."""
    assert not _called_walking(100.0, 1.3, (0.5, 1.8), mount)


@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_small_rough_reps_are_not(mount: str) -> None:
    """Rough, but slower than a stride."""
    assert not _called_walking(20.0, 1.3, (0.6, 3.0), mount)


def test_wide_lunges_that_land_hard_are_not_stairs() -> None:
    """As rough as a leg that climbs, and as fast, but each takes twice as long."""
    assert _called_walking(60.0, 1.2, (2.0, 20.0), "thigh")
    assert not _called_walking(90.0, 2.4, (2.0, 20.0), "thigh")


@pytest.mark.parametrize("exercise", ["squat", "step-down", "clamshell", "hip-abduction", "knee-extension"])
@pytest.mark.parametrize("period_s", [1.0, 1.3, 1.6])
def test_a_leg_that_swings_past_standing_walks_however_softly_it_lands(exercise: str, period_s: float) -> None:
    assert count(exercise, swung([(-12.0, 28.0, period_s, 10)])) == 0


@pytest.mark.parametrize("period_s", [1.0, 1.3, 1.6])
def test_a_leg_that_swings_as_fast_but_comes_back_to_standing_does_reps(period_s: float) -> None:
    assert count("squat", swung([(0.0, 45.0, period_s, 10)])) == 10


def test_strides_that_come_before_the_first_standing_are_taken_back() -> None:
    walked = swung([(-12.0, 28.0, 1.1, 10)])
    begun = Samples(walked.time_s[300:] - 3.0, walked.acc_m_s2[300:], walked.gyr_rad_s[300:])
    assert count("squat", begun) == 0


@pytest.mark.parametrize("period_s", [1.0, 1.3])
def test_who_stops_in_the_midst_of_a_stride_and_trains_is_counted_from_standing(period_s: float) -> None:
    swings = [(-12.0, 28.0, period_s, 8), (-0.01, 0.01, 2.0, 1), (0.0, 45.0, 3.0, 8)]
    assert count("squat", swung(swings)) == 8


@pytest.mark.parametrize("strides", [3, 4, 5])
def test_strides_to_the_chair_and_from_it_are_none_of_the_thighs_small_reps(strides: int) -> None:
    """Who sits has the thigh level, and nobody walks so."""
    walk = 5.0 - 12.6 * np.cos(np.linspace(0.0, 2.0 * np.pi * strides, 30 * strides) + np.arccos(5.0 / 12.6))
    sit = 45.0 * (1.0 - np.cos(np.linspace(0.0, np.pi, 60)))
    rep = np.append(90.0 + 3.0 * (1.0 - np.cos(np.linspace(0.0, 2.0 * np.pi, 75))), np.full(10, 90.0))
    stand, seated = np.zeros(50), np.full(75, 90.0)
    there, back = (stand, walk, stand, sit, seated), (seated, sit[::-1], stand, walk, np.zeros(200))
    assert count("knee-extension", tilted(np.concatenate((*there, *8 * [rep], *back)))) == 8


@pytest.mark.parametrize(
    ("strides", "mean_deg", "swing_deg", "stands_s"),
    [
        (3, 5.0, 20.0, 4.0),
        (4, 5.0, 20.0, 4.0),
        (6, 5.0, 20.0, 4.0),
        (2, -13.0, 26.0, 0.6),
        (4, -13.0, 26.0, 1.5),
        (3, -13.0, 26.0, 3.0),
    ],
)
def test_who_walks_up_and_lifts_the_leg_aside_is_counted(
    strides: int, mean_deg: float, swing_deg: float, stands_s: float
) -> None:
    """The way of the strides is not the way of the reps, nor is a lift across it short."""
    first, stands = np.arccos(mean_deg / swing_deg), round(100.0 * stands_s)
    walk = mean_deg - swing_deg * np.cos(np.linspace(0.0, 2.0 * np.pi * strides, 120 * strides) + first)
    lift = np.append(20.0 * (1.0 - np.cos(np.linspace(0.0, 2.0 * np.pi, 200))), np.zeros(30))
    ahead_deg = np.concatenate((np.zeros(120), walk, np.zeros(stands + 5 * len(lift) + 600)))
    aside_deg = np.concatenate((np.zeros(120 + len(walk) + stands), np.tile(lift, 5), np.zeros(600)))
    pose = Rotation.from_euler("ZX", np.column_stack((ahead_deg, aside_deg)), degrees=True)
    rng, time_s = np.random.default_rng(1), np.arange(len(ahead_deg)) / 100.0
    rate = np.zeros((len(time_s), 3))
    rate[1:] = (pose[:-1].inv() * pose[1:]).as_rotvec() * 100.0
    acc = pose.inv().apply((0.0, 9.81, 0.0)) + rng.normal(0.0, 0.02, rate.shape)
    assert count("hip-abduction", Samples(time_s, acc, rate + rng.normal(0.0, 0.002, rate.shape))) == 5


def test_steps_of_a_band_walk_that_grow_quick_and_rough_are_no_strides() -> None:
    rng = np.random.default_rng(2)
    detector = WalkingDetector(CounterParameters(stride_s=1.0, steps=True))
    movement = ExcursionDetector(ExcursionParameters(), 1.0 / TICK_HZ, (0.0, 0.0, 1.0))
    called = []
    time_s, up = 0.0, (0.0, 0.0, 1.0)
    for period_s, jolt_m_s2, times in ((2.0, 0.3, 6), (1.0, 3.0, 5)):
        for tick in range(round(period_s * times * TICK_HZ)):
            angle = radians(12.0) * (1.0 - cos(2.0 * pi * tick / TICK_HZ / period_s))
            before, up = up, (sin(angle), 0.0, cos(angle))
            moved_deg = float(np.degrees(np.arccos(np.clip(np.dot(before, up), -1.0, 1.0))))
            detector.step(time_s, up, jolt_m_s2 * float(rng.uniform(0.5, 1.5)), moved_deg)
            excursion = movement.step(time_s, up, still=False)
            if excursion is not None:
                called.append(detector.strides(excursion))
            time_s += 1.0 / TICK_HZ
    assert called == [False] * 11


@pytest.mark.parametrize(("pause_s", "walks"), [(0.0, True), (0.4, False)])
def test_between_two_wide_quick_steps_of_a_band_walk_the_leg_stands(pause_s: float, walks: bool) -> None:
    detector = WalkingDetector(CounterParameters(stride_s=1.0, steps=True, stride_deg=29.0))
    movement = ExcursionDetector(ExcursionParameters(), 1.0 / TICK_HZ, (0.0, 0.0, 1.0))
    called = []
    up = (0.0, 0.0, 1.0)
    swing_s = 1.2 - pause_s
    for tick in range(10 * round(1.2 * TICK_HZ)):
        phase_s = tick / TICK_HZ % 1.2
        # the pause is in the step, as the body follows the foot
        part = phase_s if phase_s < 0.5 * swing_s else max(0.5 * swing_s, phase_s - pause_s)
        angle = radians(24.0) * (1.0 - cos(2.0 * pi * part / swing_s))
        before, up = up, (sin(angle), 0.0, cos(angle))
        moved_deg = float(np.degrees(np.arccos(np.clip(np.dot(before, up), -1.0, 1.0))))
        detector.step(tick / TICK_HZ, up, 0.3, moved_deg)
        excursion = movement.step(tick / TICK_HZ, up, still=False)
        if excursion is not None:
            called.append(detector.strides(excursion))
    assert len(called) > 5
    assert any(called) == walks


@pytest.mark.parametrize(("steps", "reason"), [(True, None), (False, "step")])
def test_a_quicker_step_that_strikes_is_refused_only_where_reps_are_no_steps(steps: bool, reason: str | None) -> None:
    """The leg that trailed leads when the way turns: it lands harder than before."""
    parameters, excursion = CounterParameters(steps=steps), ExcursionParameters()
    walking = WalkingDetector(parameters)
    home = Home(ExcursionDetector(excursion, 1.0 / TICK_HZ, (0.0, 0.0, 1.0)))
    far, axis = (sin(0.3), 0.0, cos(0.3)), (0.0, 1.0, 0.0)
    for at_s in (0.0, 2.6, 5.2):
        home.learn(Excursion(at_s, at_s + 1.0, at_s + 2.4, 17.0, axis, (0.0, 0.0, 1.0), far), parameters)
    for tick in range(round(9.0 * TICK_HZ)):
        walking.step(tick / TICK_HZ, (0.0, 0.0, 1.0), 5.0 if tick == round(8.6 * TICK_HZ) else 0.1, 0.5)
    quick = Excursion(8.0, 8.6, 9.2, 17.0, axis, (0.0, 0.0, 1.0), far)
    assert Referee(excursion, parameters, walking).why_not(home, quick, 0.5, quick) == reason


def _bumping(swings: list[tuple[float, float, float, float]], strikes_s: list[float]) -> Samples:
    """The same, with a bump at these times."""
    smooth = swung(swings)
    acc = smooth.acc_m_s2.copy()
    for at_s in strikes_s:
        acc[round(100 * at_s) : round(100 * at_s) + 3, 1] += 4.0
    return Samples(smooth.time_s, acc, smooth.gyr_rad_s)


@pytest.mark.parametrize("pause_s", [0.3, 0.6])
def test_quick_reps_that_bump_and_come_back_to_standing_are_no_steps(pause_s: float) -> None:
    bumps_s = [3.0 + (0.9 + pause_s) * rep + at for rep in range(8) for at in (0.3, 0.85)]
    samples = _bumping([(0.0, 20.0, 0.9, 1), (0.0, 0.02, pause_s, 1)] * 8, bumps_s)
    assert count("single-leg-squat", samples) == 8


@pytest.mark.parametrize("lying", [False, True])
def test_quick_rough_movements_from_the_pose_of_slow_reps_lying_are_no_strides(lying: bool) -> None:
    assert _called_walking(45.0, 1.1, (1.0, 3.4), "thigh", rest=(0.0, 0.0, 1.0), lying=lying) is not lying


def test_a_block_of_quick_reps_lying_is_no_walk_before_slow_small_ones() -> None:
    samples = swung([(0.0, 30.0, 0.9, 8), (0.0, 0.02, 4.0, 1), (0.0, 13.0, 4.0, 10)])
    assert count("straight-leg-raise", samples) == 18


@pytest.mark.parametrize("bumps_every_s", [0.33, 0.45, 0.6])
def test_quick_rough_squats_that_go_as_the_slow_ones_before_are_no_walk(bumps_every_s: float) -> None:
    slow_s, pause_s, quick_s = 5 * 3.0, 4.0, 7 * 0.9
    from_s = 3.0 + slow_s + pause_s
    swings = [(0.0, 50.0, 3.0, 5), (0.0, 0.02, pause_s, 1), (0.0, 48.0, 0.9, 7)]
    smooth = _bumping(swings, np.arange(from_s + 0.3, from_s + quick_s, bumps_every_s).tolist())
    trembles = slice(round(100 * from_s), round(100 * (from_s + quick_s)))
    smooth.acc_m_s2[trembles] += np.random.default_rng(2).normal(0.0, 0.8, (round(100 * quick_s), 3))
    assert count("squat", smooth) == 12
