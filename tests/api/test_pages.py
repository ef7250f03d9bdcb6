"""The pages and the reference are built without a warning."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


def test_sphinx_has_nothing_to_complain_of(tmp_path: Path) -> None:
    pytest.importorskip("sphinx")
    pytest.importorskip("myst_parser")
    pytest.importorskip("furo")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    places = [str(PROJECT / "docs"), str(tmp_path / "html"), "-d", str(tmp_path / "doctrees")]
    done = subprocess.run([*command, *places], capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    reference = (tmp_path / "html/api/library.html").read_text(encoding="utf-8")
    assert all(f'id="kneeimu.api.{name}"' in reference for name in ("load", "Session.to_pandas", "write_report"))
