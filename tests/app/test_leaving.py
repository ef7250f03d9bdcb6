"""The app is left in good order also when somebody else ends it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="needs a POSIX terminal")
BACK_TO_THE_SHELL = b"\x1b[?1049l"
"""The terminal leaves its second screen."""


def read_until(terminal: int, wanted: bytes, within_s: float = 30.0) -> bytes:
    """Read from a terminal until something was written there."""
    heard, until = b"", time.monotonic() + within_s
    while wanted not in heard and time.monotonic() < until:
        if select.select([terminal], [], [], 0.5)[0]:
            try:
                heard += os.read(terminal, 65536)
            except OSError:  # nobody writes any more
                break
    return heard


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_polite_kill_and_a_closed_terminal_leave_the_app_as_its_key_does(tmp_path: Path, name: str) -> None:
    terminal, its = pty.openpty()
    environment = {**os.environ, "KNEEIMU_HOME": str(tmp_path), "KNEEIMU_LANGUAGE": "en", "TERM": "xterm-256color"}
    app = subprocess.Popen([sys.executable, "-m", "kneeimu"], stdin=its, stdout=its, stderr=its, env=environment)
    os.close(its)
    try:
        assert b"Welcome" in read_until(terminal, b"Welcome")

        app.send_signal(getattr(signal, name))

        assert BACK_TO_THE_SHELL in read_until(terminal, BACK_TO_THE_SHELL)
        assert app.wait(timeout=20) == 0
    finally:
        app.kill()
        app.wait()
        os.close(terminal)


def test_an_app_that_failed_says_so_in_its_status(tmp_path: Path) -> None:
    terminal, its = pty.openpty()
    environment = {**os.environ, "KNEEIMU_HOME": str(tmp_path), "TERM": "xterm-256color"}
    fails = "from kneeimu.dashboard.app import run_app\nrun_app(lambda: 1 / 0)"
    app = subprocess.Popen([sys.executable, "-c", fails], stdin=its, stdout=its, stderr=its, env=environment)
    os.close(its)
    try:
        assert b"ZeroDivisionError" in read_until(terminal, b"ZeroDivisionError")
        read_until(terminal, b"nothing more", within_s=20.0)
        assert app.wait(timeout=20) == 1
    finally:
        app.kill()
        app.wait()
        os.close(terminal)
