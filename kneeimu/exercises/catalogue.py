"""The exercises, as data: what moves, what counts, what can be seen from each mount and what cannot.

Ranges, limits and visibility follow the project's science notes (§5 there); limits without a source in a finding
are engineering choices.
"""

from __future__ import annotations

from kneeimu.exercises.exercise import Exercise, Limit, MountProfile
from kneeimu.types import Mount


def _knee_in(drift: tuple[float, float], rotation: tuple[float, float] = (8.0, 12.0)) -> dict[str, Limit]:
    return {
        "knee-in": Limit(
            *drift, "deg", source="camera angles of single-leg squats (Herrington 2014) through 2.3 per deg"
        ),
        "inward-rotation": Limit(*rotation, "deg"),
    }


def _both(profile: MountProfile) -> dict[Mount, MountProfile]:
    """Give a profile that thigh and shin share."""
    return {"thigh": profile, "shin": profile}


_SHALLOW = {"shallow": Limit(0.85, 0.70, "share of reference range", below=True)}
_OPENING = {"over-roll": Limit(1.15, 1.30, "share of reference range"), **_SHALLOW}
_DROPPED = {"dropped": Limit(1.0, 0.7, "s", below=True)}
_RUSHED = {"rushed": Limit(1.2, 0.9, "s", below=True)}
_BEND = {**_knee_in((4.0, 7.0)), **_SHALLOW, **_DROPPED}
_ONE_LEG_BEND = {**_BEND, "wobble": Limit(1.5, 3.0, "deg")}
_STRAIGHTENING = {
    "snapping": Limit(60.0, 90.0, "deg/s"),
    "short-hold": Limit(1.0, 0.5, "s", below=True),
    "incomplete": Limit(0.85, 0.70, "share of reference range", below=True),
}
_LIFT = {**_SHALLOW, **_DROPPED}
# Where the other leg does the reps this one is taken along. In 950 sets of five simulators, shallow ones among them,
# the largest rep is half as large again as what is said of that, and what the leg that rests does is mostly less.
# Engineering choices.
_STANDING_LEG: dict[Mount, MountProfile] = {
    "shin": MountProfile(6.0, (18.0, 32.0), 50.0, _ONE_LEG_BEND, rises=False, longest_lever_m=0.3, taken_along_deg=9.5),
    "thigh": MountProfile(8.0, (25.0, 40.0), 85.0, _ONE_LEG_BEND, rises=False, least_lever_m=0.09, taken_along_deg=9.5),
}

