"""All data out in one file, all data gone, and copies that name nobody."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from kneeimu import locations
from kneeimu.commands.data import command
from kneeimu.dashboard.diary import diary_for
from kneeimu.dashboard.source import SIMULATED
from kneeimu.errors import InputError
from kneeimu.sensors.known import registry_path
from kneeimu.sessions.alignment_file import save_alignment
from kneeimu.sessions.atomic import write_private
from kneeimu.sessions.personal_data import erase_all
from kneeimu.sessions.pseudonyms import Pseudonyms, copy_pseudonymously
from kneeimu.sessions.recording import Recorder, read_recording
from kneeimu.sessions.replay import replayed_events

from .recordings import ALIGNMENT, SETUP, batches, record, squats


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def used(home: Path) -> Path:
    """What a person leaves behind."""
    path, _ = record(locations.sessions_dir(), reps=1)
    save_alignment(locations.alignments_dir() / "right.json", ALIGNMENT)
    write_private(locations.config_dir() / "settings.toml", "units = 'deg'\n")
    write_private(locations.state_dir() / "kneeimu.log", "hello\n")
    return path


def run(*args: str, **more) -> Result:
    return CliRunner().invoke(command, list(args), **more)


def test_the_documents_name_all_that_is_in_the_data_folder() -> None:
    page = (Path(__file__).parents[2] / "docs" / "recordings.md").read_text(encoding="utf-8")
    files = [locations.history_path(), registry_path(), diary_for("").path]
    folders = [
        diary_for(SIMULATED).path.parent,
        locations.alignments_dir(),
        locations.devices_dir(),
        locations.bin_dir(),
    ]
    assert [name for name in (*(f"`{one.name}`" for one in files), *(f"`{one.name}/`" for one in folders))
            if name not in page] == []  # fmt: skip


def test_it_says_where_everything_is(used: Path) -> None:
    lines = run("where").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["data", "settings", "state"]
    assert str(locations.data_dir()) in lines[0]
    assert "(2 files" in lines[0]


def test_everything_goes_into_one_file_for_this_user_alone(used: Path, home: Path) -> None:
    target = home / "all.zip"
    assert run("export", str(target)).stdout == f"{target}: 4 files\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with zipfile.ZipFile(target) as archive:
        assert sorted(archive.namelist()) == [
            "kneeimu/data/alignments/right.json",
            f"kneeimu/data/sessions/{used.name}",
            "kneeimu/settings/settings.toml",
            "kneeimu/state/kneeimu.log",
        ]
        assert archive.read(f"kneeimu/data/sessions/{used.name}") == used.read_bytes()


def test_an_export_replaces_no_file(used: Path, home: Path) -> None:
    (home / "all.zip").write_text("mine")
    result = run("export", str(home / "all.zip"))
    assert isinstance(result.exception, InputError)
    assert (home / "all.zip").read_text() == "mine"


def test_an_export_to_a_full_disk_leaves_nothing_behind(used: Path, home: Path) -> None:
    with pytest.raises(InputError, match="can't be written"):
        run("export", str(home / "nowhere" / "all.zip"), catch_exceptions=False)
    assert not (home / "nowhere").exists()


def test_erasing_asks_for_the_word(used: Path) -> None:
    assert "nothing was erased" in run("erase", input="yes\n").stdout
    assert used.exists()
    assert run("erase", input="erase\n").stdout == "4 files erased\n"
    assert not locations.data_dir().exists()
    assert not locations.config_dir().exists()
    assert not locations.state_dir().exists()
    assert run("erase", "--yes").stdout == "nothing was erased\n"


def test_a_folder_that_holds_more_is_not_erased(home: Path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("KNEEIMU_DATA_DIR", str(home))
    (home / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="holds more than the program's things"):
        erase_all(lambda _: True)
    assert (home / "thesis.txt").exists()


def test_a_pseudonymous_copy_names_nobody_and_counts_the_same(home: Path) -> None:
    made = Recorder.create(
        home, SETUP, sensor={"name": "Ada's knee", "address": "C0:FF:EE:00:11:22", "family": "open"},
        prescription={"patient": "Ada Lovelace", "exercise": "squat", "reps": 4, "notes": ["call +44 20 7946"]},
    )  # fmt: skip
    with made as recorder:
        for batch in batches(squats(4)):
            recorder.write_samples(batch)
        recorder.write_status({"state": "streaming", "detail": "Ada's knee came back", "lost": 2})
        recorder.write_command("note", 3.0, text="Ada felt fine")
        recorder.write_command("pain", 3.0, level=2)
    names = Pseudonyms()
    copy_pseudonymously(recorder.path, home / "copy.mcap", names)
    ours, theirs = read_recording(recorder.path), read_recording(home / "copy.mcap")
    assert replayed_events(ours) == replayed_events(theirs)
    np.testing.assert_array_equal(ours.samples[5].acc_m_s2, theirs.samples[5].acc_m_s2)
    assert theirs.setup == ours.setup
    assert theirs.prescription == {"patient": "patient-3", "exercise": "squat", "reps": 4, "notes": ["notes-4"]}
    assert theirs.metadata["sensor"] == {"name": "name-1", "address": "address-2", "family": "open"}
    assert [command.name for command in theirs.commands] == ["note", "pain"]
    assert theirs.statuses[-1]["lost"] == 2
    told = repr([theirs.attachments, theirs.metadata, theirs.commands, theirs.statuses])
    for secret in ("Ada", "C0:FF", "7946"):
        assert secret not in told
    assert theirs.closed


def test_an_export_with_pseudonyms_tells_what_it_leaves_out(used: Path, home: Path) -> None:
    (locations.sessions_dir() / "foreign.mcap").write_text("?")
    result = run("export", str(home / "anonymous.zip"), "--pseudonyms")
    assert result.exit_code == 1
    assert "foreign.mcap" in result.stderr
    with zipfile.ZipFile(home / "anonymous.zip") as archive:
        assert archive.namelist() == [f"kneeimu/{used.name}"]
        (home / "back.mcap").write_bytes(archive.read(archive.namelist()[0]))
    assert b"Knee 1" not in (home / "back.mcap").read_bytes()
    assert read_recording(home / "back.mcap").metadata["sensor"]["name"] != "Knee 1"
