"""Pictures of the running program: ``python scripts/screenshots.py [--out DIR] [--readme] [--light] [--language de]``.

The app is driven through a whole first start and a session on the simulated sensor, and photographed at three sizes.
``review.html`` in the folder shows all pictures on one page. With ``--readme`` those of the documentation are written
to ``docs/pictures``. PNG files need Chromium; without it there are SVG files only.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SIZES = ((80, 24), (120, 40), (200, 60))
README_SIZE = (120, 40)
README = ("home", "strap", "align", "ready", "set", "set-drift", "rest", "pain", "summary", "gate")
BLOCKS = {
    "█": (0, 0, 1, 1), "▀": (0, 0, 1, 0.5), "▄": (0, 0.5, 1, 1), "▌": (0, 0, 0.5, 1), "▐": (0.5, 0, 1, 1),
    "▁": (0, 7 / 8, 1, 1), "▂": (0, 6 / 8, 1, 1), "▃": (0, 5 / 8, 1, 1), "▅": (0, 3 / 8, 1, 1),
    "▆": (0, 2 / 8, 1, 1), "▇": (0, 1 / 8, 1, 1), "▔": (0, 0, 1, 1 / 8), "▎": (0, 0, 0.25, 1), "▊": (0, 0, 0.75, 1),
    "│": (0.44, 0, 0.56, 1), "┃": (0.38, 0, 0.62, 1), "━": (0, 0.45, 1, 0.55), "─": (0, 0.47, 1, 0.53),
}  # fmt: skip
"""Left, top, right and bottom of characters that fill their cell: drawn as shapes, fonts leave gaps between lines."""
CELL = (12.2, 24.4)
TEXT = re.compile(
    r'<text class="(?P<style>[^"]+)" x="(?P<x>[\d.]+)" y="[\d.]+" textLength="[\d.]+" '
    r'clip-path="url\(#[^)]*line-(?P<line>\d+)\)">(?P<words>[^<]*)</text>'
)


def square_blocks(svg: str) -> str:
    """Draw block and line characters as rectangles that touch each other."""

    def draw(match: re.Match[str]) -> str:
        words = html.unescape(match["words"])
        if not any(char in BLOCKS for char in words):
            return match[0]
        left, top = float(match["x"]), int(match["line"]) * CELL[1] + 1.5
        shapes = []
        for place, char in enumerate(words):
            if char in BLOCKS:
                x0, y0, x1, y1 = BLOCKS[char]
                shapes.append(
                    f'<rect class="{match["style"]}" shape-rendering="crispEdges" '
                    f'x="{left + (place + x0) * CELL[0]:.2f}" '
                    f'y="{top + y0 * CELL[1]:.2f}" width="{(x1 - x0) * CELL[0] + 0.05:.2f}" '
                    f'height="{(y1 - y0) * CELL[1] + 0.05:.2f}"/>'
                )
        rest = html.escape("".join("\u00a0" if char in BLOCKS else char for char in words))
        return match[0].replace(match["words"], rest.replace("\u00a0", "&#160;")) + "".join(shapes)

    return TEXT.sub(draw, svg)


def tidy(svg: str) -> str:
    """Use a font that is there, and shapes for blocks."""
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    return square_blocks(svg.replace("Fira Code", "DejaVu Sans Mono"))


def to_png(svg: str, path: Path, chromium: str) -> None:
    """Paint an SVG with Chromium."""
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert box is not None
    width, height = float(box[1]), float(box[2])
    sized = svg.replace("<svg ", f'<svg width="{width}" height="{height}" ', 1)
    page = f"<style>body{{margin:0}}</style>{sized}"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "page.html")
        source.write_text(page, encoding="utf-8")
        subprocess.run(
            [
                chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                f"--screenshot={path}", f"--window-size={int(width) + 1},{int(height) + 1}", source.as_uri(),
            ],
            check=True, capture_output=True,
        )  # fmt: skip


class Photographer:
    """Takes pictures of the app at every size."""

    def __init__(self, pilot: Any, folder: Path) -> None:
        self.pilot, self.folder = pilot, folder
        self.taken: list[str] = []

    async def shoot(self, name: str, *, sizes: tuple[tuple[int, int], ...] = SIZES) -> None:
        """Photograph the present screen."""
        self.taken.append(name)
        for width, height in sizes:
            await self.pilot.resize_terminal(width, height)
            await self.pilot.pause(0.35)
            svg = tidy(self.pilot.app.export_screenshot())
            (self.folder / f"{name}-{width}x{height}.svg").write_text(svg, encoding="utf-8")

    async def until(self, happened: Callable[[], bool], within_s: float = 90.0) -> None:
        """Wait for it."""
        end = time.monotonic() + within_s
        while not happened():
            if time.monotonic() > end:
                raise TimeoutError(f"after {self.taken[-1:]} nothing more happened")
            await self.pilot.pause(0.03)

    async def screen(self, name: str) -> Any:
        """Wait for a screen by the name of its class."""
        await self.until(lambda: type(self.pilot.app.screen).__name__ == name)
        await self.pilot.pause(0.2)
        return self.pilot.app.screen


async def first_start(photo: Photographer) -> None:
    """From the welcome to the first exercise, a set, and the summary."""
    press = photo.pilot.press
    await photo.screen("FirstStartScreen")
    await photo.shoot("welcome")
    await press("enter")
    await photo.shoot("knee")
    await press("r")
    await photo.shoot("sensor")
    await press("s")
    await photo.shoot("strap")
    await press("enter")
    align = await photo.screen("AlignScreen")
    await photo.until(lambda: align.guidance.movements == 3)
    await photo.shoot("align", sizes=((120, 40),))
    await photo.until(lambda: align.guidance.result is not None or align.guidance.refusal is not None)
    await photo.shoot("aligned")
    await press("enter" if align.guidance.result else "escape")
    await photo.screen("GateScreen")
    await photo.shoot("gate")
    await press("n")
    await photo.screen("PainScreen")
    await photo.shoot("pain-before")
    await press("1")
    session = await photo.screen("SessionScreen")
    driver = session.driver
    await photo.until(lambda: driver.view.phase == "ready")
    await photo.shoot("ready")
    await photo.until(lambda: driver.view.corrected >= 7 and driver.view.pace.part == "back")
    await photo.shoot("set")
    await photo.until(lambda: driver.view.phase == "rest")
    await photo.shoot("rest")
    await press("p")
    await photo.until(lambda: driver.view.phase == "pain")
    await photo.shoot("pain")
    await press("1", "escape", "escape")
    await photo.screen("PainScreen")
    await press("4")
    await photo.shoot("pain-after")
    await press("enter")
    await photo.screen("SummaryScreen")
    await photo.shoot("summary")
    await press("enter")
    await photo.screen("HomeScreen")
    await photo.shoot("home")


async def around_home(photo: Photographer) -> None:
    """Everything that is reached from the home screen."""
    press = photo.pilot.press
    for key, name in (("p", "programmes"), ("h", "history"), ("e", "settings"), ("o", "exercises")):
        await press(key)
        await photo.until(lambda: type(photo.pilot.app.screen).__name__ != "HomeScreen")
        await photo.shoot(name)
        await press("escape")
        await photo.screen("HomeScreen")
    await press("p")
    await photo.screen("ProgrammesScreen")
    await press("c")
    await photo.screen("NamePrompt")
    await press("enter")
    await photo.screen("ProgrammesScreen")
    await press("e")
    await photo.screen("ProgrammeForm")
    await photo.shoot("editor")
    await press("escape")
    await photo.screen("ProgrammesScreen")
    await press("escape")
    await photo.screen("HomeScreen")


async def one_exercise(photo: Photographer, name: str, exercise: str, scenario: dict[str, object]) -> None:
    """One exercise on the simulated sensor: a squat until something is said, a stretch until its clock runs."""
    from kneeimu.coaching.stage import Key
    from kneeimu.dashboard.screens.home_exercise import single_exercise
    from kneeimu.dashboard.screens.session import SessionScreen
    from kneeimu.dashboard.session_driver import SessionDriver
    from kneeimu.dashboard.source import SimulatedSource
    from kneeimu.dashboard.widgets import MedialGauge
    from kneeimu.exercises.programmes.plan import plan_session

    programme = single_exercise(exercise)
    source = SimulatedSource(speed=1.5, scenario=scenario)
    driver = SessionDriver(plan_session(programme, "right"), source, worn=None, folder=None)
    screen = SessionScreen(driver, title=programme.title)
    await photo.pilot.app.push_screen(screen)
    await photo.until(lambda: driver.view.phase == "move")
    if exercise == "squat":
        await photo.shoot("move")
    driver.press(Key.GO)
    if exercise == "squat":
        await photo.until(lambda: driver.view.said is not None)
        gauge = screen.query_one(MedialGauge)
        await photo.until(lambda: (gauge.drift_deg or 0.0) >= 7.0)
    else:
        await photo.until(lambda: driver.view.still is not None)
        driver.press(Key.GO)
        await photo.until(lambda: driver.view.phase == "work" and bool(driver.view.still))
    # three sizes take time: the one that is shown in the documentation comes first
    await photo.shoot(name, sizes=(README_SIZE, *(size for size in SIZES if size != README_SIZE)))
    await screen.dismiss()
    await driver.end()


def fill_diary() -> None:
    """Some weeks of training, so that there is something to see."""
    from kneeimu.coaching.pain import PainLog
    from kneeimu.coaching.review import ExerciseReview
    from kneeimu.dashboard.diary import Entry, diary_for
    from kneeimu.dashboard.preferences import SIMULATED

    diary = diary_for(SIMULATED)
    now = datetime.now(UTC)
    for number, days in enumerate((33, 31, 28, 26, 24, 21, 19, 17, 14, 12, 9, 7, 5, 3)):
        reps = (9 + number // 4, 8 + number // 4, 8 + number // 3)
        one = ExerciseReview(
            exercise="hip-abduction", side="right", band="none", target=(8, 12), sets=reps, detected=sum(reps),
            clean=sum(reps) - max(0, 6 - number), held_s=0.0, range_deg=26.0 + 0.4 * number, drift_deg=None,
            drift_level="none", in_time=0.7 + 0.02 * number, flags={}, finished=True, praise="tempo", work_on=None,
        )  # fmt: skip
        pain = PainLog(before=2, during=None, after=max(1, 3 - number // 3), next_morning=1)
        diary.add(Entry(f"past-{number}", now - timedelta(days=days), "hip-strength", 1500.0, (one,), pain))


async def photograph(folder: Path, *, theme: str) -> list[str]:
    """Go through everything; give the names of the pictures in order."""
    from kneeimu.dashboard.app import KneeimuApp
    from kneeimu.dashboard.screens.home import HomeScreen

    fill_diary()
    app = KneeimuApp(lambda: HomeScreen(speed=3.0), theme=theme)
    async with app.run_test(size=SIZES[1]) as pilot:
        photo = Photographer(pilot, folder)
        await first_start(photo)
        await around_home(photo)
        await one_exercise(photo, "set-drift", "squat", {"valgus_deg": [1, 2, 6, 8, 9]})
        await one_exercise(photo, "stretch", "it-band-stretch", {})
    return photo.taken


FIGURE = '<figure><img src="{file}" alt="{name}"><figcaption>{name}</figcaption></figure>'


def review_page(folder: Path, names: list[str]) -> Path:
    """Write the page that shows everything."""
    rows = []
    for name in names:
        pictures = [path for width, height in SIZES for path in folder.glob(f"{name}-{width}x{height}.svg")]
        cells = "".join(
            f'<figure><img src="{p.name}" alt="{p.stem}"><figcaption>{p.stem}</figcaption></figure>' for p in pictures
        )
        rows.append(f"<h2>{name}</h2><div>{cells}</div>")
    page = folder / "review.html"
    page.write_text(
        "<!doctype html><meta charset=utf-8><title>kneeimu: pictures to review</title>"
        "<style>body{font:16px sans-serif;background:#888;margin:2em}div{display:flex;gap:1em;flex-wrap:wrap;"
        "align-items:flex-start}figure{margin:0;background:#fff;padding:.5em}img{max-width:44em;width:100%}</style>"
        f"<h1>kneeimu</h1>{''.join(rows)}",
        encoding="utf-8",
    )
    return page


def main() -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "pictures")
    parser.add_argument("--readme", action="store_true", help="write docs/pictures")
    parser.add_argument("--light", action="store_true")
    parser.add_argument("--language", default="en")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(KNEEIMU_HOME=home, KNEEIMU_SOUND="off", KNEEIMU_LANGUAGE=chosen.language)
        names = asyncio.run(photograph(chosen.out, theme="kneeimu-light" if chosen.light else "kneeimu-dark"))
    print(review_page(chosen.out, names))
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chosen.readme:
        pictures = ROOT / "docs" / "pictures"
        pictures.mkdir(parents=True, exist_ok=True)
        if chromium is None:
            print("the pictures of the documentation are PNG files and need Chromium", file=sys.stderr)
            return 1
        width, height = README_SIZE
        for name in README:
            svg = (chosen.out / f"{name}-{width}x{height}.svg").read_text(encoding="utf-8")
            to_png(svg, pictures / f"{name}.png", chromium)
            print(pictures / f"{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
