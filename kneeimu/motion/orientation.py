"""Uniform samples to orientation, at the engine's tick."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from struct import Struct

import numpy as np
from vqf import VQF

from calibration.standards import GRAVITY_M_S2
from kneeimu.motion.strapdown import step_of_ticks
from kneeimu.motion.uniform import GridBlock
from kneeimu.types import FloatArray

DEG_PER_RAD = 180.0 / np.pi
KNOWN_BIAS_DEG_S = 0.15
"""How far the gyro's bias may be from what it was in the alignment, one SD: it was warmer or colder then. A bias that
is wrong by 0.3 deg/s does no more harm than one that is not known."""
REST_DEG_S = 1.9
"""The mean over a tick strays less than its samples do, for which the filter's threshold of rest is 2 deg/s: with this
rest is found as often as at every sample, in simulated people (6 % of their time)."""
TILT_TICKS = (1, 7, 15)
"""Spans over which the change of tilt is given, in ticks."""
LONGEST = max(TILT_TICKS)
THREE = Struct("3d")
"""A row of three numbers, as the array holds it: of all ways to make tuples of them the quickest."""
BEFORE = tuple(LONGEST - ticks for ticks in TILT_TICKS)
"""Where what was before the first of some ticks is found, when as many as the longest span are known before it."""


@dataclass(frozen=True, slots=True)
class Ticks:
    """Orientation and a few features at 25 Hz, shape (n,) or (n, k).

    Attributes:
        quat_sensor_to_world: (n, 4), scalar-first; world Z up, heading arbitrary and free to drift slowly.
        up: (n, 3), unit vector up, in the sensor frame.
        jolt_m_s2: (n,), how far the specific force departs from a straight line over two ticks: strikes, knocks.
        heave_m_s2: (n,), vertical acceleration, mean over the tick; offset by errors of the accelerometer.
        tilted_deg: (n, 3), change of ``up`` over the last 1, 7 and 15 ticks (0.04, 0.28, 0.6 s), or of the whole
            orientation if the filter was asked for that; infinite where there is no such history.
    """

    time_s: FloatArray
    quat_sensor_to_world: FloatArray
    up: FloatArray
    jolt_m_s2: FloatArray
    heave_m_s2: FloatArray
    tilted_deg: FloatArray

    def __len__(self) -> int:
        return len(self.time_s)

    def part(self, begin: int, end: int) -> Ticks:
        """Give the ticks from index ``begin`` to before ``end``."""
        if begin == 0 and end >= len(self):
            return self
        part = slice(begin, end)
        return Ticks(
            self.time_s[part],
            self.quat_sensor_to_world[part],
            self.up[part],
            self.jolt_m_s2[part],
            self.heave_m_s2[part],
            self.tilted_deg[part],
        )

    def lists(self) -> TickLists:
        """Give what is looked at tick by tick."""
        moved_deg, _, change_deg = self.tilted_deg.T
        up = list(THREE.iter_unpack(self.up.tobytes()))
        return TickLists(_array(self.time_s), up, _array(self.jolt_m_s2), _array(moved_deg), _array(change_deg))


@dataclass(frozen=True, slots=True)
class TickLists:
    """Ticks as Python's own numbers, which are the quicker ones where each tick depends on the one before.

    ``moved_deg`` and ``change_deg`` are ``Ticks.tilted_deg`` over 1 and 15 ticks.
    """

    time_s: array[float]
    up: list[tuple[float, float, float]]
    jolt_m_s2: array[float]
    moved_deg: array[float]
    change_deg: array[float]


def _array(values: FloatArray) -> array[float]:
    """What is looked at once or never: its numbers are made as they are asked for."""
    return array("d", values.tobytes())


class PoseChange:
    """How far a pose has changed over the last ticks, deg.

    Args:
        turning: poses are orientations (n, 4), with the heading in it, and not up vectors (n, 3).
    """

    def __init__(self, *, turning: bool = False) -> None:
        self._between = _turn_deg if turning else _chord_deg
        self._recent = np.full((LONGEST, 4 if turning else 3), np.nan)

    def of(self, poses: FloatArray) -> FloatArray:
        """Give ``Ticks.tilted_deg`` for the next poses."""
        known = np.concatenate((self._recent, poses))
        self._recent = known[-LONGEST:]
        changed = self._between(poses, np.array([known[first : first + len(poses)] for first in BEFORE]))
        if not known[0, 0] <= 1.0:  # no number: there was no such tick
            changed[np.isnan(changed)] = np.inf
        return changed.T


class OrientationFilter:
    """VQF without magnetometer, default parameters (tauAcc 3 s), run once a tick on what its samples did together.

    VQF: Laidig & Seel 2023, Information Fusion 91. The gyro bias is kept over a restart.

    Args:
        bias_rad_s: what is known of the gyro's bias from before, sensor frame.
        turning: give ``tilted_deg`` of the whole orientation, with the heading in it.
    """

    def __init__(
        self,
        rate_hz: float,
        samples_per_tick: int,
        bias_rad_s: tuple[float, float, float] | None = None,
        *,
        turning: bool = False,
    ) -> None:
        self._period_s = 1.0 / rate_hz
        self._reach = samples_per_tick
        self._filter = self._new_filter()
        self._until_tick = 0
        self._recent_samples = np.empty((6, 0))
        self._change = PoseChange(turning=turning)
        self._turning = turning
        self._bias = known_bias(bias_rad_s)  # taken over by the first block, which begins anew

    def process(self, block: GridBlock) -> Ticks:
        """Filter one block and give the ticks that fall into it."""
        if block.restart:
            self._restart()
        count, reach = len(block.time_s), self._reach
        samples = np.concatenate((self._recent_samples, block.acc_and_gyr), axis=1)
        self._recent_samples = samples[:, -3 * reach :]
        first = self._until_tick
        time_s = block.time_s[first::reach].copy()
        ticks = len(time_s)
        self._until_tick = first + ticks * reach - count
        if not ticks:
            return _no_ticks()
        tick = samples.shape[1] - count + first
        windows = _windows(samples, tick, ticks, reach)
        force, rate = step_of_ticks(windows.reshape(2, 3, ticks, reach), self._period_s)
        output = self._filter.updateBatch(rate, force)
        quats = output["quat6D"]
        self._bias = output["bias"][-1].copy(), float(output["biasSigma"][-1])
        up = up_in_sensor(quats)
        return Ticks(
            time_s=time_s,
            quat_sensor_to_world=quats,
            up=up,
            jolt_m_s2=_highest(_windows(_jerk(samples[:3], reach), tick, ticks, reach)),
            heave_m_s2=_along(force, up) - GRAVITY_M_S2,
            tilted_deg=self._change.of(quats if self._turning else up),
        )

    def _new_filter(self) -> VQF:
        period_s = self._reach * self._period_s
        return VQF(period_s) if self._reach == 1 else VQF(period_s, restThGyr=REST_DEG_S)

    def _restart(self) -> None:
        self._filter = self._new_filter()
        if self._bias is not None:
            self._filter.setBiasEstimate(*self._bias)
        self._until_tick = 0
        self._recent_samples = np.empty((6, 0))
        self._change = PoseChange(turning=self._turning)


def known_bias(bias_rad_s: tuple[float, float, float] | None) -> tuple[FloatArray, float] | None:
    """Give a bias from before with its uncertainty, rad/s, as the filter takes them."""
    return None if bias_rad_s is None else (np.array(bias_rad_s), float(np.radians(KNOWN_BIAS_DEG_S)))


def up_in_sensor(quat_sensor_to_world: FloatArray) -> FloatArray:
    """Give the world's Z axis in the sensor frame, shape (n, 3), for quaternions of shape (n, 4)."""
    w, x, y, z = quat_sensor_to_world.T
    x2, y2 = 2.0 * x, 2.0 * y
    up = np.empty((len(w), 3))
    up[:, 0], up[:, 1], up[:, 2] = x2 * z - w * y2, y2 * z + w * x2, 1.0 - (x * x2 + y * y2)
    return up


