"""Whether samples can be a leg's in the units they are said to be in: one rule for files and for arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from calibration.standards import FASTEST_LEG_RAD_S, GRAVITY_M_S2
from kneeimu.errors import InputError
from kneeimu.sessions.importers.units import GYR_FACTORS, canonical, rate_unit
from kneeimu.types import Samples
from kneeimu.words import _


def check_sizes(
    samples: Samples, *, where: tuple[str, str], acc_advice: Callable[[float], str], gyr_advice: str
) -> None:
    """Refuse samples that no leg gives: the usual acceleration is far from gravity, or the leg turns too fast.

    Args:
        samples: in SI; what is not finite is left out.
        where: names the place of the acceleration and that of the angular rate.
        acc_advice: what to do about an acceleration of this usual length, m/s².
        gyr_advice: what to do about the angular rate.

    Raises:
        InputError: one of them is out of range, or no sample is whole.
    """
    known = _whole(samples)
    if not len(known):
        raise InputError(_("no sample is whole"), where=where[0], advice=_("there is a NaN or an infinity in each"))
    norm = float(np.median(np.linalg.norm(known.acc_m_s2, axis=1)))
    if not GRAVITY_M_S2 / 2 < norm < GRAVITY_M_S2 * 2:
        what = _("the acceleration is {norm:.3g} m/s² in the middle, and gravity alone is 9.81").format(norm=norm)
        raise InputError(what, where=where[0], advice=acc_advice(norm))
    fast = float(np.quantile(np.abs(known.gyr_rad_s).max(axis=1), 0.99))
    if fast > FASTEST_LEG_RAD_S:
        what = _("the turning rate reaches {fast:.3g} rad/s, no leg does that").format(fast=fast)
        raise InputError(what, where=where[1], advice=gyr_advice)


def doubts_about_rate(samples: Samples, unit: str, where: str, advice: str) -> tuple[str, ...]:
    """Say what speaks against the unit, the axes or the signs of the angular rate, as an import does.

    Args:
        samples: in SI; what is not finite is left out.
        unit: what the rate is said to have been in.
        where: names the recording.
        advice: what to do when it was another unit.
    """
    known, stated = _whole(samples), canonical("rate", unit)
    given = known.gyr_rad_s / GYR_FACTORS[stated]
    try:
        found = rate_unit(known.time_s, known.acc_m_s2, given, stated, where)
    except InputError as error:
        return (f"{error.what} ({error.advice})",)
    if found.doubt:
        return (f"{found.doubt} ({advice})",)
    if found.name == stated:
        return ()
    told = _("the angular rate looks like {found}, not {stated}: gravity turns so fast in the sensor's frame")
    return (f"{told.format(found=found.name, stated=stated)} ({advice})",)


def _whole(samples: Samples) -> Samples:
    whole = np.isfinite(samples.acc_m_s2).all(axis=1) & np.isfinite(samples.gyr_rad_s).all(axis=1)
    return Samples(samples.time_s[whole], samples.acc_m_s2[whole], samples.gyr_rad_s[whole])
