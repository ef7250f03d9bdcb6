"""The counter, the second look and their numbers for one exercise from one mount."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from kneeimu.exercises.exercise import Exercise
from kneeimu.motion.segment import columns
from kneeimu.reps.afterwards.heading import HeadingLook
from kneeimu.reps.afterwards.overlooked import Look, Overlooked
from kneeimu.reps.afterwards.review import SetReview
from kneeimu.reps.afterwards.second_look_at_side_steps import SideSteps
from kneeimu.reps.afterwards.shapes import OutAndBack, Shape, Swings, SwingThrough
from kneeimu.reps.afterwards.small_reps import SmallLook
from kneeimu.reps.afterwards.tiny_reps import TinyLook
from kneeimu.reps.excursion import ExcursionParameters
from kneeimu.reps.history import TickHistory
from kneeimu.reps.live.counter import RepCounter
from kneeimu.reps.live.which_end import WhichEnd
from kneeimu.reps.measured.patience import Patience
from kneeimu.reps.measured.quality import SOON_S
from kneeimu.reps.measured.stepped_lunge import leans_about
from kneeimu.reps.parameters import STRIDING_DEG_S, CounterParameters
from kneeimu.reps.rise import FeltEnd, LowerEnd
from kneeimu.reps.strokes import as_vector
from kneeimu.reps.timed.hold import HoldCounter
from kneeimu.reps.timed.massage import MassageCounter
from kneeimu.reps.timed.timed import TimedCounter
from kneeimu.reps.vectors import Vector
from kneeimu.reps.walk.gait import Gait, Movement
from kneeimu.reps.walk.sideways import Lean, lift_sideways, sideways
from kneeimu.types import FloatArray, Setup

START_POSE_SHARE = 0.8
"""Who gets ready stays in the start pose for longer than this share of the hold that is asked for; who stays at an end
for less holds a rep. Engineering choice: of 359 simulated knee extensions of who stands in the start pose 113 are told
late and not 233, of 600 of who stands straight first 75 and not 24."""

LOOP_SHARE = 0.2
"""A leg that steps to the side bends and straightens as well: where its way turns round it never stops, but is slow for
how far it is away from where the person stood. Engineering choice."""

FEET_TOGETHER_SHARE = 0.56
"""Who ends a monster walk stands amid the swing, give or take: the last step is over below this share of it.
Engineering choice."""


def made_of(exercise: Exercise) -> Movement:
    """What the movements of an exercise are, for whoever tells them from walking."""
    if exercise.kind != "steps":
        return "lunges" if exercise.lands else "reps"
    return "swings" if exercise.swings_through else "steps"


def _parameters(exercise: Exercise, setup: Setup) -> CounterParameters:
    profile, seated = exercise.profile(setup.mount), exercise.posture == "seated"
    parameters = CounterParameters(
        stride_s=exercise.stride_s,
        striding_deg_s=STRIDING_DEG_S[setup.mount],
        stride_deg=profile.stride_deg,
        settles=exercise.settles,
        start_pose_deg=profile.start_pose_deg,
        taken_along_deg=profile.taken_along_deg,
        start_pose_s=START_POSE_SHARE * exercise.hold_s,
        stands_far=exercise.starts_at_far_end,
        lies=exercise.lies or (seated and setup.mount == "thigh"),
        supine=exercise.posture == "supine",
        dangles=seated and setup.mount == "shin",
        steps=exercise.kind == "steps",
        turn_share=LOOP_SHARE if exercise.kind == "steps" and not exercise.swings_through else 0.0,
        lands=exercise.lands,
        both_ways=profile.swings,
    )
    if exercise.swings_through:
        # home is at either end of the swing, by turns
        parameters = replace(parameters, swings_through=True, other_home_deg=2.0 * profile.ceiling_deg)
    return parameters


def counter_for(exercise: Exercise, setup: Setup, history: TickHistory, gait: Gait) -> RepCounter | TimedCounter:
    """Give the counter that follows the tilt."""
    profile = exercise.profile(setup.mount)
    if exercise.kind == "timed":
        return MassageCounter() if exercise.restless else HoldCounter(profile.floor_deg, profile.ceiling_deg)
    parameters = _parameters(exercise, setup)
    return RepCounter(
        _excursions_of(exercise, setup),
        parameters,
        WhichEnd(profile.floor_deg, parameters, _known_fall(exercise, setup), _felt_end(exercise, setup, history)),
        _lean_of_steps(exercise, setup),
        gait,
    )


def _excursions_of(exercise: Exercise, setup: Setup) -> ExcursionParameters:
    profile = exercise.profile(setup.mount)
    limits = ExcursionParameters(floor_deg=profile.floor_deg, ceiling_deg=profile.ceiling_deg, swings=profile.swings)
    return replace(limits, stall_share=FEET_TOGETHER_SHARE) if exercise.swings_through else limits


def patience_for(exercise: Exercise, setup: Setup) -> Patience | None:
    """Give what holds the counts of side steps back; with an alignment the stand after a step is looked at as well."""
    if exercise.kind != "steps" or exercise.swings_through:
        return None
    return Patience() if setup.alignment is None else Patience(SOON_S)


def overlooked_for(exercise: Exercise, setup: Setup, history: TickHistory, gait: Gait) -> Overlooked:
    """Give what looks for reps that the counter does not see at all."""
    profile, parameters = exercise.profile(setup.mount), _parameters(exercise, setup)
    looks: list[Look[Any]] = []
    if profile.turns:
        looks.append(HeadingLook(profile.floor_deg, parameters, history))
    if exercise.kind == "reps" and exercise.posture != "standing":
        looks.append(SmallLook(profile.floor_deg, parameters, history, gait))
    if exercise.posture == "seated" and setup.mount == "thigh":
        looks.append(TinyLook(parameters, history))
    return Overlooked(looks)


def _known_fall(exercise: Exercise, setup: Setup) -> Vector | None:
    """The same for the counter, where reps go out and back."""
    falls_along = _falls_along(exercise, setup)
    if falls_along is None or exercise.kind == "steps" or exercise.profile(setup.mount).swings:
        return None
    return as_vector(falls_along)


def _felt_end(exercise: Exercise, setup: Setup, history: TickHistory) -> FeltEnd | None:
    """What feels which end is home after two reps; of a thigh that hardly sinks at first fidgeting tells as much."""
    profile = exercise.profile(setup.mount)
    if setup.alignment is not None or profile.rises is None or profile.least_lever_m > 0.0:
        return None
    return FeltEnd(history, LowerEnd(rises=profile.rises))


def review_for(exercise: Exercise, setup: Setup, gait: Gait) -> SetReview | None:
    """Give what looks again at a set that is over; None where positions are timed."""
    if exercise.kind == "timed":
        return None
    parameters = _parameters(exercise, setup)
    return SetReview(_shape(exercise, setup, parameters, gait), parameters, gait)


def _shape(exercise: Exercise, setup: Setup, parameters: CounterParameters, gait: Gait) -> Shape:
    profile = exercise.profile(setup.mount)
    if profile.swings:
        return Swings(profile.floor_deg, leans_about(setup.alignment))
    if exercise.swings_through:
        return SwingThrough(parameters)
    lower_end = LowerEnd(_falls_along(exercise, setup), profile.rises, profile.least_lever_m)
    lean, side_steps = _lean(exercise, setup), None
    if exercise.kind == "steps" and lean is None:
        limits = ExcursionParameters(floor_deg=profile.floor_deg, ceiling_deg=profile.ceiling_deg)
        side_steps = SideSteps(limits, parameters, gait)
    return OutAndBack(profile.floor_deg, parameters, gait, lower_end, lean, side_steps, profile.longest_lever_m)


def _lean_of_steps(exercise: Exercise, setup: Setup) -> Lean | None:
    if setup.alignment is None or exercise.kind != "steps" or exercise.swings_through:
        return None
    return sideways(setup.alignment)


def _lean(exercise: Exercise, setup: Setup) -> Lean | None:
    if setup.alignment is not None and exercise.lifts_sideways:
        return lift_sideways(setup.alignment)
    return _lean_of_steps(exercise, setup)


def _falls_along(exercise: Exercise, setup: Setup) -> FloatArray | None:
    """A direction in the sensor frame (3,) that points lower at the far end of a rep than at home."""
    if setup.alignment is None:
        return None
    _, upper_ends, rights = columns(np.array([setup.alignment.quat_segment_to_sensor]))
    upper_end: FloatArray = upper_ends[0]
    right: FloatArray = rights[0]
    if exercise.kind == "steps":
        # a wide leg leans outwards, with its inner side up; its bend changes as well
        return np.negative(right) if setup.side == "right" else right
    return np.negative(upper_end) if exercise.profile(setup.mount).sets_up else upper_end
