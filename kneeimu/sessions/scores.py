"""Results of later engines over old sessions, beside the recording; the first result stays in the recording itself."""

from __future__ import annotations

import importlib.metadata
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kneeimu.errors import InputError
from kneeimu.sessions.analysis import Analysis
from kneeimu.sessions.atomic import unreadable, write_private
from kneeimu.words import _

FORMAT = "kneeimu scores"
VERSION = 1
SUFFIX = ".scores.json"
LARGEST_BYTES = 64 * 2**20


def scores_path(recording: Path) -> Path:
    """Give the file of the later results of a recording."""
    return recording.with_suffix(SUFFIX)


def read_scores(recording: Path) -> list[dict[str, Any]]:
    """Give the later results, oldest first: ``software``, ``scored_utc``, ``result`` (as ``analyze --json``).

    Raises:
        InputError: the file is there and can't be read.
    """
    path = scores_path(recording)
    try:
        if not path.exists():
            return []
        if path.stat().st_size > LARGEST_BYTES:
            raise ValueError("too large")
        content = json.loads(path.read_bytes())
        if content["format"] != FORMAT or content["version"] != VERSION:
            raise ValueError("foreign")
        scores = content["scores"]
        if not all(isinstance(score["result"]["count"], int) for score in scores):
            raise ValueError("no result")
    except OSError as error:
        raise unreadable(path, error) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        advice = _("delete it and run `kneeimu rescore --write` again")
        raise InputError(_("these are no scores of this program"), where=str(path), advice=advice) from error
    return list(scores)


def latest_score(recording: Path) -> dict[str, Any] | None:
    """Give the newest later result; None when there is only the first, or when the file can't be read."""
    try:
        scores = read_scores(recording)
    except InputError:
        return None
    return dict(scores[-1]["result"]) if scores else None


def add_score(recording: Path, analysis: Analysis) -> None:
    """Keep another result of a recording.

    Raises:
        InputError: the file can't be read or written.
    """
    result = {**analysis.to_dict(), "file": recording.name}
    score = {
        "software": f"kneeimu {importlib.metadata.version('kneeimu')}",
        "scored_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "result": result,
    }
    content = {"format": FORMAT, "version": VERSION, "scores": [*read_scores(recording), score]}
    write_private(scores_path(recording), json.dumps(content, indent=1, allow_nan=False) + "\n")
