"""A stretch of ticks at once, to the same end as one by one: for the long rests of a recording."""

from __future__ import annotations

import numpy as np

from kneeimu.types import FloatArray

PASSES = 4
"""Each brings ``follow`` nearer by a factor of a thousand or more ..."""
SETTLED = 1e-13
"""... until nothing changes."""


def follow(home: tuple[float, float, float], up: FloatArray, share: FloatArray) -> FloatArray:
    """Where ``excursion.blend`` moves a home: (3, n + 1), before each of the unit vectors (3, n) and at the end.

    It is a weighted sum but for the scaling to length 1; how much is scaled is found by going over it again.
    """
    homes = np.empty((3, len(share) + 1))
    homes[:, 0] = home
    scale = np.ones(len(share))
    for _ in range(PASSES):
        kept = np.cumprod(scale * (1.0 - share))
        homes[:, 1:] = kept * (homes[:, :1] + np.cumsum(scale * share / kept * up, axis=1))
        homes[:, 1:] /= np.sqrt((homes[:, 1:] ** 2).sum(axis=0))
        known, scale = scale, 1.0 / np.sqrt(((homes[:, :-1] + share * (up - homes[:, :-1])) ** 2).sum(axis=0))
        if np.abs(scale - known).max() < SETTLED:
            break
    return homes


def angles_deg(homes: FloatArray, up: FloatArray) -> FloatArray:
    """Angle of each unit vector (3, n) from its home (3, n), as ``excursion.tilt`` gives it."""
    (hx, hy, hz), (x, y, z) = homes, up
    cx, cy, cz = hy * z - hz * y, hz * x - hx * z, hx * y - hy * x
    angle: FloatArray = np.degrees(np.arctan2(np.sqrt(cx * cx + cy * cy + cz * cz), hx * x + hy * y + hz * z))
    return angle


def drawn_to(before: float, values: FloatArray, share: float) -> float:
    """Where a mean ends that moves by ``share`` of the way to each of the values (n,), one after the other."""
    kept = (1.0 - share) ** np.arange(len(values), -1, -1)
    return float(kept[0] * before + share * (kept[1:] @ values))
