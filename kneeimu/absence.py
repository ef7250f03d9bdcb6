"""A pause is cut out of the session's time: engine and recording go on where they were, and the set with them."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np

from kneeimu.sensors.stream import Batch
from kneeimu.types import Samples

STEP_S = 0.02
"""From the last sample before a pause to the first one after it, on the session's timeline."""
LEAD_IN_S = 0.4
"""So much of what came before the movement is kept: the rep begins from rest. Engineering choice."""
MOVES_DEG_S = 2.5
"""A leg that turns faster in the mean over this time has begun: in ten-second reps of 20 deg it does; trembling
averages out. Going on too early costs little, missing a rep is worse. Engineering choice."""


class Absence:
    """Moves what the link gives back by the time that the session was paused.

    After a pause the person gets back into place without haste: nothing goes on before the leg moves.
    """

    def __init__(self) -> None:
        self._away_s = 0.0
        self._over = False
        self._waits = False
        self._held: deque[Batch] = deque()

    def end(self, *, for_movement: bool) -> None:
        """The person goes on; ``for_movement``: from the first movement."""
        self._over, self._waits = True, for_movement
        self._held.clear()

    def take(self, batch: Batch, last_s: float) -> Batch:
        """Give what is to be used, on the session's timeline; nothing as long as a movement is waited for.

        Args:
            batch: as the link gave it.
            last_s: newest sample before the pause, s on the session's timeline.
        """
        if not self._over:
            return self._moved(batch)
        self._held.append(batch)
        parts = [one.samples for one in self._held if one.samples is not None and len(one.samples)]
        if not parts:
            return Batch(None, ())
        if self._waits and not _moves(parts):
            self._shorten(float(parts[-1].time_s[-1]))
            return Batch(None, ())
        joined = Batch(_join(parts), tuple(one for held in self._held for one in held.notifications))
        self._held.clear()
        self._over = self._waits = False
        self._away_s = float(parts[0].time_s[0]) - last_s - STEP_S
        return self._moved(joined)

    def _shorten(self, newest_s: float) -> None:
        while len(self._held) > 1 and (
            (samples := self._held[0].samples) is None or newest_s - float(samples.time_s[0]) > LEAD_IN_S
        ):
            self._held.popleft()

    def _moved(self, batch: Batch) -> Batch:
        if not self._away_s:
            return batch
        samples = batch.samples
        if samples is not None:
            samples = replace(samples, time_s=samples.time_s - self._away_s)
        notifications = tuple(replace(one, host_time_s=one.host_time_s - self._away_s) for one in batch.notifications)
        return Batch(samples, notifications)


def _moves(parts: list[Samples]) -> bool:
    turning = np.concatenate([one.gyr_rad_s for one in parts]).mean(axis=0)
    long_enough = parts[-1].time_s[-1] - parts[0].time_s[0] > 0.8 * LEAD_IN_S
    return bool(long_enough and np.degrees(np.linalg.norm(turning)) > MOVES_DEG_S)


def _join(parts: list[Samples]) -> Samples:
    """One run of samples; nothing may be carried over from before the pause."""
    return Samples(
        np.concatenate([one.time_s for one in parts]),
        np.concatenate([one.acc_m_s2 for one in parts]),
        np.concatenate([one.gyr_rad_s for one in parts]),
        restart=True,
    )
