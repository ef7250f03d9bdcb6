"""A leg made of a few lines of kinematics: sets of squats seen from an aligned sensor, with the knee going inwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from kneeimu.sessions.play import Played, play
from kneeimu.types import Alignment, FloatArray, Samples, Setup, Side

G = 9.80665
STARTED = datetime(2026, 5, 4, 10, 20, 30, tzinfo=UTC)


def alignment(side: Side = "right", quality: str = "good") -> Alignment:
    """The box sits straight on the thigh; the reference reps are the wearer's own straight ones."""
    return Alignment(
        (1.0, 0.0, 0.0, 0.0), side, "thigh", quality, 2.0, reference_tilt_deg=0.0, reference_range_deg=50.0
    )


def squats(
    drifts_deg: Sequence[Sequence[float]],
    *,
    depth_deg: float = 50.0,
    rep_s: float = 4.0,
    rest_s: float = 20.0,
    side: Side = "right",
    rate_hz: float = 100.0,
) -> Samples:
    """Sets of squats; each rep tilts the thigh medially by its own number of degrees at the depth."""
    flexion: list[FloatArray] = [np.zeros(int(4.0 * rate_hz))]
    medial: list[FloatArray] = [np.zeros(int(4.0 * rate_hz))]
    for reps in drifts_deg:
        for drift in reps:
            wave = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(int(rep_s * rate_hz)) / (rep_s * rate_hz))
            pause = np.zeros(int(0.4 * rate_hz))
            flexion += [np.radians(depth_deg) * wave, pause]
            medial += [np.radians(drift) * wave, pause]
        still = np.zeros(int(rest_s * rate_hz))
        flexion.append(still)
        medial.append(still)
    turns = _turns(np.concatenate(flexion), (1.0 if side == "right" else -1.0) * np.concatenate(medial))
    return _felt(turns, rate_hz)


def _turns(theta: FloatArray, phi: FloatArray) -> FloatArray:
    """Rotations segment to room (X ahead, Y up, Z right), shape (n, 3, 3): flexion about Z, then tilt about X."""
    c, s, zero, one = np.cos, np.sin, np.zeros_like(theta), np.ones_like(theta)
    rz = np.array([[c(theta), -s(theta), zero], [s(theta), c(theta), zero], [zero, zero, one]])
    rx = np.array([[one, zero, zero], [zero, c(phi), -s(phi)], [zero, s(phi), c(phi)]])
    product: FloatArray = np.moveaxis(rz, 2, 0) @ np.moveaxis(rx, 2, 0)
    return product


def _felt(turns: FloatArray, rate_hz: float) -> Samples:
    """What a sensor on the segment feels of gravity and turning, with a little noise."""
    rng = np.random.default_rng(1)
    step = np.swapaxes(turns[:-1], 1, 2) @ turns[1:]
    skew = np.stack([step[:, k, j] - step[:, j, k] for j, k in ((1, 2), (2, 0), (0, 1))], axis=1)
    rate = 0.5 * rate_hz * np.vstack((skew[:1], skew))
    force = G * turns[:, 1, :]
    time_s = np.arange(len(turns)) / rate_hz
    noise = rng.normal(0.0, 1.0, (2, len(turns), 3))
    return Samples(time_s, force + 0.02 * noise[0], rate + 0.002 * noise[1])


def played_squats(
    drifts_deg: Sequence[Sequence[float]] = ((0.0, 1.0, 2.0, 6.0, 8.0), (1.0, 2.0, 5.0, 9.0)),
    *,
    aligned: bool = True,
    side: Side = "right",
    name: str = "squat",
    started: datetime | None = STARTED,
    **movement: float,
) -> Played:
    """A finished session of squats."""
    samples = squats(drifts_deg, side=side, **movement)
    setup = Setup("squat", side, "thigh", 100.0, alignment(side) if aligned else None)
    asked = {"sets": 2, "reps": 5, "tempo_s": [2.0, 0.0, 2.0]}
    return play(samples, setup, name=name, started=started, prescription=asked)
