"""Programmes as readable TOML: what to do, on which leg, how often. A file that can't be used is refused with its line.

The format is described in ``docs/programmes.md``. Numbers are bounded so that a slip of the finger can't ask for
a thousand reps.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from kneeimu.errors import InputError
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.exercises.exercise import Exercise
from kneeimu.exercises.programmes.guide import Guide, find_guide
from kneeimu.exercises.programmes.lines import LineIndex
from kneeimu.types import Mount, Side
from kneeimu.words import _

FORMAT = 1
SHIPPED = Path(__file__).parent
LARGEST_FILE_BYTES = 100_000
MOST_ITEMS = 30

Legs = Literal["training", "both", "left", "right"]
Order = Literal["leg", "exercise"]

BANDS = ("none", "light", "medium", "heavy", "extra-heavy")
LEGS: tuple[Legs, ...] = ("training", "both", "left", "right")
ORDERS: tuple[Order, ...] = ("leg", "exercise")


@dataclass(frozen=True, slots=True)
class Item:
    """One exercise of a programme.

    Attributes:
        sets, reps: from and to; reps are steps each way for the walks, and unused for timed exercises.
        seconds: how long a timed exercise lasts, s; None when reps are counted.
        legs: which legs do it; "training" is the knee the person trains (the sensor sits there).
        ways: directions of a walk, in order.
        hold_s: how long the far end is held, s.
        tempo_s: out, hold and back, s.
        rest_s: rest after each set, s.
        band: one of ``BANDS``.
        guide: how it is done, in words and as a drawing.
        line: where it stands in the file, from 1; 0 when it stands in none.
    """

    exercise: str
    sets: tuple[int, int]
    reps: tuple[int, int]
    seconds: float | None
    legs: Legs
    ways: tuple[str, ...]
    hold_s: float
    tempo_s: tuple[float, float, float]
    rest_s: float
    band: str
    mount: Mount
    guide: Guide
    line: int = 0

    def sides(self, training: Side) -> tuple[Side, ...]:
        """Give the legs that do it, the trained one first."""
        if self.legs == "both":
            return (training, other_side(training))
        return (training,) if self.legs == "training" else (self.legs,)


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme: its items in the order they are done.

    Attributes:
        name: the file's name without ending, lower case with hyphens.
        order: "leg" does everything on one leg before the sensor moves to the other one; "exercise" keeps to the order
            of the file and moves the sensor as often as that takes.
        per_week: sessions a week that are meant.
        path: the file; None when it was read from a text.
    """

    name: str
    title: str
    about: str
    per_week: int
    order: Order
    items: tuple[Item, ...]
    path: Path | None = None

    @property
    def shipped(self) -> bool:
        """It came with the program and can't be changed in place."""
        return self.path is not None and self.path.parent == SHIPPED


def other_side(side: Side) -> Side:
    """Give the other leg."""
    return "left" if side == "right" else "right"


def load_programme(path: Path) -> Programme:
    """Read a programme from its file.

    Raises:
        InputError: missing, unreadable, or not a programme; with line, reason and cure.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(
            _("the programme can't be read ({strerror})").format(strerror=error.strerror),
            where=str(path),
            advice=_("check the name and the rights"),
        ) from error
    if len(raw) > LARGEST_FILE_BYTES:
        raise InputError(
            _("the file is too large for a programme ({n} bytes)").format(n=len(raw)),
            where=str(path),
            advice=_("stay below {largest_file_bytes} bytes").format(largest_file_bytes=LARGEST_FILE_BYTES),
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(
            _("the text is not UTF-8"), where=f"{path}:{line}", advice=_("save the file as UTF-8")
        ) from error
    return parse_programme(text, name=path.stem, source=str(path), path=path)


def parse_programme(text: str, *, name: str, source: str = "programme", path: Path | None = None) -> Programme:
    """Read a programme from TOML text; ``source`` names it in errors.

    Raises:
        InputError: as ``load_programme``.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            _("this is not valid TOML: {error}").format(error=error),
            where=f"{source}:{_line_of(error, text)}",
            advice=_("compare with a programme that works: kneeimu programme show band"),
        ) from error
    reader = _Reader(data, LineIndex(text), source, None)
    reader.only("format", "title", "about", "per_week", "order", "exercises")
    if data.get("format") != FORMAT:
        raise reader.error(
            "format",
            _("format is {x!r}").format(x=data.get("format")),
            _("write format = {format} at the top").format(format=FORMAT),
        )
    title = reader.text("title", longest=60)
    return Programme(
        name=name,
        title=title,
        about=reader.text("about", longest=2000, default=""),
        per_week=int(reader.number("per_week", 1, 14, default=3, whole=True)),
        order=cast(Order, reader.choice("order", ORDERS, default="leg")),
        items=_read_items(reader),
        path=path,
    )


