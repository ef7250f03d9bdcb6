"""The vertical, against optical truth."""

from __future__ import annotations

import numpy as np
from played import data

from kneeimu.motion.orientation import OrientationFilter
from kneeimu.motion.uniform import UniformGrid
from kneeimu.sessions.csv_file import read_csv

TRIAL = "02_undisturbed_slow_rotation_B"
MOST_DEG = 0.5


def test_inclination_in_slow_rotation_is_right_to_half_a_degree() -> None:
    folder = data("broad")
    read = read_csv(folder / f"{TRIAL}.csv")
    truth = np.genfromtxt(folder / f"{TRIAL}.up.csv", delimiter=",", skip_header=1)
    grid = UniformGrid(read.sampling_rate_hz)
    tilt = OrientationFilter(grid.rate_hz, grid.samples_per_tick)
    ticks = [tilt.process(block) for block in grid.push(read.samples)]
    time_s, up = np.concatenate([t.time_s for t in ticks]), np.vstack([t.up for t in ticks])
    known = np.isfinite(truth[:, 0]) & (truth[:, 3] > 0)
    known_s = read.samples.time_s[known]
    true_up = np.column_stack([np.interp(time_s, known_s, truth[known, axis]) for axis in range(3)])
    true_up /= np.linalg.norm(true_up, axis=1, keepdims=True)
    nearest = known_s[np.searchsorted(known_s, time_s).clip(0, len(known_s) - 1)]
    near = np.abs(nearest - time_s) < 0.02
    error = np.degrees(np.arccos(np.clip(np.sum(up * true_up, axis=1), -1.0, 1.0)))[near]
    assert len(error) > 1000
    assert float(np.sqrt(np.mean(error**2))) <= MOST_DEG
