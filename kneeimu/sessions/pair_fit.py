"""Whether two recordings belong together: what their names say, and whether both sensors moved at the same time."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from calibration.errors import CalibrationError
from kneeimu.errors import InputError
from kneeimu.exercises.exercise import Exercise
from kneeimu.types import FloatArray, Side
from kneeimu.words import _
from kneeimu.words.phrases import SITES, phrase

if TYPE_CHECKING:
    from calibration.observation import Recorded

LONGEST_S = 600.0
"""More than this need not be compared."""
WINDOW_S, LARGEST_LAG_S = 0.25, 2.0
STILL_RAD_S = 0.05
ALIKE_STANDING, ALIKE = 0.9, 0.5
"""Correlation of the turning speeds of one leg's segments. Simulated people of all exercises reach 0.94 where both
segments turn in each rep, and 0.50 where the thigh lies; two of different sessions stay below 0.5, or, in walks of like
cadence, 0.95."""
ALIKE_KNEE = 0.25
"""Correlation of the knee's acceleration as each sensor tells it; 0.29 or more where ``ALIKE`` is not reached."""
_WHEN = re.compile(r"(?<!\d)(20\d\d)([-_]?)(\d\d)\2(\d\d)(?:[T_ -]?(\d\d)[-:_.]?(\d\d)(?:[-:_.]?(\d\d))?)?(?!\d)")


def check_names(files: tuple[str, str], side: Side, longest_s: float) -> str | None:
    """Compare what the names of the files say. Give a warning where they may still be of one session.

    Args:
        files: the thigh's and the shin's.
        side: the leg that was told.
        longest_s: how long the longer recording is, s.

    Raises:
        InputError: a name says that it is of the other leg.
    """
    for file in files:
        named = _side_of(file)
        if named is not None and named != side:
            raise InputError(
                _("by its name this recording is of the {named} leg, not of the {told} one").format(
                    named=phrase(SITES, named), told=phrase(SITES, side)
                ),
                where=file,
                advice=_("give two files of one leg and its --side; rename the file if its name is wrong"),
            )
    (one, with_time), (other, also) = (_when(file) for file in files)
    if one is None or other is None:
        return None
    timed = with_time and also
    apart = abs(one - other) if timed else abs(one.date() - other.date())
    if apart <= (timedelta(seconds=longest_s) if timed else timedelta(0)):
        return None
    written = "%Y-%m-%d %H:%M" if timed else "%Y-%m-%d"
    return _(
        "by their names the two recordings are of different sessions, {thigh} and {shin}: then the knee's angles mean "
        "nothing; give two files of one session"
    ).format(thigh=one.strftime(written), shin=other.strftime(written))


def _side_of(file: str) -> Side | None:
    """The leg that a name such as ``squat_right.csv`` tells; None when it tells none, or both."""
    found = {"left", "right"}.intersection(re.split(r"[^a-z]+", Path(file).stem.lower()))
    return cast(Side, found.pop()) if len(found) == 1 else None


def _when(file: str) -> tuple[datetime | None, bool]:
    """The date in a name, and whether it has a time of day."""
    match = _WHEN.search(Path(file).stem)
    if match is None:
        return None, False
    year, _sign, month, day, *clock = match.groups()
    try:
        return datetime(*(int(part or 0) for part in (year, month, day, *clock))), clock[0] is not None  # type: ignore[arg-type]
    except ValueError:
        return None, False


def check_movement(thigh: Recorded, shin: Recorded, exercise: Exercise) -> str | None:
    """Give a warning where the two sensors did not move together, as ``moved_together`` finds it."""
    if moved_together(thigh, shin, exercise):
        return None
    return _(
        "thigh and shin do not move together as one leg does: the two recordings may be of different sessions or legs, "
        "or t is not on one clock; then the knee's angles mean nothing. Give two files of one session and leg whose t "
        "begins at the same moment"
    )


def moved_together(thigh: Recorded, shin: Recorded, exercise: Exercise) -> bool:
    """Whether the movement lets the two be of one leg at one time; True as well where it does not tell.

    Args:
        thigh, shin: time (n,) in s, acceleration (n, 3) in m/s², angular rate (n, 3) in rad/s.
    """
    from calibration.leg import find_knee, prepare

    needed = ALIKE_STANDING if exercise.posture == "standing" and exercise.kind == "reps" else ALIKE
    begin_s = max(thigh[0][0], shin[0][0])
    end_s = min(thigh[0][-1], shin[0][-1], begin_s + LONGEST_S)
    edges = np.arange(begin_s, end_s, WINDOW_S)
    if _likeness(*(_speed(one, edges) for one in (thigh, shin))) >= needed:
        return True
    try:
        leg = prepare(thigh, shin, LONGEST_S)
    except CalibrationError:
        return True
    knee = find_knee(leg)
    sizes = [
        np.linalg.norm(acc - lever @ place, axis=1)
        for acc, lever, place in zip(leg.acc, leg.lever, (knee.thigh_m, knee.shin_m), strict=True)
    ]
    return _correlation(sizes[0], sizes[1]) >= ALIKE_KNEE


def _speed(recorded: Recorded, edges: FloatArray) -> FloatArray:
    """Logarithm of the turning speed over a second, in each window, (n - 1,)."""
    time_s, _acc, rate = recorded
    total = np.concatenate(([0.0], np.cumsum(np.linalg.norm(rate - np.median(rate, axis=0), axis=1))))
    at = np.searchsorted(time_s, edges)
    mean = np.diff(total[at]) / np.maximum(1, np.diff(at))
    return np.log(STILL_RAD_S + np.convolve(mean, np.full(4, 0.25), mode="same"))


def _likeness(one: FloatArray, other: FloatArray) -> float:
    """Largest correlation for any lag that clocks may have."""
    most = min(round(LARGEST_LAG_S / WINDOW_S), len(one) // 2)
    return max(
        _correlation(one[max(0, lag) : len(one) + min(0, lag)], other[max(0, -lag) : len(other) + min(0, -lag)])
        for lag in range(-most, most + 1)
    )


def _correlation(one: FloatArray, other: FloatArray) -> float:
    if min(one.std(), other.std()) < 1e-6:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])
