"""What no program can know from the times of arrival alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kneeimu.types import FloatArray

from .clock_world import World

MEAN_LOSS = 5  # notifications one after the other, as in the world


def unknowable_errors_s(world: World) -> FloatArray:
    """Give the errors of who knows when each burst was sent and how many notifications of it are missing, not which.

    Losses come together: what is missing belongs to the side where the neighbouring burst lacks some, and to the middle
    of a burst that alone lacks some.
    """
    chance = np.random.default_rng(world.seed)
    packet_s = world.period_s * world.per_packet
    count = int(world.hours * 3600 / packet_s)
    lost = _losses(chance.random(count), world.loss)
    sent_s = np.cumsum(world.burst_s * chance.uniform(0.9, 1.1, int(1.2 * world.hours * 3600 / world.burst_s) + 10))
    burst_of = np.searchsorted(sent_s, (np.arange(count) + 1) * packet_s)
    bursts = np.split(np.arange(count), np.flatnonzero(np.diff(burst_of)) + 1)
    arrived = [burst[~lost[burst]] - burst[0] for burst in bursts]
    sizes = [len(burst) for burst in bursts]
    errors, runs_on = [], False
    for place, (here, size) in enumerate(zip(arrived, sizes, strict=True)):
        missing = size - len(here)
        follows = place + 1 < len(sizes) and len(arrived[place + 1]) < sizes[place + 1]
        if not missing or (runs_on and len(here)):
            before = 0
        else:
            before = len(here) if follows or not len(here) else len(here) // 2
        runs_on = bool(missing) and before == len(here)
        guessed = np.arange(len(here)) + missing * (np.arange(len(here)) >= before)
        errors.append(np.abs(guessed - here) * packet_s)
    return np.concatenate(errors)


def _losses(chances: FloatArray, loss: float) -> npt.NDArray[np.bool_]:
    losing, lost = False, np.zeros(len(chances), dtype=bool)
    enter, leave = loss / MEAN_LOSS / (1 - loss), 1 / MEAN_LOSS
    for number, chance in enumerate(chances):
        losing = bool(loss) and (chance >= leave if losing else chance < enter)
        lost[number] = losing
    return lost
