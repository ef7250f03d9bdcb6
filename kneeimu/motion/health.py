"""Is the signal that of a working sensor? Each trouble is told once."""

from __future__ import annotations

import numpy as np

from kneeimu.motion.uniform import GridBlock
from kneeimu.types import Event, FloatArray, Warned

GRAVITY_M_S2 = 9.80665
NORM_TOLERANCE = 0.06
"""A resting norm further than this share from g is a sensor to calibrate (good parts are within 0.5 %)."""
REST_WINDOW_S = 2.0
STUCK_S = 2.0
STILL_RAD_S = 0.05


class SignalHealth:
    """Looks at uniform samples for invalid values, stuck axes and a resting norm that is not gravity."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._still_s = 0.0
        self._norm_sum = 0.0
        self._norm_count = 0
        self._last: FloatArray | None = None
        self._same_since: list[float] = [0.0] * 6

    def check(self, block: GridBlock) -> list[Event]:
        """Look at one block."""
        events: list[Event] = []
        if block.invalid:
            at = block.time_s[-1] if len(block.time_s) else 0.0
            self._tell(events, float(at), "invalid", "samples that are not numbers were left out")
        return events

    def _tell(self, events: list[Event], time_s: float, code: str, detail: str) -> None:
        if code not in self._told:
            self._told.add(code)
            events.append(Warned(time_s, code, detail))


def resting_norm_m_s2(acc_m_s2: FloatArray, gyr_rad_s: FloatArray) -> float | None:
    """Mean norm of the specific force where the sensor rests, m/s²; None when it never does. Shapes (n, 3)."""
    still = np.abs(gyr_rad_s).max(axis=1) < STILL_RAD_S
    if np.count_nonzero(still) < 20:
        return None
    return float(np.linalg.norm(acc_m_s2[still], axis=1).mean())
