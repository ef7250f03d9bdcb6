"""Seeded random scenarios over everything there is: exercises, mounts, sides, rates, sensors, people, what goes on
around the sets. The same seed gives the same suite."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from firmware_sim.form_faults import FAULTS_OF
from firmware_sim.movements import MOVEMENTS
from firmware_sim.scenario import EXERCISES, MANNERS, Activity, Scenario

RATES_HZ = (25.0, 30.0, 50.0, 52.0, 60.0, 100.0, 104.0, 128.0, 200.0)
TIMED = ("it-band-stretch", "massage")
USUAL = {
    "stand": 22, "walk": 24, "turn": 10, "sit": 10, "settle": 12, "fidget": 12, "shake": 5, "pick-up": 5, "band": 2,
}  # fmt: skip
"""What people do around their sets, by how often."""
ANYTHING = {**USUAL, "stairs": 8, "band": 6, "strap": 6, "lie": 5, "roll-over": 5}
_SPANS_S = {
    "walk": (3.0, 12.0), "stairs": (4.0, 12.0), "sit": (5.0, 15.0), "turn": (1.2, 3.0), "shake": (1.0, 3.0),
    "pick-up": (2.0, 4.0), "band": (4.0, 10.0), "strap": (4.0, 8.0),
}  # fmt: skip
UNSEEN = {("knee-extension", "thigh", "snapping")}
"""Faults that leave no mark at that mount: the thigh rests on the seat while the shank flies."""
_FLOOR = ("clamshell", "hip-abduction", "straight-leg-raise", "prone-hip-extension", "massage")


def suite(count: int = 224, seed: int = 1, exercises: tuple[str, ...] = EXERCISES) -> Iterator[Scenario]:
    """Give ``count`` scenarios, the exercises, mounts and sides in turn (56 of them make one round).

    About one in twenty has the sensor on the leg that rests.
    """
    combinations = [(e, m, s) for e in exercises for m in ("thigh", "shin") for s in ("right", "left")]
    for index in range(count):
        exercise, mount, side = combinations[index % len(combinations)]
        rng = np.random.default_rng([seed % 2**63, index])
        yield _scenario(exercise, mount, side, int(rng.integers(2**62)), rng)


def idle_suite(count: int = 20, seed: int = 1, duration_s: float = 120.0) -> Iterator[Scenario]:
    """Give scenarios without any exercise: whatever is counted in them is a false count."""
    for index in range(count):
        rng = np.random.default_rng([seed % 2**63, 1, index])
        doings: list[Activity] = []
        while sum(a.duration_s for a in doings) < duration_s:
            doings += _doings(rng, 3, ANYTHING)
        yield Scenario(
            exercise=str(rng.choice(EXERCISES)),
            mount=str(rng.choice(["thigh", "shin"])),
            side=str(rng.choice(["left", "right"])),
            reps=0,
            seed=int(rng.integers(2**62)),
            before=tuple(doings),
            **_equipment(rng),
        )


def form_suite(people: int = 2, seed: int = 1, tissue: str = "none") -> Iterator[Scenario]:
    """Give scenarios with an alignment, reference reps, and ten reps of which four show one fault of form.

    Every fault that fits an exercise, at both mounts, by so many people, lunges also with a step; the clean reps in
    between are what a false alarm would come from.
    """
    index = 0
    for exercise, manner in [*((exercise, "usual") for exercise in FAULTS_OF), ("lunge", "stepping")]:
        for fault, mount, _ in itertools.product(FAULTS_OF[exercise], ("thigh", "shin"), range(people)):
            rng = np.random.default_rng([seed % 2**63, 2, index])
            index += 1
            if (exercise, mount, fault) in UNSEEN:
                continue
            yield Scenario(
                exercise=exercise,
                mount=mount,
                side=str(rng.choice(["left", "right"])),
                reps=10,
                seed=int(rng.integers(2**62)),
                tempo_s=_unhurried(exercise),
                variation=0.5,
                style=0.5,
                alignment="squats" if mount == "thigh" else "full",
                reference_reps=4,
                direction="right" if exercise == "lateral-walk" else "out-and-back",
                tissue=tissue,
                manner=manner,
                faults={fault: tuple(sorted((1 + rng.choice(10, 4, replace=False)).tolist()))},
            )


def _unhurried(exercise: str) -> tuple[float, float, float, float]:
    """Give a tempo at which nothing but an ordered fault is a fault."""
    usual = MOVEMENTS[exercise].tempo
    hold_s = 2.2 if exercise == "terminal-knee-extension" else usual.hold_s
    return 1.3 * usual.out_s, hold_s, 1.4 * usual.return_s, usual.pause_s


def _scenario(exercise: str, mount: str, side: str, seed: int, rng: np.random.Generator) -> Scenario:
    timed = exercise in TIMED
    resting = exercise != "squat" and not exercise.endswith("-walk") and not timed and rng.random() < 0.05
    return Scenario(
        exercise=exercise,
        mount=mount,
        side=side,
        seed=seed,
        reps=int(rng.integers(1, 3)) if timed else int(rng.integers(5, 16)),
        sets=1 if timed or rng.random() < 0.65 else 2,
        rest_s=float(rng.uniform(8.0, 25.0)),
        tempo_s=_tempo(exercise, rng),
        fatigue=float(rng.choice([0.0, 0.0, 0.15, 0.3])),
        variation=float(rng.uniform(0.5, 1.4)),
        style=float(rng.uniform(0.3, 1.3)),
        valgus_deg=tuple((float(rng.normal(2.0, 3.0)) + rng.normal(0.0, 1.5, 15)).tolist()),
        valgus_hinge=float(rng.uniform(0.0, 1.0)),
        before=tuple(_before(exercise, rng)),
        between=tuple(_doings(rng, 2)) if rng.random() < 0.5 else (),
        after=tuple(_doings(rng, 2)),
        resting_leg=resting,
        manner=str(rng.choice(["usual", *MANNERS.get(exercise, ())])),
        **_equipment(rng),
    )  # fmt: skip


def _tempo(exercise: str, rng: np.random.Generator) -> tuple[float, float, float, float] | None:
    """Most keep the usual tempo; some hurry, some creep, some pause long."""
    usual = MOVEMENTS[exercise].tempo
    if exercise in TIMED:
        stroke_s = rng.uniform(1.0, 3.0, 2).tolist()
        return stroke_s[0], usual.hold_s * float(rng.uniform(0.85, 1.2)), stroke_s[1], float(rng.uniform(3.0, 6.0))
    factor, pause_s = 1.0, usual.pause_s
    kind = rng.random()
    if kind < 0.55:
        return None
    if kind < 0.7:
        factor = float(rng.uniform(0.5, 0.8))
    elif kind < 0.85:
        factor = float(rng.uniform(1.4, 2.6)) if not exercise.endswith("-walk") else float(rng.uniform(1.2, 1.7))
    else:
        pause_s = float(rng.uniform(1.5, 3.5))
    return usual.out_s * factor, usual.hold_s * factor, usual.return_s * factor, pause_s


def _equipment(rng: np.random.Generator) -> dict[str, Any]:
    """Draw the sensor and how it is worn."""
    return {
        "rate_hz": float(rng.choice(RATES_HZ)),
        "sensor": str(rng.choice(["bmi270", "bmi270", "bmi270", "rough", "ideal"])),
        "tissue": str(rng.choice(["skin", "skin", "none"])),
        "lost": float(rng.choice([0.0, 0.0, 0.0, 0.005, 0.02])),
        "jitter_s": float(rng.choice([0.0, 0.0, 0.001, 0.003])),
    }


def _before(exercise: str, rng: np.random.Generator) -> list[Activity]:
    doings = [Activity("strap", float(rng.uniform(4.0, 8.0)))] if rng.random() < 0.3 else []
    doings += _doings(rng, int(rng.integers(0, 3)))
    doings.append(Activity("stand", float(rng.uniform(0.3, 4.0))))
    if exercise in _FLOOR and rng.random() < 0.5:
        doings.append(Activity("sit", float(rng.uniform(1.0, 4.0))))
    return doings


def _doings(rng: np.random.Generator, count: int, chances: Mapping[str, float] = USUAL) -> list[Activity]:
    names = rng.choice(list(chances), size=count, p=np.array(list(chances.values())) / sum(chances.values()))
    return [Activity(str(name), float(rng.uniform(*_SPANS_S.get(str(name), (2.0, 8.0))))) for name in names]
