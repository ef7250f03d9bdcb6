"""Who moves, and the timeline that it is written to."""

from __future__ import annotations

import numpy as np

from firmware_sim.person import Person
from firmware_sim.timeline import Timeline


class Stage:
    """A person, a timeline, and what is left to chance."""

    def __init__(self, timeline: Timeline, person: Person, rng: np.random.Generator) -> None:
        self.timeline, self.person, self.rng = timeline, person, rng
