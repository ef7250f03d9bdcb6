"""What an engine is told before the first sample: what fits no sensor, or is another one's, is refused."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

import kneeimu
from kneeimu.engine import Engine
from kneeimu.pair import PairEngine, PairSetup
from kneeimu.types import Alignment, Mount, Setup, Side

RIGHT_SHIN = Alignment((1.0, 0.0, 0.0, 0.0), "right", "shin", "good", 2.5)
SETUP = Setup("squat", "right", "shin", 100.0, RIGHT_SHIN)


@pytest.mark.parametrize("mount", get_args(Mount))
@pytest.mark.parametrize("side", get_args(Side))
def test_an_alignment_is_taken_for_its_own_leg_and_place_only(side: Side, mount: Mount) -> None:
    setup = Setup("squat", side, mount, 100.0, RIGHT_SHIN)
    if (side, mount) == ("right", "shin"):
        Engine(setup)
        return
    with pytest.raises(ValueError, match=f"the alignment is of the right shin, not of the {side} {mount}"):
        Engine(setup)


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ({"side": "both"}, "neither left nor right"),
        ({"mount": "waist"}, "can't be followed from the waist"),
        ({"sampling_rate_hz": 10.0}, "outside 20 to 500 Hz"),
    ],
)
def test_what_no_sensor_can_be_is_refused(told: dict[str, Any], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        Engine(Setup(**{"exercise": "squat", "side": "right", "mount": "shin", "sampling_rate_hz": 100.0, **told}))


def test_two_sensors_are_held_to_the_same() -> None:
    with pytest.raises(ValueError, match="neither left nor right"):
        PairEngine(PairSetup("squat", "both", 100.0, 100.0))  # type: ignore[arg-type]


def test_the_library_says_what_to_do_about_an_alignment_of_the_other_leg() -> None:
    acc = np.tile([0.0, 9.81, 0.0], (200, 1))
    with pytest.raises(kneeimu.InputError, match="align again") as refused:
        kneeimu.from_arrays(
            np.arange(200) / 100.0, acc, np.zeros((200, 3)), exercise="squat", side="left", mount="shin",
            alignment=RIGHT_SHIN, name="arrays",
        )  # fmt: skip
    assert refused.value.where == "arrays"


def test_an_alignment_goes_when_it_is_said_that_the_sensor_was_elsewhere() -> None:
    assert SETUP.told(exercise="lunge").alignment == RIGHT_SHIN
    assert SETUP.told(side="left") == Setup("squat", "left", "shin", 100.0)
    assert SETUP.told(mount="thigh").alignment is None


def test_an_alignment_that_is_told_stays_and_is_refused_where_it_does_not_fit() -> None:
    left = Alignment((1.0, 0.0, 0.0, 0.0), "left", "shin", "good", 2.5)
    assert SETUP.told(alignment=left).alignment == left
    with pytest.raises(ValueError, match="the alignment is of the left shin"):
        Engine(SETUP.told(alignment=left))
