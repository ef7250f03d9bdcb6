"""Damaged exports of other programs end in a recording or in one clear refusal, never in anything else."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from importers import foreign
from kneeimu.errors import InputError
from kneeimu.sessions.importers import import_recording

LEG = foreign.swinging_leg(4.0)
WORDS = (
    b"nan",
    b"inf",
    b"-",
    b",",
    b";",
    b"\t",
    b"\n",
    b'"',
    b"\x00",
    b"\xff",
    b"1e308",
    b"-1e308",
    b"99999999999999999999",
    b"",
)


def written(folder: Path) -> dict[str, list[Path]]:
    made = {
        "dot": foreign.movella_dot(LEG, folder),
        "mt": foreign.xsens_mt(LEG, folder, 50.0),
        "wit": foreign.witmotion(LEG, folder),
        "phone": foreign.sensor_logger(LEG, folder),
        "physics": foreign.phyphox(LEG, folder),
    }
    return {**{name: [path] for name, path in made.items()}, "polar": foreign.polar(LEG, folder)}


def damaged(data: bytes, chance: random.Random) -> bytes:
    kind = chance.randrange(4)
    at = chance.randrange(len(data))
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + chance.choice(WORDS) + data[at + chance.randrange(12) :]
    if kind == 2:
        lines = data.split(b"\n")
        chance.shuffle(lines)
        return b"\n".join(lines)
    return data[: chance.randrange(1, 400)] + data[at:]


def survive(paths: list[Path]) -> None:
    try:
        got = import_recording(paths)
    except InputError:
        return
    assert np.isfinite(got.samples.acc_m_s2).all()
    assert np.isfinite(got.samples.gyr_rad_s).all()
    assert (np.diff(got.samples.time_s) > 0).all()


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_export_is_read_or_refused(seed: int, tmp_path: Path) -> None:
    _fuzz(seed, tmp_path, 3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 120))
def test_many_damaged_exports_are_read_or_refused(seed: int, tmp_path: Path) -> None:
    _fuzz(seed, tmp_path, 100)


def _fuzz(seed: int, folder: Path, times: int) -> None:
    chance = random.Random(seed)
    for paths in written(folder).values():
        whole = [path.read_bytes() for path in paths]
        for _ in range(times):
            for path, data in zip(paths, whole, strict=True):
                path.write_bytes(damaged(data, chance))
            survive(paths)
