"""The history lists what was recorded, keeps up with the folder, and can be made again from it."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kneeimu import locations
from kneeimu.errors import InputError
from kneeimu.sessions.history import MIGRATIONS, Filter, History
from kneeimu.sessions.private import private_dir
from kneeimu.sessions.recording import Recorder, read_recording
from kneeimu.sessions.replay import analyze_recording
from kneeimu.sessions.scores import add_score, read_scores
from kneeimu.sessions.session_summary import FIELDS
from kneeimu.types import Rep, RepCounted, SetEnded, SetStarted, SetSummary, Setup

from .recordings import SETUP, STARTED, record


@pytest.fixture
def home(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path))
    return private_dir(locations.sessions_dir())


def session(home: Path, started: datetime, **more) -> Path:
    """A short session without reps."""
    setup = dataclasses.replace(SETUP, alignment=None, **more)
    with Recorder.create(
        home, setup, sensor={"name": "Knee"}, prescription={"name": "Hüfte"}, started_utc=started
    ) as r:
        r.write_command("note", 0.0, text="felt GOOD")
    return r.path


@pytest.fixture
def three(home: Path) -> list[Path]:
    return [
        session(home, STARTED),
        session(home, STARTED + timedelta(days=1), exercise="lunge"),
        session(home, STARTED + timedelta(days=9), side="left"),
    ]


def names(history: History, **wanted) -> list[str]:
    return [found.name for found in history.sessions(Filter(**wanted))]


def test_a_session_is_boiled_down_to_one_line(home: Path) -> None:
    path, _ = record(home)
    with History() as history:
        assert history.refresh().added == (path.stem,)
        (found,) = history.sessions()
    assert (found.exercise, found.side, found.mount, found.sensor) == ("squat", "right", "thigh", "Knee 1")
    assert (found.count, found.corrected_count, found.sets, found.pain) == (4, 4, 1, 2)
    assert found.range_deg == pytest.approx(60.0, abs=4.0)
    assert found.drift_deg is not None
    assert found.marks == ""
    assert found.started == STARTED


def test_a_set_without_a_rep_is_no_set(home: Path) -> None:
    with Recorder.create(home, SETUP, sensor={}) as recorder:
        recorder.write_event(SetStarted(1.0, 1))
        recorder.write_event(SetEnded(3.0, SetSummary(1, 1.0, 3.0, 0, 0)))
    with History() as history:
        history.refresh()
        (found,) = history.sessions()
    assert found.sets == 0


def test_corrections_stand_beside_what_was_detected(home: Path) -> None:
    with Recorder.create(home, SETUP, sensor={}) as recorder:
        for by in (1, 1, -1, 1):
            recorder.write_command("correction", 1.0, by=by)
    with History() as history:
        history.refresh()
        (found,) = history.sessions()
    assert (found.count, found.corrected_count) == (0, 2)


def test_a_rep_found_late_is_not_counted_beside_the_one_that_the_person_added(home: Path) -> None:
    def counted(number: int, at_s: float) -> RepCounted:
        start_s = 4.0 * number
        rep = Rep(number, start_s, start_s + 1.5, start_s + 3.0, 3.0, 40.0, 1.5, 0.0, 1.5, 60.0)
        return RepCounted(at_s, 1, rep)

    with Recorder.create(home, SETUP, sensor={}) as recorder:
        recorder.write_event(SetStarted(4.0, 1))
        recorder.write_event(counted(1, 7.0))
        recorder.write_event(counted(2, 11.0))
        recorder.write_command("correction", 12.0, by=1)
        recorder.write_event(counted(3, 25.0))
    with History() as history:
        history.refresh()
        (found,) = history.sessions()
    assert (found.count, found.corrected_count, found.sets) == (3, 3, 1)


def test_newest_first_and_filters(three: list[Path]) -> None:
    with History() as history:
        history.refresh()
        assert names(history) == [path.stem for path in reversed(three)]
        assert names(history, exercise="lunge") == [three[1].stem]
        assert names(history, side="left") == [three[2].stem]
        assert names(history, since=STARTED + timedelta(days=1)) == [three[2].stem, three[1].stem]
        assert names(history, until=STARTED + timedelta(days=1)) == [three[0].stem]
        assert names(history, text="HÜFTE lunge") == [three[1].stem]
        assert names(history, text="good left") == [three[2].stem]
        assert names(history, text="nothing of the kind") == []
        assert names(history, limit=1) == [three[2].stem]


def test_it_keeps_up_with_the_folder_and_reads_nothing_twice(three: list[Path], home: Path) -> None:
    with History() as history:
        history.refresh()
        assert history.refresh().added == ()
        shutil.copy(three[0], home / "copied.mcap")
        three[1].unlink()
        three[2].write_bytes(three[2].read_bytes()[:-20])
        news = history.refresh()
    assert (news.added, news.changed, news.removed) == (("copied",), (three[2].stem,), (three[1].stem,))


def test_a_cut_session_is_listed_with_a_mark_and_a_foreign_file_is_told(home: Path) -> None:
    path, _ = record(home)
    path.write_bytes(path.read_bytes()[:-3000])
    (home / "foreign.mcap").write_text("nothing of ours")
    with History() as history:
        news = history.refresh()
        assert [found.marks for found in history.sessions()] == ["cut"]
    assert news.faults == ((str(home / "foreign.mcap"), "this is not a recording (no MCAP)"),)


def test_the_index_is_made_again_from_the_recordings(three: list[Path]) -> None:
    with History() as history:
        history.refresh()
        before = history.sessions()
        history._database.execute("update sessions set exercise = 'wrong'")
        history._database.commit()
        history.rebuild()
        assert history.sessions() == before


@pytest.mark.parametrize("content", [b"", b"nonsense" * 1000, b"SQLite format 3\0" + bytes(5000)])
def test_a_damaged_index_makes_itself_again(three: list[Path], content: bytes) -> None:
    locations.history_path().write_bytes(content)
    with History() as history:
        assert len(history.refresh().added) == 3


def test_an_index_of_the_first_version_migrates_and_reads_everything_again(three: list[Path]) -> None:
    old = sqlite3.connect(locations.history_path())
    old.executescript(MIGRATIONS[0] + "pragma user_version = 1;")
    old.execute(f"insert into files values ('{three[0].stem}', 'something', '')")
    old.commit()
    old.close()
    with History() as history:
        assert set(history.refresh().added) == {path.stem for path in three}
        assert history.sessions()[0].latest_count is None


def test_every_version_migrates_to_the_same_tables(home: Path, tmp_path: Path) -> None:
    shapes = []
    for version in range(len(MIGRATIONS) + 1):
        index = tmp_path / f"{version}.sqlite"
        old = sqlite3.connect(index)
        for script in MIGRATIONS[:version]:
            old.executescript(script)
        old.execute(f"pragma user_version = {version}")
        old.close()
        with History(home, index) as history:
            shapes.append(history._database.execute("pragma table_info(sessions)").fetchall())
    assert all(shape == shapes[0] for shape in shapes)


def test_an_index_of_a_newer_program_is_replaced(three: list[Path]) -> None:
    newer = sqlite3.connect(locations.history_path())
    newer.execute("pragma user_version = 99")
    newer.close()
    with History() as history:
        assert len(history.refresh().added) == 3


def test_two_programs_open_a_new_index_at_once(three: list[Path]) -> None:
    failed: list[Exception] = []

    def work() -> None:
        try:
            with History() as history:
                history.refresh()
                assert len(history.sessions()) == 3
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_handles_find_a_session(three: list[Path]) -> None:
    with History() as history:
        history.refresh()
        assert history.find("last") == three[2]
        assert history.find("1") == three[2]
        assert history.find("3") == three[0]
        assert history.find("2026-03-05") == three[1]
        assert history.find(three[0].stem) == three[0]
        assert history.find(str(three[0])) == three[0]
        with pytest.raises(InputError, match="3 sessions begin so"):
            history.find("2026-03")
        for nothing in ("4", "1999", "%", ""):
            with pytest.raises(InputError, match=r"no such session|sessions begin so"):
                history.find(nothing)


@pytest.fixture
def far_west(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone can't be set")
def test_a_day_is_the_one_that_the_list_shows(three: list[Path], far_west: None) -> None:
    with History() as history:
        history.refresh()
        (shown,) = [one for one in history.sessions() if f"{one.started:%Y-%m-%d}" == "2026-03-04"]
        assert history.find("2026-03-04").stem == shown.name != three[0].stem


def test_among_thousands_four_digits_are_a_number_unless_they_are_a_year(three: list[Path]) -> None:
    with History() as history:
        history.refresh()
        fields = ", ".join(name for name in FIELDS if name not in ("name", "started_utc"))
        with history._writing():
            history._database.executemany(
                f"insert into sessions (name, started_utc, {fields}) select ?, ?, {fields} from sessions limit 1",
                [(f"1{n:04d}", f"19{n // 100:02d}-01-01T00:00:{n % 100:02d}+00:00") for n in range(2500)],
            )
        assert len(history.sessions()) == 2503
        assert history.find("2503").stem == "10000"
        assert history.find("1500").stem == "11003"
        with pytest.raises(InputError, match="3 sessions begin so"):
            history.find("2026")


def test_an_index_that_cant_be_opened_is_told_and_left_alone(home: Path) -> None:
    (home / "index" / "inside").mkdir(parents=True)
    with pytest.raises(InputError, match="can't be opened"):
        History(index=home / "index")
    assert (home / "index" / "inside").is_dir()


def test_deleting_goes_to_a_bin_and_comes_back(three: list[Path]) -> None:
    add_score(three[0], analyze_recording(read_recording(three[0])))
    with History() as history:
        history.refresh()
        gone = history.delete(three[0])
        history.refresh()
        assert three[0].stem not in names(history)
        assert history.binned() == [gone]
        history.restore(three[0].stem)
        history.refresh()
        assert three[0].stem in names(history)
        assert len(read_scores(three[0])) == 1
        history.delete(three[1])
        assert history.empty_bin() == 1
        assert history.binned() == []
        with pytest.raises(InputError, match=r"no such session in the bin"):
            history.restore(three[1].stem)


def test_a_session_that_comes_to_the_bin_twice_replaces_nothing(three: list[Path], home: Path) -> None:
    data = three[0].read_bytes()
    with History() as history:
        history.delete(three[0])
        three[0].write_bytes(data)
        history.delete(three[0])
        assert len(history.binned()) == 2


def test_a_later_score_stands_beside_the_first(home: Path) -> None:
    path, _ = record(home)
    with History() as history:
        history.refresh()
        result = analyze_recording(read_recording(path))
        add_score(path, dataclasses.replace(result, reps=result.reps[:3]))
        assert history.refresh().changed == (path.stem,)
        (found,) = history.sessions()
    assert (found.count, found.latest_count) == (4, 3)


def test_index_and_folders_are_for_this_user_alone(home: Path) -> None:
    with History():
        pass
    assert stat.S_IMODE(locations.history_path().stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_sessions_of_a_clock_set_back_are_listed_by_the_time_they_say(home: Path) -> None:
    first = session(home, datetime(2026, 5, 1, tzinfo=UTC))
    second = session(home, datetime(2020, 1, 1, tzinfo=UTC))
    with History() as history:
        history.refresh()
        assert names(history) == [first.stem, second.stem]


def test_an_exercise_of_a_newer_program_is_told_and_hides_nothing(home: Path, three: list[Path]) -> None:
    with Recorder.create(home, Setup("hover", "left", "shin", 100.0), sensor={}) as recorder:
        pass
    with History() as history:
        news = history.refresh()
        assert len(history.sessions()) == 3
    assert news.faults[0][0] == str(recorder.path)
    assert "hover" in news.faults[0][1]


def test_all_cores_make_the_same_index(three: list[Path], monkeypatch) -> None:
    with History() as history:
        history.refresh()
        serial = history.sessions()
        monkeypatch.setattr("kneeimu.sessions.batch.WORTH_A_POOL_BYTES", 0)
        history.rebuild(all_cores=True)
        assert history.sessions() == serial


def test_a_session_that_is_being_recorded_is_marked_and_cant_be_deleted(home: Path) -> None:
    recorder = Recorder.create(home, SETUP, sensor={})
    with History() as history:
        history.refresh()
        assert [found.marks for found in history.sessions()] == ["recording"]
        with pytest.raises(InputError, match="is being recorded"):
            history.delete(recorder.path)
        os.close(recorder._stream._handle)  # as the end of the process does
        history.refresh()
        assert [found.marks for found in history.sessions()] == ["cut"]
        recorder._stream.closed = True
        history.delete(recorder.path)
