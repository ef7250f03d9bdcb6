"""What the numbers of a report mean, how sure they are, and what the sensor can't see."""

from __future__ import annotations

from collections.abc import Sequence

from kneeimu.exercises.catalogue import find_exercise
from kneeimu.report.numbers import LegNumbers
from kneeimu.words import _, plain
from kneeimu.words.names import exercise_title


def meanings(legs: Sequence[LegNumbers]) -> list[tuple[str, str]]:
    """Give (word, meaning) pairs for what this report holds."""
    found = [
        (
            _("Range"),
            _(
                "Largest tilt of the segment that wears the sensor, away from where the rep began. "
                "It is the segment's angle in the room, not the knee's."
            ),
        )
    ]
    if any(leg.drift_known for leg in legs):
        found.append((_("Drift inwards"), _drift(legs)))
    if any(leg.fppa_deg for leg in legs):
        found.append(
            (
                _("Camera-style estimate"),
                _(
                    "What a camera in front would call the frontal-plane projection angle, worked out "
                    "from one segment. It assumes a planted foot and a hip that stays over it: each "
                    "centimetre of hip shift adds about 1.5°. After ± stand two standard deviations. Use its "
                    "change, not its value. No study is known that holds a single sensor against "
                    "a camera."
                ),
            )
        )
    found.append(
        (
            _("Clean rep"),
            _("A rep without a finding. Short, fast or flawed reps count too: the number of clean ones stands beside."),
        )
    )
    if any(leg.in_time is not None for leg in legs):
        found.append((_("In time"), _("Share of reps whose duration is within 30 % of the asked tempo.")))
    found.append(
        (
            _("Pain"),
            _(
                "The person's own score from 0 to 10. Up to 2 training goes on, from 3 to 5 it stays "
                "where it is, above 5 it stops."
            ),
        )
    )
    for exercise in dict.fromkeys(leg.exercise for leg in legs):
        unseen = find_exercise(exercise).unseen
        if unseen:
            said = "; ".join(map(_, unseen))
            name = _("Not seen: {exercise}").format(exercise=exercise_title(exercise))
            found.append((name, f"{said[:1].upper()}{said[1:]}."))
    return found


def _drift(legs: Sequence[LegNumbers]) -> str:
    unsure = sorted({round(leg.drift_uncertainty_deg, 1) for leg in legs if leg.drift_known})
    limits = next((leg.limit for leg in legs if leg.limit and leg.drift_known), None)
    text = _(
        "How far the segment's long axis leaves the rep's own sagittal plane towards the midline, largest at 70 to "
        "100 % of the depth, minus the same of the wearer's coached reference reps. Zero is as good as the reference, "
        "plus is knee inwards, for both legs. One standard deviation is {unsure}° (simulated with usual errors of "
        "alignment, skin and hip shift; not measured on people). A change between two reps is surer than the value."
    ).format(unsure=_(" to ").join(plain(one) for one in unsure))
    if limits:
        text += " " + _("Amber begins at {amber}°, red at {red}° ({source}).").format(
            amber=plain(limits.amber), red=plain(limits.red), source=_(limits.source)
        )
    return text
