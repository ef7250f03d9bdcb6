"""The guide leads a person through the alignment, whatever comes in whichever pieces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from acted_leg import Box, Performance, Recording, record
from scipy.spatial.transform import Rotation

from calibration.alignment import align
from calibration.guide import AlignmentGuide, Guidance, Stage

TURNED = Rotation.random(rng=np.random.default_rng(6))
WHOLE = Performance(lift_deg=25.0, after_s=3.0, seed=2)


def led(recording: Recording, chunk: int = 8, *, side: str = "right", with_lift: bool = True) -> list[Guidance]:
    """All that the guide said."""
    guide = AlignmentGuide(side, "thigh", 100.0, with_lift=with_lift)  # type: ignore[arg-type]
    said = []
    for start in range(0, len(recording.time_s), chunk):
        piece = slice(start, start + chunk)
        said.append(guide.feed(recording.time_s[piece], recording.acc[piece], recording.gyr[piece]))
    return said


def stages(said: list[Guidance]) -> list[Stage]:
    return [s.stage for i, s in enumerate(said) if i == 0 or s.stage is not said[i - 1].stage]


def test_the_stages_follow_the_person() -> None:
    said = led(record(WHOLE, Box(turned=TURNED)))
    assert stages(said) == [Stage.STAND, Stage.MOVE, Stage.LIFT, Stage.RETURN, Stage.DONE]
    assert [s.movements for s in said] == sorted(s.movements for s in said)
    assert said[-1].result is not None
    assert said[-1].result.side_seen


def test_progress_grows_from_nothing_to_all() -> None:
    said = led(record(WHOLE, Box(turned=TURNED)))
    for stage in (Stage.STAND, Stage.MOVE):
        shares = [s.progress for s in said if s.stage is stage]
        assert shares == sorted(shares)
        assert 0.0 <= shares[0] < 0.3
        assert 0.7 < shares[-1] <= 1.0


def test_the_live_alignment_is_that_of_the_file() -> None:
    recording = record(WHOLE, Box(turned=TURNED))
    live = led(recording)[-1].result
    filed = align(recording.time_s, recording.acc, recording.gyr, "right", "thigh")
    assert live is not None
    assert np.abs(np.array(live.quat_segment_to_sensor) - filed.quat_segment_to_sensor).max() < 0.01


@pytest.mark.parametrize("chunk", [1, 40])
def test_the_pieces_do_not_matter(chunk: int) -> None:
    recording = record(WHOLE, Box(turned=TURNED))
    assert stages(led(recording, chunk)) == stages(led(recording))


def test_without_the_lift_the_side_stays_unconfirmed() -> None:
    said = led(record(replace(WHOLE, lift_deg=0.0), Box()), with_lift=False)
    assert said[-1].result is not None
    assert not said[-1].result.side_seen


def test_moving_while_standing_still_begins_the_wait_again() -> None:
    restless = record(Performance(moves=1, stand_s=3.0, range_deg=30.0, after_s=6.0), Box())
    said = led(restless)
    shares = [s.progress for s in said if s.stage is Stage.STAND]
    assert max(np.diff(shares)) > 0 > min(np.diff(shares))


def test_a_wrong_side_is_refused_at_the_end_with_the_cure() -> None:
    last = led(record(WHOLE, Box(side="left")))[-1]
    assert last.stage is Stage.REFUSED
    assert last.refusal is not None
    assert last.refusal.code == "wrong-side"


def test_a_person_who_goes_away_is_told_to_begin_again() -> None:
    last = led(record(Performance(moves=1, after_s=140.0), Box()), chunk=50)[-1]
    assert last.refusal is not None
    assert last.refusal.code == "too-slow"


def test_after_a_refusal_it_can_begin_again() -> None:
    guide = AlignmentGuide("right", "thigh", 100.0)
    for recording in (record(WHOLE, Box(side="left")), record(WHOLE, Box(side="right"))):
        guide.restart()
        for start in range(0, len(recording.time_s), 10):
            piece = slice(start, start + 10)
            guide.feed(recording.time_s[piece], recording.acc[piece], recording.gyr[piece])
    assert guide.state.stage is Stage.DONE


def test_waiting_for_hours_keeps_nothing() -> None:
    guide = AlignmentGuide("right", "thigh", 100.0)
    shaking = np.random.default_rng(0).normal(0.0, 2.0, (50, 3))
    for i in range(2000):
        guide.feed(np.arange(50) * 0.01 + i * 0.5, shaking + np.array([0.0, 9.8, 0.0]), shaking)
    assert len(guide._chunks) < 40
