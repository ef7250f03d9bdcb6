"""The exercises as data: where a rep begins, how far it goes, and which joints take part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import asin, degrees, radians, sin, tan

from firmware_sim.person import Person, RepOrder
from firmware_sim.scenario import Scenario
from firmware_sim.strokes import Tempo
from firmware_sim.timeline import Anchor

Pose = dict[str, float]


@dataclass(frozen=True, slots=True)
class Posture:
    """A pose of the body to rest in.

    Attributes:
        kind: "standing", "seated" or "lying": what it takes to get there.
        sway: how much of a stance's sway is left.
        height_m: of the hip against standing.
    """

    kind: str
    pose: Pose
    anchor: Anchor = "ankle"
    sway: float = 1.0
    height_m: float = 0.0


_SIDE: Pose = {"roll": -90.0}
POSTURES: dict[str, Posture] = {
    "standing": Posture("standing", {}),
    "one-leg": Posture(
        "standing",
        {"thigh_flexion": 5.0, "shank_flexion": -5.0, "thigh_adduction": 3.0, "shank_adduction": 3.0},
        sway=1.8,
    ),
    "on-a-step": Posture(
        "standing",
        {"thigh_flexion": 4.0, "shank_flexion": -4.0, "thigh_adduction": 4.0, "shank_adduction": 4.0},
        sway=1.7,
    ),
    "split": Posture("standing", {"thigh_flexion": 22.0, "shank_flexion": 12.0}, sway=1.3),
    "ready": Posture("standing", {"thigh_flexion": 8.5, "shank_flexion": -8.5}, "hip"),
    "soft-knee": Posture("standing", {"thigh_flexion": 17.0, "shank_flexion": -17.0}, sway=1.2),
    "band-walk": Posture(
        "standing",
        {"thigh_flexion": 32.0, "shank_flexion": -24.0, "lean": -6.0},
        "hip",
        1.0,
    ),
    "seated": Posture("seated", {"thigh_flexion": 85.0, "shank_flexion": 0.0}, "hip", 0.25),
    "clam": Posture("lying", {**_SIDE, "thigh_flexion": 45.0, "shank_flexion": -45.0}, "hip", 0.2, -0.5),
    "side-lying": Posture(
        "lying", {**_SIDE, "thigh_adduction": 3.0, "shank_adduction": 3.0}, "hip", 0.2, -0.55
    ),
    "supine": Posture("lying", {"pitch": 90.0, "thigh_flexion": 1.0, "shank_flexion": 0.0}, "hip", 0.2, -0.5),
    "prone": Posture("lying", {"pitch": -90.0}, "hip", 0.2, -0.5),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Movement:
    """How one exercise is done.

    Attributes:
        posture: where a rep begins and ends.
        range_deg: usual range of the joint that works, deg.
        tempo: usual tempo.
        far: gives the change of pose at the far end of a rep.
        lifted: the limb is held up by its own muscles: people hold it long, let it hover between reps, and tremble.
        kneaded: the limb is rolled to and fro while it is held.
        sagittal: the working joints bend in the sagittal plane, and straying from it is a movement of its own.
    """

    posture: str
    range_deg: tuple[float, float]
    tempo: Tempo
    far: Callable[[RepOrder, Person], Pose]
    sway: float = 1.0
    sagittal: bool = False
    lifted: bool = False
    kneaded: bool = False

    @property
    def hovers(self) -> bool:
        """The limb may stay up between the reps: a raised leg, not one whose foot rests."""
        return self.lifted and self.posture in ("side-lying", "supine", "prone")


def _bend(order: RepOrder, person: Person) -> Pose:
    """Bend knee and hip over a planted foot, the hip staying over the ankle from side to side."""
    thigh = person.thigh_share * order.range_deg
    return {"thigh_flexion": thigh, "shank_flexion": thigh - order.range_deg, **inwards(order, person)}


def inwards(order: RepOrder, person: Person) -> Pose:
    """Let the knee go in: adduction of the thigh, closing the chain at the shank, and the rotation of a hinge knee."""
    tilt = radians(order.valgus_deg)
    shank = asin(max(-1.0, min(1.0, person.body.thigh_m / person.body.shank_m * sin(tilt))))
    half = max(radians(10.0), radians(0.5 * order.range_deg))
    hinge = asin(max(-0.5, min(0.5, tan(tilt) / tan(half))))
    rotation = order.hinge * degrees(hinge) + order.inward_rotation_deg
    return {
        "thigh_adduction": order.valgus_deg,
        "shank_adduction": -degrees(shank),
        "thigh_rotation": rotation,
        "shank_rotation": person.tibia_share * rotation,
    }


def with_strays(changes: Pose, order: RepOrder) -> Pose:
    """Add what a fault of form adds to the far end of any movement."""
    forward = order.forward * order.range_deg
    extra = {
        "thigh_rotation": order.leg_rotation_deg,
        "shank_rotation": order.leg_rotation_deg,
        "thigh_flexion": forward,
        "shank_flexion": forward,
    }
    return changes | {name: changes.get(name, 0.0) + way for name, way in extra.items() if way}


def _lunge(order: RepOrder, person: Person) -> Pose:
    """Sink between two feet; the front shank comes from behind the vertical to in front of it."""
    thigh = 0.62 * order.range_deg
    return {"thigh_flexion": thigh, "shank_flexion": thigh - order.range_deg, **inwards(order, person)}


def _sit_back(order: RepOrder, person: Person) -> Pose:
    """Sit down onto a chair and stand up: the shank stays nearly upright."""
    thigh = 0.88 * order.range_deg
    return {"thigh_flexion": thigh, "shank_flexion": thigh - order.range_deg, **inwards(order, person)}


def _straighten(order: RepOrder, person: Person) -> Pose:  # noqa: ARG001
    """Straighten the standing knee: both segments turn by half."""
    half = 0.5 * order.range_deg
    return {"thigh_flexion": -half, "shank_flexion": half, "thigh_rotation": -0.05 * order.range_deg}


def _open(order: RepOrder, person: Person) -> Pose:  # noqa: ARG001
    """Turn the leg about the line from hip to ankle, feet together."""
    return {"clam": -order.range_deg}


def _abduct(order: RepOrder, person: Person) -> Pose:  # noqa: ARG001
    """Lift the straight leg sideways, a little forward."""
    forward = 0.06 * order.range_deg
    lift = {"thigh_adduction": -order.range_deg, "shank_adduction": -order.range_deg}
    return {**lift, "thigh_flexion": forward, "shank_flexion": forward, **_turn_leg(order.inward_rotation_deg)}


def _turn_leg(rotation_deg: float) -> Pose:
    return {"thigh_rotation": rotation_deg, "shank_rotation": rotation_deg}


def _kick(order: RepOrder, person: Person) -> Pose:
    """Swing the shank up; the thigh lifts a little off the seat and turns as the muscle pulls."""
    lift = (5.0 + 5.0 * person.tibia_share) * order.range_deg / 75.0
    return {"thigh_flexion": lift, "shank_flexion": order.range_deg + lift, "shank_rotation": -0.08 * order.range_deg}


def _raise(order: RepOrder, person: Person) -> Pose:
    """Lift the straight leg, lying on the back; the knee gives by a few degrees."""
    lag = 0.06 * order.range_deg * (1.0 + person.tibia_share)
    return {"thigh_flexion": order.range_deg, "shank_flexion": order.range_deg - lag, "thigh_rotation": -3.0}


def _extend(order: RepOrder, person: Person) -> Pose:
    """Lift the straight leg, lying face down; the knee bends a little."""
    knee = 0.35 * order.range_deg * (0.5 + person.tibia_share)
    return {"thigh_flexion": -order.range_deg, "shank_flexion": -order.range_deg - knee}


def _cross(order: RepOrder, person: Person) -> Pose:  # noqa: ARG001
    """Cross the leg behind the other one and lean away."""
    in_deg = order.range_deg
    return {
        "thigh_adduction": in_deg, "shank_adduction": in_deg, "thigh_flexion": -0.6 * in_deg,
        "shank_flexion": -0.7 * in_deg,
    }  # fmt: skip


def _roll_over(order: RepOrder, person: Person) -> Pose:  # noqa: ARG001
    """Bring the leg onto the roller."""
    bend, out = order.range_deg, -0.6 * order.range_deg
    return {"thigh_flexion": bend, "shank_flexion": 0.5 * bend, "thigh_adduction": out, "shank_adduction": out}


def _nowhere(order: RepOrder, person: Person) -> Pose:  # noqa: ARG001
    """The feet lead a walk, not the joints: see ``firmware_sim.walks``."""
    return {}


MOVEMENTS: dict[str, Movement] = {
    "squat": Movement("standing", (55.0, 105.0), Tempo(1.6, 0.15, 1.5, 0.6), _bend, sagittal=True),
    "single-leg-squat": Movement("one-leg", (42.0, 70.0), Tempo(1.6, 0.15, 1.5, 0.8), _bend, 2.2, sagittal=True),
    "step-down": Movement("on-a-step", (42.0, 68.0), Tempo(1.6, 0.15, 1.4, 0.9), _bend, 2.0, sagittal=True),
    "lunge": Movement("split", (70.0, 95.0), Tempo(1.6, 0.2, 1.4, 0.7), _lunge, 1.5, sagittal=True),
    "terminal-knee-extension": Movement("soft-knee", (28.0, 40.0), Tempo(1.1, 1.8, 1.4, 0.9), _straighten),
    "clamshell": Movement("clam", (25.0, 45.0), Tempo(1.8, 0.5, 1.8, 0.6), _open, 0.3, lifted=True),
    "hip-abduction": Movement("side-lying", (24.0, 42.0), Tempo(1.8, 1.0, 1.8, 0.7), _abduct, 0.6, lifted=True),
    # Of the walks, range_deg is the length of a step in centimetres.
    "lateral-walk": Movement("band-walk", (24.0, 38.0), Tempo(0.65, 0.15, 0.65, 0.3), _nowhere, 1.0),
    "monster-walk": Movement("band-walk", (28.0, 42.0), Tempo(0.65, 0.1, 0.65, 0.2), _nowhere, 1.0),
    "knee-extension": Movement("seated", (60.0, 85.0), Tempo(1.5, 1.0, 1.6, 0.7), _kick, 0.3, lifted=True),
    "straight-leg-raise": Movement("supine", (25.0, 45.0), Tempo(1.8, 1.0, 1.9, 0.7), _raise, 0.4, lifted=True),
    "prone-hip-extension": Movement("prone", (8.0, 15.0), Tempo(1.6, 1.0, 1.7, 0.8), _extend, 0.3, lifted=True),
    "it-band-stretch": Movement("standing", (9.0, 18.0), Tempo(2.0, 30.0, 2.0, 3.0), _cross),
    "massage": Movement("side-lying", (8.0, 18.0), Tempo(2.0, 60.0, 2.0, 3.0), _roll_over, 0.4, kneaded=True),
}
MANNERS: dict[tuple[str, str], Movement] = {
    ("squat", "chair"): Movement("standing", (80.0, 95.0), Tempo(1.4, 1.0, 1.3, 0.9), _sit_back, sagittal=True),
    ("lunge", "stepping"): Movement("ready", (70.0, 95.0), Tempo(1.5, 0.25, 1.3, 0.8), _lunge, 1.3, sagittal=True),
}
"""Other ways to do an exercise."""


def movement_of(scenario: Scenario) -> Movement:
    """Give the movement of a scenario, in the manner it asks for."""
    return MANNERS.get((scenario.exercise, scenario.manner), MOVEMENTS[scenario.exercise])
