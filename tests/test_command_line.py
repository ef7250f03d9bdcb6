"""The command line as such: misspelt commands, and an output that can't be written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from kneeimu.cli import kneeimu


@pytest.mark.parametrize(("typed", "meant"), [("analyse", "analyze"), ("program", "programme"), ("reports", "report")])
def test_the_command_that_was_meant_is_named(typed: str, meant: str) -> None:
    result = CliRunner().invoke(kneeimu, [typed])

    assert result.exit_code == 2
    assert f"Did you mean '{meant}'?" in result.output


@pytest.mark.parametrize("missing", ["--exercise", "--side", "--mount"])
def test_what_a_session_needs_is_asked_for(missing: str) -> None:
    needed = {"--exercise": "squat", "--side": "left", "--mount": "thigh"}
    given = [word for name, value in needed.items() if name != missing for word in (name, value)]
    done = CliRunner().invoke(kneeimu, ["live", *given])
    assert done.exit_code == 2
    assert f"Missing option '{missing}'" in done.output


def test_nothing_is_guessed_for_what_is_like_no_command() -> None:
    result = CliRunner().invoke(kneeimu, ["xyzzy"])

    assert result.exit_code == 2
    assert "Did you mean" not in result.output


@pytest.mark.parametrize("group", ["calibrate", "calibrate device", "data", "history", "programme"])
def test_no_command_is_listed_in_half_a_sentence(group: str) -> None:
    listed = CliRunner().invoke(kneeimu, [*group.split(), "--help"]).output.partition("Commands:")[2]

    assert listed.strip()
    assert "..." not in listed


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_the_output_is_told_in_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "kneeimu", "programme", "list"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr == "kneeimu: the output can't be written: No space left on device\n"


def test_what_a_code_page_does_not_have_is_replaced() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kneeimu", "programme", "show", "hip-strength"],
        capture_output=True, env={**os.environ, "PYTHONIOENCODING": "cp1252"}, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Hip strength" in done.stdout
