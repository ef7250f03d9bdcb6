"""What waits for a broker is kept in a file: nothing is lost there, nothing comes twice."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from kneeimu.telemetry.outbox import Outbox
from kneeimu.telemetry.service import open_outbox


def test_a_full_outbox_drops_the_oldest_and_counts_them(tmp_path: Path) -> None:
    for outbox in (Outbox(tmp_path / "outbox.sqlite", most=5), Outbox(None, most=5)):
        for number in range(8):
            outbox.put("t", str(number).encode())
        assert [one.payload for one in outbox.oldest(10)] == [b"3", b"4", b"5", b"6", b"7"]
        assert (len(outbox), outbox.dropped) == (5, 3)
        outbox.close()


def test_what_is_done_does_not_come_again(tmp_path: Path) -> None:
    for outbox in (Outbox(tmp_path / "outbox.sqlite"), Outbox(None)):
        for number in range(4):
            outbox.put("t", str(number).encode())
        outbox.done(outbox.oldest(2)[-1].number)
        assert [one.payload for one in outbox.oldest(10)] == [b"2", b"3"]
        assert len(outbox) == 2
        outbox.close()


def test_numbers_never_come_again_even_when_all_was_sent(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.put("t", b"1")
    (first,) = outbox.oldest(1)
    outbox.done(first.number)
    outbox.put("t", b"2")
    assert outbox.oldest(1)[0].number > first.number
    outbox.close()


def test_two_programs_with_one_outbox_agree_on_how_many_wait(tmp_path: Path) -> None:
    one, other = Outbox(tmp_path / "outbox.sqlite"), Outbox(tmp_path / "outbox.sqlite")
    for number in range(3):
        one.put("t", str(number).encode())
    assert len(other) == 3
    other.done(other.oldest(2)[-1].number)
    assert (len(one), len(other)) == (1, 1)
    one.close()
    other.close()


def test_two_programs_with_one_full_outbox_drop_no_more_than_they_must(tmp_path: Path) -> None:
    one, other = (Outbox(tmp_path / "outbox.sqlite", most=5) for _ in range(2))
    for number in range(8):
        (one, other)[number % 2].put("t", str(number).encode())
    assert [waiting.payload for waiting in one.oldest(10)] == [b"3", b"4", b"5", b"6", b"7"]
    assert one.dropped + other.dropped == 3
    one.close()
    other.close()


def test_what_waits_for_one_broker_goes_to_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kneeimu.telemetry.broker import Broker

    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path))
    first, second = (open_outbox(Broker("::1", port, wearer="anna"), "outbox") for port in (1883, 1884))
    first.put("t", b"1")
    assert (len(first), len(second)) == (1, 0)
    first.close()
    second.close()


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    path.write_bytes(b"this is no database, but it is long enough to be looked at" * 50)
    outbox = Outbox(path)
    outbox.put("t", b"1")
    outbox.close()
    assert len(Outbox(path)) == 1
    assert path.with_suffix(".damaged").exists()


def test_a_file_that_another_program_holds_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    before = Outbox(path)
    before.put("t", b"1")
    before.close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    outbox = Outbox(path)
    outbox.put("t", b"2")
    assert "in memory" in outbox.problem
    other.close()
    assert [one.payload for one in Outbox(path).oldest(5)] == [b"1"]


def test_without_a_disk_events_wait_in_memory_and_that_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outbox = Outbox(tmp_path / "file" / "outbox.sqlite")
    outbox.put("t", b"1")
    assert "in memory" in outbox.problem
    assert [one.payload for one in outbox.oldest(5)] == [b"1"]


def test_a_disk_that_fails_later_does_not_stop_the_session(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    outbox = Outbox(path)
    outbox.put("t", b"1")
    with sqlite3.connect(path) as other:
        other.execute("DROP TABLE waiting")
    other.close()
    outbox.put("t", b"2")
    assert "in memory" in outbox.problem
