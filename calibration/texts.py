"""What is said to people: English by itself, and any language that the program around it knows."""

from __future__ import annotations

from collections.abc import Callable

_translate: Callable[[str], str] = str


def translate_with(function: Callable[[str], str]) -> None:
    """Take the function that gives a text in the person's language."""
    global _translate
    _translate = function


def _(text: str) -> str:
    """Give the text in the person's language."""
    return _translate(text)


def mark(text: str) -> str:
    """Say that the text is to be translated later, where it is shown."""
    return text
