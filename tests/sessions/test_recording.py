"""What goes into a recording comes out of it, and the engine says the same to it as it did live."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcap.reader import make_reader

from kneeimu.engine import Engine
from kneeimu.sessions.recording import RawNotification, Recorder, RecordingError, read_recording, setup_to_dict
from kneeimu.sessions.recording_reader import setup_from_dict
from kneeimu.sessions.replay import analyze_recording, replayed_events
from kneeimu.types import Samples, event_to_json

from .recordings import PRESCRIPTION, SETUP, STARTED, batches, record, squats


@pytest.fixture(scope="module")
def session(tmp_path_factory) -> tuple:
    return record(tmp_path_factory.mktemp("sessions"))


def lines(events) -> list[str]:
    return [event_to_json(event) for event in events]


def test_what_was_written_is_read(session) -> None:
    path, said = session
    got = read_recording(path, with_notifications=True)
    assert got.setup == SETUP
    assert got.started_utc == STARTED
    assert got.closed
    assert got.problems == ()
    assert got.prescription == PRESCRIPTION
    assert got.metadata["sensor"]["name"] == "Knee 1"
    assert got.metadata["software"].startswith("kneeimu ")
    assert lines(got.events) == lines(said)
    assert [command.name for command in got.commands] == ["start-set", "pain", "end-set"]
    assert got.commands[1].data == {"level": 2}
    assert got.statuses[-1]["lost"] == 3
    assert got.notifications[3] == RawNotification(got.notifications[3].host_time_s, "6e1e0002", b"\3" * 12)
    written = squats()
    for name in ("time_s", "acc_m_s2", "gyr_rad_s"):
        np.testing.assert_array_equal(np.concatenate([getattr(s, name) for s in got.samples]), getattr(written, name))
    assert [s.restart for s in got.samples[:3]] == [True, False, False]


def test_a_replay_says_byte_for_byte_what_was_said_live(session) -> None:
    path, said = session
    assert sum(event.kind == "rep" for event in said) == 4
    assert lines(replayed_events(read_recording(path))) == lines(said)


def test_its_analysis_counts_what_the_link_lost(session) -> None:
    got = analyze_recording(read_recording(session[0])).to_dict()
    assert got["count"] == 4
    assert got["alignment"] == "good"
    assert got["link"] == {"samples": len(squats()), "lost": 3, "gaps": 0}


def test_it_is_for_this_user_alone_and_named_after_time_exercise_and_side(session) -> None:
    path, _ = session
    assert path.name == "2026-03-04T050607Z_squat_right.mcap"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_the_folder_is_made_for_this_user_alone(tmp_path: Path) -> None:
    Recorder.create(tmp_path / "data" / "sessions", SETUP, sensor={}).close()
    assert stat.S_IMODE(os.stat(tmp_path / "data").st_mode) == 0o700
    assert stat.S_IMODE(os.stat(tmp_path / "data" / "sessions").st_mode) == 0o700


def test_the_library_of_others_reads_it(session) -> None:
    with session[0].open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        topics = {channel.topic for _, channel, _ in reader.iter_messages()}
    assert topics >= {"/imu/samples", "/imu/notifications", "/engine/events", "/person/commands", "/link/status"}


def test_two_sessions_of_the_same_second_get_files_of_their_own(tmp_path: Path) -> None:
    first = Recorder.create(tmp_path, SETUP, sensor={}, started_utc=STARTED)
    second = Recorder.create(tmp_path, SETUP, sensor={}, started_utc=STARTED)
    for number, recorder in enumerate((first, second)):
        recorder.write_command("pain", 1.0, level=number)
        recorder.close()
    assert first.path != second.path
    assert [read_recording(r.path).commands[0].data["level"] for r in (first, second)] == [0, 1]


def test_a_clock_set_back_during_the_session_is_told_and_changes_nothing_else(tmp_path: Path, monkeypatch) -> None:
    import kneeimu.sessions.recording as module

    with Recorder.create(tmp_path, SETUP, sensor={}, started_utc=STARTED) as recorder:
        real = module.time.time
        monkeypatch.setattr(module.time, "time", lambda: real() - 3600.0)
        monkeypatch.setattr(module, "FLUSH_S", 0.0)
        for batch in batches(squats(1)):
            recorder.write_samples(batch)
    got = read_recording(recorder.path)
    assert [status["state"] for status in got.statuses] == ["clock-set"]
    assert "-3600.0 s" in got.statuses[0]["detail"]
    assert got.started_utc == STARTED
    assert np.all(np.diff(np.concatenate([s.time_s for s in got.samples])) > 0)


def test_a_session_that_starts_before_1970_by_a_wrong_clock_is_recorded(tmp_path: Path) -> None:
    wrong = STARTED - timedelta(days=60 * 365)
    with Recorder.create(tmp_path, SETUP, sensor={}, started_utc=wrong) as recorder:
        recorder.write_samples(squats(1))
    assert read_recording(recorder.path).started_utc == wrong


def test_samples_of_a_second_sensor_are_kept_apart(tmp_path: Path) -> None:
    with Recorder.create(tmp_path, SETUP, sensor={}) as recorder:
        recorder.write_samples(squats(1), sensor=0)
        recorder.write_samples(squats(2), sensor=1)
    got = read_recording(recorder.path)
    assert [len(s) for s in got.samples] == [len(squats(1))]
    assert [len(s) for s in got.others[1]] == [len(squats(2))]


def test_numbers_of_numpy_are_kept_and_what_json_has_no_word_for_is_null(tmp_path: Path) -> None:
    said = {"battery": np.int64(87), "rate": np.float64(99.5), "lost": np.float32("nan"), "where": tmp_path}
    with Recorder.create(tmp_path, SETUP, sensor={}) as recorder:
        recorder.write_status({**said, "list": [np.bool_(True), float("inf")]})
    (status,) = read_recording(recorder.path).statuses
    kept = {"battery": 87, "rate": 99.5, "lost": None, "where": str(tmp_path), "list": [True, None]}
    assert {name: status[name] for name in kept} == kept


@pytest.mark.parametrize(
    "change",
    [{"side": "middle"}, {"mount": "arm"}, {"exercise": 3}, {"sampling_rate_hz": "100"}, {"sampling_rate_hz": True}],
    ids=str,
)
def test_a_setup_with_one_field_that_does_not_fit_is_refused(change: dict[str, object]) -> None:
    whole = setup_to_dict(SETUP)
    assert setup_from_dict(whole) == SETUP
    with pytest.raises(ValueError, match="does not fit"):
        setup_from_dict({**whole, **change})


def test_closing_twice_is_no_error_and_writing_afterwards_goes_nowhere(tmp_path: Path) -> None:
    recorder = Recorder.create(tmp_path, SETUP, sensor={})
    recorder.close()
    recorder.close()
    recorder.write_samples(squats(1))
    assert read_recording(recorder.path).items == ()


def test_a_folder_that_cant_be_made_is_told_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Exception, match="file/sessions: the folder can't be made") as caught:
        Recorder.create(tmp_path / "file" / "sessions", SETUP, sensor={})
    assert "KNEEIMU_HOME" in str(caught.value)


CUTS = st.lists(st.integers(1, 400), min_size=1, max_size=12)
ACTS = st.lists(st.tuples(st.sampled_from(["start-set", "end-set", "pain"]), st.floats(0, 1)), max_size=6)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=CUTS, acts=ACTS, seed=st.integers(0, 5))
def test_any_chunks_and_any_keys_replay_byte_for_byte(tmp_path: Path, cuts: list[int], acts: list, seed: int) -> None:
    """Chunks repeat in the drawn sizes; keys are pressed at the drawn shares of the session."""
    samples = squats(4, seed=seed)
    engine, said = Engine(SETUP), []
    keys = sorted((share * float(samples.time_s[-1]), name) for name, share in acts)
    with Recorder.create(tmp_path, SETUP, sensor={}) as recorder:
        begin, turn = 0, 0
        while begin < len(samples):
            part = slice(begin, begin + cuts[turn % len(cuts)])
            batch = Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part])
            recorder.write_samples(batch)
            events = engine.feed(batch)
            begin, turn = part.stop, turn + 1
            now_s = float(batch.time_s[-1])
            while keys and keys[0][0] <= now_s:
                name = keys.pop(0)[1]
                recorder.write_command(name, now_s)
                events += {"start-set": engine.start_set, "end-set": engine.end_set}.get(name, lambda _: [])(now_s)
            for event in events:
                recorder.write_event(event)
            said += events
        last = engine.finish()
        for event in last:
            recorder.write_event(event)
    got = read_recording(recorder.path)
    assert lines(got.events) == lines(said + last)
    assert lines(replayed_events(got)) == lines(said + last)


def test_the_error_of_a_lost_recording_is_raised_once(tmp_path: Path) -> None:
    recorder = Recorder.create(tmp_path, SETUP, sensor={})
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, recorder._stream._handle)
    os.close(full)
    with pytest.raises(RecordingError, match="not recorded any more: No space left") as caught:
        recorder.write_command("pain", 1.0)
    assert str(recorder.path) in str(caught.value)
    recorder.write_command("pain", 2.0)
    recorder.close()


def test_a_long_session_does_not_grow_in_memory(tmp_path: Path) -> None:
    import tracemalloc

    with Recorder.create(tmp_path, SETUP, sensor={}) as recorder:

        def record_minutes(begin: int, count: int) -> None:
            for number in range(begin * 150, (begin + count) * 150):  # four tenths of a second each
                time_s = number * 0.4 + np.arange(4) * 0.1
                recorder.write_samples(Samples(time_s, np.ones((4, 3)), np.ones((4, 3))))

        record_minutes(0, 10)
        tracemalloc.start()
        record_minutes(10, 30)
        grown, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert grown < 200_000
