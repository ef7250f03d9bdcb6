"""Whatever bytes arrive, a decoder gives sound readings or says that they mean nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from decoder_oracle import CHARACTERISTICS, SEEDS, Oracle
from hypothesis import given, settings
from hypothesis import strategies as st

from kneeimu.sensors.families import DRIVERS

FAMILIES = sorted(SEEDS)
SCRIPT = Path(__file__).with_name("fuzz_decoders.py")


@st.composite
def spoilt(draw: st.DrawFn, family: str) -> tuple[int, bytes]:
    """A notification of the family, as it was or with bytes changed, cut off or added; or anything at all."""
    number, text = draw(st.sampled_from(SEEDS[family]))
    data = bytearray(bytes.fromhex(text))
    kind = draw(st.sampled_from(["whole", "changed", "cut", "longer", "anything"]))
    if kind == "changed":
        for at in draw(st.lists(st.integers(0, len(data) - 1), min_size=1, max_size=4)):
            data[at] = draw(st.integers(0, 255))
    elif kind == "cut":
        del data[draw(st.integers(0, len(data))) :]
    elif kind == "longer":
        data += draw(st.binary(max_size=60))
    elif kind == "anything":
        number, data = draw(st.integers(0, 3)), bytearray(draw(st.binary(max_size=244)))
    return number, bytes(data)


def test_every_family_is_tried() -> None:
    assert {driver.family for driver in DRIVERS} == set(SEEDS) == set(CHARACTERISTICS)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_seeds_mean_something(family: str) -> None:
    oracle = Oracle(family)
    for number, text in SEEDS[family] * 2:  # what comes first waits for the second
        oracle.hear(number, bytes.fromhex(text))
    assert oracle.clock.counts.received > 0


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=50)
@given(data=st.data())
def test_no_bytes_make_a_decoder_raise(family: str, data: st.DataObject) -> None:
    oracle = Oracle(family)
    for number, notification in data.draw(st.lists(spoilt(family), max_size=6)):
        oracle.hear(number, notification)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_million_inputs(family: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", str(SCRIPT), family], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-3000:]
    with capsys.disabled():
        print(f"\n{run.stdout.strip().splitlines()[-1]}")
