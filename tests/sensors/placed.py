"""Packets of a made-up sensor and host, placed in time by the clock under test."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from kneeimu.sensors.clock import SensorClock
from kneeimu.types import FloatArray, Samples

from .clock_world import DEVICE_WRAP_S, SEQUENCE_WRAP, Packet, World

SETTLED_S = 20.0


def clock_for(world: World) -> SensorClock:
    return SensorClock(
        world.rate_hz,
        device_clock_wrap_s=DEVICE_WRAP_S if world.clock else None,
        sequence_wrap=SEQUENCE_WRAP if world.counts else None,
    )


def place(clock: SensorClock, packets: Iterable[Packet]) -> list[tuple[Packet, Samples]]:
    """Place the packets; give those that were accepted."""
    placed = [(packet, clock.place(packet.readings, packet.arrival_s)) for packet in packets]
    return [(packet, samples) for packet, samples in placed if samples is not None]


def errors_s(world: World, placed: list[tuple[Packet, Samples]], after_s: float = SETTLED_S) -> FloatArray:
    return np.concatenate([world.errors_s(samples) for packet, samples in placed if packet.arrival_s > after_s])


def numbers(placed: list[tuple[Packet, Samples]]) -> list[int]:
    """Which samples came out; the world writes their numbers into the acceleration."""
    return [int(value) for _, samples in placed for value in samples.acc_m_s2[:, 0]]


def missing_between(found: list[int]) -> int:
    return found[-1] + 1 - found[0] - len(found)


MINUTES = 3 / 60
