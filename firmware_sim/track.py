"""Smooth curves of time: quintic pieces through knots, wandering noise, bursts. All know their derivatives."""

from __future__ import annotations

import numpy as np

from firmware_sim.jet import FloatArray, Jet

# Hermite basis of the quintic on [0, 1]: rows are the coefficients of 1, u … u⁵ for x0, v0, a0, x1, v1, a1.
_BASIS = np.array(
    [
        [1, 0, 0, 0, 0, 0],
        [0, 1, 0, 0, 0, 0],
        [0, 0, 0.5, 0, 0, 0],
        [-10, -6, -1.5, 10, -4, 0.5],
        [15, 8, 1.5, -15, 7, -1],
        [-6, -3, -0.5, 6, -3, 0.5],
    ]
)


class Track:
    """A curve through knots (time, value, rate, acceleration), quintic in between; constant before and after.

    Between two knots at rest this is the minimum-jerk movement (Flash and Hogan 1985).
    """

    def __init__(self, value: float = 0.0) -> None:
        self._knots: list[tuple[float, float, float, float]] = [(0.0, value, 0.0, 0.0)]

    @property
    def value(self) -> float:
        """The value at the last knot."""
        return self._knots[-1][1]

    @property
    def end_s(self) -> float:
        """The time of the last knot."""
        return self._knots[-1][0]

    def rest_until(self, time_s: float) -> None:
        """Stay at the last value until then."""
        if time_s > self.end_s:
            self._knots.append((time_s, self.value, 0.0, 0.0))

    def to(self, time_s: float, value: float, rate: float = 0.0, acceleration: float = 0.0) -> None:
        """Go on to the next knot.

        Raises:
            ValueError: it does not come after the last one.
        """
        if time_s <= self.end_s:
            raise ValueError(f"a knot at {time_s:g} s can't follow one at {self.end_s:g} s")
        self._knots.append((time_s, value, rate, acceleration))

    def at(self, time_s: FloatArray) -> Jet:
        """Give the curve at these times, shape (n,)."""
        if len(self._knots) == 1:
            return Jet.constant(self.value, len(time_s))
        return _through(np.array([*self._knots, (self.end_s + 1.0, self.value, 0.0, 0.0)]), time_s)


def _through(knots: FloatArray, time_s: FloatArray) -> Jet:
    """Give the quintic curve through knots (k, 4: time, value, rate, acceleration) at these times, shape (n,)."""
    start, end = knots[:-1], knots[1:]
    length = end[:, 0] - start[:, 0]
    scaled = np.stack(
        (start[:, 1], start[:, 2] * length, start[:, 3] * length**2, end[:, 1], end[:, 2] * length,
         end[:, 3] * length**2)
    )  # fmt: skip
    piece = np.clip(np.searchsorted(start[:, 0], time_s, side="right") - 1, 0, len(length) - 1)
    u = np.clip((time_s - start[piece, 0]) / length[piece], 0.0, 1.0)
    c = (_BASIS @ scaled)[:, piece]
    per_s = 1.0 / length[piece]
    x = c[0] + u * (c[1] + u * (c[2] + u * (c[3] + u * (c[4] + u * c[5]))))
    v = c[1] + u * (2 * c[2] + u * (3 * c[3] + u * (4 * c[4] + u * 5 * c[5])))
    a = 2 * c[2] + u * (6 * c[3] + u * (12 * c[4] + u * 20 * c[5]))
    return Jet(x, v * per_s, a * per_s**2)


def smooth_step(time_s: FloatArray, start_s: float, duration_s: float) -> Jet:
    """Go from 0 to 1, minimum jerk."""
    track = Track()
    track.rest_until(max(start_s, 0.0))
    track.to(max(start_s, 0.0) + duration_s, 1.0)
    return track.at(time_s)


def window(time_s: FloatArray, start_s: float, end_s: float, edge_s: float) -> Jet:
    """Give 1 inside and 0 outside, with soft edges inside the interval."""
    edge_s = min(edge_s, 0.49 * (end_s - start_s))
    return smooth_step(time_s, start_s, edge_s) - smooth_step(time_s, end_s - edge_s, edge_s)


class Wander:
    """Wanders about zero with unit variance, as a standing person sways.

    A sum of tones, evenly spread on the logarithm of frequency, with amplitudes falling as 1/f above the lower third.
    """

    def __init__(self, rng: np.random.Generator, band_hz: tuple[float, float] = (0.08, 2.0), tones: int = 18) -> None:
        edges = np.geomspace(*band_hz, tones + 1)
        frequency = rng.uniform(edges[:-1], edges[1:])
        corner = band_hz[0] * (band_hz[1] / band_hz[0]) ** 0.35
        amplitude = rng.rayleigh(1.0, tones) / np.hypot(1.0, frequency / corner)
        self._amplitude = amplitude * np.sqrt(2.0 / np.sum(amplitude**2))
        self._omega = 2.0 * np.pi * frequency
        self._phase = rng.uniform(0.0, 2.0 * np.pi, tones)

    def at(self, time_s: FloatArray) -> Jet:
        """Give the wandering at these times, shape (n,), increasing.

        The tones are summed at knots only, eight to the period of the fastest, which do not depend on the times asked
        for; quintic pieces in between are as good (to a millionth) and many times faster.
        """
        if not len(time_s):
            return Jet.constant(0.0, 0)
        step_s = np.pi / (4.0 * float(self._omega.max()))
        first, last = np.floor(time_s[0] / step_s), np.ceil(time_s[-1] / step_s) + 1.0
        knots_s = np.arange(first, last + 1.0) * step_s
        angle = np.outer(self._omega, knots_s) + self._phase[:, None]
        sine, cosine = np.sin(angle), np.cos(angle)
        size, rate = self._amplitude, self._amplitude * self._omega
        return _through(np.column_stack((knots_s, size @ sine, rate @ cosine, -(rate * self._omega) @ sine)), time_s)


def add_burst(
    target: Jet, time_s: FloatArray, start_s: float, duration_s: float, frequency_hz: float, peak: float
) -> None:
    """Add to a displacement a short ringing whose acceleration peaks at about ``peak``, as of a foot that strikes."""
    first, last = np.searchsorted(time_s, (start_s, start_s + duration_s))
    if first == last:
        return
    local = Jet.clock(time_s[first:last] - start_s)
    u = local * (1.0 / duration_s)
    hump = u * (1.0 - u) * 4.0
    omega = 2.0 * np.pi * frequency_hz
    ringing = hump * hump * hump * (1.6 - 1.2 * u) * (local * omega).sin() * (peak / omega**2)
    target.x[first:last] += ringing.x
    target.v[first:last] += ringing.v
    target.a[first:last] += ringing.a
