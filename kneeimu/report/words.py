"""Plain words for findings, and what stands out of the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from kneeimu.coaching.pain import light_of
from kneeimu.report.facts import SessionFacts
from kneeimu.report.numbers import Adherence, LegNumbers, Pair

FLAGS = {
    "short": "much smaller than usual",
    "shallow": "not as far as the reference reps",
    "incomplete": "the far end was not reached",
    "over-roll": "further than the reference reps: the pelvis may have rolled",
    "fast": "faster than a controlled rep",
    "rushed": "step faster than asked",
    "knee-in": "knee inwards",
    "inward-rotation": "segment turned inwards",
    "dropped": "let fall instead of lowered",
    "wobble": "unsteady",
    "snapping": "snapped to the end",
    "short-hold": "held too briefly",
    "gap": "samples missing",
    "forward": "leg drifted forwards",
    "toes-up": "foot turned upwards",
    "lost-tension": "band went slack",
    "standing-up": "knees straightened",
}

FEW_DAYS = 0.75
DRIFT_SHARE = 0.2
IN_TIME = 0.6
LOST_SHARE = 0.02
TREND = 0.15
FLAG_SHARE = 0.25

Level = Literal["red", "amber", "green"]


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence that a reader should not miss."""

    level: Level
    text: str


def exercise_word(name: str) -> str:
    """Give the exercise's name as words."""
    return name.replace("it-band", "IT-band").replace("-", " ")


def title(name: str) -> str:
    """Give the exercise's name at the start of a sentence."""
    word = exercise_word(name)
    return word[:1].upper() + word[1:]


def flag_words(code: str) -> str:
    """Give a finding as words."""
    return FLAGS.get(code, code.replace("-", " "))


def stands_out(
    sessions: Sequence[SessionFacts], legs: Sequence[LegNumbers], kept: Adherence, pairs: Sequence[Pair]
) -> list[Remark]:
    """Give what a reader should see first, the worst at the top."""
    remarks = [
        *_pain(sessions),
        *(remark for leg in legs for remark in _leg(leg)),
        *_regular(kept),
        *(_differ(pair) for pair in pairs if pair.differs),
        *_data(sessions),
    ]
    order = {"red": 0, "amber": 1, "green": 2}
    return sorted(remarks, key=lambda remark: order[remark.level])


def _pain(sessions: Sequence[SessionFacts]) -> list[Remark]:
    remarks = []
    scored = [(facts.worst_pain, facts) for facts in sessions]
    worst = max(((score, facts) for score, facts in scored if score is not None), key=lambda one: one[0], default=None)
    if worst and (level := light_of(worst[0])) != "green":
        remarks.append(Remark(level, f"Pain reached {worst[0]} of 10{_when(worst[1])}."))
    lingering = [facts for facts in sessions if facts.log is not None and facts.log.lingered]
    if lingering:
        times = len({facts.prescription.session or facts.name for facts in lingering})
        text = f"Pain was worse the next morning or did not settle within an hour after {_times(times)}."
        remarks.append(Remark("amber", text))
    return remarks


def _when(facts: SessionFacts) -> str:
    what = f"{exercise_word(facts.setup.exercise)}, {facts.setup.side}"
    return f" on {facts.day.day} {facts.day:%B} ({what})" if facts.day else f" ({what})"


def _times(number: int) -> str:
    return "one session" if number == 1 else f"{number} sessions"


def _leg(leg: LegNumbers) -> list[Remark]:
    what = f"{title(leg.exercise)}, {leg.side}"
    remarks = []
    if leg.drift_known and leg.limit and leg.drift_past / leg.drift_known >= DRIFT_SHARE:
        level: Level = "red" if leg.limit.level(leg.drift_deg) == "red" else "amber"
        share = round(100 * leg.drift_past / leg.drift_known)
        text = f"{what}: the knee went inwards by {leg.limit.amber:g}° or more in {leg.drift_past} of "
        remarks.append(Remark(level, f"{text}{leg.drift_known} reps ({share} %)."))
    if leg.in_time is not None and leg.in_time < IN_TIME and leg.duration_s and leg.asked.tempo_s:
        took, asked = leg.duration_s, sum(leg.asked.tempo_s)
        word = "faster" if took < asked else "slower"
        text = f"{what}: {word} than asked, {took:.1f} s a rep instead of {asked:g} s."
        remarks.append(Remark("amber", text))
    known = {"knee-in", "fast"} if leg.in_time is not None else {"knee-in"}
    for code, count in leg.flags.most_common(2):
        if code not in known and leg.measured and count / leg.measured >= FLAG_SHARE:
            remarks.append(Remark("amber", f"{what}: {flag_words(code)} in {count} of {leg.measured} reps."))
    return [*remarks, *_trend(leg, what)]


def _trend(leg: LegNumbers, what: str) -> list[Remark]:
    ranges = [median(r.range_of_motion_deg for r in facts.reps) for facts in leg.sessions if facts.reps]
    if len(ranges) < 4:
        return []
    before, now = median(ranges[:2]), median(ranges[-2:])
    if before <= 0.0 or abs(now / before - 1.0) < TREND:
        return []
    level: Level = "green" if now > before else "amber"
    word = "grew" if now > before else "fell"
    return [Remark(level, f"{what}: range {word} from {before:.0f}° to {now:.0f}° over {len(ranges)} sessions.")]


def _regular(kept: Adherence) -> list[Remark]:
    remarks = []
    if kept.planned and len(kept.days) < FEW_DAYS * kept.planned:
        remarks.append(Remark("amber", f"Trained on {len(kept.days)} of {kept.planned} planned days."))
    elif kept.planned and len(kept.weeks) > 1:
        remarks.append(Remark("green", f"Trained on {len(kept.days)} days, {kept.planned} were planned."))
    if kept.asked_reps and kept.done_reps < FEW_DAYS * kept.asked_reps:
        remarks.append(Remark("amber", f"{kept.done_reps} of {kept.asked_reps} prescribed reps were done."))
    return remarks


def _differ(pair: Pair) -> Remark:
    unit = pair.unit if pair.unit == "°" else f" {pair.unit}"
    what = f"{title(pair.exercise)}, {pair.name}"
    sides = f"left {pair.left:.1f}{unit}, right {pair.right:.1f}{unit}"
    return Remark("amber", f"{what}: the legs differ, {sides}.")


def _data(sessions: Sequence[SessionFacts]) -> list[Remark]:
    remarks = []
    lossy = [s for s in sessions if s.lost and s.samples and s.lost > LOST_SHARE * (s.samples + s.lost)]
    if lossy:
        remarks.append(Remark("amber", f"In {_times(len(lossy))} more than 2 % of the sensor's samples were lost."))
    moved = [s for s in sessions if any("strap-moved" in warning for warning in s.warnings)]
    if moved:
        remarks.append(Remark("amber", f"In {_times(len(moved))} the sensor moved on the leg: angles are less sure."))
    return remarks
