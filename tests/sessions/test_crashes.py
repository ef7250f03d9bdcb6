"""Whatever becomes of the machine, at most one second is lost, the file opens, and the loss is told."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from kneeimu.errors import InputError
from kneeimu.sessions.recording import Recorder, Recording, RecordingError, read_recording
from kneeimu.sessions.replay import replayed_events
from kneeimu.types import event_to_json

from .recordings import SETUP, STARTED, batches, record, squats

HERE = Path(__file__).parent
LOST_AT_MOST_S = 1.0


def times(recording: Recording) -> np.ndarray:
    return np.concatenate([samples.time_s for samples in recording.samples] or [np.empty(0)])


# --- kill -9 ---------------------------------------------------------------------------------------------------------


def killed(folder: Path, after_s: float, speed: float) -> tuple[Path, float]:
    """Let a process record and kill it; give the file and the time of the last samples it had written."""
    line = [sys.executable, str(HERE / "crashing_recorder.py"), str(folder), str(speed)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        path = Path(child.stdout.readline().strip())
        time.sleep(after_s)
        child.kill()
        told = child.stdout.read().splitlines(keepends=True)
    return path, max((float(line) for line in told if line.endswith("\n")), default=0.0)


def check_killed(folder: Path, after_s: float, speed: float) -> None:
    path, told_s = killed(folder, after_s, speed)
    got = read_recording(path)
    kept_s = times(got)[-1] if len(got.samples) else 0.0
    assert told_s - kept_s <= LOST_AT_MOST_S
    assert got.setup == SETUP
    assert not got.closed
    assert any("not closed" in problem or "cut off" in problem for problem in got.problems)
    again = [event_to_json(event) for event in replayed_events(got)]
    assert again[: len(got.events)] == [event_to_json(event) for event in got.events]


@pytest.mark.parametrize("after_s", [0.0, 0.35, 0.8])
def test_a_killed_session_loses_a_second_at_most_and_replays(tmp_path: Path, after_s: float) -> None:
    check_killed(tmp_path, after_s, speed=8.0)


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_two_hundred_sessions_killed_at_random_moments(tmp_path: Path) -> None:
    moments = random.Random(9)
    for number in range(200):
        check_killed(tmp_path / str(number), moments.uniform(0.0, 3.0), speed=moments.choice([1.0, 3.0, 10.0]))


# --- power cut -------------------------------------------------------------------------------------------------------


def chunk_ends(data: bytes) -> list[int]:
    """Offsets after each chunk, found by walking over the records."""
    ends, at = [], 8
    while at + 9 <= len(data):
        opcode, length = struct.unpack_from("<BQ", data, at)
        at += 9 + length
        if opcode == 6:
            ends.append(at)
    return ends


def check_cuts(folder: Path, cuts: list[int] | None) -> None:
    whole_path, _ = record(folder / "whole", reps=1)
    data = whole_path.read_bytes()
    ends = chunk_ends(data)
    all_times = times(read_recording(whole_path))
    before = []
    cut_path = folder / "cut.mcap"
    for end in ends:
        cut_path.write_bytes(data[:end])
        before.append(len(times(read_recording(cut_path))))
    last = np.searchsorted(all_times, all_times[-1] - 2.0)
    first = max(end for end, count in zip(ends, before, strict=True) if count <= last)
    for cut in cuts or range(first, len(data)):
        at = first + cut % (len(data) - first) if cuts else cut
        cut_path.write_bytes(data[:at])
        got = read_recording(cut_path)
        kept = times(got)
        whole = max(count for end, count in zip(ends, before, strict=True) if end <= at)
        following = next((count for end, count in zip(ends, before, strict=True) if end > at), whole)
        assert len(kept) == whole
        np.testing.assert_array_equal(kept, all_times[:whole])
        assert all_times[following - 1] - kept[-1] <= LOST_AT_MOST_S
        assert got.problems
        assert not got.closed


def test_a_file_cut_in_its_last_two_seconds_gives_every_whole_chunk(tmp_path: Path) -> None:
    check_cuts(tmp_path, [*range(60), *range(61, 14_000, 97), *range(-60, 0)])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_file_cut_at_every_byte_of_its_last_two_seconds(tmp_path: Path) -> None:
    check_cuts(tmp_path, None)


def test_a_file_of_nothing_but_its_first_bytes_ends_in_one_line(tmp_path: Path) -> None:
    data = record(tmp_path / "whole", reps=1)[0].read_bytes()
    for length in range(200):
        (tmp_path / "cut.mcap").write_bytes(data[:length])
        with pytest.raises(InputError, match=r"cut\.mcap: ") as caught:
            read_recording(tmp_path / "cut.mcap")
        assert "\n" not in str(caught.value)


# --- damage in the middle --------------------------------------------------------------------------------------------


def damage(path: Path, data: bytes, at: int, flip: int) -> None:
    changed = bytearray(data)
    changed[at] ^= flip
    path.write_bytes(changed)


@pytest.mark.parametrize("seed", range(3))
def test_one_damaged_byte_is_noticed_and_the_rest_is_read(tmp_path: Path, seed: int) -> None:
    whole_path, _ = record(tmp_path / "whole", reps=3)
    data, whole = whole_path.read_bytes(), read_recording(whole_path)
    end = chunk_ends(data)[-1]
    draw = random.Random(seed)
    for _ in range(120):
        damage(tmp_path / "bad.mcap", data, draw.randrange(8, end), 1 << draw.randrange(8))
        got = read_recording(tmp_path / "bad.mcap")
        kept = times(got)
        assert len(np.setdiff1d(times(whole), kept)) <= 100 * LOST_AT_MOST_S
        assert len(np.setdiff1d(kept, times(whole))) == 0
        assert got.problems or (len(kept) == len(times(whole)) and len(got.events) == len(whole.events))


def test_a_hole_of_zeros_is_told_and_the_way_back_is_found(tmp_path: Path) -> None:
    whole_path, _ = record(tmp_path / "whole", reps=3)
    data = bytearray(whole_path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4096] = bytes(4096)
    (tmp_path / "bad.mcap").write_bytes(data)
    got = read_recording(tmp_path / "bad.mcap")
    assert 0.5 < len(times(got)) / len(times(read_recording(whole_path))) < 1.0
    assert got.closed
    assert any("damaged" in problem for problem in got.problems)


def test_the_session_is_still_known_when_the_first_chunk_is_lost(tmp_path: Path) -> None:
    data = bytearray(record(tmp_path / "whole", reps=1)[0].read_bytes())
    first = chunk_ends(bytes(data))[0]
    data[first - 40 : first] = bytes(40)
    (tmp_path / "bad.mcap").write_bytes(data)
    got = read_recording(tmp_path / "bad.mcap")
    assert got.setup == SETUP
    assert got.problems


# --- the disk --------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def largest_file(size: int):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [20_001, 33_333, 50_000])
def test_a_disk_that_fills_up_is_told_once_and_what_was_before_is_kept(tmp_path: Path, size: int) -> None:
    recorder = Recorder.create(tmp_path, SETUP, sensor={}, started_utc=STARTED)
    told, last_s = [], 0.0
    with largest_file(size):
        for batch in batches(squats(10)):
            try:
                recorder.write_samples(batch)
                if not told:
                    last_s = float(batch.time_s[-1])
            except RecordingError as error:
                told.append(error)
        recorder.close()
    assert len(told) == 1
    assert "not recorded any more" in str(told[0])
    assert "free some space" in str(told[0])
    got = read_recording(recorder.path)
    assert recorder.path.stat().st_size <= size
    assert last_s - times(got)[-1] <= LOST_AT_MOST_S
    assert [problem for problem in got.problems if "damaged" in problem or "cut" in problem] == []


@contextlib.contextmanager
def not_root():
    """Root may write everywhere: be somebody else for a while."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_folder_one_may_not_write_is_told_with_the_cure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        with not_root(), pytest.raises(RecordingError, match="Permission denied") as caught:
            Recorder.create(folder, SETUP, sensor={})
    assert folder in str(caught.value)
    assert "KNEEIMU_HOME" in str(caught.value)


def test_two_programs_record_into_one_folder_at_once(tmp_path: Path) -> None:
    line = [sys.executable, str(HERE / "crashing_recorder.py"), str(tmp_path), "50"]
    children = [subprocess.Popen(line, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    paths = [Path(child.stdout.readline().strip()) for child in children]
    for child in children:
        while float(child.stdout.readline()) < 5.0:
            pass
        child.kill()
        child.communicate()
    assert paths[0] != paths[1]
    for path in paths:
        assert times(read_recording(path))[-1] > 4.0
