"""Colours of pages and plots: readable in print and for people who see colours differently; contrast is tested."""

from __future__ import annotations

from kneeimu.words import mark

PAPER = "#ffffff"
INK = "#1b2430"
AXIS = "#4a5563"
QUIET = "#8793a3"
GRID = "#e3e8ee"
PANEL = "#f3f6f9"

SIDES = {"right": "#0b5cad", "left": "#a8480a"}
"""The legs: blue and burnt orange, told apart by almost everybody, and by shape besides."""
SHAPES = {"right": "circle", "left": "square"}
REP = "#6d7f95"
MIDDLE = "#0b5cad"
ASKED = "#20764a"
FLAGGED = "#b3400e"

AMBER_BAND, AMBER_INK = "#fff1d0", "#7a4b00"
RED_BAND, RED_INK = "#fde0dc", "#9b1c12"
GREEN_BAND, GREEN_INK = "#e2f3e7", "#1a6138"

PHASES = {mark("out"): "#0b5cad", mark("hold"): "#5a8fca", mark("back"): "#12365c"}
"""Phases of a rep, from the legend's left to its right; they differ in lightness as well."""


def luminance(colour: str) -> float:
    """Give the relative luminance of ``#rrggbb``, 0 to 1 (WCAG 2)."""
    parts = [int(colour[index : index + 2], 16) / 255.0 for index in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours, 1 to 21 (WCAG 2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
