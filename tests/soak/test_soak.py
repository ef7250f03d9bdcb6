"""Hours of two sensors: nothing is lost and the memory stays flat."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "soak.py"


def _run(*arguments: str) -> str:
    run = subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_eight_hours_compressed() -> None:
    said = _run("--hours", "8")
    assert "good: 0 lost" in said
    samples = int(re.findall(r"(\d+) samples", said)[-1])
    assert samples > 0.8 * 2 * 8 * 3600 * 104


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_five_minutes_over_the_virtual_radio() -> None:
    assert "good: 0 lost" in _run("--radio-minutes", "5")
