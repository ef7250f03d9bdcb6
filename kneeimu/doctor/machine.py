"""Python, packages, disk, clock and terminal."""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
import time
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from kneeimu.doctor.finding import Finding, bad, note, ok
from kneeimu.words import _

OLDEST_PYTHON = (3, 11)
SMALL_DISK_BYTES, FULL_DISK_BYTES = 500_000_000, 20_000_000
"""An hour is recorded in some 12 MB."""
LEAST_COLUMNS, LEAST_ROWS = 80, 24
SHOWN = ("bleak", "textual", "vqf", "numpy", "scipy", "mcap", "aiomqtt")


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """Is Python new enough?"""
    text = ".".join(map(str, version))
    if version < OLDEST_PYTHON:
        return bad("python", _("Python {text} is too old").format(text=text), _("install Python 3.11 or newer"))
    return ok("python", _("Python {text}").format(text=text))


def check_packages(requirements: list[str] | None = None) -> list[Finding]:
    """Are the packages that the program needs there, in versions that will do? ``requirements`` as in the metadata."""
    from packaging.requirements import InvalidRequirement, Requirement

    if requirements is None:
        requirements = metadata.requires("kneeimu") or []
    wrong, versions = [], []
    for text in requirements:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            wrong.append(_("{name} is missing").format(name=requirement.name))
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            wrong.append(
                _("{name} is {version}, but {specifier} is needed").format(
                    name=requirement.name, version=version, specifier=requirement.specifier
                )
            )
        elif requirement.name in SHOWN:
            versions.append(f"{requirement.name} {version}")
    if wrong:
        return [
            bad("packages", "; ".join(wrong), _("install them again: python3 scripts/demo.py, or pip install -e ."))
        ]
    return [ok("packages", ", ".join(versions))]


def check_disk(folder: Path) -> list[Finding]:
    """Is there a place for recordings, with room, that others can't read?"""
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(existing, os.W_OK) or not existing.is_dir():
        advice = _("mend its permissions, or choose another folder with KNEEIMU_HOME")
        return [bad("disk-not-writable", _("{existing} can't be written").format(existing=existing), advice)]
    free = shutil.disk_usage(existing).free
    room = _("{x:.1f} GB free for recordings in {folder}").format(x=free / 1000000000.0, folder=folder)
    if free < FULL_DISK_BYTES:
        found = [bad("disk-full", room, _("free some space: a session would be lost"))]
    elif free < SMALL_DISK_BYTES:
        found = [note("disk-small", room, _("free some space; an hour needs about 12 MB"))]
    else:
        found = [ok("disk", room)]
    if os.name == "posix" and folder.exists() and stat.S_IMODE(folder.stat().st_mode) & 0o077:
        advice = _("chmod 700 '{folder}'").format(folder=folder)
        found.append(
            note("folder-open", _("others on this machine can look into {folder}").format(folder=folder), advice)
        )
    return found


def check_clock(now_s: float | None = None, synchronised: bool | None = None) -> Finding:
    """Is the wall clock plausible? Recordings carry it; the samples themselves do not depend on it."""
    now_s = time.time() if now_s is None else now_s
    newest_s = Path(__file__).stat().st_mtime
    shown = time.strftime("%Y-%m-%d %H:%M", time.gmtime(now_s))
    advice = _("set the clock, or switch automatic time on (Linux: timedatectl set-ntp true)")
    if now_s < newest_s - 86_400:
        return bad(
            "clock-wrong",
            _("the clock says {shown} UTC, before this program was installed").format(shown=shown),
            advice,
        )
    if synchronised is False:
        return note(
            "clock-unsynchronised",
            _("the clock says {shown} UTC and is not kept by a time server").format(shown=shown),
            advice,
        )
    return ok("clock", _("{shown} UTC").format(shown=shown))


def check_terminal(
    environment: Mapping[str, str], encoding: str, size: tuple[int, int] | None, *, windows: bool = os.name == "nt"
) -> list[Finding]:
    """Can the terminal show the dashboard? ``size`` is (columns, rows), None when there is no terminal."""
    if size is None:
        return [note("terminal", _("the output does not go to a terminal"), _("start the app in one"))]
    found = []
    if not re.fullmatch(r"utf-?8", encoding, re.IGNORECASE):
        how = (
            _("use Windows Terminal, chcp 65001")
            if windows
            else _("export LANG=C.UTF-8 (or your language's UTF-8 locale)")
        )
        found.append(
            bad(
                "terminal-encoding",
                _("the terminal's encoding is {encoding}; the app needs UTF-8").format(encoding=encoding),
                how,
            )
        )
    columns, rows = size
    if columns < LEAST_COLUMNS or rows < LEAST_ROWS:
        advice = _("make the window larger, {columns}×{rows} or more, or the letters smaller").format(
            columns=LEAST_COLUMNS, rows=LEAST_ROWS
        )
        found.append(
            note("terminal-small", _("the terminal is {columns}×{rows}").format(columns=columns, rows=rows), advice)
        )
    term = environment.get("TERM", "")
    if term == "dumb" or (not term and not windows):
        advice = _("use an ordinary terminal (TERM=xterm-256color)")
        found.append(
            bad("terminal-dumb", _("TERM is {x}: nothing can be drawn").format(x=term or _("not set")), advice)
        )
    elif "NO_COLOR" in environment:
        found.append(
            note("terminal-colours", _("NO_COLOR is set: the app is grey"), _("unset NO_COLOR, if colours are wanted"))
        )
    elif _colours(environment, windows) < 256:
        advice = _("use a terminal with 256 colours or more, or set COLORTERM=truecolor where it has them")
        found.append(
            note("terminal-colours", _("the terminal has few colours (TERM={term})").format(term=term), advice)
        )
    return found or [
        ok(
            "terminal",
            _("{columns}×{rows}, UTF-8, {colours} colours").format(
                columns=columns, rows=rows, colours=_colours(environment, windows)
            ),
        )
    ]


def _colours(environment: Mapping[str, str], windows: bool) -> int:
    if windows or environment.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return 16_777_216
    return 256 if re.search(r"256|kitty|alacritty|ghostty|direct", environment.get("TERM", "")) else 16
