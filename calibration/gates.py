"""The gates of an alignment: what is checked, what is still fair, what is refused, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from calibration.errors import CalibrationError
from calibration.moves import SLOW_S
from calibration.paths import Pivot
from calibration.standards import GRAVITY_M_S2
from calibration.texts import _, mark


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the recording shows; see ``alignment`` for the meaning of each."""

    side: str
    mount: str
    movement: str
    pivot: Pivot
    still_deg_s: float
    gravity_m_s2: float
    moves: int
    range_deg: float
    duration_s: float
    directions_deg: tuple[float, ...]
    wobble: float
    bow_deg: float
    axis_tilt_deg: float
    return_deg: float
    outward: float | None
    lever_ratio: float | None
    gap_s: float | None

    @property
    def spread_deg(self) -> float:
        """SD of the movements' directions."""
        return float(np.std(self.directions_deg, ddof=1)) if len(self.directions_deg) > 1 else 180.0


@dataclass(frozen=True, slots=True)
class Check:
    """One gate passed: ``level`` "ok" or "warn", the value it saw, and words for people."""

    code: str
    level: str
    value: float
    what: str
    advice: str


@dataclass(frozen=True, slots=True)
class Gate:
    """Limits of one value: past ``warn`` the alignment is fair at best, past ``refuse`` there is none.

    A gate whose ``warn`` lies above its ``refuse`` wants large values.
    """

    code: str
    warn: float
    refuse: float
    what: str
    advice: str

    def check(self, value: float) -> Check:
        """Hold a value against the limits.

        Raises:
            CalibrationError: it is past the second one.
        """
        sign = 1.0 if self.warn <= self.refuse else -1.0
        what, advice = _(self.what).format(value=value), _(self.advice)
        if sign * value > sign * self.refuse:
            raise CalibrationError(self.code, what, advice)
        return Check(self.code, "warn" if sign * value > sign * self.warn else "ok", round(value, 3), what, advice)


MOVES = Gate("too-little-motion", 4, 2.5, mark("{value:.0f} movements"), mark("make five or six"))
RANGE = {
    # The shin leans 20 to 35 deg over a planted foot; everything else has room for more.
    "shin squat": Gate(
        "too-little-motion",
        18,
        13,
        mark("the shin leaned by {value:.0f}°"),
        mark("go down as far as is comfortable"),
    ),
    "other": Gate(
        "too-little-motion",
        25,
        15,
        mark("the limb tilted by {value:.0f}°"),
        mark("make the movements larger: 30° to 60°"),
    ),
}
DURATION = Gate(
    "too-fast",
    1.3,
    SLOW_S,
    mark("the movements took {value:.1f} s each"),
    mark("make them slow: one second out, one second back"),
)
STILL = Gate(
    "not-still",
    3.5,
    inf,
    mark("standing still showed {value:.1f} °/s of sway"),
    mark("hold on to something while standing still"),
)
"""Never refuses: what sways by more than ``moves.STILL_DEG_S`` is not taken for standing."""
SPREAD = Gate(
    "axis-wobble",
    4.0,
    7.0,
    mark("the movements' directions differ by {value:.1f}°"),
    mark("move slowly, each time the same way, with the knee over the second toe; tighten the strap"),
)
WOBBLE = Gate(
    "axis-wobble",
    0.15,
    0.25,
    mark("the leg turned about more than one axis ({value:.2f} of the main one)"),
    mark("move slowly in one plane, without turning the leg; tighten the strap"),
)
STANCE = Gate(
    "tilted-stance",
    1.8,
    3.5,
    mark("the limb's path is bowed by {value:.1f}°: it leaned to the side in standing, or strayed as it moved"),
    mark("stand upright with straight legs, the feet below the hips; keep the knee over the second toe"),
)
TURNING = Gate(
    "axis-wobble",
    12.0,
    25.0,
    mark("the leg turned about its own length as it moved (axis {value:.0f}° from level)"),
    mark("keep the foot and the knee pointing forward; tighten the strap"),
)
RETURN = Gate(
    "strap-moved",
    4.0,
    8.0,
    mark("between the movements the box sat {value:.0f}° off its place in standing"),
    mark("tighten the strap, come back to the same straight standing after each movement"),
)
GRAVITY_SHARE = 0.02
MOST_DOUBTS = 2
"""More warnings than this together are a refusal."""
STEP_DEG, STEADY_DEG = 6.0, 3.0
"""Directions that jump by this much once, and else differ by less than that: the strap turned."""
SHALLOW_PIVOT_M = 0.05
"""A pivot nearer than this can't be told from noise."""
LIFTED_FROM_THE_HIP = 1.6
"""A lift to the side goes round the hip. So does a raise of the thigh: the box is as far from what it goes round in
both. A shin swings round the knee, and its box is 2.4 to 5 times farther from the hip."""
LYING_PIVOT_M = 0.15
"""A pivot this far across from the rest pose's vertical, and more so than along it: the limb lay."""
RAISED_LYING_M, RAISED_LYING_SHARE = 0.1, 2.5
"""With the foot off the floor the limb goes round a joint: below it when it hangs (across 0.1 m, and 1.6 times as much,
at most), beside it when it lies (6 times as much or more)."""


