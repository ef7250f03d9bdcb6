"""Out and back of a segment, by the angle alone: when it begins, turns, is back, and where home is then."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from math import atan2, cos, degrees, exp, radians, sin, sqrt

import pytest
from scipy.spatial.transform import Rotation

from kneeimu.reps.excursion import Excursion, ExcursionParameters
from kneeimu.reps.live.detector import ExcursionDetector
from kneeimu.reps.vectors import Vector, blend, tilt

TICK_S = 0.04
TURN = Rotation.from_rotvec([0.7, -1.1, 0.4])
"""How the box sits: every component of every vector counts."""
USUAL = ExcursionParameters(floor_deg=10.0)
P = replace(USUAL, home_tau_s=1e6)
"""Home does not drift, so that angles are what they are."""


def turned(x: float, y: float, z: float) -> Vector:
    """A vector of the limb in the sensor frame."""
    a, b, c = TURN.apply((x, y, z)).tolist()
    return a, b, c


def pose(deg: float, aside_deg: float = 0.0) -> Vector:
    """Up in the sensor frame when the limb is tilted by ``deg`` about its -X, and aside by so much about its Y."""
    a, b = radians(deg), radians(aside_deg)
    return turned(sin(b), sin(a) * cos(b), cos(a) * cos(b))


UP, AXIS = pose(0.0), turned(-1.0, 0.0, 0.0)


class Leg:
    """Feeds a detector tick by tick; holds and moves last seconds, moves go at a constant speed."""

    def __init__(self, parameters: ExcursionParameters = P, usual_deg: float | None = None) -> None:
        self.detector = ExcursionDetector(parameters, TICK_S, UP)
        self.detector.usual_deg = usual_deg
        self.time_s, self.deg = 0.0, 0.0
        self.done: list[tuple[float, Excursion]] = []

    def _tick(self, deg: float, still: bool, aside_deg: float = 0.0) -> None:
        self.time_s, self.deg = self.time_s + TICK_S, deg
        excursion = self.detector.step(self.time_s, pose(deg, aside_deg), still)
        if excursion is not None:
            self.done.append((self.time_s, excursion))

    def hold(self, seconds: float, still: bool = True) -> Leg:
        for _ in range(round(seconds / TICK_S)):
            self._tick(self.deg, still)
        return self

    def to(self, deg: float, seconds: float, aside_deg: float = 0.0) -> Leg:
        ticks, start = round(seconds / TICK_S), self.deg
        for tick in range(1, ticks + 1):
            self._tick(start + (deg - start) * tick / ticks, False, aside_deg * tick / ticks)
        return self

    @property
    def home_deg(self) -> float:
        """Where home is, about -X."""
        _, y, z = TURN.inv().apply(self.detector.home).tolist()
        return degrees(atan2(y, z))


def test_the_angle_between_two_directions_and_its_axis() -> None:
    angle, cross = tilt(UP, pose(30.0))
    assert angle == pytest.approx(30.0)
    assert cross == pytest.approx(turned(-0.5, 0.0, 0.0))
    assert tilt(pose(10.0), pose(130.0))[0] == pytest.approx(120.0)


def test_a_direction_moves_by_a_share_and_keeps_its_length() -> None:
    moved = blend((0.0, 0.0, 1.0), (1.0, 0.0, 0.0), 0.25)
    assert moved == pytest.approx((0.25 / sqrt(0.625), 0.0, 0.75 / sqrt(0.625)))
    assert blend((0.6, 0.0, 0.8), (0.0, 1.0, 0.0), 1.0) == pytest.approx((0.0, 1.0, 0.0))
    assert blend((0.6, 0.48, 0.64), (1.0, 0.0, 0.0), 0.0) == pytest.approx((0.6, 0.48, 0.64))


# --- beginning -------------------------------------------------------------------------------------------------------


def test_before_anything_is_known_a_movement_begins_at_six_tenths_of_the_floor() -> None:
    assert Leg().detector.threshold_deg == pytest.approx(6.0)
    assert not Leg().to(5.8, 0.4).detector.out
    assert Leg().to(6.2, 0.4).detector.out


def test_who_makes_large_movements_begins_one_at_a_share_of_them() -> None:
    leg = Leg(usual_deg=50.0)
    assert leg.detector.threshold_deg == pytest.approx(11.0)
    assert Leg(usual_deg=20.0).detector.threshold_deg == pytest.approx(6.0)


def test_after_a_rest_at_home_a_movement_of_another_size_may_begin() -> None:
    leg = Leg(usual_deg=50.0).hold(3.9)
    assert leg.detector.threshold_deg == pytest.approx(11.0)
    assert leg.hold(0.3).detector.threshold_deg == pytest.approx(6.0)


def test_it_began_when_the_limb_was_last_near_home() -> None:
    leg = Leg().hold(1.0).to(20.0, 0.8)
    # a quarter of the threshold, 1.5 deg, is passed after 0.06 s
    assert leg.detector.start_s == pytest.approx(1.04, abs=0.03)
    assert leg.detector.out
    assert leg.detector.peak_deg == pytest.approx(20.0, abs=0.1)


def test_after_a_long_pause_on_the_way_it_begins_when_it_goes_on() -> None:
    leg = Leg().hold(0.4).to(5.0, 0.2).hold(5.0, still=False).to(20.0, 0.4)
    assert leg.detector.start_s > 5.5
    assert Leg().hold(0.4).to(5.0, 0.2).hold(3.0, still=False).to(20.0, 0.4).detector.start_s < 0.6


# --- the far end and the way back ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("peak", "drop", "turned"), [(40.0, 4.6, False), (40.0, 5.0, True), (12.0, 1.9, False),
                                                      (12.0, 2.1, True)])  # fmt: skip
def test_a_drop_by_two_degrees_and_an_eighth_of_the_peak_is_the_turn(peak: float, drop: float, turned: bool) -> None:
    leg = Leg().hold(0.4).to(peak, 1.0)
    assert not leg.detector.turned
    assert leg.to(peak - drop, 0.12).detector.turned is turned


def test_it_is_back_below_a_fifth_of_its_peak() -> None:
    leg = Leg().hold(1.0).to(40.0, 1.0).hold(0.4, still=False).to(8.4, 1.0)
    assert leg.done == []
    leg.to(7.6, 0.04)
    ((time_s, found),) = leg.done
    assert found.peak_deg == pytest.approx(40.0)
    assert found.turn_s == pytest.approx(2.0, abs=0.01)
    assert found.axis == pytest.approx(AXIS)
    assert found.home == pytest.approx(UP, abs=1e-3)
    assert found.far == pytest.approx(pose(40.0))
    assert time_s == pytest.approx(3.44, abs=0.01)
    assert found.start_s == pytest.approx(1.0, abs=0.06)
    assert found.duration_s == pytest.approx(found.end_s - found.start_s)


def test_its_end_is_foreseen_as_a_way_back_that_slows_down() -> None:
    leg = Leg().hold(1.0).to(40.0, 1.0).to(-40.0, 2.0)
    ((time_s, found),) = leg.done
    left_deg = 40.0 * (3.0 - time_s)  # 40 deg/s
    assert found.end_s - time_s == pytest.approx(2.0 * left_deg / 40.0, abs=0.01)


def test_its_end_is_foreseen_by_half_a_second_at_most() -> None:
    leg = Leg().hold(1.0).to(40.0, 1.0).to(7.0, 8.0)
    ((time_s, found),) = leg.done
    assert found.end_s - time_s == pytest.approx(0.5)


@pytest.mark.parametrize(("share", "back"), [(0.48, True), (0.53, False)])
def test_a_standstill_below_half_of_the_peak_is_the_end_as_well(share: float, back: bool) -> None:
    leg = Leg().hold(1.0).to(40.0, 1.0).to(share * 40.0, 1.0).hold(0.12)
    assert bool(leg.done) is back
    assert not Leg().hold(1.0).to(40.0, 1.0).to(share * 40.0, 1.0).hold(0.12, still=False).done


@pytest.mark.parametrize(
    ("share", "rise_deg", "back"),
    [(0.36, 3.6, True), (0.36, 3.0, False), (0.40, 6.0, False)],
)
def test_a_reversal_near_home_is_the_end_as_well(share: float, rise_deg: float, back: bool) -> None:
    leg = Leg().hold(1.0).to(40.0, 1.0).to(share * 40.0, 1.0).to(share * 40.0 + rise_deg, 0.4)
    assert bool(leg.done) is back


@pytest.mark.parametrize(("rise_deg", "back"), [(1.4, False), (1.7, True)])
def test_a_reversal_of_a_small_movement_is_more_than_sway(rise_deg: float, back: bool) -> None:
    leg = Leg().hold(1.0).to(12.0, 1.0).to(4.0, 1.0).to(4.0 + rise_deg, 0.2)
    assert bool(leg.done) is back


@pytest.mark.parametrize(("aside_deg", "back"), [(29.0, True), (31.5, False)])
def test_a_limb_that_comes_back_somewhere_else_is_not_back(aside_deg: float, back: bool) -> None:
    leg = Leg(usual_deg=40.0)
    leg.detector.axis = AXIS
    leg.hold(1.0).to(40.0, 1.0)
    leg.detector.axis = AXIS
    leg.to(0.0, 1.0, aside_deg)
    assert bool(leg.done) is back


@pytest.mark.parametrize(("aside_deg", "back"), [(14.0, True), (16.0, False)])
def test_small_movements_may_be_off_their_axis_by_twelve_degrees(aside_deg: float, back: bool) -> None:
    leg = Leg()
    leg.detector.axis = AXIS
    leg.hold(1.0).to(15.0, 1.0).to(0.0, 0.6, aside_deg)
    assert bool(leg.done) is back


def test_a_swing_is_back_after_a_while_near_home_on_whichever_side() -> None:
    leg = Leg(replace(P, swings=True)).hold(1.0).to(30.0, 1.0).to(-20.0, 1.0)
    assert leg.done == []
    leg.to(5.0, 0.2).hold(0.12, still=False)
    assert leg.done == []
    leg.hold(0.12, still=False)
    assert len(leg.done) == 1
    assert leg.done[0][1].peak_deg == pytest.approx(30.0)
    leg.hold(0.4).to(30.0, 1.0).to(5.0, 0.4).hold(0.12, still=False)
    assert len(leg.done) == 1
    leg.hold(0.16, still=False)
    assert len(leg.done) == 2


def test_a_swing_that_stands_still_below_half_is_back() -> None:
    leg = Leg(replace(P, swings=True)).hold(1.0).to(30.0, 1.0)
    assert leg.to(16.0, 0.4).hold(0.12).done == []
    assert len(leg.to(14.0, 0.12).hold(0.12).done) == 1


def test_a_stream_that_ends_on_the_way_back_gives_what_is_nearly_done() -> None:
    leg = Leg().hold(1.0).to(40.0, 1.0)
    assert leg.detector.cut_short(leg.time_s, 0.6) is None
    leg.to(25.0, 0.4)
    assert leg.detector.cut_short(leg.time_s, 0.6) is None
    leg.to(23.0, 0.08)
    found = leg.detector.cut_short(leg.time_s, 0.6)
    assert found is not None
    assert found.peak_deg == pytest.approx(40.0)
    assert leg.detector.cut_short(leg.time_s, 0.6) is None


# --- home ------------------------------------------------------------------------------------------------------------


def test_home_is_where_the_limb_comes_to_rest() -> None:
    leg = Leg().hold(1.0).to(40.0, 1.0).to(5.0, 1.0).hold(0.04)
    assert leg.home_deg == pytest.approx(5.0, abs=0.01)
    assert leg.detector.angle_deg == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize(("rise_deg", "home_deg"), [(2.2, 0.0), (2.7, 3.0)])
def test_or_else_where_it_sets_off_again(rise_deg: float, home_deg: float) -> None:
    # four tenths of the threshold of 6 deg
    leg = Leg().hold(1.0).to(40.0, 1.0).to(3.0, 1.0).to(3.0 + rise_deg, 0.12)
    assert leg.home_deg == pytest.approx(home_deg, abs=0.1)


def test_a_way_back_that_goes_far_beyond_is_a_movement_to_the_other_side() -> None:
    leg = Leg().hold(1.0).to(30.0, 1.0).to(-35.0, 1.0)
    assert leg.home_deg == pytest.approx(0.0, abs=0.1)  # may still be the same way back
    leg.to(-37.0, 0.04).to(-40.0, 0.12)
    assert leg.detector.out
    assert leg.detector.angle_deg > 35.0


@pytest.mark.parametrize(("still", "tau_s"), [(True, 0.7), (False, 3.0)])
def test_home_follows_slowly(still: bool, tau_s: float) -> None:
    leg = Leg(USUAL).to(4.0, 0.04)
    before = leg.home_deg
    leg.hold(0.6, still)
    expected = 4.0 - (4.0 - before) * exp(-0.6 / tau_s)
    assert leg.home_deg == pytest.approx(expected, abs=0.15)


def test_a_limb_that_sinks_below_home_takes_home_along_at_once() -> None:
    leg = Leg()
    leg.detector.axis = AXIS
    leg.hold(0.4).to(-5.0, 0.2)
    assert leg.home_deg == pytest.approx(-5.0, abs=0.01)


@pytest.mark.parametrize(("doubted", "rests_s", "out"), [(True, 0.4, True), (False, 0.4, False), (True, 0.0, False)])
def test_a_rest_before_tells_a_movement_the_other_way_from_drift_while_the_known_way_is_doubted(
    doubted: bool, rests_s: float, out: bool
) -> None:
    leg = Leg()
    leg.detector.axis, leg.detector.doubted = AXIS, doubted
    leg.hold(rests_s).to(-25.0, 1.0)
    assert (leg.detector.out, leg.detector.other_way) == (out, out)


def test_a_movement_the_other_way_is_measured_from_where_the_limb_rested() -> None:
    leg = Leg()
    leg.detector.axis, leg.detector.doubted = AXIS, True
    leg.hold(0.4).to(-25.0, 1.0).hold(0.4).to(0.0, 1.0)
    (_, excursion), *_ = leg.done
    assert excursion.peak_deg == pytest.approx(25.0, abs=0.1)
    assert excursion.start_s == pytest.approx(0.4, abs=0.05)


def test_only_what_is_along_the_known_axis_counts() -> None:
    leg = Leg()
    leg.detector.axis = turned(0.0, -1.0, 0.0)
    leg.hold(0.4).to(20.0, 0.4)
    assert not leg.detector.out
    assert abs(leg.detector.angle_deg) < 1.0


@pytest.mark.parametrize("change", [lambda d: d.rehome(pose(25.0)), lambda d: d.forget()])
def test_what_was_learned_can_be_forgotten(change: Callable[[ExcursionDetector], None]) -> None:
    leg = Leg(usual_deg=50.0)
    leg.detector.axis = AXIS
    leg.hold(0.4).to(40.0, 1.0).to(30.0, 0.2)
    assert leg.detector.turned
    change(leg.detector)
    if leg.detector.usual_deg is None:
        assert leg.detector.axis is None
        assert leg.detector.threshold_deg == pytest.approx(6.0)
    else:
        assert (leg.detector.out, leg.detector.turned, leg.detector.angle_deg) == (False, False, 0.0)
        assert leg.home_deg == pytest.approx(25.0)
        leg.deg = 25.0
        assert leg.hold(0.4).detector.out is False


def reps(count: int, range_deg: float) -> Iterable[float]:
    yield from (range_deg for _ in range(count))


def test_one_rep_after_the_other_is_one_excursion_each() -> None:
    leg = Leg().hold(1.0)
    for range_deg in reps(5, 30.0):
        leg.to(range_deg, 1.0).hold(0.2, still=False).to(0.0, 1.0).hold(0.4)
    assert [round(found.peak_deg) for _, found in leg.done] == [30] * 5
    turns = [found.turn_s for _, found in leg.done]
    assert [later - earlier for earlier, later in pairwise(turns)] == pytest.approx([2.6] * 4, abs=0.1)
