"""Bytes that others captured or published, and what they mean.

The ids tell where each comes from: ``real`` was captured from a sensor by somebody, ``vendor`` is from the maker's own
unit tests or manual, ``synthetic`` was built from the specification for want of anything better.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

from kneeimu.sensors import metamotion, movella_dot, movesense, pmd, polar, thingy52, witmotion
from kneeimu.sensors.driver import STANDARD_GRAVITY, Battery, Driver, Malformed, Readings, Stopped
from kneeimu.sensors.families import DRIVERS

G = STANDARD_GRAVITY

# --- WitMotion ------------------------------------------------------------------------------------------------------

WITMOTION = [
    pytest.param(
        "5561e403ebf43f007c0202ff330052fe" + "00000000", [0.4863, -1.3853, 0.0308], [38.82, -15.50, 3.11],
        id="real: WT901BLE68 moving, first 16 of 160 bytes, github.com/obedier/vib",
    ),
    pytest.param(
        "556135ff59ff0a08000000000000b9fc" + "00000000", [-0.0991, -0.0815, 1.0049], [0, 0, 0],
        id="real: WT901BLE68 at rest, first 16 of 160 bytes, github.com/obedier/vib",
    ),
    pytest.param(
        "5561000000040008000000200000000000200040", [0, 0.5, 1], [0, 500, 0],
        id="synthetic: decoder test of a public driver",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("frame", "acc_g", "gyr_dps"), WITMOTION)
def test_witmotion_motion_frames(frame: str, acc_g: list[float], gyr_dps: list[float]) -> None:
    (reading,) = witmotion.WitMotion().parse(witmotion.DATA_UUID, bytes.fromhex(frame), 0.0)
    assert isinstance(reading, Readings)
    assert reading.acc_m_s2[0] / G == pytest.approx(acc_g, abs=5e-5)
    assert np.degrees(reading.gyr_rad_s[0]) == pytest.approx(gyr_dps, abs=5e-3)
    assert reading.device_time_s is None
    assert reading.sequence is None


def test_witmotion_times_in_the_place_of_angles() -> None:
    # synthetic: u32 ms in the words of roll and pitch, as public drivers of the WT9011DCL read output 2
    frames = [
        f"5561 000000000008 000000000000 {struct.pack('<I', ms).hex()} 0000"
        for ms in (0xFFFFFFF6, 0, 9, 20, 70, 80)  # two of whole ms, and a gap
    ]
    driver = witmotion.WitMotion()
    told = "5571 9600 0200" + "0000" * 7
    assert driver.parse(witmotion.DATA_UUID, bytes.fromhex(told), 0.0) == []
    found = driver.parse(witmotion.DATA_UUID, bytes.fromhex("".join(frames)), 0.0)
    times = [item.device_time_s for item in found if isinstance(item, Readings)]
    assert [len(run) for run in times if run is not None] == [4, 2]
    assert times[0] == pytest.approx(4294967.28575 + 0.01 * np.arange(4))
    assert times[1] == pytest.approx([0.07, 0.08])


def test_witmotion_angles_are_no_times() -> None:
    driver = witmotion.WitMotion()
    angles, told = "5571 9600 0000" + "0000" * 7, "5561 000000000008 000000000000 102700000000"
    assert driver.parse(witmotion.DATA_UUID, bytes.fromhex(angles), 0.0) == []
    (reading,) = driver.parse(witmotion.DATA_UUID, bytes.fromhex(told), 0.0)
    assert isinstance(reading, Readings)
    assert reading.device_time_s is None


def test_witmotion_register_frame_of_the_manual_is_no_motion() -> None:
    frame = bytes.fromhex("55713a00680169007a0000000000000000000000")  # vendor: magnetometer, WT901BLECL manual
    assert witmotion.WitMotion().parse(witmotion.DATA_UUID, frame, 0.0) == []


@pytest.mark.parametrize(("volts", "percent"), [(3.2, 0), (3.4, 0), (3.79, 40), (3.945, 82), (3.99, 100), (4.2, 100)])
def test_witmotion_charge_by_the_vendors_table(volts: float, percent: int) -> None:
    assert abs(witmotion.charge_percent(volts) - percent) <= 1


def test_witmotion_frames_cut_anywhere_are_put_together() -> None:
    frames = b"".join(bytes.fromhex("5561") + np.arange(9 * i, 9 * i + 9, dtype="<i2").tobytes() for i in range(8))
    whole = witmotion.WitMotion().parse(witmotion.DATA_UUID, frames, 0.0)
    for cut in range(1, 60):
        driver = witmotion.WitMotion()
        pieces = [frames[at : at + cut] for at in range(0, len(frames), cut)]
        found = [item for piece in pieces for item in driver.parse(witmotion.DATA_UUID, piece, 0.0)]
        assert _values(found) == _values(whole)


def test_witmotion_finds_its_way_back_after_a_lost_notification() -> None:
    frame = bytes.fromhex("5561000000040008000000200000000000200040")
    driver = witmotion.WitMotion()
    driver.parse(witmotion.DATA_UUID, frame + frame[:13], 0.0)
    found = driver.parse(witmotion.DATA_UUID, frame * 2, 0.0)  # the 7 bytes that belong to the 13 never came
    assert [type(item) for item in found] == [Malformed, Readings]
    assert _values(found) == _values(witmotion.WitMotion().parse(witmotion.DATA_UUID, frame * 2, 0.0))


# --- Polar ----------------------------------------------------------------------------------------------------------

REAL_ACC = "0200416fc41245930a81ee021ffe82ff080a10da20d6a30bd9cbe7d6f6c4e6f1e1f3e0151afe281bf8372c2520131911"
LONG_ACC = (
    "0200000000000000008071 07f06a9e8d0a38be5cbeba2f96b3ee4be5adfb42b9ebbe4cfeba2f92bfee4be4b1fb12b9ecbd3c3ebb2f8fd3de"
    "4be3b5f7d2b8edbd307e7b2f8be3ce8be2baf7a2b8eebc20be7b2f88f3cecbe1bdef52f8efbc18fe3b2f8403bfcbe0c2ef32b8f0bb044ebc2e"
    "8113af0be0c6eff2f7f1b9fc7dbc2e7d279f4bdfcaebc2f7f2b8eccd7c2e7b378f4bdecee392f7f3b8e00dfd2d774b7fcbddd2df6237f5b7d4"
    "4dbd2d745b6fcbdcd7d73237f6b5c88d7d2d716b4f4bdcdcd3f236f7b4bcddfd2c6f7b3f4bdbe0cfd236f8b2b02dbe2c6c8f1fcbdae3c7a276"
    "f9"
)
POLAR_MG = [
    pytest.param(
        REAL_ACC, 11, [(750, -481, -126), (766, -519, -94), (724, -612, -83)],
        id="real: Verity Sense, head of a 227-byte notification, polar-ble-sdk issue 443",
    ),
    pytest.param(
        "02650000000000000081f1ff1400f00306017b0f08", 2, [(-15, 20, 1008), (-20, 17, 1008)],
        id="vendor: AccDataTest.kt, compressed type 1",
    ),
    pytest.param(
        "02000000000000000001f7ffffffe703f8fffeffe503", 2, [(-9, -1, 999), (-8, -2, 997)],
        id="vendor: H10 raw type 1",
    ),
    pytest.param(
        LONG_ACC, 57, [(1905e3, 27376e3, -29282e3), (2095e3, 27271e3, -29367e3)],
        id="vendor: AccDataTest.kt, compressed type 0, counts in g before the factor",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("notification", "n", "head_mg"), POLAR_MG)
def test_polar_acceleration_frames(notification: str, n: int, head_mg: list[tuple[float, ...]]) -> None:
    frame = pmd.read_frame(bytes.fromhex(notification), {})
    assert isinstance(frame, pmd.Frame)
    assert frame.values.shape == (n, 3)
    assert frame.values[: len(head_mg)] / G * 1000 == pytest.approx(np.array(head_mg))


def test_polar_real_frame_has_its_time() -> None:
    frame = pmd.read_frame(bytes.fromhex(REAL_ACC), {})
    assert isinstance(frame, pmd.Frame)
    assert frame.time_s == pytest.approx(0x0A934512C46F4100 / 1e9)


def test_polar_rotation_frame_takes_the_factor_of_the_start_reply() -> None:
    data = bytes.fromhex("05ffffffffffffff7f80eaff08000d000301df00")  # vendor: GyrDataTest.kt
    frame = pmd.read_frame(data, {pmd.GYRO: 0.0625})
    assert isinstance(frame, pmd.Frame)
    assert np.degrees(frame.values) / 0.0625 == pytest.approx(np.array([(-22, 8, 13), (-23, 11, 16)]))


def test_polar_settings_of_the_vendors_test() -> None:
    tlvs = bytes.fromhex("00013400010110000204f500f401e803d007040103")  # vendor: PmdSettingTest.kt
    reply = pmd.read_reply(bytes.fromhex("f001050000") + tlvs)
    assert reply is not None
    assert reply.settings == {0: [52], 1: [16], 2: [245, 500, 1000, 2000], 4: [3]}


def test_polar_says_when_the_sensor_stops_a_measurement() -> None:
    driver = polar.PolarVeritySense()
    assert driver.parse(polar.CONTROL_UUID, bytes([0x01, 2, 5]), 0.0) == [
        Stopped("the sensor stopped measuring acceleration and rotation")
    ]


# --- Movesense ------------------------------------------------------------------------------------------------------

REAL_IMU6 = (
    "aca1020094b578bf399b8840cdb20d4155ff7cbf6a60884092c70c4182627cbfa2e988405da00c418bf871bf71248940c38c0c4148e17abf"
    "713daabf3333b3bec3f568bf713daabf3e0ad7beae4721bff628bcbf3e0ad7beae4721bf3333b3bf3e0ad7be"
)


@pytest.mark.parametrize(
    "message", [pytest.param(REAL_IMU6, id="real: IMU6 at 52 Hz, sensein/movesense-py fixture.json")]
)
def test_movesense_message(message: str) -> None:
    driver = movesense.Movesense()
    (reading,) = driver.parse(movesense.DATA_UUID, b"\x02\x63" + bytes.fromhex(message), 0.0)
    assert isinstance(reading, Readings)
    assert reading.acc_m_s2[0] == pytest.approx([-0.9715206623, 4.2689480782, 8.8561525345])
    assert np.degrees(reading.gyr_rad_s[3]) == pytest.approx([-0.63, -1.40, -0.42])
    assert reading.device_time_s == pytest.approx(172.460 + np.arange(4) / 52)


def test_movesense_message_in_two_parts() -> None:
    message = bytes.fromhex(REAL_IMU6)
    driver = movesense.Movesense()
    assert driver.parse(movesense.DATA_UUID, b"\x02\x63" + message[:71], 0.0) == []
    (reading,) = driver.parse(movesense.DATA_UUID, b"\x03\x63" + message[71:], 0.0)
    assert _values([reading]) == _values(movesense.Movesense().parse(movesense.DATA_UUID, b"\x02\x63" + message, 0.0))


def test_movesense_with_other_message_lengths_is_understood_after_a_few() -> None:
    message = b"\x02\x63" + bytes.fromhex(REAL_IMU6)[:4] + bytes(24 * 2)
    driver = movesense.Movesense()
    found = [driver.parse(movesense.DATA_UUID, message, 0.0) for _ in range(8)]
    assert [[type(item) for item in items] for items in found] == [[]] + [[Malformed]] * 2 + [[Readings]] * 5


# --- MetaMotion -----------------------------------------------------------------------------------------------------

METAMOTION = [
    pytest.param(
        ["0304 16c4 94a2 2ad0"], "0380 0401", "0383 a801", [(-1.872, -2.919, -1.495)],
        id="vendor: test_accelerometer_bmi270.py, one sample at 4 g",
    ),
    pytest.param(
        ["0305 62b7530de9fd16d04d0e57028affa1050a01"], "0380 0401", "0383 a802",
        [(-4.539, 0.833, -0.131), (-2.995, 0.894, 0.146), (-0.029, 0.352, 0.065)],
        id="vendor: test_accelerometer_bmi270.py, packed at 8 g",
    ),
    pytest.param(
        ["031c 62b7530de9fd16d04d0e57028affa1050a01"], "0380 0101", "0383 2808",
        [(-4.539, 0.833, -0.131), (-2.995, 0.894, 0.146), (-0.029, 0.352, 0.065)],
        id="vendor: test_accelerometer_bmi160.py, packed at 8 g",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("notifications", "module", "settings", "acc_g"), METAMOTION)
def test_metamotion_acceleration(
    notifications: list[str], module: str, settings: str, acc_g: list[tuple[float, ...]]
) -> None:
    found = _metamotion(
        [module, settings, *notifications, "1305 000000000000" if len(acc_g) == 1 else "1305" + "00" * 18]
    )
    assert found.acc_m_s2 / G == pytest.approx(np.array(acc_g), abs=5e-4)


def test_metamotion_rotation() -> None:
    # vendor: test_gyro_bmi160.py, one sample at 500 °/s and packed at 1000 °/s
    one = _metamotion(["1383 2802", "1305 3e43 ff7f 0080", "0304 000000000000"])
    assert np.degrees(one.gyr_rad_s) == pytest.approx(np.array([(262.409, 499.497, -499.512)]), abs=5e-4)
    packed = _metamotion(["1383 2801", "1307 0915ad2608de8a1a0d2665e48d20ac2773ec", "031c" + "00" * 18])
    assert np.degrees(packed.gyr_rad_s[0]) == pytest.approx((164.177, 301.860, -265.122), abs=5e-4)
    assert np.degrees(packed.gyr_rad_s[:, 0]) == pytest.approx((164.177, 207.134, 254.055), abs=5e-4)


def test_metamotion_numbered() -> None:
    # vendor: TestFuserAccounter in test_dataprocessor.py, count 542; the two halves as in its single samples
    fused = _metamotion(["0903 03 1e020000 f40d3c399911 0180d691d367"])
    assert fused.sequence == 542
    acc = _metamotion(["0304 f40d3c399911", "1304 000000000000"])
    gyr = _metamotion(["0304 000000000000", "1305 0180d691d367"])
    assert fused.acc_m_s2 == pytest.approx(acc.acc_m_s2)
    assert fused.gyr_rad_s == pytest.approx(gyr.gyr_rad_s)


def test_metamotion_battery() -> None:
    answer = bytes.fromhex("118c633410")  # vendor: test_settings.py, 99 % and 4148 mV
    assert metamotion.MetaMotion().parse(metamotion.DATA_UUID, answer, 0.0) == [Battery(99)]


def _metamotion(notifications: list[str]) -> Readings:
    driver = metamotion.MetaMotion()
    found = [driver.parse(metamotion.DATA_UUID, bytes.fromhex(text), 0.0) for text in notifications]
    (reading,) = found[-1]
    assert isinstance(reading, Readings)
    return reading


# --- Movella DOT and Thingy:52 --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(
            "40420f00cdcccc3dc3f51cc1cdcc4c3e0000803f00000040000040c0" + "00" * 12,
            id="synthetic: rate quantities after the BLE specification, no capture is public",
        )
    ],
)
def test_movella_dot_payload(payload: str) -> None:
    reading = movella_dot.decode_payload(bytes.fromhex(payload))
    assert isinstance(reading, Readings)
    assert reading.device_time_s == pytest.approx([1.0])
    assert reading.acc_m_s2[0] == pytest.approx([0.1, -9.81, 0.2])
    assert np.degrees(reading.gyr_rad_s[0]) == pytest.approx([1, 2, -3])


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(
            "000000fc0004a00f60f00100000000000000",
            id="synthetic: Q6.10 and Q11.5 after the firmware's documents, no capture is public",
        )
    ],
)
def test_thingy52_sample_is_turned_to_specific_force(raw: str) -> None:
    reading = thingy52.decode_raw(bytes.fromhex(raw))
    assert isinstance(reading, Readings)
    assert reading.acc_m_s2[0] / G == pytest.approx([0, 1, -1]), "on the wire 0, -1, 1 g, positive downwards"
    assert np.degrees(reading.gyr_rad_s[0]) == pytest.approx([125, -125, 0.03125])


# --- all of them ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.family)
def test_bytes_of_unknown_characteristics_mean_nothing(driver: type[Driver]) -> None:
    assert driver().parse("00002a37-0000-1000-8000-00805f9b34fb", bytes(20), 0.0) == []


def _values(found: list[Any]) -> list[list[float]]:
    rows = [np.hstack([item.acc_m_s2, item.gyr_rad_s]) for item in found if isinstance(item, Readings)]
    return np.vstack(rows).tolist() if rows else []