def find_programmes(folder: Path | None) -> dict[str, Path]:
    """Give all programmes by name: the shipped ones, and the person's own, which win where names are the same."""
    found = {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}
    if folder is not None and folder.is_dir():
        found.update({path.stem: path for path in sorted(folder.glob("*.toml"))})
    return found


# --- reading --------------------------------------------------------------------------------------------------------


def _read_items(top: _Reader) -> tuple[Item, ...]:
    tables = top.data.get("exercises")
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise top.error("exercises", _("there are no exercises"), _("add a table that begins with [[exercises]]"))
    if len(tables) > MOST_ITEMS:
        raise top.error(
            "exercises",
            _("{n} exercises are too many").format(n=len(tables)),
            _("at most {most_items} in one programme").format(most_items=MOST_ITEMS),
        )
    return tuple(_read_item(_Reader(table, top.lines, top.source, index)) for index, table in enumerate(tables))


def _read_item(reader: _Reader) -> Item:
    reader.only(
        "exercise", "sets", "reps", "seconds", "legs", "ways", "hold_s", "tempo_s", "rest_s", "band", "mount",
        "muscles", "how_to", "tip", "drawing",
    )  # fmt: skip
    exercise = CATALOGUE[reader.choice("exercise", tuple(CATALOGUE))]
    timed = exercise.kind == "timed"
    if timed and "reps" in reader.data:
        raise reader.error(
            "reps",
            _("reps do not fit {name}, which is timed").format(name=exercise.name),
            _("write seconds = 30 instead"),
        )
    if not timed and "seconds" in reader.data:
        raise reader.error(
            "seconds",
            _("seconds do not fit {name}, which is counted in reps").format(name=exercise.name),
            _("write reps = [8, 12] instead"),
        )
    seconds = reader.number("seconds", 5, 600, default=exercise.hold_s) if timed else None
    hold_s = reader.number("hold_s", 0, 60, default=exercise.tempo_s[1])
    mount = cast(Mount, reader.choice("mount", tuple(exercise.mounts), default=next(iter(exercise.mounts))))
    return Item(
        exercise=exercise.name,
        sets=reader.span("sets", 1, 10, default=(2, 3)),
        reps=(1, 1) if timed else reader.span("reps", 1, 100, default=exercise.reps),
        seconds=seconds,
        legs=cast(Legs, reader.choice("legs", LEGS, default="training")),
        ways=reader.ways(exercise),
        hold_s=hold_s,
        tempo_s=reader.tempo(exercise, hold_s),
        rest_s=reader.number("rest_s", 0, 600, default=60),
        band=reader.choice("band", BANDS, default="none"),
        mount=mount,
        guide=_read_guide(reader, exercise, mount),
        line=reader.line(None),
    )


def _read_guide(reader: _Reader, exercise: Exercise, mount: Mount) -> Guide:
    usual = find_guide(exercise.name, mount)
    return Guide(
        title=usual.title,
        muscles=reader.words("muscles", default=usual.muscles),
        how_to=reader.text("how_to", longest=600, default=usual.how_to),
        tip=reader.text("tip", longest=300, default=usual.tip),
        drawing=reader.text("drawing", longest=3000, default=usual.drawing),
    )


