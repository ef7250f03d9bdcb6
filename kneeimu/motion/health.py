"""Is the signal that of a working sensor? Each trouble is told once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from calibration.standards import GRAVITY_M_S2
from kneeimu.motion.uniform import GridBlock
from kneeimu.types import Event, FloatArray, Warned

NORM_TOLERANCE = 0.06
"""A resting norm further than this share from g is a sensor to calibrate (good parts are within 0.5 %)."""
WINDOW_S = 2.0
"""Length of the windows that are looked at one after the other; engineering choice, as all below."""
STILL_RAD_S = 0.15
STILL_M_S2 = 0.4
"""Within these peak-to-peak ranges the sensor rests."""
MOVING_RAD_S = 0.5
MOVING_M_S2 = 1.5
"""Beyond one of these peak-to-peak ranges it moves, and a healthy axis can't stay the same to the last bit."""
FLAT_SAMPLES = 4
"""So many equal samples at an axis's extreme are a clipped peak."""
CLIPPED_M_S2 = 18.0
CLIPPED_RAD_S = 4.0
"""No part has a range smaller than 2 g or 245 deg/s; equal samples below these are coincidence."""

AXES = ("acceleration x", "acceleration y", "acceleration z", "rotation x", "rotation y", "rotation z")


class SignalHealth:
    """Looks for samples and times that make no sense, stuck and clipped axes, and a resting norm that is not gravity.

    Windows lie at fixed places of the grid, so that the result does not depend on how the samples came in.
    """

    def __init__(self, rate_hz: float) -> None:
        self._size = int(WINDOW_S * rate_hz)
        self._times: list[FloatArray] = []
        self._kept: list[FloatArray] = []
        self._count = 0
        self._told: set[str] = set()

    def check(self, block: GridBlock) -> list[Event]:
        """Look at one block."""
        events: list[Event] = []
        if block.restart:
            self._times, self._kept, self._count = [], [], 0
        if block.invalid:
            self._tell(events, block.invalid_s, "invalid", "samples that are not numbers were left out")
        if block.gave_up:
            self._tell(events, float(block.time_s[0]), "invalid", "samples whose times ran back were left out")
        if len(block.time_s):
            self._times.append(block.time_s)
            self._kept.append(block.acc_and_gyr)
            self._count += len(block.time_s)
        if self._count >= self._size:
            time_s, values = np.concatenate(self._times), np.concatenate(self._kept, axis=1)
            whole = self._count - self._count % self._size
            windows = values[:, :whole].reshape(6, -1, self._size)
            lowest, highest = windows.min(axis=2).T, windows.max(axis=2).T
            for index in self._worth_a_look(lowest, highest).tolist():
                end_s = time_s.item((index + 1) * self._size - 1)
                self._look(events, end_s, windows[:, index].T, highest[index] - lowest[index])
            self._times, self._kept, self._count = [time_s[whole:]], [values[:, whole:]], self._count - whole
        return events

    def _worth_a_look(self, lowest: FloatArray, highest: FloatArray) -> npt.NDArray[np.intp]:
        """Indices of the windows that may show a trouble; ``lowest`` and ``highest`` of each axis, shape (n, 6)."""
        spread = highest - lowest
        extreme = np.maximum(highest, -lowest)
        stuck = (spread == 0.0).any(axis=1)
        clipped = (extreme[:, :3] > CLIPPED_M_S2).any(axis=1) | (extreme[:, 3:] > CLIPPED_RAD_S).any(axis=1)
        still = (spread[:, :3] < STILL_M_S2).all(axis=1) & (spread[:, 3:] < STILL_RAD_S).all(axis=1)
        middle = 0.5 * (lowest[:, :3] + highest[:, :3])
        off = np.abs(np.sqrt((middle**2).sum(axis=1)) - GRAVITY_M_S2) > 0.5 * NORM_TOLERANCE * GRAVITY_M_S2
        return np.flatnonzero(stuck | clipped | (still & off))

    def _look(self, events: list[Event], time_s: float, values: FloatArray, spread: FloatArray) -> None:
        moving = bool((spread[:3] > MOVING_M_S2).any() or (spread[3:] > MOVING_RAD_S).any())
        if moving:
            for axis in np.flatnonzero(spread == 0.0).tolist():
                self._tell(events, time_s, "stuck", f"{AXES[axis]} does not change while the sensor moves")
            self._look_for_clipping(events, time_s, values)
        elif (spread[:3] < STILL_M_S2).all() and (spread[3:] < STILL_RAD_S).all():
            norm = float(np.sqrt((values[:, :3].mean(axis=0) ** 2).sum()))
            if abs(norm - GRAVITY_M_S2) > NORM_TOLERANCE * GRAVITY_M_S2:
                self._tell(events, time_s, "not-gravity", f"the resting sensor measures {norm:.2f} m/s² and not 9.81")

    def _look_for_clipping(self, events: list[Event], time_s: float, values: FloatArray) -> None:
        least = np.array([CLIPPED_M_S2] * 3 + [CLIPPED_RAD_S] * 3)
        magnitude = np.abs(values)
        highest = magnitude.max(axis=0)
        at_top = (magnitude >= highest - 1e-9) & (highest > least)
        for axis in np.flatnonzero(at_top.sum(axis=0) >= FLAT_SAMPLES).tolist():
            self._tell(events, time_s, "saturated", f"{AXES[axis]} is cut off at the end of the sensor's range")

    def _tell(self, events: list[Event], time_s: float, code: str, detail: str) -> None:
        if code not in self._told:
            self._told.add(code)
            events.append(Warned(time_s, code, detail))