def _chord_deg(first: FloatArray, second: FloatArray) -> FloatArray:
    """Angle in deg between unit vectors (..., 3); the chord is taken for the arc.

    They agree to 1 % up to 28 deg, and what is asked for lies far below.
    """
    return DEG_PER_RAD * _length((first - second).T).T


def _turn_deg(first: FloatArray, second: FloatArray) -> FloatArray:
    """Angle in deg between orientations (..., 4); small ones, as in ``_chord_deg``."""
    sign = np.where((first * second).sum(axis=-1, keepdims=True) < 0.0, -1.0, 1.0)
    chord: FloatArray = np.linalg.norm(first - sign * second, axis=-1)
    return 2.0 * DEG_PER_RAD * chord


def _length(vectors: FloatArray) -> FloatArray:
    """Of vectors (3, ...)."""
    x, y, z = vectors * vectors
    length: FloatArray = np.sqrt(x + y + z)
    return length


def _jerk(acc: FloatArray, reach: int) -> FloatArray:
    """Half the second difference over ``reach`` samples, its length (n,), of acc (3, n); 0 without history."""
    change = np.zeros(acc.shape[1])
    step = acc[:, reach:] - acc[:, :-reach]
    change[2 * reach :] = 0.5 * _length(step[:, reach:] - step[:, :-reach])
    return change


def _windows(values: FloatArray, tick: int, count: int, reach: int) -> FloatArray:
    """The ``reach`` samples of each of ``count`` ticks, (..., count, reach), of values (..., n) at samples.

    ``tick`` is the index of the first tick's sample. Before the first sample all was as in it.
    """
    begin = tick - reach + 1
    if begin < 0:
        values, begin = np.concatenate((values[..., :1].repeat(-begin, axis=-1), values), axis=-1), 0
    return values[..., begin : begin + count * reach].reshape(*values.shape[:-1], count, reach)


def _highest(values: FloatArray) -> FloatArray:
    """Maximum of each row (n, reach), column by column: numpy takes fifteen times as long for many short rows."""
    highest = values[:, 0].copy()
    for column in range(1, values.shape[1]):
        np.maximum(highest, values[:, column], out=highest)
    return highest


def _along(vectors: FloatArray, directions: FloatArray) -> FloatArray:
    return vectors[:, 0] * directions[:, 0] + vectors[:, 1] * directions[:, 1] + vectors[:, 2] * directions[:, 2]


def _no_ticks() -> Ticks:
    none = np.empty(0)
    return Ticks(none, np.empty((0, 4)), np.empty((0, 3)), none, none, np.empty((0, 3)))
