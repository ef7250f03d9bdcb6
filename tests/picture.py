"""Pictures of screens that are kept and compared: ``check_picture(app, "live-80x24")``.

Stored in ``tests/pictures`` as SVG; ``tests/pictures/index.html`` shows them all. When a screen looks different the new
picture is put beside the old one in ``tests/pictures/changed.html``; ``KNEEIMU_PICTURES=accept`` keeps the new ones.
"""

from __future__ import annotations

import html
import os
import re
from pathlib import Path
from typing import Any

from textual.app import App

FOLDER = Path(__file__).parent / "pictures"
CHANGED = FOLDER / "changed"
STYLE = (
    "body{font-family:sans-serif;background:#888;color:#fff;margin:2em}figure{margin:0 0 2em}"
    "img{max-width:100%;box-shadow:0 0 12px #0008}.pair{display:grid;grid-template-columns:1fr 1fr;gap:1em}"
)


def check_picture(app: App[Any], name: str) -> None:
    """Compare the app's screen with the stored picture.

    Raises:
        AssertionError: it looks different, or there is no picture yet.
    """
    picture = _settled(app.export_screenshot(title=name))
    stored = FOLDER / f"{name}.svg"
    if os.environ.get("KNEEIMU_PICTURES") == "accept":
        stored.write_text(picture, encoding="utf-8")
        _write_index()
        return
    if stored.is_file() and stored.read_text(encoding="utf-8") == picture:
        return
    CHANGED.mkdir(exist_ok=True)
    (CHANGED / f"{name}.svg").write_text(picture, encoding="utf-8")
    page = _write_changed()
    words = "looks different" if stored.is_file() else "has no stored picture"
    raise AssertionError(f"{name} {words}: see {page}; accept it with KNEEIMU_PICTURES=accept")


def _settled(svg: str) -> str:
    """Take out what differs without being seen: generated names, and fonts that would be fetched from elsewhere."""
    svg = re.sub(r"terminal-[0-9a-f]+", "terminal", re.sub(r"terminal-\d+-", "terminal-", svg))
    svg = re.sub(r"\s*@font-face \{.*?\}\n", "\n", svg, flags=re.DOTALL)
    return svg.replace("Fira Code", "DejaVu Sans Mono")


def _write_index() -> None:
    figures = [_figure(path.name, path.stem) for path in sorted(FOLDER.glob("*.svg"))]
    _write_page(FOLDER / "index.html", "The screens of kneeimu", figures)


def _write_changed() -> Path:
    pairs = [
        f'<h2>{html.escape(path.stem)}</h2><div class="pair">'
        f"{_figure(path.name, 'stored')}{_figure(f'changed/{path.name}', 'now')}</div>"
        for path in sorted(CHANGED.glob("*.svg"))
    ]
    return _write_page(FOLDER / "changed.html", "Screens that look different", pairs)


def _figure(source: str, caption: str) -> str:
    words = html.escape(caption)
    return f'<figure><img src="{source}" alt="{words}"><figcaption>{words}</figcaption></figure>'


def _write_page(path: Path, title: str, parts: list[str]) -> Path:
    body = "\n".join([f"<h1>{title}</h1>", *parts])
    page = f'<!DOCTYPE html>\n<meta charset="utf-8">\n<title>{title}</title>\n<style>{STYLE}</style>\n{body}\n'
    path.write_text(page, encoding="utf-8")
    return path
