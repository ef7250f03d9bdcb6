"""The whole chain from samples to events: pure and synchronous, no clock, no files, no screen."""

from __future__ import annotations

import numpy as np

from kneeimu.types import Event, Samples, Setup, Trace


class Engine:
    """Turns samples into events. The same samples give the same events, however they are cut into chunks.

    Attributes:
        trace: the ticks that the last ``feed`` produced, for drawing.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.trace = Trace(np.empty(0), np.empty(0), np.empty(0), np.empty((0, 4)))

    def feed(self, samples: Samples) -> list[Event]:
        """Take the next samples and give what they mean."""
        return []

    def start_set(self, time_s: float) -> list[Event]:
        """The person pressed the key: a set begins at ``time_s``."""
        return []

    def end_set(self, time_s: float) -> list[Event]:
        """The person pressed the key: the set is over at ``time_s``."""
        return []

    def finish(self) -> list[Event]:
        """No more samples will come: give what is still open."""
        return []
