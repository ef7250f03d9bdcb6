"""Two sensors on one simulated leg, and their alignments."""

from __future__ import annotations

from functools import cache

from calibration.alignment import align
from firmware_sim import Scenario, Simulation, simulate_pair
from firmware_sim.imu import ErrorModel
from kneeimu.sessions.alignments import alignment_of
from kneeimu.types import Alignment, FloatArray, Samples, Side

ONE_CLOCK = ErrorModel(clock=0.0)
VALGUS_DEG = (0.0, 3.0, 6.0, 9.0, 0.0, 3.0, 6.0, 9.0)


@cache
def leg(seed: int, exercise: str = "squat", alignment: str = "squats", tissue: str = "none", clocks: bool = False,
        valgus: bool = True) -> tuple[Simulation, Simulation, Side]:  # fmt: skip
    """Somebody who is aligned by squats that stray inwards by 2 deg, and whose knee then strays by more and more."""
    side: Side = "left" if seed % 2 else "right"
    scenario = Scenario(
        exercise=exercise, side=side, mount="both", reps=8, seed=seed, alignment=alignment, tissue=tissue,
        alignment_valgus_deg=2.0, valgus_deg=VALGUS_DEG if valgus else (0.0,),
        sensor="bmi270" if clocks else ONE_CLOCK,
    )  # fmt: skip
    return *simulate_pair(scenario), side


def samples(seen: Simulation) -> Samples:
    return Samples(seen.time_s, seen.acc_m_s2, seen.gyr_rad_s)


def recorded(seen: Simulation) -> tuple[FloatArray, FloatArray, FloatArray]:
    return seen.time_s, seen.acc_m_s2, seen.gyr_rad_s


@cache
def aligned(seed: int, exercise: str = "squat", tissue: str = "none") -> tuple[Alignment, Alignment]:
    thigh, shin, side = leg(seed, exercise, tissue=tissue)
    return (
        alignment_of(align(*recorded(thigh), side, "thigh")),
        alignment_of(align(*recorded(shin), side, "shin")),
    )
