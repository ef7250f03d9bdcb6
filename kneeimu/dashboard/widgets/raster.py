"""From a grid of dots to characters: half blocks for big shapes, braille for fine lines."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from rich.style import Style

BoolGrid = npt.NDArray[np.bool_]

HALF_BLOCKS = np.array(list(" ▀▄█"))
BRAILLE_BASE = 0x2800
BLANK = chr(BRAILLE_BASE)
BRAILLE_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint32)


def half_blocks(dots: BoolGrid) -> list[str]:
    """Give one string a pair of dot rows; ``dots`` has shape (2 * lines, columns)."""
    pairs = dots[0::2].astype(np.uint8) + 2 * dots[1::2].astype(np.uint8)
    return ["".join(row) for row in HALF_BLOCKS[pairs]]


def braille(dots: BoolGrid) -> list[str]:
    """Give one string for every four dot rows; ``dots`` has shape (4 * lines, 2 * columns)."""
    height, width = dots.shape
    cells = dots.reshape(height // 4, 4, width // 2, 2).astype(np.uint32)
    codes = (cells * BRAILLE_BITS[None, :, None, :]).sum(axis=(1, 3), dtype=np.uint32) + np.uint32(BRAILLE_BASE)
    return [row.astype("<u4").tobytes().decode("utf-32-le") for row in codes]


def layered(text: str, upper: str, upper_style: Style, lower_style: Style) -> list[Segment]:
    """Give ``text`` in runs of two styles: the upper one where ``upper`` (braille, as long) has a dot."""
    segments, start = [], 0
    for blank, run in groupby(upper, key=lambda char: char == BLANK):
        end = start + sum(1 for _ in run)
        segments.append(Segment(text[start:end], lower_style if blank else upper_style))
        start = end
    return segments


def fill_curve(dots: BoolGrid, rows: npt.NDArray[np.float64]) -> None:
    """Draw a curve into ``dots`` (h, w): ``rows`` (w,) counts dot rows from the top, NaN leaves a hole.

    Neighbouring columns are joined by a vertical stroke, so that a steep curve stays one line.
    """
    height = dots.shape[0]
    known = np.isfinite(rows)
    here = np.clip(np.where(known, rows, 0.0), 0, height - 1).round()
    before = np.concatenate((here[:1], here[:-1]))
    joined = known & np.concatenate((known[:1], known[:-1]))
    middle = np.where(joined, (before + here) / 2, here)
    low, high = np.minimum(here, np.floor(middle)), np.maximum(here, np.ceil(middle))
    low[:-1] = np.where(joined[1:], np.minimum(low[:-1], np.floor(middle[1:])), low[:-1])
    high[:-1] = np.where(joined[1:], np.maximum(high[:-1], np.ceil(middle[1:])), high[:-1])
    index = np.arange(height)[:, None]
    dots |= (index >= low) & (index <= high) & known


def draw_line(dots: BoolGrid, x0: float, y0: float, x1: float, y1: float, thickness: float = 1.0) -> None:
    """Draw a straight stroke between two points given in dots; outside parts are cut off."""
    height, width = dots.shape
    steps = int(2 * max(abs(x1 - x0), abs(y1 - y0))) + 1
    along = np.linspace(0.0, 1.0, steps)
    xs, ys = x0 + (x1 - x0) * along, y0 + (y1 - y0) * along
    half = (thickness - 1) / 2
    for offset in np.arange(-half, half + 0.5, 0.5) if half else (0.0,):
        for dx, dy in ((offset, 0.0), (0.0, offset)):
            columns, lines = np.rint(xs + dx).astype(int), np.rint(ys + dy).astype(int)
            inside = (columns >= 0) & (columns < width) & (lines >= 0) & (lines < height)
            dots[lines[inside], columns[inside]] = True
