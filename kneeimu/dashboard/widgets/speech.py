"""What the board says: plain words for exercises, legs, cues and warnings."""

from __future__ import annotations

from kneeimu.tally import Tally
from kneeimu.types import Warned
from kneeimu.words import _, mark
from kneeimu.words.details import detail_words

CUES = {
    "knee-in": mark("Knee over the middle toes"),
    "inward-rotation": mark("Let the knee point over the toes, don't turn it in"),
    "shallow": mark("A little deeper, as far as it feels good"),
    "dropped": mark("Slower on the way back"),
    "fast": mark("Slow down: take your time both ways"),
    "wobble": mark("Find your balance, then go on slowly"),
    "snapping": mark("Straighten softly, without a snap"),
    "short-hold": mark("Hold a moment longer"),
    "incomplete": mark("Straighten a little further"),
    "over-roll": mark("Keep the hips stacked, don't roll back"),
    "forward": mark("Lift straight up, not forwards"),
    "toes-up": mark("Toes forward, not to the ceiling"),
    "rushed": mark("Slower steps"),
    "lost-tension": mark("Keep the band tight, feet apart"),
    "standing-up": mark("Stay low, knees bent"),
}

WARNINGS = {
    "strap-moved": mark("The strap may have slipped: check it"),
    "not-gravity": mark("The sensor's readings look wrong: calibrate it"),
    "saturated": mark("The movement is faster than the sensor can follow"),
    "stuck": mark("The sensor sends the same value again and again: switch it off and on"),
    "invalid": mark("The sensor sends numbers that make no sense"),
}


def warning_words(warning: Warned) -> str:
    """Say what is wrong with the sensor or the strap."""
    return _(WARNINGS[warning.code]) if warning.code in WARNINGS else detail_words(warning.detail) or warning.code


def cue_words(tally: Tally) -> str:
    """Give the one thing to say now; empty when there is nothing."""
    if tally.cue is None:
        return ""
    text = _(CUES.get(tally.cue.code, tally.cue.code.replace("-", " ")))
    return {"red": "■ ", "amber": "▲ "}.get(tally.cue.level, "★ ") + text
