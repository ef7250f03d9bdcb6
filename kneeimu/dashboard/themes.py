"""Dark and light, in colours that people with any kind of colour vision can tell apart (after Okabe and Ito)."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="kneeimu-dark",
    primary="#56B4E9",
    secondary="#A6C8E0",
    accent="#F0E442",
    success="#56B4E9",
    warning="#E69F00",
    error="#FF6F3C",
    foreground="#E8EDF2",
    background="#0E1116",
    surface="#171C23",
    panel="#222A33",
    dark=True,
)
LIGHT = Theme(
    name="kneeimu-light",
    primary="#005A8C",
    secondary="#3A6078",
    accent="#7A1FA2",
    success="#005A8C",
    warning="#8A5A00",
    error="#B23A00",
    foreground="#14181D",
    background="#F7F8FA",
    surface="#FFFFFF",
    panel="#E3E8ED",
    dark=False,
)
THEMES = (DARK, LIGHT)
