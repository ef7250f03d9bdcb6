"""What a worker leaves for the next one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kneeimu.cluster.batch import encode_batch
from kneeimu.cluster.checkpoint import Checkpoints

from .stories import session_batches

BATCHES = session_batches(1)


def kept(folder: Path, count: int) -> Checkpoints:
    checkpoints = Checkpoints(folder)
    for batch in BATCHES[:count]:
        checkpoints.append("anna", "s1", encode_batch(batch))
    return checkpoints


def numbers(checkpoints: Checkpoints) -> list[int]:
    return [batch.number for batch in checkpoints.read("anna", "s1")]


def test_an_unknown_session_has_nothing(tmp_path: Path) -> None:
    assert Checkpoints(tmp_path).read("anna", "s1") == []
    assert Checkpoints(tmp_path).size("anna", "s1") == 0


def test_what_was_kept_is_read_in_order(tmp_path: Path) -> None:
    assert numbers(kept(tmp_path, 5)) == [1, 2, 3, 4, 5]


def test_the_files_are_for_this_user_alone(tmp_path: Path) -> None:
    checkpoints = kept(tmp_path / "shared", 1)
    path = checkpoints.path("anna", "s1")
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


@given(st.integers(1, 2000))
def test_what_a_killed_worker_left_half_written_is_cut_off(lost: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        checkpoints = kept(Path(folder), 5)
        path = checkpoints.path("anna", "s1")
        os.truncate(path, path.stat().st_size - lost)
        assert numbers(checkpoints) in ([1, 2, 3, 4], [1, 2, 3])
        again = numbers(checkpoints)
        for batch in BATCHES[len(again) : 6]:
            checkpoints.append("anna", "s1", encode_batch(batch))
        assert numbers(checkpoints) == [1, 2, 3, 4, 5, 6]


def test_a_batch_that_two_workers_kept_is_there_once(tmp_path: Path) -> None:
    checkpoints = kept(tmp_path, 3)
    for batch in BATCHES[1:4]:
        checkpoints.append("anna", "s1", encode_batch(batch))
    assert numbers(checkpoints) == [1, 2, 3, 4]


def test_of_a_session_that_ended_no_samples_are_left(tmp_path: Path) -> None:
    checkpoints = kept(tmp_path, 5)
    checkpoints.close("anna", BATCHES[5])
    (left,) = checkpoints.read("anna", "s1")
    assert (left.number, left.last, left.items) == (6, True, ())
    assert checkpoints.size("anna", "s1") < 1000


def test_sessions_that_nobody_goes_on_with_are_swept_away(tmp_path: Path) -> None:
    checkpoints = kept(tmp_path, 5)
    checkpoints.append("ben", "s2", encode_batch(BATCHES[0]))
    os.utime(checkpoints.path("anna", "s1"), (0, 0))
    assert checkpoints.sweep(3600.0) == 1
    assert numbers(checkpoints) == []
    assert len(checkpoints.read("ben", "s2")) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    path = checkpoints.path("anna", "s1")
    path.parent.mkdir()
    path.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        checkpoints.append("anna", "s1", encode_batch(BATCHES[0]))
