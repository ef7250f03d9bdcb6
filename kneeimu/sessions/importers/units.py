"""Which unit a column is in: from its name, and checked against the physics of a moving sensor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from calibration.standards import GRAVITY_M_S2
from kneeimu.errors import InputError
from kneeimu.types import FloatArray
from kneeimu.words import _

ACC_FACTORS = {"m/s²": 1.0, "g": GRAVITY_M_S2, "mg": GRAVITY_M_S2 / 1000.0}
GYR_FACTORS = {"rad/s": 1.0, "deg/s": np.pi / 180.0, "mdeg/s": np.pi / 180_000.0}
TIME_FACTORS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}

_ACC_NAMES = (("m/s²", r"m\s*/\s*s\s*(\^?2|²)|m\s*s\^?-2|mps2|m_s2"), ("mg", r"\bmg\b|milli-?g"), ("g", r"\bg\b"))
_GYR_NAMES = (
    ("mdeg/s", r"\bmdps\b"),
    ("deg/s", r"°\s*/\s*s|deg(rees)?\s*/\s*s|\bdps\b|deg_s"),
    ("rad/s", r"rad\s*/\s*s|rad_s|\brps\b"),
)
_TIME_NAMES = (
    ("ns", r"\bns\b|nano"),
    ("µs", r"[µμu]s\b|micro"),
    ("ms", r"\bms\b|milli|_ms\b"),
    ("s", r"\(s\)|\[s\]|\bsec|second|_s\b|^t$|^time$"),
)

Kind = Literal["acceleration", "rate", "time"]
_NAMES: dict[Kind, tuple[tuple[str, str], ...]] = {"acceleration": _ACC_NAMES, "rate": _GYR_NAMES, "time": _TIME_NAMES}

NORM_TOLERANCE = 0.3
"""Share by which the usual length of the acceleration may miss g and still tell the unit."""
HALF_SECOND, SEEN_TURNING_RAD, FEWEST_SEEN = 0.5, np.radians(3.0), 4
"""Gravity's direction is compared from one half second to the next, where it turns by more than this; fewer such do not
tell the unit. Engineering choices: much other acceleration averages out, and 3° are far above a sensor's noise."""
LEAST_SHOWN, USUALLY_SHOWN, MOST_SHOWN = 0.0225, 0.3, 2.05
"""Gravity shows a part of all turning, for what is about the vertical or back and forth is hidden: 0.07 to 1.09 of it
in 115 recordings of people and of the simulated leg, and 57 times as much or as little where deg/s and rad/s are taken
for each other. The bounds lie between; the lower one leaves room for a leg that is shaken."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, why it was chosen, and what speaks against it where no other fits."""

    name: str
    factor: float
    reason: str
    doubt: str = ""


def unit_in_name(kind: Kind, name: str) -> str | None:
    """Give the unit that a column's name holds, or None."""
    low = name.lower()
    bracket = re.search(r"[\[(]([^\])]+)[\])]\s*$", low)
    for unit, pattern in _NAMES[kind]:
        if re.search(pattern, bracket.group(1) if bracket and kind != "time" else low):
            return unit
    return None


def canonical(kind: Kind, unit: str) -> str:
    """Give our name of a unit that a person typed.

    Raises:
        InputError: the unit is not known.
    """
    factors = {"acceleration": ACC_FACTORS, "rate": GYR_FACTORS, "time": TIME_FACTORS}[kind]
    name = {"m/s2": "m/s²", "m/s^2": "m/s²", "dps": "deg/s", "us": "µs", "mdps": "mdeg/s"}.get(unit, unit)
    if name not in factors:
        raise InputError(
            _("no unit of {kind} is called {unit!r}").format(kind=kind, unit=unit),
            advice=_("there are: {factors}").format(factors=", ".join(factors)),
        )
    return name


def acceleration_unit(acc: FloatArray, stated: str | None, where: str) -> Unit:
    """Choose the unit of an acceleration, shape (n, 3), whose usual length must be that of gravity.

    Raises:
        InputError: gravity is missing (linear acceleration), or no unit fits.
    """
    norm = float(np.median(np.linalg.norm(acc, axis=1)))
    fits = [u for u, factor in ACC_FACTORS.items() if abs(norm * factor / GRAVITY_M_S2 - 1.0) < NORM_TOLERANCE]
    if stated in fits:
        return Unit(str(stated), ACC_FACTORS[str(stated)], _("as stated; rests at {norm:.3g}").format(norm=norm))
    if fits:
        why = _("the values rest at {norm:.3g}").format(norm=norm) + (
            _(", though {stated} is stated").format(stated=stated) if stated else ""
        )
        return Unit(fits[0], ACC_FACTORS[fits[0]], why)
    small = norm < (0.5 if stated in ("g", None) else 5.0)
    if small and stated != "mg":
        raise InputError(
            _("the acceleration rests at {norm:.3g}: gravity has been taken out").format(norm=norm),
            where=where,
            advice=_("export the acceleration with gravity (total or raw acceleration)"),
        )
    raise InputError(
        _("the acceleration rests at {norm:.4g}, which is g in no unit known here").format(norm=norm),
        where=where,
        advice=_("raw counts must be scaled to g or m/s² first"),
    )


