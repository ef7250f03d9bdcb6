"""Pain from 0 to 10 and what follows from it: green goes on, amber stays where it is, red stops.

The scheme is the common pain-monitoring model (0-2, 3-5, above 5), with the two signs of too much: not settled after an
hour, or worse the next morning by two (changes below two are noise). It tells what to do with the training; it never
says what the pain is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Light = Literal["green", "amber", "red"]
When = Literal["before", "during", "after", "next-morning"]

LIGHTS: tuple[Light, ...] = ("green", "amber", "red")
GREEN_TO = 2
AMBER_TO = 5
WORSE_BY = 2
SETTLED_WITHIN_MIN = 60
SCALE = range(11)


def light_of(score: int) -> Light:
    """Give the light of a score.

    Raises:
        ValueError: not from 0 to 10.
    """
    if score not in SCALE:
        raise ValueError(f"a pain score goes from 0 to 10, not {score}")
    if score <= GREEN_TO:
        return "green"
    return "amber" if score <= AMBER_TO else "red"


@dataclass(frozen=True, slots=True)
class PainLog:
    """The scores of one session; None when not asked or not answered.

    Attributes:
        during: the worst score while training.
        settled_min: minutes until the pain was back to where it began; None when not known.
    """

    before: int | None = None
    during: int | None = None
    after: int | None = None
    next_morning: int | None = None
    settled_min: int | None = None

    def note(self, when: When, score: int) -> PainLog:
        """Give the log with a score added; while training the worst one stays.

        Raises:
            ValueError: not from 0 to 10.
        """
        light_of(score)
        if when == "during":
            return replace(self, during=max(score, self.during or 0))
        return replace(self, **{when.replace("-", "_"): score})

    @property
    def light(self) -> Light:
        """The worst light of the scores while training and after it; green when there are none."""
        lights = [light_of(score) for score in (self.before, self.during, self.after) if score is not None]
        return max(lights, key=LIGHTS.index, default="green")

    @property
    def lingered(self) -> bool:
        """It was too much: two worse the next morning than before, or not settled within the hour."""
        worse = (
            self.before is not None and self.next_morning is not None and self.next_morning - self.before >= WORSE_BY
        )
        return worse or (self.settled_min is not None and self.settled_min > SETTLED_WITHIN_MIN)

    @property
    def complete(self) -> bool:
        """Asked and answered while or after training: without it nobody knows whether more is wise."""
        return self.during is not None or self.after is not None


@dataclass(frozen=True, slots=True)
class PainAdvice:
    """What follows: ``go``: go on now; ``code`` names the words; ``may_progress``: more is allowed next time."""

    light: Light
    code: str
    go: bool
    may_progress: bool


def advise_pain(when: When, score: int) -> PainAdvice:
    """Give what follows from a score.

    Raises:
        ValueError: not from 0 to 10.
    """
    light = light_of(score)
    return PainAdvice(light, f"pain-{when}-{light}", go=light != "red", may_progress=light == "green")


def worse_of(before: PainAdvice | None, now: PainAdvice) -> PainAdvice:
    """Give what to go by after another score: pain that passes makes the session no lighter than it was to be."""
    return before if before is not None and LIGHTS.index(before.light) > LIGHTS.index(now.light) else now
