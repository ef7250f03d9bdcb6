"""Faults of form, each shown well past the point where a coach would say something."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from firmware_sim.person import RepOrder

MINIMUM_JERK_PEAK = 1.875
"""Peak over mean speed of a minimum-jerk movement."""
SNAP_DEG_S = {"terminal-knee-extension": 110.0, "knee-extension": 220.0}
SNAP_SHARE = {"terminal-knee-extension": 0.5, "knee-extension": 1.0}
"""Share of the knee's range that one segment turns by."""

LOWERS_FIRST = ("squat", "single-leg-squat", "step-down", "lunge")
"""The body sinks on the way out; in the others the leg sinks on the way back."""

FAULTS_OF: dict[str, tuple[str, ...]] = {
    "squat": ("knee-in", "inward-rotation", "shallow", "fast", "dropped"),
    "single-leg-squat": ("knee-in", "inward-rotation", "shallow", "fast", "dropped", "wobble"),
    "step-down": ("knee-in", "inward-rotation", "shallow", "fast", "dropped", "wobble"),
    "lunge": ("knee-in", "inward-rotation", "shallow", "fast", "dropped"),
    "terminal-knee-extension": ("snapping", "incomplete", "short-hold", "fast"),
    "clamshell": ("over-roll", "shallow", "fast"),
    "hip-abduction": ("forward", "toes-up", "dropped", "shallow", "fast"),
    "lateral-walk": ("rushed", "lost-tension", "standing-up"),
    "monster-walk": ("rushed",),
    "knee-extension": ("snapping", "shallow", "fast"),
    "straight-leg-raise": ("dropped", "shallow", "fast"),
    "prone-hip-extension": ("dropped", "shallow", "fast"),
    "it-band-stretch": (),
    "massage": (),
}
"""The faults that make sense for an exercise."""


def with_faults(order: RepOrder, exercise: str, fast_s: float) -> RepOrder:
    """Give the rep with its faults; ``fast_s`` is how long a fast one lasts without its pause."""
    for fault in order.faults:
        change = _CHANGES.get(fault)
        if change:
            order = change(order)
        elif fault == "snapping" and exercise in SNAP_DEG_S:
            way_deg = SNAP_SHARE[exercise] * order.range_deg
            order = _tempo(order, out_s=MINIMUM_JERK_PEAK * way_deg / SNAP_DEG_S[exercise])
        elif fault == "dropped":
            order = _tempo(order, out_s=0.5) if exercise in LOWERS_FIRST else _tempo(order, return_s=0.5)
        elif fault == "fast":
            order = _tempo(order, out_s=0.48 * fast_s, hold_s=0.0, return_s=0.48 * fast_s)
    return order


def _tempo(order: RepOrder, **changes: float) -> RepOrder:
    return dataclasses.replace(order, tempo=dataclasses.replace(order.tempo, **changes))


def _smaller(order: RepOrder) -> RepOrder:
    return dataclasses.replace(order, range_deg=0.54 * order.range_deg)


def _rushed(order: RepOrder) -> RepOrder:
    return _tempo(order, out_s=0.36, hold_s=0.0, return_s=0.36, pause_s=0.03)


def _wobbly(order: RepOrder) -> RepOrder:
    return _tempo(dataclasses.replace(order, wobble_deg=5.0), hold_s=max(1.2, order.tempo.hold_s))


_CHANGES: dict[str, Callable[[RepOrder], RepOrder]] = {
    "incomplete": _smaller,
    "shallow": _smaller,
    "short-hold": lambda order: _tempo(order, hold_s=0.15),
    "knee-in": lambda order: dataclasses.replace(order, valgus_deg=order.valgus_deg + 9.5),
    "inward-rotation": lambda order: dataclasses.replace(order, leg_rotation_deg=16.0),
    "forward": lambda order: dataclasses.replace(order, forward=0.6),
    "toes-up": lambda order: dataclasses.replace(order, leg_rotation_deg=-26.0),
    "over-roll": lambda order: dataclasses.replace(order, range_deg=1.45 * order.range_deg),
    "rushed": _rushed,
    "wobble": _wobbly,
}
