"""What people do when they do not exercise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from firmware_sim import gait
from firmware_sim.jet import FloatArray, Jet
from firmware_sim.movements import POSTURES
from firmware_sim.performer import Performer
from firmware_sim.scenario import Activity
from firmware_sim.track import Track, Wander, window

JOINTS = (
    "thigh_flexion",
    "shank_flexion",
    "thigh_adduction",
    "shank_adduction",
    "thigh_rotation",
    "shank_rotation",
)


def perform(performer: Performer, activity: Activity) -> None:
    """Do something that is not the exercise for about the time given."""
    timeline = performer.timeline
    where = _WHERE.get(activity.name)
    if where:
        performer.go_to(where)
    start_s = timeline.now
    _DOERS[activity.name](performer, activity.duration_s)
    timeline.span(activity.name, start_s)


def stay(performer: Performer, duration_s: float) -> None:
    """Stand, sit or lie for a while. Getting up comes with whatever is next."""
    performer.timeline.wait(duration_s)


def settle(performer: Performer, duration_s: float) -> None:
    """Find a comfortable position: small shifts to somewhere and not quite back."""
    timeline, rng = performer.timeline, performer.rng
    end_s = timeline.now + duration_s
    home = performer.pose_of(performer.posture)
    names = JOINTS[:-1]
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
        home = {name: timeline.pose(name) for name in JOINTS}
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


def shake(performer: Performer, duration_s: float) -> None:
    """Shake the leg loose."""
    rng = performer.rng
    frequency_hz = float(rng.uniform(2.5, 5.0))
    size = float(rng.uniform(4.0, 12.0))
    pace = Wander(rng, (0.2, 1.0), 6)
    lag = float(rng.uniform(0.3, 1.2))

    def motion(time_s: FloatArray) -> dict[str, Jet]:
        phase = Jet.clock(time_s) * (2 * np.pi * frequency_hz) + pace.at(time_s) * 0.4
        on = window(time_s, 0.0, duration_s, 0.4) * size
        swing, after = on * phase.sin(), on * (phase - lag).sin()
        return {"thigh_flexion": swing * 0.5, "shank_flexion": after, "thigh_rotation": after * 0.6,
                "shank_rotation": swing * 0.5}  # fmt: skip

    timeline = performer.timeline
    held = timeline.anchors[-1][1]
    timeline.anchor("hip")
    timeline.overlay(duration_s, motion)
    timeline.wait(duration_s)
    timeline.anchor(held)
    timeline.wait(0.3)


def strap(performer: Performer, duration_s: float) -> None:
    """Take the box in the hand, turn it about, put it on the leg and pull the strap tight."""
    timeline, rng = performer.timeline, performer.rng
    names = ("handle_x", "handle_y", "handle_z")
    if timeline.now == 0.0:
        for name in names:
            timeline.tracks[name] = Track(float(rng.uniform(-120.0, 120.0)))
        timeline.tracks["handle_out"] = Track(float(rng.uniform(0.1, 0.3)))
    end_s = timeline.now + duration_s
    while timeline.now < end_s - 3.4:
        targets = {name: float(rng.uniform(-120.0, 120.0)) for name in names}
        timeline.move(float(rng.uniform(0.9, 1.8)), **targets, handle_out=float(rng.uniform(0.05, 0.3)))
        timeline.wait(float(rng.exponential(0.2)))
    timeline.move(1.3, **dict.fromkeys(names, 0.0), handle_out=0.0)
    timeline.strike(float(rng.uniform(2.0, 6.0)))
    while timeline.now < end_s:
        timeline.move(0.2, **{name: float(rng.normal(0.0, 4.0)) for name in names})
        timeline.strike(float(rng.uniform(1.0, 4.0)))
        timeline.move(0.25, **dict.fromkeys(names, 0.0))


def pick_up(performer: Performer, duration_s: float) -> None:
    """Bend down for something on the floor, once."""
    timeline, rng = performer.timeline, performer.rng
    home = performer.pose_of(performer.posture)
    stoop = float(rng.uniform(8.0, 30.0))
    timeline.move(
        0.4 * duration_s,
        thigh_flexion=home["thigh_flexion"] + stoop,
        shank_flexion=home["shank_flexion"] - 0.5 * stoop,
        thigh_adduction=home["thigh_adduction"] - float(rng.uniform(0.0, 5.0)),
    )
    timeline.wait(0.2 * duration_s)
    timeline.move(0.4 * duration_s, **{n: home[n] for n in ("thigh_flexion", "shank_flexion", "thigh_adduction")})


def put_on_band(performer: Performer, duration_s: float) -> None:
    """Step into a band and pull it up: the leg is lifted a few times, never twice in the same way."""
    timeline, rng = performer.timeline, performer.rng
    end_s = timeline.now + duration_s
    timeline.anchor("hip")
    timeline.wait(0.3)
    home = {name: timeline.pose(name) for name in JOINTS}
    while timeline.now < end_s - 1.2:
        lift = float(rng.uniform(15.0, 85.0))
        there = {name: home[name] + float(rng.normal(0.0, 8.0)) for name in JOINTS}
        there["thigh_flexion"] += lift
        there["shank_flexion"] -= float(rng.uniform(0.0, 0.7)) * lift
        timeline.move(float(rng.uniform(0.4, 0.9)), **there)
        for _ in range(int(rng.integers(0, 4))):  # tugs
            timeline.move(0.25, **{name: there[name] + float(rng.normal(0.0, 5.0)) for name in JOINTS})
        timeline.move(float(rng.uniform(0.3, 0.9)), **home)
        timeline.strike(performer.person.strike_m_s2 * float(rng.uniform(0.1, 0.6)))
        timeline.wait(float(rng.exponential(0.8)))
    timeline.anchor("ankle")
    timeline.wait(0.3)


def roll_over(performer: Performer, duration_s: float) -> None:
    """Lie down and turn from the back to the side and over to the front, as one who looks for a position."""
    timeline, rng = performer.timeline, performer.rng
    end_s = timeline.now + duration_s
    while timeline.now < end_s:
        performer.go_to(str(rng.choice(["side-lying", "clam", "prone", "supine"])))
        timeline.wait(float(rng.uniform(0.3, 1.5)))


_WHERE = dict.fromkeys(("stand", "walk", "stairs", "turn", "pick-up", "band"), "standing") | {
    "sit": "seated",
    "lie": "supine",
    "roll-over": "supine",
}
_DOERS: dict[str, Callable[[Performer, float], None]] = {
    "stand": stay,
    "walk": gait.walk,
    "turn": gait.turn,
    "sit": stay,
    "lie": stay,
    "settle": settle,
    "fidget": fidget,
    "shake": shake,
    "strap": strap,
    "pick-up": pick_up,
    "stairs": gait.climb,
    "band": put_on_band,
    "roll-over": roll_over,
}
