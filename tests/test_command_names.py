"""Misspelt commands."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from kneeimu.cli import kneeimu


@pytest.mark.parametrize(("typed", "meant"), [("analyse", "analyze"), ("program", "programme"), ("reports", "report")])
def test_the_command_that_was_meant_is_named(typed: str, meant: str) -> None:
    result = CliRunner().invoke(kneeimu, [typed])

    assert result.exit_code == 2
    assert f"Did you mean '{meant}'?" in result.output


def test_nothing_is_guessed_for_what_is_like_no_command() -> None:
    result = CliRunner().invoke(kneeimu, ["xyzzy"])

    assert result.exit_code == 2
    assert "Did you mean" not in result.output
