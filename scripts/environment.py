"""Set up the project's own virtual environment with nothing but Python's standard library."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
STAMP = VENV / "kneeimu-installed.json"
OLDEST_PYTHON = (3, 11)


def stop(what: str, advice: str) -> NoReturn:
    """Say on stderr what is wrong and what to do, and leave with status 1."""
    sys.stderr.write(f"kneeimu: {what}\n  {advice}\n")
    sys.exit(1)


def check_python() -> None:
    """Leave with advice when this Python is too old to run the project."""
    if sys.version_info < OLDEST_PYTHON:
        stop(
            f"Python 3.11 or newer is needed, this is {sys.version_info[0]}.{sys.version_info[1]}",
            "Install a newer one (on Debian and Ubuntu: apt install python3.12) and start this script with it.",
        )


def bin_folder() -> Path:
    """Folder of the environment's programs."""
    return VENV / ("Scripts" if os.name == "nt" else "bin")


def venv_python() -> Path:
    """The environment's Python."""
    return bin_folder() / ("python.exe" if os.name == "nt" else "python")


def prepare(extras: set[str]) -> Path:
    """Create the environment if it is absent, install the project with ``extras`` if that is not done; give its Python.

    What is installed is stamped with a hash of pyproject.toml, so that a second start takes no time.
    """
    check_python()
    if not venv_python().exists():
        _create()
    wanted = hashlib.sha256((PROJECT / "pyproject.toml").read_bytes()).hexdigest()
    done = _read_stamp()
    installed = set(done.get("extras", []))
    if done.get("pyproject") != wanted or not extras <= installed:
        extras = extras | installed
        _install(extras)
        STAMP.write_text(json.dumps({"pyproject": wanted, "extras": sorted(extras)}), encoding="utf-8")
    return venv_python()


def all_extras() -> set[str]:
    """Names of all extras that pyproject.toml defines."""
    import tomllib  # here, because older Pythons must get as far as check_python

    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return set(project["optional-dependencies"])


def become(command: list[str]) -> None:
    """Run ``command`` in place of this process, or wait for it where that can't be done."""
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], command)


def _read_stamp() -> dict:
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _create() -> None:
    _say("Creating the environment in .venv")
    if subprocess.call([sys.executable, "-m", "venv", str(VENV)]) != 0:
        shutil.rmtree(VENV, ignore_errors=True)  # a half-made one would be taken for a whole one next time
        stop(
            "Python's venv module is missing or incomplete, so no environment could be made",
            f"On Debian and Ubuntu: apt install python3.{sys.version_info[1]}-venv, then start again.",
        )


def _install(extras: set[str]) -> None:
    names = ",".join(sorted(extras))
    _say(f"Installing kneeimu with {names}: once, about a minute")
    pip = [str(venv_python()), "-m", "pip", "--disable-pip-version-check", "install", "-e", f"{PROJECT}[{names}]"]
    environment = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore", "PYTHONIOENCODING": "utf-8"}
    said = []
    with subprocess.Popen(
        pip, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, encoding="utf-8", errors="replace"
    ) as process:
        for line in process.stdout or ():
            said.append(line)
            _show_progress(line.strip())
    _show_progress("")
    if process.returncode != 0:
        sys.stderr.writelines(said[-15:])
        stop(
            "the installation failed; the last of what pip said stands above",
            "Mostly it is the network: check it and start again. Behind a proxy set HTTPS_PROXY.",
        )


def _show_progress(text: str) -> None:
    """Show what pip does on one line of the terminal that the next one overwrites."""
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 3
        sys.stderr.write(f"\r\x1b[2K  {text[:width]}" if text else "\r\x1b[2K")
        sys.stderr.flush()


def _say(text: str) -> None:
    sys.stderr.write(f"kneeimu: {text}\n")
    sys.stderr.flush()
