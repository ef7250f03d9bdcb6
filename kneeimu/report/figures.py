"""Plots as single files."""

from __future__ import annotations

from typing import Any

from kneeimu.report.svg import Plot
from kneeimu.sessions.exporters.extras import need

PNG_SCALE = 3
"""Pixels per px of the plot: 430 px wide plots become 1290 pixels, 300 dpi at 109 mm."""


def render_png(plot: Plot) -> bytes:
    """Give a plot as PNG on white.

    Raises:
        InputError: resvg-py is not installed.
    """
    resvg: Any = need("resvg_py", "report")
    return bytes(resvg.svg_to_bytes(svg_string=plot.render(), background="white", zoom=PNG_SCALE))
