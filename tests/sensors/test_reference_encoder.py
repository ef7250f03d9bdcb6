"""The encoder in C for people who build a sensor, the simulated sensor and the decoder agree to the byte."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim import profile
from kneeimu.sensors.driver import STANDARD_GRAVITY, Readings
from kneeimu.sensors.open_profile import decode_packet

SOURCE = Path(__file__).parents[2] / "docs" / "firmware" / "kneeimu_sensor" / "kneeimu_profile.c"
COMPILER = shutil.which("cc")
RATES_HZ = (25.0, 50.0, 99.84, 104.0, 200.0)

pytestmark = pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")


class Sensor(ctypes.Structure):
    _fields_ = (
        ("rates_mhz", ctypes.POINTER(ctypes.c_uint32)),
        ("n_rates", ctypes.c_size_t),
        ("rate_mhz", ctypes.c_uint32),
        ("fault", ctypes.c_uint8),
        ("acc_range_g", ctypes.c_uint8),
        ("gyr_range_dps", ctypes.c_uint16),
        ("running", ctypes.c_bool),
        ("unsent", ctypes.c_uint32),
    )


class Encoder:
    """The compiled encoder."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self.library = library
        library.kneeimu_encode.restype = library.kneeimu_control.restype = ctypes.c_size_t
        library.kneeimu_samples_per_packet.restype = ctypes.c_size_t
        library.kneeimu_quantise.restype = ctypes.c_int16
        library.kneeimu_quantise.argtypes = [ctypes.c_float, ctypes.c_float]
        self.rates = (ctypes.c_uint32 * len(RATES_HZ))(*(round(1000 * rate) for rate in RATES_HZ))

    def sensor(self) -> Sensor:
        sensor = Sensor()
        self.library.kneeimu_init(ctypes.byref(sensor), self.rates, ctypes.c_size_t(len(RATES_HZ)), 99840)
        return sensor

    def encode(self, sensor: Sensor, raw: np.ndarray, seq: int, time_us: int, period_us: int) -> bytes:
        out = (ctypes.c_uint8 * 512)()
        samples = np.ascontiguousarray(raw, dtype=np.int16)
        length = self.library.kneeimu_encode(
            ctypes.byref(sensor), samples.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(len(raw)),
            ctypes.c_uint16(seq), ctypes.c_uint32(time_us), ctypes.c_uint16(period_us), out,
        )  # fmt: skip
        return bytes(out[:length])

    def control(self, sensor: Sensor, command: bytes, subscribed: bool) -> bytes:
        reply = (ctypes.c_uint8 * 9)()
        length = self.library.kneeimu_control(
            ctypes.byref(sensor), command, ctypes.c_size_t(len(command)), ctypes.c_bool(subscribed), reply
        )
        return bytes(reply[:length])

    def state(self, sensor: Sensor) -> bytes:
        out = (ctypes.c_uint8 * 14)()
        self.library.kneeimu_state(ctypes.byref(sensor), out)
        return bytes(out)


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    library = tmp_path_factory.mktemp("encoder") / "kneeimu_profile.so"
    flags = ["-std=c99", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-shared", "-fPIC"]
    subprocess.run([str(COMPILER), *flags, "-o", str(library), str(SOURCE)], check=True)
    return Encoder(ctypes.CDLL(str(library)))


samples = st.lists(st.lists(st.integers(-32768, 32767), min_size=6, max_size=6), min_size=1, max_size=40)


@given(
    samples, st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1), st.integers(1, 2**16 - 1),
    st.sampled_from(profile.ACC_RANGES_G), st.sampled_from(profile.GYR_RANGES_DPS),
)  # fmt: skip
def test_packets_are_those_of_the_simulator_and_decode_to_what_went_in(
    encoder: Encoder, values: list[list[int]], seq: int, time_us: int, period_us: int, acc_g: int, gyr_dps: int
) -> None:
    raw, sensor = np.array(values, dtype=np.int16), encoder.sensor()
    sensor.acc_range_g, sensor.gyr_range_dps = acc_g, gyr_dps
    packet = encoder.encode(sensor, raw, seq, time_us, period_us)
    assert packet == profile.encode_packet(raw, seq, time_us, period_us, acc_g, gyr_dps)
    readings = decode_packet(packet)
    assert isinstance(readings, Readings)
    assert readings.sequence == seq
    assert np.allclose(readings.acc_m_s2, raw[:, :3] / 32768 * acc_g * STANDARD_GRAVITY)
    assert np.allclose(readings.gyr_rad_s, raw[:, 3:] / 32768 * np.radians(gyr_dps))
    assert readings.device_time_s is not None
    assert np.allclose(readings.device_time_s, (time_us + np.arange(len(raw)) * period_us) / 1e6)


def test_a_packet_holds_one_to_forty_samples(encoder: Encoder) -> None:
    assert encoder.encode(encoder.sensor(), np.zeros((0, 6)), 0, 0, 1) == b""
    assert encoder.encode(encoder.sensor(), np.zeros((41, 6)), 0, 0, 1) == b""


command = st.one_of(
    st.binary(max_size=6),
    st.sampled_from([b"\x00", b"\x01"]),
    st.builds(lambda hz: b"\x02" + hz.to_bytes(2, "little"), st.integers(0, 300)),
    st.builds(lambda g, dps: bytes([3, g]) + dps.to_bytes(2, "little"), st.integers(0, 20), st.integers(0, 2100)),
)


@given(st.lists(st.tuples(command, st.booleans()), max_size=12), st.sampled_from([0, 0, 6, 7]))
def test_the_control_point_answers_as_the_simulator_does(
    encoder: Encoder, commands: list[tuple[bytes, bool]], fault: int
) -> None:
    sensor, simulated = encoder.sensor(), profile.ControlPoint(rate_hz=99.84, rates_hz=RATES_HZ, fault=fault)
    sensor.fault = fault
    for written, subscribed in commands:
        assert encoder.control(sensor, written, subscribed) == simulated.handle(written, subscribed)
        assert encoder.state(sensor) == simulated.state()


@given(st.integers(23, 517), st.sampled_from([20_000, 25_000, 99_840, 100_000, 208_000, 500_000]))
def test_packets_are_filled_as_the_simulator_fills_them(encoder: Encoder, mtu: int, rate_mhz: int) -> None:
    n = encoder.library.kneeimu_samples_per_packet(ctypes.c_uint16(mtu), ctypes.c_uint32(rate_mhz))
    assert n == profile.samples_per_packet(mtu, rate_mhz / 1000)
    assert len(encoder.encode(encoder.sensor(), np.zeros((n, 6)), 0, 0, 1)) <= mtu - 3


@settings(max_examples=300)
@given(st.floats(-40, 40, width=32), st.sampled_from(profile.ACC_RANGES_G))
def test_values_are_rounded_and_saturate(encoder: Encoder, value_g: float, range_g: int) -> None:
    simulated = profile.quantise(np.full((1, 3), value_g * STANDARD_GRAVITY), np.zeros((1, 3)), range_g, 2000)[0, 0]
    assert abs(encoder.library.kneeimu_quantise(value_g, range_g) - int(simulated)) <= 1


def test_what_is_no_number_reads_zero(encoder: Encoder) -> None:
    assert encoder.library.kneeimu_quantise(float("nan"), 16.0) == 0
    assert encoder.library.kneeimu_quantise(float("inf"), 16.0) == 32767
    assert encoder.library.kneeimu_quantise(float("-inf"), 16.0) == -32768
