"""Names of exercises, legs, places of the sensor and days, in the chosen language."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from kneeimu.types import Mount, Side
from kneeimu.words import _, mark

MONTHS = (
    mark("January"), mark("February"), mark("March"), mark("April"), mark("May"), mark("June"), mark("July"),
    mark("August"), mark("September"), mark("October"), mark("November"), mark("December"),
)  # fmt: skip


def exercise_title(name: str) -> str:
    """Give the exercise's name for people."""
    from kneeimu.exercises.programmes.guide import all_guides

    guide = all_guides().get(name)
    return _(guide.title) if guide else name.replace("-", " ").capitalize()


def side_words(side: Side) -> str:
    """Name the leg."""
    return _("right leg") if side == "right" else _("left leg")


def mount_words(mount: Mount) -> str:
    """Say where the sensor sits."""
    return _("sensor on the thigh") if mount == "thigh" else _("sensor on the shin")


RECORDING = re.compile(r"(\d{4}-\d\d-\d\dT\d{6})Z_([a-z-]+)_(left|right)(?:_\d+)?(?:\.mcap)?")
"""The name that a recording's file is given; its time is UTC."""


def recording_words(name: str) -> str:
    """Say of the file of a recording when it began, in local time, and what it is of; other names stay as they are."""
    found = RECORDING.fullmatch(name)
    begun = recording_begun(name)
    if found is None or begun is None:
        return name
    leg = side_words("right" if found[3] == "right" else "left")
    return f"{begun:%H:%M} · {exercise_title(found[2])} · {leg}"


def recording_begun(name: str) -> datetime | None:
    """Tell by the name of its file when a recording began, in local time; None for other names."""
    found = RECORDING.fullmatch(name)
    try:
        begun = datetime.strptime(found[1], "%Y-%m-%dT%H%M%S") if found else None
    except ValueError:
        return None
    return begun.replace(tzinfo=UTC).astimezone() if begun else None


def day_words(day: date, *, year: bool = True) -> str:
    """Write a day out, such as 4 May 2026."""
    month = _(MONTHS[day.month - 1])
    if not year:
        return _("{day} {month}").format(day=day.day, month=month)
    return _("{day} {month} {year}").format(day=day.day, month=month, year=day.year)


def short_day(day: date) -> str:
    """Write a day briefly, such as 4 May, for the axis of a plot."""
    return _("{day} {month}").format(day=day.day, month=_(MONTHS[day.month - 1])[:3])
