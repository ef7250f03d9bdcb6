"""What the numbers of a report mean, how sure they are, and what the sensor can't see."""

from __future__ import annotations

from collections.abc import Sequence

from kneeimu.exercises.catalogue import find_exercise
from kneeimu.report.numbers import LegNumbers
from kneeimu.report.words import exercise_word


def meanings(legs: Sequence[LegNumbers]) -> list[tuple[str, str]]:
    """Give (word, meaning) pairs for what this report holds."""
    found = [
        (
            "Range",
            "Largest tilt of the segment that wears the sensor, away from where the rep began. It is the segment's "
            "angle in the room, not the knee's.",
        )
    ]
    if any(leg.drift_known for leg in legs):
        found.append(("Drift inwards", _drift(legs)))
    if any(leg.fppa_deg for leg in legs):
        found.append(
            (
                "Camera-style estimate",
                "What a camera in front would call the frontal-plane projection angle, worked out from one segment. It "
                "assumes a planted foot and a hip that stays over it: each centimetre of hip shift adds about 1.5°. "
                "Use its change, not its value. No study is known that holds a single sensor against a camera.",
            )
        )
    found.append(
        (
            "Clean rep",
            "A rep without a finding. Short, fast or flawed reps count too: the number of clean ones stands beside.",
        )
    )
    if any(leg.in_time is not None for leg in legs):
        found.append(("In time", "Share of reps whose duration is within 30 % of the asked tempo."))
    found.append(
        (
            "Pain",
            "The person's own score from 0 to 10. Up to 2 training goes on, from 3 to 5 it stays where it is, above 5 "
            "it stops.",
        )
    )
    for exercise in dict.fromkeys(leg.exercise for leg in legs):
        unseen = find_exercise(exercise).unseen
        if unseen:
            found.append((f"Not seen in {exercise_word(exercise)}", f"{'; '.join(unseen).capitalize()}."))
    return found


def _drift(legs: Sequence[LegNumbers]) -> str:
    unsure = sorted({round(leg.drift_uncertainty_deg, 1) for leg in legs if leg.drift_known})
    limits = next((leg.limit for leg in legs if leg.limit and leg.drift_known), None)
    text = (
        "How far the segment's long axis leaves the rep's own sagittal plane towards the midline, largest at 70 to "
        "100 % of the depth, minus the same of the wearer's coached reference reps. Zero is as good as the reference, "
        "plus is knee inwards, for both legs. "
        f"One standard deviation is {' to '.join(f'{one:g}' for one in unsure)}° (simulated with usual errors of "
        "alignment, skin and hip shift; not measured on people). A change between two reps is surer than the value."
    )
    if limits:
        text += f" Amber begins at {limits.amber:g}°, red at {limits.red:g}° ({limits.source})."
    return text
