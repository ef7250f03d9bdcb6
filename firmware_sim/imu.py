"""What a small MEMS motion sensor makes of the truth."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from firmware_sim.jet import FloatArray

STANDARD_GRAVITY_M_S2 = 9.80665
FILTER_EDGE = 0.4
"""Edge of the sensor's own low-pass, as a share of the output rate."""
OVERSAMPLED_HZ = 200.0


@dataclass(frozen=True, slots=True)
class ErrorModel:
    """Errors of one sensor, as standard deviations between sensors unless said otherwise.

    The defaults are those of a Bosch BMI270 after trimming: noise and ranges from its data sheet, the others are
    engineering values. ``IDEAL`` has none.

    Attributes:
        gyr_noise_deg_s_sqrt_hz: noise density, deg/s/√Hz (not a deviation: every sensor has it).
        gyr_bias_deg_s: turn-on bias.
        gyr_walk_deg_s_sqrt_s: random walk of the bias, deg/s/√s.
        gyr_warm_up_deg_s: change of the bias from cold to warm, reached with a time constant of 5 min.
        gyr_scale: relative error of the scale; ``gyr_cross`` between the axes.
        gyr_per_g: bias by specific force, deg/s per m/s².
        acc_noise_ug_sqrt_hz: noise density, µg/√Hz.
        acc_bias_mg, acc_scale, acc_cross: as above.
        gyr_range_deg_s, acc_range_g: saturation; ``bits`` of the converter, 0 for none.
        clock: relative error of the output rate.
        low_pass: whether the sensor filters before it samples.
    """

    gyr_noise_deg_s_sqrt_hz: float = 0.007
    gyr_bias_deg_s: float = 0.5
    gyr_walk_deg_s_sqrt_s: float = 0.003
    gyr_warm_up_deg_s: float = 0.08
    gyr_scale: float = 0.004
    gyr_cross: float = 0.005
    gyr_per_g: float = 0.01
    acc_noise_ug_sqrt_hz: float = 160.0
    acc_bias_mg: float = 6.7
    acc_scale: float = 0.004
    acc_cross: float = 0.005
    gyr_range_deg_s: float = 2000.0
    acc_range_g: float = 8.0
    bits: int = 16
    clock: float = 0.003
    low_pass: bool = True


IDEAL = ErrorModel(**{f.name: 0 for f in dataclasses.fields(ErrorModel)} | {"low_pass": False})  # type: ignore[arg-type]
ROUGH = ErrorModel(
    gyr_noise_deg_s_sqrt_hz=0.014,
    gyr_bias_deg_s=1.5,
    gyr_walk_deg_s_sqrt_s=0.006,
    gyr_warm_up_deg_s=0.2,
    gyr_scale=0.015,
    gyr_cross=0.01,
    gyr_per_g=0.02,
    acc_noise_ug_sqrt_hz=300.0,
    acc_bias_mg=25.0,
    acc_scale=0.012,
    acc_cross=0.01,
    clock=0.01,
)
"""An untrimmed part of a cheap wearable."""
PRESETS = {"ideal": IDEAL, "bmi270": ErrorModel(), "rough": ROUGH}


@dataclass(frozen=True, slots=True)
class Chip:
    """One sensor drawn from an error model."""

    model: ErrorModel
    gyr_matrix: FloatArray
    acc_matrix: FloatArray
    gyr_bias_rad_s: FloatArray
    acc_bias_m_s2: FloatArray
    warm_up_rad_s: FloatArray
    per_force: FloatArray
    clock: float

    @classmethod
    def draw(cls, model: ErrorModel, rng: np.random.Generator) -> Chip:
        """Take one out of the box."""
        off_diagonal = 1.0 - np.eye(3)
        matrices = [
            np.eye(3) + np.diag(rng.normal(0.0, scale, 3)) + off_diagonal * rng.normal(0.0, cross, (3, 3))
            for scale, cross in ((model.gyr_scale, model.gyr_cross), (model.acc_scale, model.acc_cross))
        ]
        return cls(
            model,
            matrices[0],
            matrices[1],
            np.radians(rng.normal(0.0, model.gyr_bias_deg_s, 3)),
            rng.normal(0.0, model.acc_bias_mg, 3) * 1e-3 * STANDARD_GRAVITY_M_S2,
            np.radians(rng.normal(0.0, model.gyr_warm_up_deg_s, 3)),
            np.radians(rng.normal(0.0, model.gyr_per_g, (3, 3))),
            float(rng.normal(0.0, model.clock)),
        )

    def oversampling(self, rate_hz: float) -> int:
        """How many inner samples make one of the output."""
        return int(np.ceil(OVERSAMPLED_HZ / rate_hz)) if self.model.low_pass else 1

    def sample(
        self, force: FloatArray, rate: FloatArray, rate_hz: float, rng: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """Turn true specific force and angular rate at the inner rate, (n·k, 3) each, into what the chip gives, (n, 3).

        Args:
            rate_hz: output rate.
        """
        k = self.oversampling(rate_hz)
        if k > 1:
            force, rate = _low_pass(force, k)[::k], _low_pass(rate, k)[::k]
        model, count, dt = self.model, len(force), 1.0 / rate_hz
        time_s = np.arange(count)[:, None] * dt
        walk = np.cumsum(rng.normal(0.0, np.radians(model.gyr_walk_deg_s_sqrt_s) * np.sqrt(dt), (count, 3)), axis=0)
        drift = self.gyr_bias_rad_s + walk + self.warm_up_rad_s * (1.0 - np.exp(-time_s / 300.0))
        gyr_noise = np.radians(model.gyr_noise_deg_s_sqrt_hz) * np.sqrt(rate_hz / 2.0)
        acc_noise = model.acc_noise_ug_sqrt_hz * 1e-6 * STANDARD_GRAVITY_M_S2 * np.sqrt(rate_hz / 2.0)
        gyr = rate @ self.gyr_matrix.T + force @ self.per_force.T + drift + rng.normal(0.0, gyr_noise, (count, 3))
        acc = force @ self.acc_matrix.T + self.acc_bias_m_s2 + rng.normal(0.0, acc_noise, (count, 3))
        return (
            _digitise(acc, model.acc_range_g * STANDARD_GRAVITY_M_S2, model.bits),
            _digitise(gyr, np.radians(model.gyr_range_deg_s), model.bits),
        )


def _low_pass(signal: FloatArray, k: int) -> FloatArray:
    """Filter with a windowed sinc, edge at ``FILTER_EDGE`` of the output rate; no delay."""
    taps = np.arange(-3 * k, 3 * k + 1)
    edge = FILTER_EDGE / k
    kernel = np.sinc(2.0 * edge * taps) * np.hamming(len(taps))
    kernel /= kernel.sum()
    padded = np.pad(signal, ((3 * k, 3 * k), (0, 0)), mode="edge")
    return np.column_stack([np.convolve(padded[:, axis], kernel, mode="valid") for axis in range(signal.shape[1])])


def _digitise(signal: FloatArray, limit: float, bits: int) -> FloatArray:
    if limit > 0.0:
        signal = np.clip(signal, -limit, limit)
    if bits and limit > 0.0:
        step = limit / 2 ** (bits - 1)
        signal = np.clip(np.round(signal / step), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1) * step
    return signal
