"""The knee's angles from two orientations, whatever each filter's heading does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from kneeimu.motion.knee import KneeAngles, KneeTracker, RelativeHeading, join_angles, knee_cardan_deg, tilt_deg
from kneeimu.motion.segment import columns
from kneeimu.types import Alignment, FloatArray, Samples, Side

UPRIGHT = Rotation.from_matrix([[1, 0, 0], [0, 0, -1], [0, 1, 0]])
"""The standing segment: X to the world's X, Y up (the world's Z)."""
angle = st.floats(-60.0, 60.0)


def quats(rotation: Rotation) -> FloatArray:
    return np.atleast_2d(rotation.as_quat(scalar_first=True))


def alignment(mount: str, side: Side = "right", box: Rotation | None = None) -> Alignment:
    quat = tuple((box or Rotation.identity()).as_quat(scalar_first=True).tolist())
    return Alignment(quat, side, mount, "good", 2.0)  # type: ignore[arg-type]


def bending_leg(
    rate_hz: float, duration_s: float = 30.0, start_s: float = 0.0, bend_deg: float = 60.0
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Thigh and shin tilts of a leg that stands for 4 s, then bends every 4 s: time, thigh, shin (rad)."""
    time_s = start_s + np.arange(int((duration_s - start_s) * rate_hz)) / rate_hz
    bend = np.radians(bend_deg) * np.where(time_s > 4.0, 0.5 - 0.5 * np.cos(np.pi * (time_s - 4.0) / 2.0), 0.0)
    return time_s, 0.57 * bend, -0.43 * bend


def worn(time_s: FloatArray, tilt_rad: FloatArray, box: Rotation) -> Samples:
    """What a perfect sensor in the knee's plane shows; ``box`` turns segment vectors into the sensor's."""
    rate = np.gradient(tilt_rad, time_s)
    zero = np.zeros_like(rate)
    acc = 9.81 * np.column_stack((np.sin(tilt_rad), np.cos(tilt_rad), zero))
    return Samples(time_s, box.apply(acc), box.apply(np.column_stack((zero, zero, rate))))


@given(flexion=st.floats(-10.0, 140.0), frontal=angle, axial=angle, heading=st.floats(-180.0, 180.0))
@pytest.mark.parametrize("side", ["left", "right"])
def test_angles_are_those_that_turn_the_shank(
    side: Side, flexion: float, frontal: float, axial: float, heading: float
) -> None:
    sign = 1.0 if side == "right" else -1.0
    knee = Rotation.from_euler("ZXY", [-flexion, -sign * frontal, sign * axial], degrees=True)
    thigh = Rotation.from_euler("z", 33.0, degrees=True) * UPRIGHT * Rotation.from_euler("z", 20.0, degrees=True)
    shin = Rotation.from_euler("z", -heading, degrees=True) * thigh * knee
    found = knee_cardan_deg(columns(quats(thigh)), columns(quats(shin)), np.radians([heading]), side)
    assert np.concatenate(found) == pytest.approx([flexion, frontal, axial], abs=1e-6)


@given(tilt=st.floats(-170.0, 170.0), heading=st.floats(-180.0, 180.0))
def test_tilt_needs_no_heading(tilt: float, heading: float) -> None:
    segment = Rotation.from_euler("z", heading, degrees=True) * UPRIGHT * Rotation.from_euler("z", tilt, degrees=True)
    assert tilt_deg(columns(quats(segment)))[0] == pytest.approx(tilt, abs=1e-6)


def test_a_steady_drift_between_the_filters_is_followed() -> None:
    heading = RelativeHeading(25.0)
    time_s = np.arange(0.0, 60.0, 0.04)
    drifting = np.radians(0.4) * time_s
    thigh = quats(Rotation.from_euler("z", drifting[:, None]) * UPRIGHT)
    shin = np.tile(quats(UPRIGHT), (len(time_s), 1))
    seen, variance = heading.observe(columns(thigh), columns(shin))
    found = heading.follow(seen, variance, [False] * len(time_s), np.full(len(time_s), np.inf))
    assert np.degrees(np.abs(found - drifting)[time_s > 20.0]).max() < 0.5


@pytest.mark.parametrize(("lying", "known"), [("X", False), ("Z", True)])
def test_on_the_side_where_the_heading_is_the_bend_nothing_is_given_for_long(lying: str, known: bool) -> None:
    heading = RelativeHeading(25.0)
    time_s = np.arange(0.0, 60.0, 0.04)
    down = 90.0 * (time_s > 20.0)
    segment = columns(quats(UPRIGHT * Rotation.from_euler(lying, down[:, None], degrees=True)))
    seen, variance = heading.observe(segment, segment)
    blind = np.where(time_s > 20.0, np.inf, variance)
    found = heading.follow(seen, blind, [False] * len(time_s), heading.most(segment))
    assert np.isfinite(found[(time_s > 10.0) & (time_s < 20.0)]).all()
    assert np.isfinite(found[-1]) == known


