"""Pictures of screens that are kept and compared: ``check_picture(app, "live-80x24")``.

All of them stand on one page, ``tests/pictures/index.html``: letters, colours and weights as the terminal would show
them. When a screen looks different, the new picture is put below the old one on ``tests/pictures/changed.html``;
``KNEEIMU_PICTURES=accept`` (and no ``-n``) keeps the new ones.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import zlib
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from screen_waiting import shown
from textual.app import App
from textual.pilot import Pilot

SIZES = ((80, 24), (120, 40), (200, 60))
FOLDER = Path(__file__).parent / "pictures"
EMPTY = "\u2800"
"""Braille without a dot; browsers draw it wider than a letter."""
PAGE = FOLDER / "index.html"
CHANGED = FOLDER / "changed"
FIGURE = re.compile(r'<figure id="([^"]+)">.*?<pre>(.*?)</pre></figure>', re.DOTALL)
STYLE = re.compile(r"^\.(s\w+)\{(.*)\}$", re.MULTILINE)
LOOK = (
    "body{font-family:sans-serif;background:#777;margin:2em}h1,figcaption,nav a{color:#fff}figure{margin:0 0 2em}"
    'pre{display:inline-block;margin:0;font:13px/15px "DejaVu Sans Mono",Menlo,Consolas,monospace;box-shadow:0 0 9px}'
)

Picture = tuple[str, dict[str, str]]
"""Marked-up letters, and what the classes of the markup look like."""


def check_picture(app: App[Any], name: str) -> None:
    """Compare the app's screen with the stored picture.

    Raises:
        AssertionError: it looks different, or there is no picture yet.
    """
    now = draw(app)
    if os.environ.get("KNEEIMU_PICTURES") == "accept":
        pictures = dict(_read(PAGE))
        pictures[name] = now
        write_page(PAGE, "The screens of kneeimu", pictures)
        stored_pictures.cache_clear()
        return
    stored = stored_pictures().get(name)
    if stored is not None and stored == now:
        return
    CHANGED.mkdir(exist_ok=True)
    one = {f"{name} stored": stored} if stored is not None else {}
    write_page(CHANGED / f"{name}.html", name, {**one, f"{name} now": now})
    together: dict[str, Picture] = {}
    for path in sorted(CHANGED.glob("*.html")):
        together.update(_read(path))
    page = FOLDER / "changed.html"
    write_page(page, "Screens that look different", together)
    words = "looks different" if stored is not None else "has no stored picture"
    raise AssertionError(f"{name} {words}: see {page}; accept it with KNEEIMU_PICTURES=accept")


async def sizes(pilot: Pilot[Any]) -> AsyncIterator[str]:
    """Give each size in words while the screen has it and rests."""
    for width, height in SIZES:
        await pilot.resize_terminal(width, height)
        await at_rest(pilot)
        yield f"{width}x{height}"


async def at_rest(pilot: Pilot[Any]) -> None:
    """Wait until the screen is drawn: the footer comes last, and nothing blinks.

    Raises:
        AssertionError: it does not come to rest.
    """
    pilot.app.animation_level = "none"
    for cursor in pilot.app.screen.query("Input, TextArea"):
        cursor.cursor_blink = False  # type: ignore[attr-defined]
    last, same = "", 0
    for _again in range(200):
        await pilot.pause()
        now = shown(pilot)
        same = same + 1 if now == last and now.splitlines()[-1].strip() else 0
        if same == 2:
            return
        last = now
        await asyncio.sleep(0.01)
    raise AssertionError(f"the screen does not come to rest:\n{last}")


def draw(app: App[Any]) -> Picture:
    """Give what stands on the screen, line by line."""
    looks: dict[str, str] = {}
    lines = []
    for strip in app.screen._compositor.render_strips():
        parts = []
        for segment in Segment.simplify(Segment(one.text, _seen(one)) for one in strip):
            look = _look(segment.style)
            name = f"s{zlib.crc32(look.encode()):08x}"
            looks[name] = look
            text = html.escape(segment.text.replace(EMPTY, " "))
            parts.append(f"<i class={name}>{text}</i>")
        lines.append("".join(parts))
    return "\n".join(lines), looks


@cache
def _look(style: Style | None) -> str:
    return f"font-style:normal;{style.get_html_style(DEFAULT_TERMINAL_THEME) if style else ''}"


def _seen(segment: Segment) -> Style | None:
    """Of spaces only the background is seen; what a click does is not."""
    style = segment.style
    if style is None:
        return None
    bare = style.clear_meta_and_links()
    return bare if segment.text.strip() or style.reverse or style.underline else Style(bgcolor=bare.bgcolor)


@cache
def stored_pictures() -> dict[str, Picture]:
    """Read the kept pictures, once a run."""
    return _read(PAGE)


def _read(path: Path) -> dict[str, Picture]:
    if not path.is_file():
        return {}
    page = path.read_text(encoding="utf-8")
    looks = dict(STYLE.findall(page))
    found = {}
    for name, text in FIGURE.findall(page):
        used = sorted(set(re.findall(r"<i class=(\w+)>", text)))
        found[html.unescape(name)] = (text, {one: looks[one] for one in used})
    return found


def write_page(path: Path, title: str, pictures: dict[str, Picture]) -> None:
    """Put pictures on one page."""
    looks = {name: look for _text, used in pictures.values() for name, look in used.items()}
    style = "\n".join(f".{name}{{{look}}}" for name, look in sorted(looks.items()))
    names = sorted(pictures, key=_order)
    links = " · ".join(f'<a href="#{html.escape(name)}">{html.escape(name)}</a>' for name in names)
    figures = "\n".join(
        f'<figure id="{html.escape(name)}"><figcaption>{html.escape(name)}</figcaption>'
        f"<pre>{pictures[name][0]}</pre></figure>"
        for name in names
    )
    path.write_text(
        f'<!DOCTYPE html>\n<meta charset="utf-8">\n<title>{title}</title>\n<style>\n{LOOK}\n{style}\n</style>\n'
        f"<h1>{title}</h1>\n<nav>{links}</nav>\n{figures}\n",
        encoding="utf-8",
    )


def _order(name: str) -> tuple[str, int, str]:
    """By screen, the smaller size first."""
    screen, size = re.sub(r"-?\d+x\d+.*", "", name), re.search(r"(\d+)x(\d+)", name)
    return screen, int(size[1]) * int(size[2]) if size else 0, name
