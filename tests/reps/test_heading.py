"""A level thigh that turns aside by more than it tilts: gravity hardly shows its reps, the gyro does."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from kneeimu.engine import Engine
from kneeimu.types import Event, FloatArray, RepCounted, RepRevoked, Samples, SetEnded, SetStarted, Setup

RATE_HZ = 50.0
PRONE = Setup("prone-hip-extension", "right", "thigh", RATE_HZ)
LEVEL = Rotation.from_euler("y", 90.0, degrees=True)
Group = tuple[int, float, float]
"""How many reps, how far the thigh tilts, and how far it turns aside, deg."""


def thigh(*groups: Group, rest_s: float = 12.0, rep_s: float = 4.0) -> Samples:
    """A thigh that lies level, does groups of reps with a rest after each, and trembles a little."""
    return felt(*course(*groups, rest_s=rest_s, rep_s=rep_s))


def course(*groups: Group, rest_s: float = 12.0, rep_s: float = 4.0) -> tuple[FloatArray, FloatArray]:
    """How far it tilts, and how far it is turned aside, deg."""
    tilt, aside = [np.zeros(int(rest_s * RATE_HZ))], [np.zeros(int(rest_s * RATE_HZ))]
    wave = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(int(rep_s * RATE_HZ)) / (rep_s * RATE_HZ))
    rep, rest = np.concatenate((wave, np.zeros(int(RATE_HZ)))), np.zeros(int(rest_s * RATE_HZ))
    for times, tilt_deg, aside_deg in groups:
        tilt += [*[tilt_deg * rep] * times, rest]
        aside += [*[aside_deg * rep] * times, rest]
    return np.concatenate(tilt), np.concatenate(aside)


def felt(tilt_deg: FloatArray, aside_deg: FloatArray) -> Samples:
    pose = Rotation.from_euler("ZY", np.column_stack((aside_deg, tilt_deg)), degrees=True) * LEVEL
    rng = np.random.default_rng(5)
    force = pose.inv().apply([0.0, 0.0, 9.81]) + rng.normal(0.0, 0.03, (len(tilt_deg), 3))
    rate = (pose[:-1].inv() * pose[1:]).as_rotvec() * RATE_HZ
    rate = np.concatenate((rate[:1], rate)) + rng.normal(0.0, 0.003, (len(tilt_deg), 3))
    return Samples(np.arange(len(tilt_deg)) / RATE_HZ, force, rate)


def said(samples: Samples, setup: Setup = PRONE) -> list[Event]:
    engine = Engine(setup)
    return [*engine.feed(samples), *engine.finish()]


def standing(events: list[Event]) -> int:
    return sum(isinstance(one, RepCounted) for one in events) - sum(isinstance(one, RepRevoked) for one in events)


@pytest.mark.parametrize("exercise", ["prone-hip-extension", "knee-extension"])
def test_a_thigh_that_turns_aside_and_hardly_tilts_does_reps(exercise: str) -> None:
    setup = Setup(exercise, "right", "thigh", RATE_HZ)
    assert standing(said(thigh((8, 1.2, 5.0)), setup)) == 8


@pytest.mark.parametrize("exercise", ["prone-hip-extension", "straight-leg-raise"])
def test_a_leg_that_goes_aside_lying_down_and_hardly_rises_does_reps(exercise: str) -> None:
    setup = Setup(exercise, "right", "shin", RATE_HZ)
    assert standing(said(thigh((8, 2.5, 12.0)), setup)) == 8


def test_its_set_is_told_in_order_and_its_reps_are_as_large_as_it_turned() -> None:
    events = said(thigh((6, 1.2, 5.0)))
    told = [event for event in events if isinstance(event, SetStarted | RepCounted | SetEnded)]
    assert [type(event) for event in told] == [SetStarted, *[RepCounted] * 6, SetEnded]
    reps = [event.rep for event in told if isinstance(event, RepCounted)]
    assert [rep.number for rep in reps] == [1, 2, 3, 4, 5, 6]
    assert all(4.3 < rep.range_of_motion_deg < 5.3 for rep in reps)


def test_a_small_group_after_large_ones_is_seen_by_its_heading() -> None:
    assert standing(said(thigh((5, 10.0, 4.0), (5, 1.2, 4.0)))) == 10


def test_a_small_group_at_once_after_large_ones_is_seen_by_its_heading() -> None:
    """No longer rest parts the groups, and the large ones turn aside, too."""
    assert standing(said(thigh((5, 10.0, 4.0), (5, 1.2, 4.0), rest_s=3.0))) == 10


def test_getting_into_place_slowly_is_no_rep() -> None:
    """The thigh drifts to the other side before the first rep and after the last: there, too, it seems to turn."""
    slow = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(int(14.0 * RATE_HZ)) / (14.0 * RATE_HZ))
    tilt, aside = course((4, 1.2, 5.0), rest_s=4.0)
    nothing = np.zeros(len(slow))
    aside = np.concatenate((-3.0 * slow, aside, -3.0 * slow))
    assert standing(said(felt(np.concatenate((nothing, tilt, nothing)), aside))) == 4


def test_one_who_turns_the_thigh_to_and_fro_at_the_pace_of_strides_walks() -> None:
    time_s = np.arange(int(60.0 * RATE_HZ)) / RATE_HZ
    stride = 2.0 * np.pi * time_s / 1.1
    assert standing(said(felt(1.2 * np.cos(2.0 * stride), 5.0 * np.sin(stride)))) == 0


def test_reps_that_tilt_and_turn_count_once() -> None:
    events = said(thigh((8, 10.0, 6.0)))
    assert standing(events) == 8
    assert not [one for one in events if isinstance(one, RepRevoked)]


def test_a_thigh_that_turns_with_its_seat_and_does_not_tilt_rests() -> None:
    assert standing(said(thigh((8, 0.0, 5.0)))) == 0


def test_one_that_tilts_far_meanwhile_does_something_else() -> None:
    """A person on a swivel chair who leans over slowly."""
    time_s = np.arange(int(70.0 * RATE_HZ)) / RATE_HZ
    aside = 6.0 * np.sin(2.0 * np.pi * time_s / 5.0)
    tilt = 20.0 * np.sin(2.0 * np.pi * time_s / 80.0)
    assert standing(said(felt(tilt, aside))) == 0


def test_two_turns_are_no_set() -> None:
    assert standing(said(thigh((2, 1.2, 5.0)))) == 0


@pytest.mark.parametrize("size", [1, 37, 512])
def test_the_chunks_change_nothing(size: int) -> None:
    samples, engine, events = thigh((4, 10.0, 4.0), (5, 1.2, 4.0), (5, 1.2, 6.0)), Engine(PRONE), []
    for begin in range(0, len(samples), size):
        part = slice(begin, begin + size)
        events += engine.feed(Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part]))
    assert [*events, *engine.finish()] == said(samples)


def test_a_set_ended_by_hand_holds_what_the_heading_has_seen_so_far() -> None:
    samples, engine = thigh((6, 1.2, 5.0)), Engine(PRONE)
    events = engine.start_set(0.0)
    until = int(36.0 * RATE_HZ)
    events += engine.feed(Samples(samples.time_s[:until], samples.acc_m_s2[:until], samples.gyr_rad_s[:until]))
    events += engine.end_set(36.0)
    assert standing(events) in (4, 5)


def test_a_gap_between_two_reps_loses_no_other() -> None:
    samples = thigh((8, 1.2, 5.0))
    kept = (samples.time_s < 31.2) | (samples.time_s > 31.8)
    assert standing(said(Samples(samples.time_s[kept], samples.acc_m_s2[kept], samples.gyr_rad_s[kept]))) in (7, 8)
