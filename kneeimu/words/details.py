"""What recorded events say of a sensor or a strap, in the person's language.

Events are written in English, the same bytes on every machine; here their texts are known again where they are shown.
"""

from __future__ import annotations

import re
from functools import cache

from kneeimu.words import _, mark

DETAILS = (
    mark("samples that are not numbers were left out"),
    mark("samples whose times ran back were left out"),
    mark("{axis} does not change while the sensor moves"),
    mark("the resting sensor measures {norm} m/s² and not 9.81"),
    mark("{axis} is cut off at the end of the sensor's range"),
    mark(
        "the leg moves in another plane than when it was aligned: the strap has turned about the limb ({change}°): "
        "tighten it and align again; until then take the knee's drift as unknown"
    ),
    mark(
        "the strap has turned about the limb ({change}°): tighten it and align again; until then take the knee's drift "
        "as unknown"
    ),
    mark(
        "the box no longer sits as it did when you stood still ({change}°): tighten it and align again; until then "
        "take the knee's drift as unknown"
    ),
)
BLANK = re.compile(r"\\\{(\w+)\\\}")


def detail_words(detail: str) -> str:
    """Give what an event says in the person's language; what is not known stays as it is."""
    for text, pattern in _patterns():
        found = pattern.fullmatch(detail)
        if found:
            return _(text).format(**found.groupdict())
    return detail


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((text, re.compile(BLANK.sub(r"(?P<\1>.+?)", re.escape(text)))) for text in DETAILS)
