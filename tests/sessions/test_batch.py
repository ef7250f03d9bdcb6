"""Folders of recordings: any executor gives the same, in the same order, and work that was stopped goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from kneeimu import locations
from kneeimu.commands.analyze import command
from kneeimu.errors import InputError
from kneeimu.sessions.batch import BatchError, Journal, gather, make_executor, run_batch
from kneeimu.sessions.files import Request

from .recordings import STARTED, record


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    for number in range(3):
        record(folder / "deep", reps=3 + number, started=STARTED + timedelta(days=number))
    (folder / "broken.mcap").write_text("no recording")
    (folder / "notes.txt").write_text("not to be read")
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "recordings"))


def counts(results) -> list[int | None]:
    return [done.result["count"] if done.result else None for done in results]


def test_a_folder_is_its_recordings_and_csvs_sorted(folder: Path) -> None:
    files = gather([str(folder)])
    assert [Path(file).name[:10] for file in files] == ["broken.mca", "2026-03-04", "2026-03-05", "2026-03-06"]
    (folder / "empty").mkdir()
    with pytest.raises(InputError, match="no CSVs and no recordings"):
        gather([str(folder / "empty")])


def test_every_executor_gives_the_same_in_the_same_order(folder: Path) -> None:
    files = gather([str(folder)])
    serial = list(run_batch(files, Request(), None))
    assert counts(serial) == [None, 3, 4, 5]
    assert "not a recording" in serial[0].error
    with ThreadPoolExecutor(3) as threads:
        assert list(run_batch(files, Request(), threads)) == serial
    with make_executor("processes:2") as processes:
        assert list(run_batch(files, Request(), processes)) == serial


def test_stopped_work_goes_on_where_it_was(folder: Path) -> None:
    files = gather([str(folder)])
    first = run_batch(files, Request(), None, journal=Journal(files, Request()))
    assert next(first).error
    assert counts([next(first)]) == [3]
    first.close()

    steps = []
    again = list(run_batch(files, Request(), None, journal=Journal(files, Request()), progress=lambda: steps.append(1)))
    assert counts(again) == [None, 3, 4, 5]
    assert len(steps) == 4
    assert list(Journal(files, Request()).known(files)) == [1, 2, 3]


def test_a_file_that_changed_meanwhile_is_done_again(folder: Path) -> None:
    files = gather([str(folder)])
    list(run_batch(files, Request(), None, journal=Journal(files, Request())))
    os.utime(files[1], ns=(1, 1))
    assert list(Journal(files, Request()).known(files)) == [2, 3]
    assert Journal(files, Request(mount="shin")).known(files) == {}


def test_a_journal_that_ends_in_the_middle_of_a_line_is_used_up_to_there(folder: Path) -> None:
    files = gather([str(folder)])
    journal = Journal(files, Request())
    list(run_batch(files, Request(), None, journal=journal))
    journal.path.write_bytes(journal.path.read_bytes()[:-20] + b"\xff")
    assert list(journal.known(files)) == [1, 2]


@pytest.mark.parametrize("kind", ["processors", "processes:0", "processes:many", ""])
def test_an_executor_that_is_none_is_told(kind: str) -> None:
    with pytest.raises(BatchError, match="no such executor"), make_executor(kind):
        pass


def test_the_command_lists_a_folder_and_forgets_its_journal(folder: Path) -> None:
    result = CliRunner().invoke(command, [str(folder)])
    assert result.exit_code == 1
    assert [line.rsplit(": ")[-1].split(",")[0] for line in result.stdout.splitlines()] == [
        "3 reps",
        "4 reps",
        "5 reps",
    ]
    assert "broken.mcap" in result.stderr
    assert list((locations.state_dir() / "analyze").iterdir()) == []


def test_an_interrupted_command_goes_on_and_leaves_no_process(folder: Path) -> None:
    for number in range(12):
        shutil.copy(folder / "deep" / "2026-03-04T050607Z_squat_right.mcap", folder / f"more{number:02}.mcap")
    line = [sys.executable, "-c", "from kneeimu.cli import main; main()", "analyze", str(folder), "--json"]
    (folder / "broken.mcap").unlink()
    line += ["--executor", "processes:1"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as stopped:
        assert stopped.stdout is not None
        stopped.stdout.readline()
        stopped.send_signal(signal.SIGINT)
        _, said = stopped.communicate(timeout=60)
    assert stopped.returncode == 130
    assert "Traceback" not in said
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert "going on: " in done.stderr
    assert len([json.loads(line) for line in done.stdout.splitlines()]) == 15


def test_a_dask_cluster_gives_the_same(folder: Path) -> None:
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    files = gather([str(folder)])
    script = Path(__file__).with_name("loopback_cluster.py")
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as cluster:
        assert cluster.stdout is not None
        address = cluster.stdout.readline().strip()
        with make_executor(address) as executor:
            assert executor is not None
            spread = list(run_batch(files, Request(), executor))
            assert spread == list(run_batch(files, Request(), None))
            assert os.getpid() not in {executor.submit(os.getpid).result() for _ in range(4)}
        result = CliRunner().invoke(command, [str(folder / "deep"), "--executor", address])
        assert [line.rsplit(": ")[-1] for line in result.stdout.splitlines()] == [
            done.headline.rsplit(": ")[-1] for done in spread[1:]
        ]
        cluster.communicate("", timeout=30)


def test_a_scheduler_that_does_not_answer_is_told_with_the_command_that_starts_it() -> None:
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    with pytest.raises(BatchError, match=r"does not answer.*dask scheduler"), make_executor("tcp://127.0.0.1:9"):
        pass
