"""A sensor and a radio for clock tests: what was measured when, and when it arrived."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from kneeimu.sensors.driver import Readings
from kneeimu.types import FloatArray, Samples

DEVICE_WRAP_S = 2**32 / 1e6
SEQUENCE_WRAP = 2**16


@dataclass(frozen=True)
class Packet:
    """A notification: what the driver makes of it, when it arrived, and when its samples were truly taken."""

    readings: Readings
    arrival_s: float
    true_s: FloatArray
    first: int


@dataclass(frozen=True)
class World:
    """One sensor, streaming over a poor radio.

    Attributes:
        skew: how much faster than true the sensor's clock runs (2e-4 is 200 ppm).
        rate_error: how much faster than its own clock says the sensor samples.
        burst_s: notifications wait for connection events or full bursts this far apart.
        grown_burst_s, grows_s: from then on they are that far apart.
        loss: share of notifications lost, in bursts.
        clock, counts: whether the sensor tells the time and numbers its samples.
        clock_step_s: when the sensor tells only the time of a notification's first sample, in such steps.
    """

    hours: float = 1.0
    rate_hz: float = 100.0
    per_packet: int = 8
    skew: float = 0.0
    rate_error: float = 0.0
    burst_s: float = 0.0075
    grown_burst_s: float | None = None
    grows_s: float = 90.0
    loss: float = 0.0
    clock: bool = True
    counts: bool = True
    clock_step_s: float = 0.0
    boot_s: float = 1000.0
    seed: int = 0

    @property
    def period_s(self) -> float:
        """True time between two samples."""
        return 1 / (self.rate_hz * (1 + self.rate_error) * (1 + self.skew))

    def errors_s(self, samples: Samples) -> FloatArray:
        """Give how much too late these samples were placed; the acceleration tells which they are."""
        errors: FloatArray = samples.time_s - samples.acc_m_s2[:, 0] * self.period_s
        return errors

    def packets(self) -> Iterator[Packet]:
        random = np.random.default_rng(self.seed)
        n_packets = int(self.hours * 3600 * self.rate_hz / self.per_packet)
        period_s = self.period_s
        tick_s = period_s * (1 + self.skew)  # the same by the sensor's clock
        lost = self._losses(random, n_packets)
        index = np.arange(self.per_packet)
        event_s, last_s = 0.0, 0.0
        for number in range(n_packets):
            first = number * self.per_packet
            true_s = (first + index) * period_s
            ready_s = float(true_s[-1]) + 0.001
            while event_s < ready_s:
                event_s += self._burst_s(event_s) * float(random.uniform(0.9, 1.1))
            if lost[number]:
                continue
            arrival_s = max(last_s, event_s + float(random.exponential(0.0015)))
            last_s = arrival_s
            device_s = self._told_s(self.boot_s + first * tick_s, tick_s * index) % DEVICE_WRAP_S
            body = np.column_stack([first + index, 0 * index, 0 * index]).astype(float)
            readings = Readings(
                body,
                0 * body,
                np.round(device_s, 6) if self.clock else None,
                first % SEQUENCE_WRAP if self.counts else None,
            )
            yield Packet(readings, arrival_s, true_s, first)

    def _burst_s(self, now_s: float) -> float:
        return self.burst_s if self.grown_burst_s is None or now_s < self.grows_s else self.grown_burst_s

    def _told_s(self, first_s: float, since_s: FloatArray) -> FloatArray:
        if not self.clock_step_s:
            return first_s + since_s
        return first_s // self.clock_step_s * self.clock_step_s + np.arange(self.per_packet) / self.rate_hz

    def _losses(self, random: np.random.Generator, n: int) -> list[bool]:
        """Losses come about five notifications at a time (Gilbert's model)."""
        losing, lost = False, []
        enter, leave = (self.loss / 5 / (1 - self.loss), 0.2) if self.loss else (0.0, 1.0)
        for chance in random.random(n):
            losing = chance >= leave if losing else chance < enter
            lost.append(losing)
        return lost


def stalled(packets: Iterable[Packet], seed: int = 0) -> list[Packet]:
    """The host is busy for 50 to 600 ms about every five seconds; what came meanwhile comes at once."""
    random, held = np.random.default_rng(seed), list(packets)
    at_s = 0.0
    while at_s < held[-1].arrival_s:
        begin_s = at_s + float(random.exponential(5.0))
        at_s = begin_s + float(random.uniform(0.05, 0.6))
        waiting = [number for number, packet in enumerate(held) if begin_s <= packet.arrival_s < at_s]
        for place, number in enumerate(waiting):
            held[number] = replace(held[number], arrival_s=at_s + 2e-4 * place)
    return held


def drained(packets: Iterable[Packet], seed: int = 0) -> list[Packet]:
    """The radio pauses for 0.3 to 1 s about every ten seconds; then it sends four notifications every 30 ms."""
    random, sent = np.random.default_rng(seed), list(packets)
    free_s, pause_s, room, last_s = 0.0, float(random.exponential(10.0)), 4, 0.0
    for number, packet in enumerate(sent):
        if packet.arrival_s >= pause_s:
            free_s = pause_s + float(random.uniform(0.3, 1.0))
            pause_s = free_s + float(random.exponential(10.0))
        if packet.arrival_s < free_s:
            room -= 1
            last_s = max(last_s + 1e-4, free_s)
            sent[number] = replace(packet, arrival_s=last_s)
            if room == 0:
                free_s, room = free_s + 0.03, 4
        else:
            room, last_s = 4, max(last_s + 1e-4, packet.arrival_s)
            sent[number] = replace(packet, arrival_s=last_s)
    return sent
