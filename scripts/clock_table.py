#!/usr/bin/env python3
"""Print how far off the sample times of each sensor family are, by how its notifications arrive and get lost.

    .venv/bin/python scripts/clock_table.py [--hours 1] [--families witmotion thingy52] [--jobs 2]

Each cell is the 99th percentile of the error against the simulated truth in ms without loss, with 1 % and with 5 %,
the worse of two sensors that are off by +200 ppm and +1 % and by -200 ppm and -1 %. Of sensors that neither count nor
tell the time, the last table says what remains when everything is known but which notifications of a burst are missing:
no program can do much better from the times of arrival.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kneeimu.sensors.clock import SensorClock
from kneeimu.types import FloatArray
from tests.sensors.clock_floor import unknowable_errors_s
from tests.sensors.clock_world import DEVICE_WRAP_S, SEQUENCE_WRAP, World

BURSTS_S = (0.0075, 0.05, 0.2, 0.5)
LOSSES = (0.0, 0.01, 0.05)
FIRST_S = 60.0
LIMIT_MS = 10.0
OFF = ((2e-4, 0.01), (-2e-4, -0.01))

FAMILIES = {
    "kneeimu": World(rate_hz=100, per_packet=8),
    "polar": World(rate_hz=104, per_packet=36, counts=False),
    "movella-dot": World(rate_hz=60, per_packet=1, counts=False),
    "movesense": World(rate_hz=104, per_packet=8, counts=False, clock_step_s=1e-3),
    "witmotion": World(rate_hz=100, per_packet=8, counts=False, clock_step_s=1e-3),
    "witmotion, no times": World(rate_hz=100, per_packet=8, clock=False, counts=False),
    "metamotion": World(rate_hz=100, per_packet=1, clock=False),
    "metamotion, not numbered": World(rate_hz=100, per_packet=3, clock=False, counts=False),
    "thingy52": World(rate_hz=60, per_packet=1, clock=False, counts=False),
}


@dataclass(frozen=True)
class Cell:
    """What is off by how much, 99th percentile in ms; drift between the first and the last quarter.

    ``wrong`` and ``floor_wrong`` are the shares that are off by more than 10 ms.
    """

    whole_ms: float
    later_ms: float
    wrong: float
    floor_ms: float | None
    floor_wrong: float | None
    drift_ms: float
    held_ms: float


def measured(world: World) -> Cell:
    """Place an hour's samples and compare with the truth."""
    clock = SensorClock(
        world.rate_hz,
        device_clock_wrap_s=DEVICE_WRAP_S if world.clock else None,
        sequence_wrap=SEQUENCE_WRAP if world.counts else None,
    )
    errors, taken, held = [], [], []
    for packet in world.packets():
        samples = clock.place(packet.readings, packet.arrival_s)
        if samples is not None:
            errors.append(world.errors_s(samples))
            taken.append(samples.acc_m_s2[:, 0] * world.period_s)
            held.append(packet.arrival_s - taken[-1])
    error_ms, taken_s = 1e3 * np.concatenate(errors), np.concatenate(taken)
    late = error_ms[taken_s > FIRST_S]
    quarter = len(late) // 4
    drift_ms = float(np.median(late[-quarter:]) - np.median(late[:quarter]))
    floor_ms = None if world.clock or world.counts else 1e3 * unknowable_errors_s(world)
    return Cell(
        _p99(error_ms),
        _p99(late),
        _wrong(late),
        None if floor_ms is None else _p99(floor_ms),
        None if floor_ms is None else _wrong(floor_ms),
        drift_ms,
        1e3 * float(np.percentile(np.concatenate(held), 99)),
    )


def _wrong(error_ms: FloatArray) -> float:
    return float(np.mean(np.abs(error_ms) > LIMIT_MS))


def _p99(errors: FloatArray) -> float:
    return float(np.percentile(np.abs(errors), 99))


def worst(cells: list[Cell]) -> Cell:
    """Give the worse of each figure."""
    floors = [cell.floor_ms for cell in cells if cell.floor_ms is not None]
    unknowable = [cell.floor_wrong for cell in cells if cell.floor_wrong is not None]
    return Cell(
        max(cell.whole_ms for cell in cells),
        max(cell.later_ms for cell in cells),
        max(cell.wrong for cell in cells),
        max(floors) if floors else None,
        max(unknowable) if unknowable else None,
        max((cell.drift_ms for cell in cells), key=abs),
        max(cell.held_ms for cell in cells),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--families", nargs="+", choices=list(FAMILIES), default=list(FAMILIES))
    parser.add_argument("--jobs", type=int, default=1)
    chosen = parser.parse_args()
    rows: dict[str, list[Cell]] = {}
    with ProcessPoolExecutor(chosen.jobs) as pool:
        for family in chosen.families:
            worlds = [
                replace(FAMILIES[family], hours=chosen.hours, burst_s=b, loss=p, skew=skew, rate_error=rate, seed=seed)
                for b, p in itertools.product(BURSTS_S, LOSSES)
                for seed, (skew, rate) in enumerate(OFF, start=1)
            ]
            cells = list(pool.map(measured, worlds))
            rows[family] = [worst(cells[at : at + len(OFF)]) for at in range(0, len(cells), len(OFF))]
            print(f"{family} done", file=sys.stderr)
    show("after the first minute", {family: [cell.later_ms for cell in cells] for family, cells in rows.items()})
    show("in all", {family: [cell.whole_ms for cell in cells] for family, cells in rows.items()})
    show("samples come out later than they were taken by", {f: [c.held_ms for c in cells] for f, cells in rows.items()})
    floors = {f: [c.floor_ms for c in cells if c.floor_ms is not None] for f, cells in rows.items()}
    show("can't be known", {family: values for family, values in floors.items() if values})
    counted = {f: cells for f, cells in rows.items() if floors.get(f)}
    show("% off by more than 10 ms", {f: [100 * cell.wrong for cell in cells] for f, cells in counted.items()})
    unknowable = {f: [100 * (cell.floor_wrong or 0.0) for cell in cells] for f, cells in counted.items()}
    show("% that can't be known to 10 ms", unknowable)
    drifts = {family: max((cell.drift_ms for cell in cells), key=abs) for family, cells in rows.items()}
    print("drift, ms: " + ", ".join(f"{family} {drift_ms:+.1f}" for family, drift_ms in drifts.items()))


def show(title: str, rows: dict[str, list[float]]) -> None:
    """Print a table for Markdown."""
    print(f"\n| {title} | {' | '.join(f'{1e3 * burst_s:g} ms' for burst_s in BURSTS_S)} |")
    print("|---" * (len(BURSTS_S) + 1) + "|")
    for family, values in rows.items():
        cells = [" / ".join(_figure(value) for value in three) for three in _by_burst(values)]
        print(f"| {family} | {' | '.join(cells)} |")
    print()


def _by_burst(values: list[float]) -> list[list[float]]:
    return [values[at : at + len(LOSSES)] for at in range(0, len(values), len(LOSSES))]


def _figure(value_ms: float) -> str:
    return f"{value_ms:.1f}" if value_ms < 10 else f"{value_ms:.0f}"


if __name__ == "__main__":
    main()
