"""Foot strikes in a row mean walking, and walking is not exercise."""

from __future__ import annotations

from collections import deque

STRIKE_M_S2 = 6.0
"""Change of specific force in 40 ms that a foot strike makes at thigh or shin; squats stay below 3. Measured."""
STRIKES = 4
"""So many strikes in a row are walking; a lunge makes one, or two when the foot scuffs."""
WINDOW_S = 3.6
REFRACTORY_S = 0.3
LINGER_S = 1.6
"""After the last strike walking is over for sure."""


class WalkingDetector:
    """Counts foot strikes.

    Attributes:
        began_s: time of the first strike of the present bout.
    """

    def __init__(self) -> None:
        self._strikes: deque[float] = deque(maxlen=STRIKES)
        self._walking = False
        self.began_s = 0.0

    def step(self, time_s: float, jolt_m_s2: float) -> bool:
        """Take one tick; say whether the person walks."""
        strikes = self._strikes
        if jolt_m_s2 > STRIKE_M_S2 and (not strikes or time_s - strikes[-1] > REFRACTORY_S):
            strikes.append(time_s)
            if len(strikes) == STRIKES and strikes[-1] - strikes[0] < WINDOW_S and not self._walking:
                self._walking, self.began_s = True, strikes[0]
        elif self._walking and time_s - strikes[-1] > LINGER_S:
            self._walking = False
        return self._walking
