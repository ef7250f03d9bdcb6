"""A stretch is timed from pose to pose, a massage by its movement."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from played import counted, person, samples_of

from firmware_sim import Activity, Simulation
from kneeimu.engine import Engine
from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.counter_words import Counted
from kneeimu.reps.timed.hold import HoldCounter
from kneeimu.reps.timed.massage import MassageCounter
from kneeimu.reps.timed.timed import SET_QUIET_S, TimedCounter
from kneeimu.types import Event, Samples, SetEnded, Setup

TICK_S = 1.0 / TICK_HZ
SPAN_TICKS = 15
Leg = tuple[float, float]
"""How long something lasts, s, and the tilt at its end, deg."""


def way(*legs: Leg) -> list[float]:
    """Tilt at each tick of a limb that goes from pose to pose, each way within a second at most, and keeps them."""
    angles = [legs[0][1]]
    for lasts_s, to_deg in legs:
        ticks, moving = round(lasts_s * TICK_HZ), round(min(lasts_s, 1.0) * TICK_HZ)
        share = 0.5 - 0.5 * np.cos(np.pi * np.minimum(np.arange(1, ticks + 1) / moving, 1.0))
        angles += (angles[-1] + (to_deg - angles[-1]) * share).tolist()
    return angles


def rolled(lasts_s: float, at_deg: float, size_deg: float = 2.0, period_s: float = 2.5) -> list[float]:
    """Tilt of a limb that is rolled to and fro."""
    time_s = np.arange(0.0, lasts_s, TICK_S)
    return (at_deg + size_deg * np.sin(2 * np.pi * time_s / period_s)).tolist()


def timed(counter: TimedCounter, angles_deg: Iterable[float]) -> list[tuple[float, float]]:
    """Start and end of what was timed, s."""
    angles = np.asarray(list(angles_deg))
    before = np.concatenate((np.full(SPAN_TICKS, angles[0]), angles))
    words = []
    for tick, angle in enumerate(np.radians(angles)):
        moved = abs(before[tick + SPAN_TICKS] - before[tick + SPAN_TICKS - 1])
        change = abs(before[tick + SPAN_TICKS] - before[tick])
        words += counter.step(tick * TICK_S, (float(np.sin(angle)), float(np.cos(angle)), 0.0), 0.0, moved, change)
    words += counter.end_stream(len(angles) * TICK_S)
    return [(word.excursion.start_s, word.excursion.end_s) for word in words if isinstance(word, Counted)]


def stretch() -> HoldCounter:
    return HoldCounter(floor_deg=4.0, ceiling_deg=60.0)


def test_two_stretches_with_a_rest_between_are_two() -> None:
    first, second = timed(stretch(), way((3, 0), (30, 12), (15, 0), (30, 11), (5, 0)))
    assert first == pytest.approx((4.0, 34.0), abs=1.5)
    assert second == pytest.approx((49.0, 79.0), abs=1.5)


def test_a_pose_that_sags_is_still_held() -> None:
    assert len(timed(stretch(), way((3, 0), (2, 14), *((5, 14 - sag) for sag in range(1, 7)), (5, 0)))) == 1


def test_sitting_down_after_the_stretch_is_none() -> None:
    assert len(timed(stretch(), way((3, 0), (30, 12), (5, 0), (30, 85), (5, 0)))) == 1


def test_a_pose_reached_by_way_of_another_is_no_stretch() -> None:
    assert timed(stretch(), way((3, 0), (1, 40), (30, 12), (5, 0))) == []


def test_standing_a_little_askew_after_the_stretch_is_rest() -> None:
    assert len(timed(stretch(), way((3, 0), (30, 20), (30, 6), (30, 25), (5, 0)))) == 2


def test_whoever_stretches_at_once_has_it_timed_on_the_return() -> None:
    assert len(timed(stretch(), way((0.6, 0), (30, 12), (5, 0), (30, 12), (5, 0)))) == 2


def test_a_long_stand_between_two_poses_is_no_stretch() -> None:
    assert timed(stretch(), way((0.6, 0), (30, 12), (5, 24))) == []


def test_rolling_for_a_minute_is_a_massage() -> None:
    ((start_s, end_s),) = timed(MassageCounter(), [*way((5, 0), (3, 8)), *rolled(60, 8), *way((10, 8), (5, 0))])
    assert end_s - start_s == pytest.approx(60.0, abs=6.0)


def test_off_the_roller_and_on_again_are_two_massages() -> None:
    bout = rolled(40, 8)
    assert len(timed(MassageCounter(), [*way((5, 0), (2, 8)), *bout, *way((0, 8), (4, 0), (2, 8)), *bout])) == 2


def test_stopping_at_a_sore_spot_does_not_end_it() -> None:
    spots = [*rolled(9, 8), *way((0, 8), (4, 6)), *rolled(9, 6), *way((0, 6), (4, 9)), *rolled(9, 9)]
    assert len(timed(MassageCounter(), [*way((5, 0), (2, 8)), *spots])) == 1


def test_lying_still_is_no_massage() -> None:
    assert timed(MassageCounter(), [*way((5, 0), (2, 8)), *rolled(60, 8, size_deg=0.1)]) == []


def test_a_fidget_is_too_short_to_count() -> None:
    assert timed(MassageCounter(), [*way((5, 0)), *rolled(10, 0), *way((30, 0))]) == []


def test_a_massage_is_felt_at_the_shin_though_gravity_tells_little() -> None:
    walk = (Activity("walk", 5.0),)
    done = person("massage", "shin", reps=1, tempo_s=(2.0, 60.0, 2.0, 3.0), after=walk)
    (rep,) = counted(done).reps
    assert rep.hold_s == pytest.approx(60.0, abs=8.0)


def without(simulation: Simulation, start_s: float, end_s: float) -> Samples:
    """The recording but for these seconds, which were lost on the way."""
    samples = samples_of(simulation)
    kept = (samples.time_s < start_s) | (samples.time_s > end_s)
    return Samples(samples.time_s[kept], samples.acc_m_s2[kept], samples.gyr_rad_s[kept])


def said(simulation: Simulation) -> list[Event]:
    truth = simulation.truth
    engine = Engine(Setup(truth.exercise, truth.side, truth.mount, truth.rate_hz))  # type: ignore[arg-type]
    return [*engine.feed(samples_of(simulation)), *engine.finish()]


@pytest.mark.parametrize(
    ("exercise", "mount"), [("massage", "shin"), ("massage", "thigh"), ("it-band-stretch", "thigh")]
)
def test_what_goes_on_while_samples_are_lost_is_one_and_as_long(exercise: str, mount: str) -> None:
    done = person(exercise, mount, reps=1, tempo_s=(2.0, 60.0, 2.0, 3.0), before=(Activity("stand", 5.0),))
    ((start_s, end_s),) = [(rep.start_s, rep.end_s) for rep in done.truth.reps]
    (whole,) = counted(done).reps
    middle_s = 0.5 * (start_s + end_s)
    (rep,) = counted(done, samples=without(done, middle_s, middle_s + 2.0)).reps
    assert rep.hold_s == pytest.approx(whole.hold_s, abs=3.0)


def test_what_was_held_before_a_long_loss_counts() -> None:
    done = person("it-band-stretch", "thigh", reps=1, tempo_s=(2.0, 60.0, 2.0, 3.0), before=(Activity("stand", 5.0),))
    (whole,) = counted(done).reps
    (rep,) = counted(done, samples=without(done, whole.start_s + 30.0, whole.end_s + 1.0)).reps
    assert rep.hold_s == pytest.approx(30.0, abs=1.5)


def test_a_set_ends_also_while_the_person_walks_on_and_on() -> None:
    done = person("it-band-stretch", "thigh", reps=2, tempo_s=(2.0, 30.0, 2.0, 3.0), after=(Activity("walk", 150.0),))
    (one,) = counted(done).sets
    ended_s = [event.time_s for event in said(done) if isinstance(event, SetEnded)]
    assert ended_s == [pytest.approx(one.end_s + SET_QUIET_S, abs=3.0)]


def test_what_was_rolled_before_the_key_does_not_count() -> None:
    counter = MassageCounter()
    rolling = rolled(60.0, 0.0)
    words = []
    for tick, angle in enumerate(np.radians(rolling)):
        if tick == round(16.0 * TICK_HZ):
            words += counter.open_set(tick * TICK_S)
        change = float(np.degrees(abs(angle - np.radians(rolling)[max(tick - SPAN_TICKS, 0)])))
        words += counter.step(tick * TICK_S, (float(np.sin(angle)), float(np.cos(angle)), 0.0), 0.0, 0.1, change)
    words += counter.close_set(60.0)
    (massage,) = [word.excursion for word in words if isinstance(word, Counted)]
    assert massage.start_s == pytest.approx(16.0)
