"""What is known of an exercise: its movement, its mounts, what can be found there, and what cannot be seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kneeimu.types import Mount

Kind = Literal["reps", "steps", "timed"]
Posture = Literal["standing", "seated", "side-lying", "supine", "prone"]


@dataclass(frozen=True, slots=True)
class Limit:
    """Amber and red limit of a form finding; a value at or past ``amber`` is flagged.

    ``below`` says that small values are the fault.
    """

    amber: float
    red: float
    unit: str
    below: bool = False
    source: str = "engineering choice"

    def level(self, value: float | None) -> str | None:
        """Give "amber", "red" or None for a value (None when it is not known)."""
        if value is None:
            return None
        sign = -1.0 if self.below else 1.0
        if sign * value >= sign * self.red:
            return "red"
        return "amber" if sign * value >= sign * self.amber else None


@dataclass(frozen=True, slots=True)
class MountProfile:
    """What one mount sees of an exercise.

    Attributes:
        floor_deg: smallest range that counts, deg.
        usual_deg: range to expect, deg.
        ceiling_deg: a larger movement is another one (a walking stride, sitting down), deg. Near twice the usual.
        swings: the segment tilts to both sides of its start pose within one rep.
        sets_up: its upper end rises on the way out; otherwise the segment tips over.
        rises: the sensor rises on the way out, or sinks (False); None where it does neither for sure.
        least_lever_m: smaller levers (rise in m for each rad) do not tell which: an upright thigh hardly sinks at
            first, and the trunk sways.
        longest_lever_m: of a leg that stands: it sinks by no more for each radian, since its foot stays on the floor; 0
            where nothing of the kind is known.
        stride_deg: of a band walk: a quick swing wider than this, without a stand, is a stride of walking.
        start_pose_deg: a start pose of the exercise's own is no further from plain standing than this, deg.
        turns: the limb lies level, and may turn about the vertical by more than it tilts.
        taken_along_deg: the other leg's reps take this one along by less; of its own some are larger.
        findings: form findings by code.
    """

    floor_deg: float
    usual_deg: tuple[float, float]
    ceiling_deg: float
    findings: dict[str, Limit] = field(default_factory=dict)
    swings: bool = False
    sets_up: bool = False
    rises: bool | None = None
    least_lever_m: float = 0.0
    longest_lever_m: float = 0.0
    stride_deg: float = 360.0
    start_pose_deg: float = 360.0
    turns: bool = False
    taken_along_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise of the catalogue.

    Attributes:
        posture: pose of the body; standing exercises are guarded against walking.
        mounts: profiles of the supported mounts, the recommended one first.
        reps, hold_s, tempo_s: what is usually prescribed (tempo: out, hold, back).
        fast_s: a rep shorter than this is flagged ``fast``.
        settles: the person takes a start pose of its own before the first rep.
        starts_at_far_end: the person stands at the far end of the movement before and after the set.
        swings_through: a rep is a swing from one side of the start pose to the other, and not out and back.
        lifts_sideways: the straight leg is lifted to the side, in the frontal plane.
        lowers_first: the body sinks on the way out; otherwise the leg sinks on the way back.
        lands: each rep lands a foot.
        restless: of a timed exercise, that movement is timed and not stillness.
        sagittal: the movement stays in the sagittal plane, so that medial tilt has a meaning.
        unseen: what this sensor cannot tell, in words.
    """

    name: str
    kind: Kind
    posture: Posture
    movement: str
    mounts: dict[Mount, MountProfile]
    reps: tuple[int, int]
    tempo_s: tuple[float, float, float]
    fast_s: float
    unseen: tuple[str, ...]
    hold_s: float = 0.0
    sagittal: bool = False
    settles: bool = False
    restless: bool = False
    lands: bool = False
    lowers_first: bool = False
    starts_at_far_end: bool = False
    swings_through: bool = False
    lifts_sideways: bool = False

    @property
    def ways(self) -> tuple[str, ...]:
        """Directions in which a walk is done, one set each; none of what is done on the spot."""
        if self.kind != "steps":
            return ()
        return ("forward", "back") if self.swings_through else ("left", "right")

    @property
    def stride_s(self) -> float:
        """Quick movements with foot strikes that are shorter than this are strides of walking, s.

        A stride of slow indoor walking takes 1.5 s; a rushed step of a band walk 0.9 s. Lying or seated nobody strides.
        """
        if self.posture != "standing":
            return 0.0
        return 1.0 if self.kind == "steps" else 1.6

    @property
    def lies(self) -> bool:
        """The person lies: nobody walks in the pose of this exercise."""
        return self.posture not in ("standing", "seated")

    @property
    def upright(self) -> bool:
        """A rep starts from standing upright, as an alignment does."""
        return self.posture == "standing" and not self.settles

    def profile(self, mount: Mount) -> MountProfile:
        """Give the profile of a mount.

        Raises:
            KeyError: the exercise cannot be followed from that mount.
        """
        return self.mounts[mount]
