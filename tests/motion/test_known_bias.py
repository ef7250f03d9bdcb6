"""A sensor whose gyro's bias is known from its alignment keeps its heading from the first second on."""

from __future__ import annotations

import numpy as np
import pytest

from kneeimu.engine import Engine
from kneeimu.motion.knee import SegmentStream
from kneeimu.motion.orientation import OrientationFilter
from kneeimu.motion.uniform import UniformGrid
from kneeimu.types import Alignment, FloatArray, Samples, Setup

Bias = tuple[float, float, float]
BIAS: Bias = (0.0, 0.017, 0.0)
"""1 deg/s about the vertical, as the box sits."""
LONG_S = 8.0


def swaying() -> Samples:
    """An upright box that never rests, so that the bias can't be taken from rest."""
    time_s = np.arange(0.0, LONG_S, 0.01)
    sway = np.radians(6.0) * np.sin(2.0 * np.pi * 0.5 * time_s)
    rate = np.gradient(sway, time_s)
    acc = 9.80665 * np.column_stack((np.sin(sway), np.cos(sway), np.zeros_like(sway)))
    return Samples(time_s, acc, np.column_stack((np.zeros_like(rate), np.zeros_like(rate), rate)) + BIAS)


def heading_gone_deg(quat: FloatArray) -> float:
    """By how much the heading has drifted from the first to the last row of quaternions (n, 4)."""
    w, x, y, z = quat.T
    heading = np.unwrap(np.arctan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z)))
    return abs(float(np.degrees(heading[-1] - heading[0])))


def of_engine(bias: Bias | None) -> float:
    alignment = Alignment((1.0, 0.0, 0.0, 0.0), "right", "thigh", "good", 2.0, gyro_bias_rad_s=bias)
    engine = Engine(Setup("squat", "right", "thigh", 100.0, alignment))
    engine.feed(swaying())
    return heading_gone_deg(engine.trace.quat_segment_to_world)


def of_segment(bias: Bias | None) -> float:
    alignment = Alignment((1.0, 0.0, 0.0, 0.0), "right", "thigh", "good", 2.0, gyro_bias_rad_s=bias)
    stretches = SegmentStream(100.0, alignment).push(swaying())
    return heading_gone_deg(np.concatenate([stretch.quat_segment_to_world for stretch in stretches]))


@pytest.mark.parametrize("of", [of_engine, of_segment])
def test_the_heading_drifts_less_when_the_bias_is_known(of) -> None:  # type: ignore[no-untyped-def]
    assert of(None) > 3.0
    assert of(BIAS) < 0.5


def test_a_bias_that_has_changed_since_is_unlearned_at_rest() -> None:
    time_s = np.arange(0.0, 40.0, 0.01)
    still = np.tile((0.0, 9.80665, 0.0), (len(time_s), 1))
    grid = UniformGrid(100.0)
    known = OrientationFilter(grid.rate_hz, grid.samples_per_tick, (0.0, -0.009, 0.0))
    (block,) = grid.push(Samples(time_s, still, np.tile(BIAS, (len(time_s), 1))))
    quats = known.process(block).quat_sensor_to_world
    assert heading_gone_deg(quats[-250:]) < 0.3
