"""A person who holds a rep for long dips a little meanwhile."""

from __future__ import annotations

import numpy as np
import pytest
from looked_again import out_and_back, ramp, rest
from swung import tilted

from kneeimu.engine import Engine
from kneeimu.types import RepCounted, RepRevoked, Setup


@pytest.mark.parametrize("dip_deg", [8.0, 11.0, 13.0])
def test_a_first_rep_stands_while_the_second_is_held_with_a_dip(dip_deg: float) -> None:
    held = (ramp(0.0, 32.0, 1.2), rest(1.2, 32.0), out_and_back(32.0 - dip_deg, 1.6, 32.0), rest(1.2, 32.0))
    angle = np.concatenate((rest(3.0), out_and_back(32.0, 3.0), rest(1.0), *held, ramp(32.0, 0.0, 1.2), rest(3.0)))
    engine, standing = Engine(Setup("hip-abduction", "right", "thigh", 100.0)), set[int]()
    for event in engine.feed(tilted(angle)):
        if isinstance(event, RepCounted):
            standing.add(event.rep.number)
        elif isinstance(event, RepRevoked):
            standing.remove(event.rep_number)
    assert standing == {1, 2}
