"""Plain words for findings, and what stands out of the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from kneeimu.coaching.pain import light_of
from kneeimu.report.facts import SessionFacts
from kneeimu.report.numbers import IN_TIME_SHARE, Adherence, LegNumbers, Pain, Pair, worst_pain
from kneeimu.words import _, decimal, mark, n_, plain
from kneeimu.words.names import day_words, exercise_title, side_words

FLAGS = {
    "short": mark("much smaller than usual"),
    "shallow": mark("not as far as the reference reps"),
    "incomplete": mark("the far end was not reached"),
    "over-roll": mark("further than the reference reps: the pelvis may have rolled"),
    "fast": mark("faster than a controlled rep"),
    "rushed": mark("step faster than asked"),
    "knee-in": mark("knee inwards"),
    "inward-rotation": mark("segment turned inwards"),
    "dropped": mark("let fall instead of lowered"),
    "wobble": mark("unsteady"),
    "snapping": mark("snapped to the end"),
    "short-hold": mark("held too briefly"),
    "gap": mark("samples missing"),
    "forward": mark("leg drifted forwards"),
    "toes-up": mark("foot turned upwards"),
    "lost-tension": mark("band went slack"),
    "standing-up": mark("knees straightened"),
}

PAIN_MOMENTS = {
    "before": mark("Pain was {n} of 10 before training{day}."),
    "during": mark("Pain reached {n} of 10 in training{day}."),
    "after": mark("Pain was {n} of 10 after training{day}."),
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


def flag_words(code: str, leg: LegNumbers) -> str:
    """Give a finding of that leg as words."""
    if code == "shallow" and leg.reference_range_deg is None:
        return _("not as far as the first three reps")
    return _(FLAGS[code]) if code in FLAGS else code.replace("-", " ")


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
    worst = worst_pain(sessions)
    if worst and (level := light_of(worst.score)) != "green":
        remarks.append(Remark(level, _pain_words(worst)))
    lingering = [facts for facts in sessions if facts.log is not None and facts.log.lingered]
    if lingering:
        times = len({facts.prescription.session or facts.name for facts in lingering})
        text = n_(
            "Pain was worse the next morning or did not settle within an hour after {n} session.",
            "Pain was worse the next morning or did not settle within an hour after {n} sessions.",
            times,
        )
        remarks.append(Remark("amber", text))
    return remarks


def _pain_words(worst: Pain) -> str:
    if worst.facts.pain and worst.when == "during":
        return _("Pain reached {n} of 10 {when}.").format(n=worst.score, when=_when(worst.facts))
    day = " " + _("on {day}").format(day=day_words(worst.facts.day, year=False)) if worst.facts.day else ""
    return _(PAIN_MOMENTS[worst.when]).format(n=worst.score, day=day)


def _when(facts: SessionFacts) -> str:
    what = f"{exercise_title(facts.setup.exercise)}, {side_words(facts.setup.side)}"
    return _("on {day} ({what})").format(day=day_words(facts.day, year=False), what=what) if facts.day else f"({what})"


def _leg(leg: LegNumbers) -> list[Remark]:
    what = f"{exercise_title(leg.exercise)}, {side_words(leg.side)}"
    remarks = []
    if leg.drift_known and leg.limit and leg.drift_past / leg.drift_known >= DRIFT_SHARE:
        level: Level = "red" if leg.limit.level(leg.drift_deg) == "red" else "amber"
        share = round(100 * leg.drift_past / leg.drift_known)
        text = n_(
            "{what}: the knee went inwards by {limit}° or more in {past} of {n} rep ({share} %).",
            "{what}: the knee went inwards by {limit}° or more in {past} of {n} reps ({share} %).",
            leg.drift_known,
            what=what,
            limit=plain(leg.limit.amber),
            past=leg.drift_past,
            share=share,
        )
        remarks.append(Remark(level, text))
    if leg.in_time is not None and leg.in_time < IN_TIME and leg.duration_s and leg.asked.tempo_s:
        took, asked = leg.duration_s, sum(leg.asked.tempo_s)
        faster = _("{what}: faster than asked, {took} s a rep instead of {asked} s.")
        slower = _("{what}: slower than asked, {took} s a rep instead of {asked} s.")
        uneven = _("{what}: uneven, {share} % of the reps took about the {asked} s asked for.")
        text = uneven if abs(took - asked) <= IN_TIME_SHARE * asked else faster if took < asked else slower
        text = text.format(what=what, took=decimal(took), asked=plain(asked), share=round(100 * leg.in_time))
        remarks.append(Remark("amber", text))
    known = {"knee-in", "fast"} if leg.in_time is not None else {"knee-in"}
    for code, count in leg.flags.most_common(2):
        if code not in known and leg.measured and count / leg.measured >= FLAG_SHARE:
            text = n_(
                "{what}: {finding} in {shown} of {n} rep.",
                "{what}: {finding} in {shown} of {n} reps.",
                leg.measured,
                what=what,
                finding=flag_words(code, leg),
                shown=count,
            )
            remarks.append(Remark("amber", text))
    return [*remarks, *_trend(leg, what)]


def _trend(leg: LegNumbers, what: str) -> list[Remark]:
    ranges = [median(r.range_of_motion_deg for r in facts.reps) for facts in leg.sessions if facts.reps]
    if len(ranges) < 4:
        return []
    before, now = median(ranges[:2]), median(ranges[-2:])
    if before <= 0.0 or abs(now / before - 1.0) < TREND:
        return []
    level: Level = "green" if now > before else "amber"
    grew = _("{what}: range grew from {before:.0f}° to {now:.0f}° over {n} sessions.")
    fell = _("{what}: range fell from {before:.0f}° to {now:.0f}° over {n} sessions.")
    text = (grew if now > before else fell).format(what=what, before=before, now=now, n=len(ranges))
    return [Remark(level, text)]


def _regular(kept: Adherence) -> list[Remark]:
    remarks = []
    days = len(kept.days)
    if kept.planned and len(kept.days) < FEW_DAYS * kept.planned:
        text = n_(
            "Trained on {days} of {n} planned day.", "Trained on {days} of {n} planned days.", kept.planned, days=days
        )
        remarks.append(Remark("amber", text))
    elif kept.planned and len(kept.weeks) > 1:
        text = n_(
            "Trained on {n} day, {planned} planned.",
            "Trained on {n} days, {planned} planned.",
            days,
            planned=kept.planned,
        )
        remarks.append(Remark("green", text))
    if kept.asked_reps and kept.done_reps < FEW_DAYS * kept.asked_reps:
        text = n_(
            "{done} of {n} prescribed rep was done.",
            "{done} of {n} prescribed reps were done.",
            kept.asked_reps,
            done=kept.done_reps,
        )
        remarks.append(Remark("amber", text))
    return remarks


def _differ(pair: Pair) -> Remark:
    unit = pair.unit if pair.unit == "°" else f" {pair.unit}"
    text = _("{exercise}, {what}: the legs differ, left {left}{unit}, right {right}{unit}.").format(
        exercise=exercise_title(pair.exercise),
        what=_(pair.name),
        left=decimal(pair.left),
        right=decimal(pair.right),
        unit=unit,
    )
    return Remark("amber", text)


def _data(sessions: Sequence[SessionFacts]) -> list[Remark]:
    remarks = []
    lossy = [s for s in sessions if s.lost and s.samples and s.lost > LOST_SHARE * (s.samples + s.lost)]
    if lossy:
        text = n_(
            "In {n} session more than 2 % of the sensor's samples were lost.",
            "In {n} sessions more than 2 % of the sensor's samples were lost.",
            len(lossy),
        )
        remarks.append(Remark("amber", text))
    moved = [s for s in sessions if any("strap-moved" in warning for warning in s.warnings)]
    if moved:
        text = n_(
            "In {n} session the sensor moved on the leg: angles are less sure.",
            "In {n} sessions the sensor moved on the leg: angles are less sure.",
            len(moved),
        )
        remarks.append(Remark("amber", text))
    return remarks
