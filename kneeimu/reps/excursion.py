"""An out-and-back of the segment, and how it is told from drift and fidgeting."""

from __future__ import annotations

from dataclasses import dataclass

from kneeimu.reps.vectors import Vector
from kneeimu.types import Rep


@dataclass(frozen=True, slots=True)
class ExcursionParameters:
    """How an excursion is told from drift and fidgeting. All engineering choices, tested on people and in simulation.

    Attributes:
        floor_deg, ceiling_deg: smallest and largest range that counts, deg.
        least_share: share of the smallest range at which an excursion is taken to have begun at the earliest ...
        keen_share, keen_deg: ... and after reps, which may be followed by smaller ones; less than this is sway.
        start_share: share of the usual range at which an excursion is taken to have begun.
        return_share: share of the peak below which the segment is back.
        stall_share: share of the peak below which a standstill also ends the excursion.
        reversal_share: share of the peak below which a reversal also ends it.
        reversal_deg, reversal_rise_share: a rise by more than this, and than this share of the peak, is a reversal.
        turn_drop_deg, turn_drop_share: a drop by more than this, and than this share of the peak, is the turn.
        off_axis_share: further than this share of the peak (or ``off_axis_deg``) off the axis it is not back.
        swings: the rep swings to both sides of home: only the size of the tilt is followed, and it is back only after
            ``dwell_s`` near home.
        overshoot_share: a return further beyond the old home than this share of the peak is a new movement.
        home_tau_s: time constant with which home follows slow drift, s.
        rested_s: after so long at home the next movement may be of another size, s.
    """

    floor_deg: float = 8.0
    ceiling_deg: float = 150.0
    least_share: float = 0.6
    keen_share: float = 0.4
    keen_deg: float = 1.2
    start_share: float = 0.22
    return_share: float = 0.20
    stall_share: float = 0.5
    reversal_share: float = 0.38
    reversal_deg: float = 1.5
    reversal_rise_share: float = 0.08
    off_axis_deg: float = 12.0
    off_axis_share: float = 0.6
    swings: bool = False
    dwell_s: float = 0.28
    overshoot_share: float = 1.2
    home_tau_s: float = 3.0
    rested_s: float = 4.0
    turn_drop_deg: float = 2.0
    turn_drop_share: float = 0.12


@dataclass(slots=True)
class Excursion:
    """One out-and-back. Angles in deg, times in s; ``axis`` is a unit vector in the sensor frame."""

    start_s: float
    turn_s: float
    end_s: float
    peak_deg: float
    axis: Vector
    home: Vector
    far: Vector
    held_s: float | None = None
    """For a timed exercise: how long."""

    @property
    def duration_s(self) -> float:
        """Out and back, s."""
        return self.end_s - self.start_s


def meet(one: Excursion | Rep, other: Excursion | Rep) -> bool:
    """Say whether there is a time in which both go on."""
    return one.start_s < other.end_s and other.start_s < one.end_s
