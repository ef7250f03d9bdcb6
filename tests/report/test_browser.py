"""The page in a real browser: it stands without the network, and prints on whole pages."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
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


def test_on_a_telephone_nothing_but_a_table_scrolls_sideways(page: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="the extra 'browser' is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 390, "height": 800})
        tab.goto(page.as_uri())
        wide = tab.evaluate("document.documentElement.scrollWidth")
        browser.close()

    assert wide <= 390


@pytest.fixture
def pdf(page: Path, tmp_path: Path) -> Path:
    if not shutil.which("pdftotext"):
        pytest.skip("no poppler tools here")
    path = tmp_path / "page.pdf"
    chromium(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={path}", page.as_uri())
    return path


def test_every_printed_page_has_ink_and_clear_margins(pdf: Path, tmp_path: Path) -> None:
    subprocess.run(["pdftoppm", "-r", "40", "-gray", pdf, tmp_path / "sheet"], check=True)
    sheets = sorted(tmp_path.glob("sheet-*.pgm"))
    assert sheets
    for sheet in sheets:
        dark = grey(sheet) < 200
        margin = round(8 / 25.4 * 40)
        assert dark[margin:-margin, margin:-margin].mean() > 0.005, f"{sheet.name} is all but empty"
        edges = (dark[:margin], dark[-margin:], dark[:, :margin], dark[:, -margin:])
        assert not any(edge.any() for edge in edges), f"{sheet.name} is cut off"


def grey(path: Path) -> np.ndarray:
    """Read a picture in grey (PGM, eight bits)."""
    _, size, _, pixels = path.read_bytes().split(b"\n", 3)
    width, height = map(int, size.split())
    return np.frombuffer(pixels, np.uint8).reshape(height, width)


def test_it_prints_on_a4_with_every_section_whole(pdf: Path) -> None:
    info = subprocess.run(["pdfinfo", pdf], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Page size:\s+59\d.* x 84\d.* pts", info)
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    pages = [one for one in text.split("\f") if one.strip()]
    assert 3 <= len(pages) <= 6
    assert "What stands out" in pages[0]
    assert "At a glance" in pages[0]
    heading = re.compile(r"^ *Squat, (right|left) leg *$", re.MULTILINE)
    legs = [number for number, one in enumerate(pages) if heading.search(one)]
    assert all("away from home, °" in pages[number] for number in legs)
