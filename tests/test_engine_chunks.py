"""However the samples are cut into chunks, the engine says the same, byte for byte."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kneeimu.engine import Engine
from kneeimu.types import Alignment, FloatArray, Samples, Setup, event_to_json

RATES = (25.0, 52.0, 100.0)


def restless_leg(seed: int, rate_hz: float, duration_s: float = 40.0) -> Samples:
    """A limb that swings, rests, is knocked, and a sensor that drops samples, sends NaN, clips and sticks."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(int(duration_s * rate_hz)) / rate_hz
    period_s = rng.uniform(1.2, 5.0)
    angle = rng.uniform(0.1, 0.9) * (1.0 - np.cos(2.0 * np.pi * time_s / period_s)) / 2.0
    angle *= np.repeat(rng.integers(0, 2, 10), len(time_s) // 10 + 1)[: len(time_s)]
    rate = np.gradient(angle, time_s)
    acc = 9.81 * np.column_stack((np.sin(angle), np.cos(angle), np.zeros_like(angle)))
    gyr = np.column_stack((np.zeros_like(rate), np.zeros_like(rate), -rate))
    acc += rng.normal(0.0, 0.05, acc.shape)
    gyr += rng.normal(0.0, 0.005, gyr.shape)
    knocks = rng.integers(0, len(time_s), 12)
    acc[knocks] += rng.normal(0.0, 15.0, (12, 3))
    acc[rng.integers(0, len(time_s), 3)] = np.nan
    stuck = int(rng.integers(0, len(time_s)))
    gyr[stuck : stuck + int(5 * rate_hz), 1] = 0.1
    kept = np.ones(len(time_s), dtype=bool)
    for gap_s in (0.1, 0.25, 1.5):
        start = int(rng.integers(0, len(time_s)))
        kept[start : start + int(gap_s * rate_hz)] = False
    return Samples(time_s[kept], acc[kept], gyr[kept])


def said(samples: Samples, setup: Setup, cuts: list[int]) -> list[str]:
    engine = Engine(setup)
    events = []
    for start, end in zip([0, *cuts], [*cuts, len(samples)], strict=True):
        part = slice(start, end)
        events += engine.feed(Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part]))
    return [event_to_json(event) for event in [*events, *engine.finish()]]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), rate_hz=st.sampled_from(RATES), data=st.data())
def test_chunks_change_nothing(seed: int, rate_hz: float, data: st.DataObject) -> None:
    samples = restless_leg(seed, rate_hz)
    setup = Setup("squat", "right", "thigh", rate_hz)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(samples)), max_size=40)))
    assert said(samples, setup, cuts) == said(samples, setup, [])


def test_one_sample_at_a_time_changes_nothing() -> None:
    samples = restless_leg(7, 50.0)
    setup = Setup("lunge", "left", "shin", 50.0)
    whole = said(samples, setup, [])
    assert said(samples, setup, list(range(1, len(samples)))) == whole
    assert any('"kind":"rep"' in line for line in whole)


@pytest.mark.parametrize("size", [1, 8, 997])
def test_what_is_drawn_does_not_depend_on_the_chunks(size: int) -> None:
    samples = restless_leg(11, 100.0)
    setup = Setup("squat", "right", "thigh", 100.0, Alignment((0.8, 0.0, 0.6, 0.0), "right", "thigh", "good", 3.0))
    whole = drawn(samples, setup, len(samples))
    np.testing.assert_allclose(drawn(samples, setup, size), whole, rtol=0.0, atol=1e-9)
    assert np.nanmax(np.abs(whole[:, 2])) > 1.0


def drawn(samples: Samples, setup: Setup, size: int) -> FloatArray:
    engine, columns = Engine(setup), []
    for start in range(0, len(samples), size):
        part = slice(start, start + size)
        engine.feed(Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part]))
        trace = engine.trace
        columns.append(np.column_stack((trace.time_s, trace.angle_deg, trace.medial_deg, trace.quat_segment_to_world)))
    return np.concatenate(columns)
