"""The page in a real browser: it stands without the network, and prints on whole pages."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from kneeimu.report.page import render_page
from report.made_report import six_weeks

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--proxy-server=127.0.0.1:9")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here")


def chromium(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    return subprocess.run(
        [CHROMIUM, *QUIET, profile, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(render_page(six_weeks()), encoding="utf-8")
    return path


def test_a_browser_finds_nothing_to_fetch_and_nothing_to_complain_of(page: Path, tmp_path: Path) -> None:
    done = chromium(tmp_path, "--enable-logging=stderr", "--log-level=0", "--dump-dom", page.as_uri())
    assert "Left and right" in done.stdout
    complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line or "net_error" in line]
    assert [line for line in complaints if "page.html" in line] == []


def test_it_prints_on_a4_with_every_section_whole(page: Path, tmp_path: Path) -> None:
    if not shutil.which("pdftotext"):
        pytest.skip("no pdftotext here")
    pdf = tmp_path / "page.pdf"
    chromium(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", page.as_uri())
    info = subprocess.run(["pdfinfo", pdf], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Page size:\s+59\d.* x 84\d.* pts", info)
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    pages = [one for one in text.split("\f") if one.strip()]
    assert 3 <= len(pages) <= 6
    assert "What stands out" in pages[0]
    assert "At a glance" in pages[0]
    legs = [number for number, one in enumerate(pages) if re.search(r"Squat, (right|left) leg", one)]
    assert all("away from home, deg" in pages[number] for number in legs)