def judge(e: Evidence) -> tuple[Check, ...]:
    """Check everything, the most telling first.

    Raises:
        CalibrationError: a gate refused.
    """
    _refuse_gap(e)
    _refuse_slip(e)
    checks = [
        STILL.check(e.still_deg_s),
        MOVES.check(e.moves),
        DURATION.check(e.duration_s),
    ]
    _refuse_lying(e)
    _refuse_mount(e)
    checks += [
        RANGE["shin squat" if (e.mount, e.movement) == ("shin", "squat") else "other"].check(e.range_deg),
        RETURN.check(e.return_deg),
        SPREAD.check(e.spread_deg),
        WOBBLE.check(e.wobble),
        STANCE.check(e.bow_deg),
        TURNING.check(e.axis_tilt_deg),
        _gravity(e),
    ]
    _refuse_side(e)
    doubts = [check for check in checks if check.level == "warn" and check.code != "not-gravity"]
    if len(doubts) > MOST_DOUBTS:
        what = "; ".join(doubt.what for doubt in doubts)
        raise CalibrationError("doubtful", what, doubts[-1].advice)
    return tuple(checks)


def _refuse_gap(e: Evidence) -> None:
    if e.gap_s is not None:
        advice = _("bring the sensor nearer to the computer and record again")
        raise CalibrationError("gap", _("samples are missing at {gap_s:.1f} s").format(gap_s=e.gap_s), advice)


def _refuse_slip(e: Evidence) -> None:
    """One step in otherwise steady directions is a strap that turned about the limb; a person wobbles both ways.

    The movement in which it turned may have a direction in between.
    """
    directions = np.array(e.directions_deg)
    for cut, onward in ((cut, cut + slipping) for cut in range(2, len(directions) - 1) for slipping in (0, 1)):
        before, after = directions[:cut], directions[onward:]
        if len(after) < 2:
            continue
        step = float(after.mean() - before.mean())
        steady_deg = min(max(STEADY_DEG, 0.3 * abs(step)), 0.4 * abs(step))
        if abs(step) > STEP_DEG and max(np.ptp(before), np.ptp(after)) < steady_deg:
            what = _("from movement {n} on the box sits {step:.0f}° further round the limb").format(
                n=cut + 1, step=abs(step)
            )
            raise CalibrationError("strap-moved", what, _(RETURN.advice))


def _refuse_lying(e: Evidence) -> None:
    across = abs(e.pivot.across_m)
    lay = across > max(LYING_PIVOT_M, abs(e.pivot.ahead_m), abs(e.pivot.vertical_m))
    raised_lying = e.movement != "squat" and across > max(RAISED_LYING_M, RAISED_LYING_SHARE * abs(e.pivot.along_m))
    if lay or raised_lying:
        advice = _("begin by standing upright with straight legs, and come back to that after each movement")
        raise CalibrationError("tilted-stance", _("the limb lay or was bent when it should have stood upright"), advice)


def _refuse_mount(e: Evidence) -> None:
    """A shin over a planted foot goes round the ankle; a thigh in a squat sinks while its lower end goes ahead.

    With the foot off the floor, a lift to the side tells them apart.
    """
    over_foot = e.pivot.ahead_m > SHALLOW_PIVOT_M and e.pivot.vertical_m > SHALLOW_PIVOT_M
    sinks = e.pivot.ahead_m < -SHALLOW_PIVOT_M and e.pivot.vertical_m > SHALLOW_PIVOT_M
    ratio = e.lever_ratio
    swings_from_knee = e.movement == "raise" and ratio is not None and ratio > LIFTED_FROM_THE_HIP
    swings_from_hip = e.movement == "swing" and ratio is not None and ratio < LIFTED_FROM_THE_HIP
    if e.mount == "thigh" and (over_foot or swings_from_knee):
        advice = _("say --mount shin, or put the sensor on the thigh")
        raise CalibrationError("wrong-mount", _("the box moves as one on the shin does, not the thigh"), advice)
    if e.mount == "shin" and (sinks or swings_from_hip):
        advice = _("say --mount thigh, or put the sensor on the shin")
        raise CalibrationError("wrong-mount", _("the box moves as one on the thigh does, not the shin"), advice)


def _refuse_side(e: Evidence) -> None:
    if e.outward is None:
        return
    seen = "right" if e.outward > 0 else "left"
    if seen != e.side:
        advice = _("say --side {seen}, or put the sensor on the {side} leg; lift only the leg that wears it").format(
            seen=_(seen), side=_(e.side)
        )
        raise CalibrationError(
            "wrong-side", _("the leg was lifted to the {seen}, as a {seen} leg is").format(seen=_(seen)), advice
        )


def _gravity(e: Evidence) -> Check:
    off = abs(e.gravity_m_s2 / GRAVITY_M_S2 - 1.0)
    told = _("the sensor shows {gravity_m_s2:.2f} m/s² at rest")
    level = "ok"
    if off > GRAVITY_SHARE:
        told, level = _("the sensor shows {gravity_m_s2:.2f} m/s² at rest and not 9.81"), "warn"
    advice = _("it can be used; `kneeimu calibrate device six` mends it")
    what = told.format(gravity_m_s2=e.gravity_m_s2)
    return Check("not-gravity", level, round(e.gravity_m_s2, 3), what, advice)
