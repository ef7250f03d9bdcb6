"""After a pause the session goes on with the leg's first movement, however slow, as if no time had passed."""

from __future__ import annotations

import numpy as np
import pytest

from kneeimu.absence import Absence
from kneeimu.sensors.stream import Batch
from kneeimu.types import FloatArray, Samples

BACK_S, LAST_S = 60.0, 20.0
"""When the person goes on, and the last sample before the pause."""


def _taken(turning_deg_s: FloatArray) -> FloatArray:
    """Times at which samples came through after a pause, as the link counts them; 100 Hz, eight at a time."""
    absence = Absence()
    absence.end(for_movement=True)
    times = BACK_S + np.arange(len(turning_deg_s)) / 100.0
    gyr = np.radians(np.column_stack((turning_deg_s, 0.0 * times, 0.0 * times)))
    acc = np.tile([0.0, 0.0, 9.81], (len(times), 1))
    through, counted = [], []
    for first in range(0, len(times), 8):
        part = slice(first, first + 8)
        samples = absence.take(Batch(Samples(times[part], acc[part], gyr[part]), ()), LAST_S).samples
        if samples is not None:
            through.append(samples.time_s)
            counted.append(len(samples))
    if not through:
        return np.empty(0)
    joined = np.concatenate(through)
    assert joined[0] == pytest.approx(LAST_S, abs=0.05)
    assert np.all(np.diff(joined) > 0.0)
    assert joined[-1] - joined[0] == pytest.approx((sum(counted) - 1) / 100.0)
    return times[-sum(counted) :]


@pytest.mark.parametrize("rep_s", [2.0, 5.0, 10.0])
def test_a_rep_of_twenty_degrees_goes_on_from_its_beginning(rep_s: float) -> None:
    wave = 10.0 * 2.0 * np.pi / rep_s * np.sin(2.0 * np.pi * np.arange(0.0, rep_s, 0.01) / rep_s)
    taken = _taken(np.concatenate((np.zeros(500), wave)))
    assert taken[0] <= BACK_S + 5.0 + 0.12 * rep_s


def test_a_leg_that_only_trembles_is_waited_for() -> None:
    assert len(_taken(15.0 * np.sin(2.0 * np.pi * 8.0 * np.arange(0.0, 10.0, 0.01)))) == 0