def test_a_knee_that_falls_inwards_when_bent_is_not_absorbed() -> None:
    """Twelve reps with 15 deg between the axes at the bottom turn the heading by less than two deg."""
    heading = RelativeHeading(25.0)
    time_s = np.arange(0.0, 60.0, 0.04)
    depth = np.where(time_s > 10.0, 0.5 - 0.5 * np.cos(np.pi * (time_s - 10.0) / 2.0), 0.0)
    thigh = UPRIGHT * Rotation.from_euler("ZY", np.column_stack((34.0 * depth, 15.0 * depth)), degrees=True)
    shin = UPRIGHT * Rotation.from_euler("Z", -26.0 * depth[:, None], degrees=True)
    seen, variance = heading.observe(columns(quats(thigh)), columns(quats(shin)))
    assert np.degrees(np.abs(seen)).max() > 12.0
    found = heading.follow(seen, variance, [False] * len(time_s), np.full(len(time_s), np.inf))
    assert np.degrees(np.abs(found)).max() < 2.0


def tracked(
    thigh: Samples,
    shin: Samples,
    boxes: tuple[Rotation, Rotation],
    cuts: list[tuple[int, int]],
    rates: tuple[float, float],
) -> KneeAngles:
    tracker = KneeTracker(alignment("thigh", box=boxes[0]), alignment("shin", box=boxes[1]), *rates)
    parts = []
    before = (0, 0)
    for cut in [*cuts, (len(thigh), len(shin))]:
        parts.append(tracker.feed(*(_part(s, a, b) for s, a, b in zip((thigh, shin), before, cut, strict=True))))
        before = cut
    return join_angles([*parts, tracker.finish()])


def _part(samples: Samples, start: int, stop: int) -> Samples:
    return Samples(samples.time_s[start:stop], samples.acc_m_s2[start:stop], samples.gyr_rad_s[start:stop])


def test_sensors_of_different_rate_and_beginning_share_one_timeline() -> None:
    boxes = Rotation.random(2, rng=5)
    thigh_s, thigh, _ = bending_leg(100.0)
    shin_s, _, shin = bending_leg(52.0, start_s=1.3137)
    angles = tracked(worn(thigh_s, thigh, boxes[0]), worn(shin_s, shin, boxes[1]), tuple(boxes), [], (100.0, 52.0))
    late = angles.time_s > 1.5
    true_deg = np.degrees(np.interp(angles.time_s, thigh_s, thigh) - np.interp(angles.time_s, shin_s, shin))
    known = late & np.isfinite(angles.flexion_deg)
    assert known[late].mean() > 0.99
    assert not np.isfinite(angles.flexion_deg[angles.time_s < 1.3]).any()
    assert np.abs(angles.flexion_deg - true_deg)[known].max() < 1.0
    assert np.abs(angles.abduction_deg[known]).max() < 1.0


@settings(max_examples=20, deadline=None)
@given(data=st.data(), rates=st.sampled_from([(25.0, 25.0), (100.0, 52.0), (52.0, 119.0)]))
def test_chunks_change_nothing(data: st.DataObject, rates: tuple[float, float]) -> None:
    boxes = Rotation.random(2, rng=7)
    thigh_s, thigh, _ = bending_leg(rates[0], 12.0)
    shin_s, _, shin = bending_leg(rates[1], 12.0)
    lost = (shin_s > 6.0) & (shin_s < 7.0)
    on_thigh = worn(thigh_s, thigh, boxes[0])
    on_shin = worn(shin_s[~lost], shin[~lost], boxes[1])
    cut = st.tuples(st.integers(0, len(on_thigh)), st.integers(0, len(on_shin)))
    drawn = data.draw(st.lists(cut, max_size=12))
    cuts = list(zip(sorted(c[0] for c in drawn), sorted(c[1] for c in drawn), strict=True))
    one = tracked(on_thigh, on_shin, tuple(boxes), cuts, rates)
    whole = tracked(on_thigh, on_shin, tuple(boxes), [], rates)
    for name in KneeAngles.__slots__:
        # vector instructions may differ in the last bit with the place in the array
        np.testing.assert_allclose(getattr(one, name), getattr(whole, name), rtol=0.0, atol=1e-9)


def test_a_gap_at_one_sensor_is_not_known_and_what_follows_is() -> None:
    boxes = Rotation.random(2, rng=9)
    time_s, thigh, shin = bending_leg(100.0)
    kept = (time_s < 10.0) | (time_s > 12.0)
    angles = tracked(
        worn(time_s, thigh, boxes[0]), worn(time_s[kept], shin[kept], boxes[1]), tuple(boxes), [], (100.0, 100.0)
    )
    gap = (angles.time_s > 10.01) & (angles.time_s < 11.99)
    assert not np.isfinite(angles.flexion_deg[gap]).any()
    after = angles.time_s > 14.0
    true_deg = np.degrees(np.interp(angles.time_s, time_s, thigh - shin))
    assert np.abs(angles.flexion_deg - true_deg)[after].max() < 2.0


def test_one_sensor_that_stops_holds_nothing_up() -> None:
    boxes = Rotation.random(2, rng=9)
    time_s, thigh, shin = bending_leg(25.0, 100.0)
    tracker = KneeTracker(alignment("thigh", box=boxes[0]), alignment("shin", box=boxes[1]), 25.0, 25.0, wait_s=5.0)
    tracker.feed(shin=_part(worn(time_s, shin, boxes[1]), 0, 250))
    tracker.feed(thigh=worn(time_s, thigh, boxes[0]))
    assert tracker.time_s == pytest.approx(time_s[-1] - 5.0, abs=0.1)
