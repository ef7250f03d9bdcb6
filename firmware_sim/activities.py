"""What people do when they do not exercise."""

from __future__ import annotations

import numpy as np

from firmware_sim.movements import POSTURES
from firmware_sim.performer import Performer
from firmware_sim.scenario import Activity


def perform(performer: Performer, activity: Activity) -> None:
    """Do something that is not the exercise for about the time given."""
    timeline = performer.timeline
    if activity.name in ("stand", "walk", "turn", "pick-up", "sit", "lie"):
        performer.go_to("standing")
    start_s = timeline.now
    _DOERS[activity.name](performer, activity.duration_s)
    timeline.span(activity.name, start_s)


def stand(performer: Performer, duration_s: float) -> None:
    """Stand, and sway."""
    performer.timeline.wait(duration_s)


def sit(performer: Performer, duration_s: float) -> None:
    """Sit for a while. Getting up comes with whatever is next."""
    performer.go_to("seated")
    performer.timeline.wait(duration_s)


def lie(performer: Performer, duration_s: float) -> None:
    """Lie on the back for a while."""
    performer.go_to("supine")
    performer.timeline.wait(duration_s)


def settle(performer: Performer, duration_s: float) -> None:
    """Find a comfortable position: small shifts to somewhere and not quite back."""
    timeline, rng = performer.timeline, performer.rng
    end_s = timeline.now + duration_s
    home = performer.pose_of(performer.posture)
    names = ("thigh_flexion", "thigh_adduction", "thigh_rotation", "shank_flexion", "shank_adduction")
    while timeline.now < end_s - 0.6:
        stroke_s = float(rng.uniform(0.3, 0.9))
        timeline.move(stroke_s, **{name: home[name] + float(rng.normal(0.0, 2.5)) for name in names})
        timeline.wait(float(rng.exponential(0.6)))
    timeline.move(0.5, **{name: home[name] for name in names})


def fidget(performer: Performer, duration_s: float) -> None:
    """Shift weight, bend the knee a bit, turn the foot, now and then."""
    timeline, rng = performer.timeline, performer.rng
    end_s = timeline.now + duration_s
    standing = POSTURES[performer.posture].kind == "standing"
    while timeline.now < end_s - 1.5:
        size = float(rng.uniform(1.0, 6.0))
        kind = int(rng.integers(0, 3))
        home = {name: timeline.pose(name) for name in ("thigh_flexion", "shank_flexion", "thigh_adduction",
                                                       "shank_adduction", "thigh_rotation", "shank_rotation")}  # fmt: skip
        if kind == 0:
            bend = size if standing else 0.5 * size
            there = {"thigh_flexion": home["thigh_flexion"] + bend, "shank_flexion": home["shank_flexion"] - 0.7 * bend}
        elif kind == 1:
            there = {name: home[name] + 0.6 * size for name in ("thigh_adduction", "shank_adduction")}
        else:
            there = {name: home[name] + 2.0 * size for name in ("thigh_rotation", "shank_rotation")}
        timeline.move(float(rng.uniform(0.25, 0.8)), **there)
        timeline.wait(float(rng.uniform(0.0, 1.5)))
        timeline.move(float(rng.uniform(0.25, 0.8)), **{name: home[name] for name in there})
        timeline.wait(float(rng.exponential(1.0)))


_DOERS = {"stand": stand, "sit": sit, "lie": lie, "settle": settle, "fidget": fidget}


def doers() -> set[str]:
    """Give the names of what can be done."""
    return set(_DOERS)


_ = np
