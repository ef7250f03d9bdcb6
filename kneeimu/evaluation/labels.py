"""What is true of a recording, as ``NAME.truth.json`` beside ``NAME.csv`` says it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Literal, cast, get_args

from kneeimu.errors import InputError
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.types import Mount, Side
from kneeimu.words import _

Kind = Literal["set", "resting", "idle", "form"]
TRUTH = ".truth.json"
GUIDED = ("stand-still", "guided-movements")
"""Activities in which a sensor is aligned: nothing in them counts as exercise."""


@dataclass(frozen=True, slots=True)
class TrueRep:
    """One rep as it really was; None where the label does not say.

    The far end is reached at ``far_s`` and left at ``turn_s``. Angles in deg, as change from the rep's start, medial
    positive.
    """

    start_s: float
    turn_s: float
    end_s: float
    range_deg: float | None = None
    medial_tilt_deg: float | None = None
    direction: str | None = None
    faults: tuple[str, ...] = ()
    far_s: float | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """What is known of a recording.

    Attributes:
        exercise: None when nothing was exercised: then every exercise of the catalogue must stay silent.
        moving: False for the leg that rests while the other one works.
        reps: empty when only the count is known.
        sets: spans (start, end) in s; empty when they are not known.
        reference: span of coached reference reps, with an alignment before them; None without.
        reference_reps: these reps, as far as they are known.
        guided: span of an alignment's moves without reference reps after them; None without.
        others: spans of whatever else the label names.
    """

    exercise: str | None
    side: Side
    mount: Mount
    count: int
    moving: bool = True
    reps: tuple[TrueRep, ...] = ()
    sets: tuple[tuple[float, float], ...] = ()
    reference: tuple[float, float] | None = None
    reference_reps: tuple[TrueRep, ...] = ()
    guided: tuple[float, float] | None = None
    others: tuple[tuple[float, float], ...] = ()

    @property
    def kind(self) -> Kind:
        """A set; the leg that rests; no exercise at all; or a set after an alignment, which is about form."""
        if not self.moving:
            return "resting"
        if self.count and self.reference is not None:
            return "form"
        return "set" if self.count else "idle"


def labelled_files(folder: str | Path) -> tuple[list[Path], list[Path]]:
    """Give the CSVs in a folder and below that have a label, and those that have none, both sorted.

    Raises:
        InputError: no labelled recording is there.
    """
    folder = Path(folder)
    if folder.is_file():
        raise InputError(
            _("this is a file and not a folder"), where=str(folder), advice=_("name the folder that it is in")
        )
    if not folder.is_dir():
        raise InputError(
            _("there is no such folder"), where=str(folder), advice=_("name a folder of labelled recordings")
        )
    found = sorted(path for path in folder.rglob("*.csv") if not path.name.endswith(".up.csv"))
    labelled = [path for path in found if label_path(path).is_file()]
    if not labelled:
        advice = _(
            "each NAME.csv needs a NAME{truth} beside it; `python -m firmware_sim.record` writes such pairs"
        ).format(truth=TRUTH)
        raise InputError(_("there are no labelled recordings in it"), where=str(folder), advice=advice)
    return labelled, [path for path in found if path not in set(labelled)]


def label_path(recording: Path) -> Path:
    """Give the place of the label of a recording."""
    return recording.with_name(recording.stem + TRUTH)


def read_label(path: Path) -> Label:
    """Read a label.

    Raises:
        InputError: it can't be read, or does not say side, mount and count.
    """
    try:
        return label_of(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError(_("can't be read: {x}").format(x=error.strerror or error), where=str(path)) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        fault = _("{name} is missing").format(name=repr(error.args[0])) if isinstance(error, KeyError) else str(error)
        if isinstance(error, json.JSONDecodeError):
            fault = _("it is not JSON, from line {line} on").format(line=error.lineno)
        advice = _("it needs side, mount and count, and exercise unless nothing was exercised")
        raise InputError(
            _("the label does not fit: {fault}").format(fault=fault), where=str(path), advice=advice
        ) from error


def label_of(data: Mapping[str, Any]) -> Label:
    """Take a label from plain data.

    Raises:
        KeyError, ValueError, TypeError: it does not fit.
    """
    if not isinstance(data, Mapping):
        raise TypeError("it holds no object")
    exercise = data.get("exercise")
    side, mount, count = data["side"], data["mount"], data["count"]
    if not isinstance(count, int):
        raise TypeError(f"the count {count!r} is no whole number")
    if exercise is not None and exercise not in CATALOGUE:
        raise ValueError(f"no exercise is called {exercise!r}")
    if side not in get_args(Side) or mount not in get_args(Mount) or count < 0:
        raise ValueError(f"side {side!r}, mount {mount!r} or count {count} is none")
    if exercise is None and count:
        raise ValueError("a count above 0 needs an exercise")
    spans = [(str(s["name"]), _time(s, "start_s"), _time(s, "end_s")) for s in data.get("activities", ())]
    reference = next(((start, end) for name, start, end in spans if name == "reference"), None)
    guided = [span for span in spans if span[0] in GUIDED]
    return Label(
        exercise,
        cast(Side, side),
        cast(Mount, mount),
        count,
        bool(data.get("moving", True)),
        tuple(_rep(rep) for rep in data.get("reps", ())),
        tuple((start, end) for name, start, end in spans if name == "set") if count else (),
        reference,
        tuple(_rep(rep) for rep in data.get("reference_reps", ())),
        (guided[0][1], guided[-1][2]) if guided and reference is None else None,
        tuple((start, end) for name, start, end in spans if name not in ("set", "reference", *GUIDED)),
    )


def _rep(data: Mapping[str, Any]) -> TrueRep:
    return TrueRep(
        _time(data, "start_s"),
        _time(data, "turn_s"),
        _time(data, "end_s"),
        _number(data.get("range_deg")),
        _number(data.get("medial_tilt_deg")),
        data.get("direction"),
        tuple(data.get("flags", ())),
        _number(data.get("far_s")),
    )


def _time(data: Mapping[str, Any], name: str) -> float:
    value = data[name]
    if not isinstance(value, int | float) or not isfinite(value):
        raise TypeError(f"{name} is {value!r} and no time in seconds")
    return float(value)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
