"""Sensors that are timed by counting: another rate, a loss and a link that waits are told from one another."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

import numpy as np
import pytest

from kneeimu.sensors.envelope import LowerEnvelope
from kneeimu.sensors.opening import Opening

from .clock_floor import unknowable_errors_s
from .clock_world import Packet, World, drained, stalled
from .placed import MINUTES, clock_for, errors_s, missing_between, numbers, place


def test_a_sensor_without_a_clock_is_timed_by_its_count() -> None:
    world = World(hours=MINUTES, rate_error=0.01, burst_s=0.03, clock=False, counts=False)
    placed = place(clock_for(world), world.packets())
    assert np.percentile(np.abs(errors_s(world, placed, after_s=60)), 99) < 0.010


def test_a_sensor_without_a_clock_may_run_at_another_rate_than_it_says() -> None:
    world = World(hours=MINUTES, rate_error=-0.5, burst_s=0.03, clock=False, counts=False)
    clock = clock_for(world)
    placed = place(clock, world.packets())
    assert clock.rate_hz == pytest.approx(50, rel=0.03)
    assert np.percentile(np.abs(errors_s(world, placed, after_s=60)), 99) < 0.010


@pytest.mark.parametrize("rate_error", [-0.5, -0.1, 0.08])
def test_numbered_samples_may_come_at_another_rate_than_was_agreed(rate_error: float) -> None:
    world = World(hours=MINUTES, rate_error=rate_error, burst_s=0.03, per_packet=1, clock=False, loss=0.05)
    clock = clock_for(world)
    placed = place(clock, world.packets())
    late = errors_s(world, placed, after_s=30)
    assert clock.counts.lost == missing_between(numbers(placed))
    assert np.percentile(np.abs(late), 99) < 0.010


@pytest.mark.parametrize("rate_error", [-0.01, 0.01])
@pytest.mark.parametrize("burst_s", [0.0075, 0.05, 0.5])
def test_numbered_samples_are_right_from_the_start(burst_s: float, rate_error: float) -> None:
    world = World(hours=MINUTES, rate_error=rate_error, burst_s=burst_s, per_packet=1, clock=False, loss=0.01)
    placed = place(clock_for(world), world.packets())
    assert np.percentile(np.abs(errors_s(world, placed, after_s=15)), 99) < 0.010 + 0.02 * burst_s


@pytest.mark.parametrize("per_packet", [3, 8])
@pytest.mark.parametrize("burst_s", [0.0075, 0.05])
def test_losses_of_a_sensor_without_a_clock_are_found_one_by_one(burst_s: float, per_packet: int) -> None:
    off = {"skew": -2e-4, "rate_error": -0.01}
    world = World(hours=MINUTES, burst_s=burst_s, per_packet=per_packet, loss=0.05, clock=False, counts=False, **off)
    clock = clock_for(world)
    placed = place(clock, world.packets())
    lost = missing_between(numbers(placed))
    assert clock.counts.lost == lost > 500
    assert np.percentile(np.abs(errors_s(world, placed)), 99) < 0.010


@pytest.mark.parametrize("seed", [117, 121])
def test_losses_in_the_first_seconds_of_a_slow_link_are_no_other_rate(seed: int) -> None:
    world = World(hours=MINUTES / 3, burst_s=0.5, loss=0.05, clock=False, counts=False, seed=seed)
    clock = clock_for(world)
    place(clock, world.packets())
    assert clock.rate_hz == 100.0


@pytest.mark.parametrize("rate_error", [-0.08, 0.05])
def test_losses_are_not_taken_for_a_slow_sensor_nor_a_slow_sensor_for_losses(rate_error: float) -> None:
    world = World(hours=MINUTES, rate_error=rate_error, burst_s=0.03, loss=0.05, clock=False, counts=False)
    clock = clock_for(world)
    placed = place(clock, world.packets())
    lost = missing_between(numbers(placed))
    assert clock.counts.lost == lost
    assert np.percentile(np.abs(errors_s(world, placed, after_s=30)), 99) < 0.010


def test_a_gap_within_a_burst_is_put_where_its_neighbours_lack_something() -> None:
    world = World(hours=MINUTES, burst_s=0.5, clock=False, counts=False)
    packets = [packet for packet in world.packets() if not 100.3 < packet.true_s[0] < 101.2]  # ends amid two bursts
    clock = clock_for(world)
    placed = place(clock, packets)
    gap = next(samples for _, samples in placed if samples.acc_m_s2[0, 0] >= 10120)
    assert np.abs(errors_s(world, placed, after_s=60)).max() < 0.010
    assert gap.restart


def test_what_comes_late_of_a_burst_does_not_make_its_samples_late() -> None:
    world = World(hours=MINUTES, per_packet=3, burst_s=0.5, clock=False, counts=False, seed=3)
    placed = place(clock_for(world), world.packets())
    assert np.median(errors_s(world, placed, after_s=90)) < 0.0025


@pytest.mark.parametrize("seed", [1, 2])
def test_all_that_a_slow_link_loses_is_found_but_for_its_place_in_a_burst(seed: int) -> None:
    world = World(hours=0.2, per_packet=3, burst_s=0.5, loss=0.01, clock=False, counts=False, seed=seed)
    errors = errors_s(world, place(clock_for(world), world.packets()), after_s=60)
    unknowable = float(np.mean(unknowable_errors_s(world) > 0.010))
    assert np.mean(np.abs(errors) > 0.010) < unknowable + 0.004


def test_of_several_rates_that_explain_the_beginning_the_true_one_is_found_in_the_end() -> None:
    slow = World(hours=0.25, rate_hz=60.0, per_packet=1, burst_s=0.2, loss=0.01, clock=False, counts=False, seed=5)
    world = dataclasses.replace(slow, skew=-2e-4, rate_error=-0.01)
    errors = errors_s(world, place(clock_for(world), world.packets()), after_s=300)
    assert np.percentile(np.abs(errors), 99) < 0.010


@pytest.mark.parametrize("seed", [35, 96])
def test_looking_at_the_beginning_again_spoils_no_line_that_was_right(seed: int) -> None:
    off = {"skew": -2e-4, "rate_error": -0.01}
    world = World(hours=MINUTES, burst_s=0.2, loss=0.05, clock=False, counts=False, seed=seed, **off)
    errors = errors_s(world, place(clock_for(world), world.packets()), after_s=120)
    assert abs(np.median(errors)) < 0.005


@pytest.mark.parametrize("per_packet", [1, 4, 8])
@pytest.mark.parametrize("burst_s", [0.0075, 0.03, 0.075])
def test_without_loss_nothing_is_called_lost(burst_s: float, per_packet: int) -> None:
    world = World(hours=MINUTES, rate_error=0.01, burst_s=burst_s, per_packet=per_packet, clock=False, counts=False)
    clock = clock_for(world)
    placed = place(clock, world.packets())
    assert clock.counts.lost == 0
    assert clock.counts.segments == 1
    assert np.percentile(np.abs(errors_s(world, placed, after_s=60)), 99) < 0.010


def test_what_waited_while_the_radio_paused_is_not_called_lost() -> None:
    world = World(hours=MINUTES, clock=False, counts=False)
    packets = list(world.packets())
    pause_s = 0.35
    for start_s in (60.0, 90.0, 120.0):
        packets = [
            dataclasses.replace(packet, arrival_s=start_s + pause_s + 1e-4 * (packet.arrival_s - start_s))
            if start_s <= packet.arrival_s < start_s + pause_s
            else packet
            for packet in packets
        ]
    clock = clock_for(world)
    placed = place(clock, packets)
    assert clock.counts.lost == 0
    assert len(numbers(placed)) >= 8 * (len(packets) - 1)
    assert np.percentile(np.abs(errors_s(world, placed, after_s=60)), 99) < 0.010


@pytest.mark.parametrize("per_packet", [3, 8])
@pytest.mark.parametrize("disturbed", [stalled, drained])
def test_a_busy_host_and_a_backlog_are_no_losses(
    disturbed: Callable[[Iterable[Packet]], list[Packet]], per_packet: int
) -> None:
    world = World(hours=MINUTES, rate_error=-0.01, burst_s=0.015, per_packet=per_packet, clock=False, counts=False)
    clock = clock_for(world)
    placed = place(clock, disturbed(world.packets()))
    assert clock.counts.lost == 0
    assert np.percentile(np.abs(errors_s(world, placed, after_s=30)), 99) < 0.010


@pytest.mark.parametrize(("rate_hz", "per_packet"), [(100.0, 8), (100.0, 3), (60.0, 1)])
@pytest.mark.parametrize(("burst_s", "grown_burst_s"), [(0.0075, 0.05), (0.0075, 0.2), (0.05, 0.5)])
def test_a_link_that_waits_longer_in_mid_stream_is_no_loss(
    burst_s: float, grown_burst_s: float, rate_hz: float, per_packet: int
) -> None:
    grows = {"burst_s": burst_s, "grown_burst_s": grown_burst_s}
    world = World(hours=0.06, rate_hz=rate_hz, per_packet=per_packet, clock=False, counts=False, seed=3, **grows)
    clock = clock_for(world)
    placed = place(clock, world.packets())
    assert clock.counts.lost == 0
    assert np.percentile(np.abs(errors_s(world, placed, after_s=85)), 97) < 0.010


def test_a_burst_that_comes_the_least_bit_before_its_time_is_heard() -> None:
    """By less than the last digit of a number between 0 and 1 shows."""
    opening = Opening(1.0, LowerEnvelope())
    opening.hear(0.0, 0.0, 1)
    opening.hear(0.1 + 0.2, 0.3, 1)
    assert opening.missing == 0


def test_a_count_that_is_taken_back_further_than_was_forgotten_leaves_a_line() -> None:
    line = LowerEnvelope()
    delays_s = [0.0, 0.02, 0.03, 0.01, 0.02, 0.0]
    for device_s, delay_s in enumerate(delays_s):
        line.add(float(device_s), device_s + delay_s)
    line.forget(7.0)
    for device_s in (5.0, 6.0, 7.0):
        line.add(device_s, device_s + 0.01)
    assert abs(line.at(7.0)) < 0.02