class _Reader:
    """Takes values out of one table, and knows their lines when something is wrong with them."""

    def __init__(self, data: Mapping[str, Any], lines: LineIndex, source: str, item: int | None) -> None:
        self.data, self.lines, self.source, self._item = data, lines, source, item

    def line(self, key: str | None) -> int:
        return self.lines.find(self._item, key)

    def error(self, key: str | None, what: str, advice: str) -> InputError:
        return InputError(what, where=f"{self.source}:{self.line(key)}", advice=advice)

    def only(self, *known: str) -> None:
        for key in self.data:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                advice = (
                    _("did you mean {near}?").format(near=near[0])
                    if near
                    else _("known are: {known}").format(known=", ".join(known))
                )
                raise self.error(key, _("{key} is not known here").format(key=key), advice)

    def text(self, key: str, *, longest: int, default: str | None = None) -> str:
        value = self._take(key, default)
        if not isinstance(value, str):
            raise self.error(
                key, _("{key} has to be a text in quotes").format(key=key), _('write {key} = "…"').format(key=key)
            )
        if len(value) > longest:
            raise self.error(
                key,
                _("{key} is too long ({n} characters)").format(key=key, n=len(value)),
                _("at most {longest}").format(longest=longest),
            )
        if default is None and not value.strip():
            raise self.error(key, _("{key} is empty").format(key=key), _("write a few words"))
        return value.strip("\n")

    def words(self, key: str, *, default: tuple[str, ...]) -> tuple[str, ...]:
        value = self._take(key, list(default))
        if not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
            raise self.error(
                key, _("{key} has to be a list of texts").format(key=key), _('write {key} = ["…", "…"]').format(key=key)
            )
        return tuple(value)

    def choice(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        value = self._take(key, default)
        if value not in allowed:
            near = difflib.get_close_matches(str(value), allowed, 1)
            advice = (
                _("did you mean {near!r}?").format(near=near[0])
                if near
                else _("one of: {allowed}").format(allowed=", ".join(allowed))
            )
            raise self.error(key, _("{key} can't be {value!r}").format(key=key, value=value), advice)
        return cast(str, value)

    def number(self, key: str, low: float, high: float, *, default: float, whole: bool = False) -> float:
        return self._bounded(key, self._take(key, default), low, high, whole=whole)

    def span(self, key: str, low: int, high: int, *, default: tuple[int, int]) -> tuple[int, int]:
        """A whole number, or the smallest and the largest of a range."""
        value = self._take(key, list(default))
        both = value if isinstance(value, list) else [value, value]
        if len(both) != 2:
            raise self.error(
                key,
                _("{key} has to be one number or two").format(key=key),
                _("write {key} = [{low}, {high}]").format(key=key, low=low, high=high),
            )
        first, last = (int(self._bounded(key, one, low, high, whole=True)) for one in both)
        if first > last:
            raise self.error(
                key,
                _("{key} runs backwards ({first} to {last})").format(key=key, first=first, last=last),
                _("write {key} = [{last}, {first}]").format(key=key, last=last, first=first),
            )
        return first, last

    def tempo(self, exercise: Exercise, hold_s: float) -> tuple[float, float, float]:
        usual = (exercise.tempo_s[0], hold_s, exercise.tempo_s[2])
        value = self._take("tempo_s", list(usual))
        if not isinstance(value, list) or len(value) != 3:
            raise self.error(
                "tempo_s", _("tempo_s has to be three numbers: out, hold, back"), _("write tempo_s = [2, 1, 2]")
            )
        out, hold, back = (
            self._bounded("tempo_s", one, low, 60) for one, low in zip(value, (0.3, 0.0, 0.3), strict=True)
        )
        if "hold_s" in self.data and "tempo_s" in self.data and hold != hold_s:
            raise self.error(
                "tempo_s",
                _("hold_s is {hold_s:g}, but the tempo holds {hold:g} s").format(hold_s=hold_s, hold=hold),
                _("make them the same"),
            )
        return out, hold, back

    def ways(self, exercise: Exercise) -> tuple[str, ...]:
        usual = exercise.ways
        value = self.words("ways", default=usual)
        for way in value:
            if way not in usual:
                raise self.error(
                    "ways",
                    _("{name} has no way {way!r}").format(name=exercise.name, way=way),
                    _("one of: {usual}").format(usual=", ".join(usual)) if usual else _("leave ways out"),
                )
        return value

    def _take(self, key: str, default: object) -> Any:
        if key in self.data:
            return self.data[key]
        if default is None:
            raise self.error(key, _("{key} is missing").format(key=key), _("add a line {key} = …").format(key=key))
        return default

    def _bounded(self, key: str, value: object, low: float, high: float, *, whole: bool = False) -> float:
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            kind = _("a whole number") if whole else _("a number")
            raise self.error(
                key,
                _("{key} has to be {kind}, not {value!r}").format(key=key, kind=kind, value=value),
                _("from {low:g} to {high:g}").format(low=low, high=high),
            )
        if not low <= float(cast(float, value)) <= high:
            raise self.error(
                key,
                _("{key} can't be {value!r}").format(key=key, value=value),
                _("from {low:g} to {high:g}").format(low=low, high=high),
            )
        return float(cast(float, value))


def _line_of(error: tomllib.TOMLDecodeError, text: str) -> int:
    """Line of a syntax error, from 1. Python 3.14 has it as an attribute, earlier ones only in the message."""
    attribute = getattr(error, "lineno", None)
    if isinstance(attribute, int):
        return attribute
    _, found, rest = str(error).rpartition("(at line ")
    digits = rest.split(",")[0]
    return int(digits) if found and digits.isdigit() else max(1, text.count("\n"))
