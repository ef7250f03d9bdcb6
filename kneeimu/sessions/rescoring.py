"""Today's engine over old sessions, side by side with what was said then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kneeimu.errors import KneeimuError
from kneeimu.sessions.analysis import Analysis
from kneeimu.sessions.recording_reader import read_recording
from kneeimu.sessions.replay import analyze_recording
from kneeimu.sessions.scores import add_score, latest_score
from kneeimu.words import _, mark, n_

SAME_DEG = 0.5
"""Angles nearer than this are the same: they do not change what a person reads."""
COMPARED = {
    "range_of_motion_deg": mark("range of motion"),
    "medial_tilt_deg": mark("medial tilt"),
    "medial_drift_deg": mark("medial drift"),
    "inward_rotation_deg": mark("inward rotation"),
    "fppa_equivalent_deg": mark("camera-style angle"),
}


@dataclass(frozen=True, slots=True)
class Rescored:
    """One session, scored again.

    Attributes:
        before, after: what was said last (the first result, or the newest score) and what today's engine says, as
            ``analyze --json`` gives it. None when ``error`` says why.
        changes: what is different, in words.
    """

    path: Path
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    changes: tuple[str, ...] = ()
    error: str = ""


def rescore(path: Path, write: bool = False) -> Rescored:
    """Score one session again.

    Args:
        write: keep the new result beside the recording, if it differs. The first result stays in the recording.
    """
    try:
        recording = read_recording(path)
        after = analyze_recording(recording)
        before = latest_score(path) or analyze_recording(recording, recorded=bool(recording.events)).to_dict()
        changes = differences(before, after.to_dict())
        if write and changes:
            add_score(path, after)
    except KneeimuError as error:
        return Rescored(path, error=str(error))
    return Rescored(path, before, _named(after, path), changes)


def rescore_all(paths: Sequence[Path], executor: Executor | None, *, write: bool = False) -> Iterator[Rescored]:
    """Score sessions again, in the order in which they are done."""
    if executor is None:
        yield from (rescore(path, write) for path in paths)
        return
    for future in as_completed([executor.submit(rescore, path, write) for path in paths]):
        yield future.result()


def differences(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    """Say what is different between two results of ``analyze --json``."""
    changes = []
    for name, words in (("count", _("reps")), ("clean_count", _("clean reps")), ("alignment", _("alignment"))):
        if before.get(name) != after.get(name):
            changes.append(f"{words} {_shown(before.get(name))} → {_shown(after.get(name))}")
    matched = _matched(before.get("reps", []), after["reps"])
    changes += [change for name in COMPARED if (change := _angle_change(name, matched))]
    flags = sum(old["flags"] != new["flags"] for old, new in matched)
    if flags:
        changes.append(n_("flags of {n} rep", "flags of {n} reps", flags))
    return tuple(changes)


def _matched(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Pair the reps that overlap in time."""
    pairs, at = [], 0
    for old in before:
        while at < len(after) and after[at]["end_s"] <= old["start_s"]:
            at += 1
        if at < len(after) and after[at]["start_s"] < old["end_s"]:
            pairs.append((old, after[at]))
            at += 1
    return pairs


def _angle_change(name: str, matched: list[tuple[dict[str, Any], dict[str, Any]]]) -> str:
    shifts = [new[name] - old[name] for old, new in matched if old[name] is not None and new[name] is not None]
    came = sum(old[name] is None and new[name] is not None for old, new in matched)
    went = sum(old[name] is not None and new[name] is None for old, new in matched)
    words = _(COMPARED[name])
    said = []
    moved = [shift for shift in shifts if abs(shift) > SAME_DEG]
    if moved:
        said.append(
            _("{what} of {n} by {change:+.1f}° on average").format(
                what=words, n=len(moved), change=sum(moved) / len(moved)
            )
        )
    if came:
        said.append(_("{what} of {n} now known").format(what=words, n=came))
    if went:
        said.append(_("{what} of {n} not known any more").format(what=words, n=went))
    return ", ".join(said)


def _named(analysis: Analysis, path: Path) -> dict[str, Any]:
    return {**analysis.to_dict(), "file": path.name}


def _shown(value: object) -> str:
    return _("none") if value is None else str(value)
