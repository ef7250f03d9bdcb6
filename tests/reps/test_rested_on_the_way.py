"""Who moves the leg a little and rests there sets out from that pose, and not from the one before."""

from __future__ import annotations

import numpy as np
import pytest
from looked_again import out_and_back, ramp, rest
from swung import tilted

from kneeimu.engine import Engine
from kneeimu.types import RepCounted, Setup


@pytest.mark.parametrize("moved_deg", [6.0, 8.0, 10.0])
def test_a_first_rep_stands_where_the_limb_had_moved_a_little_and_rested(moved_deg: float) -> None:
    """Seen from where it had lain before, the rep would be far longer than the next."""
    reps = [part for _ in range(4) for part in (out_and_back(moved_deg + 24.0, 2.5, moved_deg), rest(0.6, moved_deg))]
    angle = np.concatenate((rest(3.0), ramp(0.0, moved_deg, 1.0), rest(12.0, moved_deg), *reps, rest(3.0, moved_deg)))
    events = Engine(Setup("hip-abduction", "right", "thigh", 100.0)).feed(tilted(angle))
    assert [event.rep.number for event in events if isinstance(event, RepCounted)] == [1, 2, 3, 4]
