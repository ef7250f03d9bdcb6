"""Sessions in the formats of other tools. Each writer takes a played session and a folder, and gives the files."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

from kneeimu.errors import InputError
from kneeimu.sessions.play import Played
from kneeimu.words import _

Writer = Callable[[Played, Path], list[Path]]

FORMATS: dict[str, tuple[str, str, str]] = {
    "csv": ("tables", "write_csv", "tables of reps, angles and samples, with a sidecar of units"),
    "parquet": ("tables", "write_parquet", "the same tables as Parquet, units inside (extra: export)"),
    "fit": ("fit", "write_fit", "Garmin FIT strength activity with sets and rests (extra: export)"),
    "opensim": ("opensim", "write_opensim", "OpenSim .sto orientations and .mot angles"),
    "motion-bids": ("motion_bids", "write_motion_bids", "a Motion-BIDS dataset"),
    "foxglove": ("foxglove", "write_foxglove", "MCAP with named channels and schemas for Foxglove"),
}
"""Format: module, function, what it is."""


def find_writer(name: str) -> Writer:
    """Give the writer of a format.

    Raises:
        InputError: there is none of that name.
    """
    if name not in FORMATS:
        raise InputError(
            _("no format is called {name!r}").format(name=name),
            advice=_("there are: {formats}").format(formats=", ".join(FORMATS)),
        )
    module, function = FORMATS[name][:2]
    writer: Writer = getattr(importlib.import_module(f"kneeimu.sessions.exporters.{module}"), function)
    return writer