_EXERCISES = (
    Exercise(
        "squat",
        "reps",
        "standing",
        "knees and hips bend, then straighten",
        {
            "thigh": MountProfile(10.0, (40.0, 70.0), 115.0, _BEND, rises=False, least_lever_m=0.09),
            "shin": MountProfile(6.0, (20.0, 35.0), 55.0, {**_BEND, **_knee_in((3.0, 6.0))}, rises=False),
        },
        (10, 15),
        (2.0, 0.0, 2.0),
        1.8,
        ("the other knee", "the trunk's lean", "a heel that lifts", "weight shift"),
        lowers_first=True,
        sagittal=True,
    ),
    Exercise(
        "single-leg-squat",
        "reps",
        "standing",
        "one knee and hip bend, then straighten",
        _STANDING_LEG,
        (8, 12),
        (2.0, 0.0, 2.0),
        1.8,
        ("a pelvis that drops", "the trunk's lean", "a heel that lifts", "a hip that shifts"),
        lowers_first=True,
        sagittal=True,
    ),
    Exercise(
        "step-down",
        "reps",
        "standing",
        "the standing leg lowers the body from a step and lifts it again",
        _STANDING_LEG,
        (8, 12),
        (2.0, 0.0, 2.0),
        1.8,
        ("a pelvis that drops", "the trunk's lean", "a heel that lifts"),
        lowers_first=True,
        sagittal=True,
    ),
    Exercise(
        "lunge",
        "reps",
        "standing",
        "one foot ahead, both knees bend, then straighten",
        {
            "shin": MountProfile(7.0, (10.0, 60.0), 115.0, _BEND, swings=True, start_pose_deg=25.0),
            "thigh": MountProfile(9.0, (40.0, 90.0), 115.0, _BEND, start_pose_deg=40.0),
        },
        (8, 12),
        (2.0, 0.0, 2.0),
        1.8,
        (
            "the length of the stride",
            "the back knee",
            "the trunk's lean",
            "from the shin, how deep a lunge with a step is",
        ),
        lowers_first=True,
        sagittal=True,
        settles=True,
        lands=True,
    ),
    Exercise(
        "terminal-knee-extension",
        "reps",
        "standing",
        "the bent knee straightens against the band",
        {
            "thigh": MountProfile(
                5.0, (15.0, 20.0), 35.0, _STRAIGHTENING, sets_up=True, start_pose_deg=35.0, taken_along_deg=6.5
            ),
            "shin": MountProfile(
                5.0,
                (15.0, 20.0),
                60.0,
                _STRAIGHTENING,
                sets_up=True,
                rises=True,
                start_pose_deg=60.0,
                taken_along_deg=6.5,
            ),
        },
        (10, 15),
        (1.0, 1.5, 1.5),
        1.5,
        ("the knee's true angle", "a heel that lifts", "whether thigh or hip does the work"),
        hold_s=1.5,
        sagittal=True,
        settles=True,
        starts_at_far_end=True,
    ),
    Exercise(
        "clamshell",
        "reps",
        "side-lying",
        "feet together, the upper knee opens and closes",
        {
            "thigh": MountProfile(6.0, (17.0, 30.0), 60.0, _OPENING, rises=True, taken_along_deg=9.0),
            "shin": MountProfile(6.0, (17.0, 30.0), 60.0, _OPENING, sets_up=True, taken_along_deg=9.0),
        },
        (15, 20),
        (2.0, 0.0, 2.0),
        1.6,
        ("a pelvis that rolls back: it looks the same as the knee opening",),
    ),
    Exercise(
        "hip-abduction",
        "reps",
        "side-lying",
        "the straight upper leg lifts and lowers",
        _both(
            MountProfile(
                4.8,
                (20.0, 45.0),
                70.0,
                {
                    "forward": Limit(0.25, 0.40, "share of the lift"),
                    "toes-up": Limit(12.0, 20.0, "deg"),
                    **_DROPPED,
                    **_SHALLOW,
                },
                rises=True,
                taken_along_deg=6.5,
            )
        ),
        (8, 15),
        (2.0, 1.0, 2.0),
        1.6,
        ("a hip that hikes instead", "the trunk's side-bend", "a pelvis that rolls"),
        lifts_sideways=True,
    ),
    Exercise(
        "lateral-walk",
        "steps",
        "standing",
        "steps to the side against the band, knees a little bent",
        _both(
            MountProfile(
                4.0,
                (8.0, 20.0),
                32.0,
                {
                    **_RUSHED,
                    "lost-tension": Limit(0.75, 0.5, "share of width", below=True),
                    "standing-up": Limit(0.8, 0.6, "share of starting bend", below=True),
                },
                stride_deg=24.0,
            )
        ),
        (10, 15),
        (0.6, 0.0, 0.8),
        0.9,
        ("a trunk that rocks", "the width of the step", "a level pelvis"),
        settles=True,
    ),
    Exercise(
        "monster-walk",
        "steps",
        "standing",
        "diagonal steps forwards or back against the band, feet wide",
        {
            "thigh": MountProfile(6.0, (20.0, 35.0), 45.0, _RUSHED, stride_deg=29.0),
            "shin": MountProfile(6.0, (20.0, 35.0), 50.0, _RUSHED, stride_deg=46.0),
        },
        (10, 15),
        (0.7, 0.0, 0.8),
        0.9,
        ("a trunk that rocks", "the width of the step", "a level pelvis"),
        settles=True,
        swings_through=True,
    ),
    Exercise(
        "knee-extension",
        "reps",
        "seated",
        "the shin swings up until the knee is straight, and down",
        {
            "shin": MountProfile(
                10.0, (50.0, 90.0), 130.0, {**_SHALLOW, "snapping": Limit(120.0, 180.0, "deg/s")}, rises=True
            ),
            # a twentieth of the reps of a lift by 6 deg seem shallow for the sway alone: nothing is found there
            "thigh": MountProfile(2.5, (5.0, 12.0), 30.0, {}, rises=True, turns=True),
        },
        (10, 15),
        (1.5, 1.0, 1.5),
        1.5,
        ("how hard the thigh works", "from the thigh, how far the knee straightens"),
    ),
    Exercise(
        "straight-leg-raise",
        "reps",
        "supine",
        "the straight leg lifts and lowers",
        _both(MountProfile(5.0, (15.0, 45.0), 90.0, _LIFT, rises=True, turns=True, taken_along_deg=6.5)),
        (8, 15),
        (2.0, 1.0, 2.0),
        1.6,
        ("a back that arches", "a knee that bends, from one sensor"),
    ),
    Exercise(
        "prone-hip-extension",
        "reps",
        "prone",
        "face down, the straight leg lifts and lowers",
        {
            # of people and in five simulators the largest rep is above 6.6 deg, and nearly all that rests below 4.1
            "thigh": MountProfile(1.6, (5.0, 15.0), 35.0, _LIFT, rises=True, turns=True, taken_along_deg=4.5),
            "shin": MountProfile(5.5, (8.0, 20.0), 60.0, _LIFT, rises=True, turns=True),
        },
        (8, 15),
        (2.0, 1.0, 2.0),
        1.6,
        ("a pelvis that tilts", "a back that arches"),
    ),
    Exercise(
        "it-band-stretch",
        "timed",
        "standing",
        "the leg crosses behind and the position is held",
        _both(MountProfile(4.0, (5.0, 20.0), 60.0)),
        (2, 3),
        (2.0, 30.0, 2.0),
        1.0,
        ("whether the stretch is felt",),
        hold_s=30.0,
    ),
    Exercise(
        "massage",
        "timed",
        "side-lying",
        "the outer thigh is rolled or kneaded",
        _both(MountProfile(4.0, (5.0, 20.0), 60.0)),
        (1, 2),
        (2.0, 60.0, 2.0),
        1.0,
        ("pressure",),
        hold_s=60.0,
        restless=True,
    ),
)

CATALOGUE: dict[str, Exercise] = {exercise.name: exercise for exercise in _EXERCISES}


def find_exercise(name: str) -> Exercise:
    """Give the exercise of that name.

    Raises:
        ValueError: there is none; the message lists the names.
    """
    try:
        return CATALOGUE[name]
    except KeyError:
        raise ValueError(f"no exercise is called {name!r}; there are: {', '.join(CATALOGUE)}") from None
