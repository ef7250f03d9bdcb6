"""What a sensor says of itself tells its family, and no other."""

from __future__ import annotations

import pytest

from kneeimu.errors import InputError
from kneeimu.sensors.driver import Advertisement
from kneeimu.sensors.families import DRIVERS, find_family, recognise

ADVERTISED = [
    ("kneeimu", "", ("7e1a0001-5c3d-4c5e-9a6e-6b6e65696d75",), {}),
    ("polar", "Polar Sense A1B2C3D4", (), {0x006B: b"\x72"}),
    ("witmotion", "WT901BLE67", (), {}),
    ("witmotion", "", ("0000ffe5-0000-1000-8000-00805f9a34fb",), {}),
    ("movella-dot", "Xsens DOT", (), {}),
    ("movella-dot", "Movella DOT", (), {}),
    ("movella-dot", "", (), {0x0886: b"\1"}),
    ("movesense", "Movesense 210330000123", ("0000fe06-0000-1000-8000-00805f9b34fb",), {}),
    ("metamotion", "MetaWear", (), {}),
    ("metamotion", "my box", ("326a9000-85cb-9195-d9dd-464cfbbae75a",), {}),
    ("thingy52", "Thingy", (), {}),
    ("thingy52", "left leg", ("ef680100-9b35-4933-9b10-52ffa9740042",), {}),
]


@pytest.mark.parametrize(("family", "name", "uuids", "maker"), ADVERTISED)
def test_one_family_recognises_it(family: str, name: str, uuids: tuple[str, ...], maker: dict[int, bytes]) -> None:
    advertisement = Advertisement("AA:BB", name, -60, uuids, maker)
    assert [driver.family for driver in DRIVERS if driver.recognise(advertisement)] == [family]
    assert recognise(advertisement) is find_family(family)


@pytest.mark.parametrize("name", ["", "WTF", "JBL Flip 5", "Polar H10 12345678", "Thingy of mine", "[TV] Samsung"])
def test_strangers_and_sensors_without_a_gyroscope_are_passed_over(name: str) -> None:
    heart_rate = ("0000180d-0000-1000-8000-00805f9b34fb",)
    assert recognise(Advertisement("AA:BB", name, -60, heart_rate, {0x004C: b"\x10"})) is None


def test_an_unknown_family_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError) as caught:
        find_family("fitbit")
    assert "fitbit" in caught.value.what
    assert all(driver.family in caught.value.advice for driver in DRIVERS)
