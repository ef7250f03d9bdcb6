"""The sensor clock: every sample once, in order, at the time it was taken."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kneeimu.sensors.clock import SensorClock
from kneeimu.sensors.driver import Readings

from .clock_world import DEVICE_WRAP_S, SEQUENCE_WRAP, World
from .placed import MINUTES, clock_for, errors_s, missing_between, numbers, place


@pytest.mark.parametrize("skew", [-2e-4, 0.0, 2e-4])
@pytest.mark.parametrize("burst_s", [0.0075, 0.05])
def test_samples_lie_where_they_were_taken(skew: float, burst_s: float) -> None:
    world = World(hours=MINUTES, skew=skew, rate_error=0.01, burst_s=burst_s, loss=0.02)
    placed = place(clock_for(world), world.packets())
    assert np.percentile(np.abs(errors_s(world, placed)), 99) < 0.010


@pytest.mark.parametrize("counts", [True, False])
def test_missing_samples_are_counted(counts: bool) -> None:
    world = World(hours=MINUTES, loss=0.05, counts=counts)
    clock = clock_for(world)
    placed = place(clock, world.packets())
    assert clock.counts.received == len(numbers(placed))
    assert clock.counts.lost == missing_between(numbers(placed)) > 0


def test_counters_that_wrap_go_on() -> None:
    world = World(hours=MINUTES, boot_s=DEVICE_WRAP_S - 60)  # and the count wraps after 11 minutes: start near it
    packets = [
        dataclasses.replace(
            p, readings=dataclasses.replace(p.readings, sequence=(p.readings.sequence - 5000) % SEQUENCE_WRAP)
        )
        for p in world.packets()
        if p.readings.sequence is not None
    ]
    clock = clock_for(world)
    placed = place(clock, packets)
    assert clock.counts.segments == 1
    assert clock.counts.lost == 0
    assert np.abs(errors_s(world, placed)).max() < 0.010


def test_doubles_and_the_overtaken_are_dropped() -> None:
    packets = list(World(hours=MINUTES / 6).packets())
    order = [0, 1, 1, 2, 4, 3, 5, 5, 2, 6, 7]
    clock = clock_for(World())
    placed = place(
        clock, [dataclasses.replace(packets[i], arrival_s=packets[n].arrival_s) for n, i in enumerate(order)]
    )
    assert numbers(placed)[::8] == [0, 8, 16, 32, 40, 48, 56]
    assert clock.counts.late == 4
    assert clock.counts.lost == 8


def test_a_number_that_leaps_ahead_of_the_time_is_a_stray_and_no_loss() -> None:
    packets = list(World(hours=MINUTES).packets())
    leap = packets[700].readings
    assert leap.sequence is not None
    packets[700] = dataclasses.replace(packets[700], readings=dataclasses.replace(leap, sequence=leap.sequence + 2000))
    clock = clock_for(World())
    placed = place(clock, packets[:720])
    assert (clock.counts.strays, clock.counts.segments) == (1, 1)
    assert clock.counts.lost == World().per_packet
    assert len(numbers(placed)) == 719 * World().per_packet


def test_short_gaps_go_on_and_long_ones_end_the_segment() -> None:
    packets = list(World(hours=MINUTES).packets())
    kept = [*packets[:100], *packets[102:200], *packets[250:]]  # 0.16 s and 4 s
    placed = place(clock_for(World()), kept)
    assert [int(samples.acc_m_s2[0, 0]) for _, samples in placed if samples.restart] == [0, 2000]


@pytest.mark.parametrize("later_s", [0.0, 5.0])
def test_a_sensor_that_starts_anew_begins_a_new_segment(later_s: float) -> None:
    first = list(World(hours=MINUTES / 6).packets())
    offset_s = first[-1].arrival_s + later_s
    second = [
        dataclasses.replace(packet, arrival_s=packet.arrival_s + offset_s, true_s=packet.true_s + offset_s)
        for packet in World(hours=MINUTES / 6, boot_s=0.5).packets()
    ]
    clock = clock_for(World())
    placed = place(clock, [*first, *second])
    assert clock.counts.segments == 2
    assert len(placed) >= len(first) + len(second) - 4  # until it is believed
    assert np.abs(placed[-1][1].time_s - placed[-1][0].true_s).max() < 0.010


def test_a_clock_that_jumps_while_the_count_goes_on_is_not_believed() -> None:
    packets = [
        dataclasses.replace(
            p, readings=dataclasses.replace(p.readings, device_time_s=p.readings.device_time_s + 30 * (p.first > 8000))
        )
        for p in World(hours=MINUTES).packets()
        if p.readings.device_time_s is not None
    ]
    world = World()
    clock = clock_for(world)
    placed = place(clock, packets)
    assert clock.counts.clock_jumps == 1
    assert clock.counts.lost == 0
    assert np.abs(errors_s(world, placed)).max() < 0.010


def test_one_spoilt_packet_does_not_disturb_the_stream() -> None:
    packets = list(World(hours=MINUTES).packets())
    spoilt = dataclasses.replace(
        packets[1000].readings, sequence=54321, device_time_s=packets[3].readings.device_time_s
    )
    packets[1000] = dataclasses.replace(packets[1000], readings=spoilt)
    world = World()
    clock = clock_for(world)
    placed = place(clock, packets)
    assert clock.counts.strays == 1
    assert clock.counts.segments == 1
    assert len(numbers(placed)) == world.per_packet * (len(packets) - 1)
    assert np.abs(errors_s(world, placed)).max() < 0.010


def test_the_first_burst_is_placed_when_its_last_notification_has_told_how_late_it_is() -> None:
    world = World(hours=MINUTES / 60, per_packet=1, burst_s=0.2, seed=5)
    packets = list(world.packets())
    first_burst = [packet for packet in packets if packet.arrival_s < packets[0].arrival_s + 0.1]
    assert len(first_burst) > 10
    clock = clock_for(world)
    assert place(clock, first_burst) == []
    (placed,) = place(clock, packets[len(first_burst) : len(first_burst) + 1])
    assert numbers([placed]) == list(range(len(first_burst) + 1))
    assert np.abs(world.errors_s(placed[1])).max() < 0.020


def test_a_long_gap_after_the_first_burst_is_not_within_a_run() -> None:
    packets = list(World(hours=MINUTES / 60).packets())
    clock = clock_for(World())
    placed = place(clock, [packets[0], *packets[10:15]])
    assert [samples.restart for _, samples in placed] == [True, *[False] * 4]
    assert numbers(placed)[0] == packets[10].first


def test_samples_of_another_connection_come_later_than_all_before() -> None:
    clock = SensorClock(100.0, device_clock_wrap_s=None, sequence_wrap=None, not_before_s=10.0)
    first, second, *_ = World(hours=MINUTES / 60).packets()
    assert clock.place(first.readings, 9.0) is None
    samples = clock.place(second.readings, 9.08)
    assert samples is not None
    assert samples.time_s[0] > 10.0


readings = st.builds(
    lambda n, time, sequence: Readings(
        np.zeros((n, 3)), np.zeros((n, 3)), None if time is None else time + np.arange(n) / 100.0, sequence
    ),
    st.integers(0, 40),
    st.one_of(st.none(), st.floats(0, DEVICE_WRAP_S), st.floats(100, 105)),
    st.one_of(st.none(), st.integers(0, SEQUENCE_WRAP - 1), st.integers(0, 300)),
)


@given(st.lists(st.tuples(readings, st.floats(0, 3.0)), max_size=60), st.sampled_from([None, DEVICE_WRAP_S]))
def test_whatever_comes_time_ascends_and_nothing_lies_far_in_the_future(
    stream: list[tuple[Readings, float]], wrap_s: float | None
) -> None:
    clock = SensorClock(100.0, device_clock_wrap_s=wrap_s, sequence_wrap=SEQUENCE_WRAP)
    arrival_s, last_s = 0.0, 0.0
    for reading, pause_s in stream:
        arrival_s += pause_s
        samples = clock.place(reading, arrival_s)
        if samples is None:
            continue
        assert np.all(np.isfinite(samples.time_s))
        assert np.all(np.diff(np.concatenate(([last_s], samples.time_s))) > 0)
        assert len(samples.time_s) == len(samples.acc_m_s2)
        last_s = float(samples.time_s[-1])
    assert clock.counts.received <= sum(len(reading.acc_m_s2) for reading, _ in stream)


@settings(max_examples=20)
@given(
    st.lists(st.sampled_from(["comes"] * 12 + ["lost", "late", "pause"]), min_size=40, max_size=150),
    st.sampled_from([1, 3, 8]),
)
def test_counted_samples_come_once_and_in_order_whatever_the_radio_does(fates: list[str], per_packet: int) -> None:
    world = World(hours=90 * per_packet / 8 / 3600, per_packet=per_packet, clock=False, counts=False)
    clock, delay_s, kept, placed = clock_for(world), 0.0, 0, []
    for number, packet in enumerate(world.packets()):
        fate = fates[number % len(fates)]
        delay_s = {"late": 0.04, "pause": 1.5}.get(fate, max(0.0, delay_s - 0.03))
        if fate == "lost":
            continue
        kept += 1
        late = dataclasses.replace(packet, arrival_s=packet.arrival_s + delay_s)
        placed += place(clock, [late])
    out = numbers(placed)
    assert out == sorted(set(out))
    assert len(out) > per_packet * (kept - 600)
    times = np.concatenate([samples.time_s for _, samples in placed])
    assert np.all(np.diff(times) > 0)