def rate_unit(time_s: FloatArray, acc: FloatArray, gyr: FloatArray, stated: str | None, where: str) -> Unit:
    """Choose the unit of an angular rate, shape (n, 3), by how fast gravity turns in the sensor's frame.

    Raises:
        InputError: nothing is stated and the recording holds too little turning to tell, or both turn against each
            other.
    """
    ratio, agreement = turning_ratio(time_s, acc, gyr)
    if agreement < -0.5:
        raise InputError(
            _("the angular rate turns against gravity: axes or signs of the two do not belong together"),
            where=where,
            advice=_("turn signs or axes with `kneeimu import --map`, such as gx=-gyro_x"),
        )
    shown = turning_shown(time_s, acc, gyr)
    fits = [u for u, factor in GYR_FACTORS.items() if shown is not None and LEAST_SHOWN < shown / factor < MOST_SHOWN]
    nearest = _likeliest(shown, fits) if shown is not None else None
    if stated and shown is not None and stated not in fits:
        factor = GYR_FACTORS[stated]
        if nearest is not None:
            reason = _("gravity turns so fast, though {stated} is stated").format(stated=stated)
            return Unit(nearest, GYR_FACTORS[nearest], reason)
        doubt = _("gravity turns {x:.2g} times as far as the angular rate in {stated} tells, and no unit fits")
        doubt = doubt.format(x=shown / factor, stated=stated)
        return Unit(stated, factor, _("as stated{checked}").format(checked=f"; {doubt}"), doubt)
    if stated:
        factor = GYR_FACTORS[stated]
        checked = _("; gravity turns {x:.2f} times as fast").format(x=ratio / factor) if agreement > 0.5 else ""
        return Unit(stated, factor, _("as stated{checked}").format(checked=checked))
    if nearest is not None:
        return Unit(nearest, GYR_FACTORS[nearest], _("gravity turns so fast in the sensor's frame"))
    raise InputError(
        _("the unit of the angular rate is neither named nor to be told from the movement"),
        where=where,
        advice=_("give it with --gyr-unit rad/s or deg/s"),
    )


def _likeliest(shown: float, units: list[str]) -> str | None:
    """Give the unit in which as much of the turning shows as usual; None where there is none."""
    return min(units, key=lambda unit: abs(np.log(shown / GYR_FACTORS[unit] / USUALLY_SHOWN)), default=None)


def turning_shown(time_s: FloatArray, acc: FloatArray, gyr: FloatArray) -> float | None:
    """Give how far gravity turns in the sensor's frame, rad, for each unit of turning that the angular rate tells.

    It turns no further than the sensor does. None when too little turning is seen, or none is told.
    """
    period_s = float(np.median(np.diff(time_s)))
    size = max(2, round(HALF_SECOND / period_s))
    count = len(time_s) // size
    if count < 2:
        return None
    whole = slice(0, count * size)
    up = acc[whole].reshape(count, size, 3).mean(axis=1)
    up /= np.maximum(np.linalg.norm(up, axis=1, keepdims=True), 1e-9)
    told = np.linalg.norm(gyr[whole], axis=1).reshape(count, size).sum(axis=1) * period_s
    seen_rad = np.arccos(np.clip(np.sum(up[1:] * up[:-1], axis=1), -1.0, 1.0))
    told_between = (told[1:] + told[:-1]) / 2.0
    middle_s = time_s[whole].reshape(count, size).mean(axis=1)
    turns = (seen_rad > SEEN_TURNING_RAD) & (np.diff(middle_s) < 1.5 * size * period_s)  # not over a gap
    if np.count_nonzero(turns) < FEWEST_SEEN or not np.any(told_between[turns] > 0.0):
        return None
    return float(np.sum(seen_rad[turns]) / np.sum(told_between[turns]))


def turning_ratio(time_s: FloatArray, acc: FloatArray, gyr: FloatArray) -> tuple[float, float]:
    """Compare how gravity turns with what the rate sensor says: (least-squares ratio, correlation).

    A vector that stands still in the room turns with ``dv/dt = v × ω`` in the sensor's frame. The ratio is 1
    when the rate is in rad/s, 0.01745 in deg/s, and negative when axes or signs of the two do not belong together.
    """
    step = max(1, round(0.2 / float(np.median(np.diff(time_s)))))
    if len(time_s) < 4 * step:
        return 0.0, 0.0
    edges = np.arange(0, len(time_s) - step, step)
    up = np.add.reduceat(acc, edges, axis=0)
    up /= np.maximum(np.linalg.norm(up, axis=1, keepdims=True), 1e-9)
    rate = np.add.reduceat(gyr, edges, axis=0)[:-1] / step
    rate_next = np.add.reduceat(gyr, edges, axis=0)[1:] / step
    centre = np.add.reduceat(time_s, edges) / np.diff(np.append(edges, len(time_s)))
    span = np.diff(centre)[:, None]
    seen = np.diff(up, axis=0) / span
    said = np.cross((up[:-1] + up[1:]) / 2.0, (rate + rate_next) / 2.0)
    seen, said = seen[:-1], said[:-1]  # the last block is not whole
    power = float(np.sum(said * said))
    if power <= 0.0 or float(np.sum(seen * seen)) < 1e-4 * len(seen):
        return 0.0, 0.0
    shared = float(np.sum(seen * said))
    return shared / power, shared / float(np.sqrt(power * np.sum(seen * seen)))


def time_unit(step: float, stated: str | None, where: str) -> Unit:
    """Choose the unit of time stamps from their usual step.

    Raises:
        InputError: the step fits no sampling rate between 10 and 1000 Hz, or counts samples.
    """
    if stated and 5.0 < 1.0 / max(step * TIME_FACTORS[stated], 1e-12) < 2000.0:
        return Unit(stated, TIME_FACTORS[stated], _("as stated"))
    for name, factor in TIME_FACTORS.items():
        if 10.0 <= 1.0 / max(step * factor, 1e-12) < 999.0:
            why = _("the usual step is {step:.4g}").format(step=step) + (
                _(", though {stated} is stated").format(stated=stated) if stated else ""
            )
            return Unit(name, factor, why)
    raise InputError(
        _("the time stamps step by {step:.4g}, which fits no sampling rate").format(step=step),
        where=where,
        advice=_("give the rate with --rate when the column only counts samples"),
    )
