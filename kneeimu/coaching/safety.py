"""The gate before each session: a few plain questions; any yes ends with advice and no exercise.

The questions are warning signs that call for a person to look (science notes §8). No answer leads to a name for what
may be wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Urgency = Literal["urgent", "soon"]

NOTICE_VERSION = 1
"""Raised when the notice of first use changes, so that everybody reads it again."""


@dataclass(frozen=True, slots=True)
class Question:
    """A warning sign. ``code`` names the words; ``urgency`` how soon someone should look."""

    code: str
    urgency: Urgency


QUESTIONS: tuple[Question, ...] = (
    Question("no-weight", "urgent"),
    Question("injury", "urgent"),
    Question("swollen-shape", "urgent"),
    Question("locked", "soon"),
    Question("gives-way", "soon"),
    Question("hot-fever", "urgent"),
    Question("calf-breath", "urgent"),
    Question("numb-colour", "urgent"),
    Question("night-pain", "soon"),
)


@dataclass(frozen=True, slots=True)
class GateResult:
    """Whether to train now; when not, which signs were named and how soon someone should look at them."""

    allowed: bool
    signs: tuple[str, ...] = ()
    urgency: Urgency | None = None


def judge_gate(answers: Mapping[str, bool]) -> GateResult:
    """Judge the answers (code of the question: yes or no).

    Raises:
        ValueError: a question was left open or is not one of ours.
    """
    codes = {question.code for question in QUESTIONS}
    if set(answers) != codes:
        raise ValueError(f"answers do not fit the questions: {sorted(codes ^ set(answers))}")
    signs = [question for question in QUESTIONS if answers[question.code]]
    if not signs:
        return GateResult(True)
    urgency: Urgency = "urgent" if any(sign.urgency == "urgent" for sign in signs) else "soon"
    return GateResult(False, tuple(sign.code for sign in signs), urgency)
