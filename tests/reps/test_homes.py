"""Many ticks of rest at once leave the homes as they are left by one after the other."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kneeimu.reps.excursion import ExcursionParameters
from kneeimu.reps.homes import HomeStack
from kneeimu.reps.parameters import CounterParameters


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 30)), min_size=1, max_size=8), st.integers(0, 20))
def test_where_the_segment_last_rested_is_known_after_a_skip(stretches: list[tuple[bool, int]], before: int) -> None:
    sways = np.concatenate([np.full(ticks, calm) for calm, ticks in stretches])
    tilted = np.where(sways, 0.5, 4.0)[:, None] * np.ones(3)
    lean = np.radians(0.1 * np.arange(len(sways)))
    up = np.column_stack((np.sin(lean), np.zeros(len(sways)), np.cos(lean)))
    stacks = [HomeStack(ExcursionParameters(), CounterParameters()) for _ in range(2)]
    for stack in stacks:
        for _ in range(before):
            stack.observe((0.0, 0.0, 1.0), 0.1, 0.1)
    for pose, (_, short_deg, change_deg) in zip(up.tolist(), tilted.tolist(), strict=True):
        stacks[0].observe(tuple(pose), short_deg, change_deg)
    stacks[1].skip(up, tilted)
    for _ in range(3):
        for stack in stacks:
            stack.observe((0.0, 0.1, 1.0), 0.1, 0.1)
        assert stacks[0].rest == stacks[1].rest
        assert stacks[0].comes_to_rest == stacks[1].comes_to_rest
