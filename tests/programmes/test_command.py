"""``kneeimu programme`` as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kneeimu.cli import kneeimu
from kneeimu.errors import InputError
from kneeimu.exercises.programmes.programme import SHIPPED

BAD = 'format = 1\ntitle = "x"\n[[exercises]]\nexercise = "squat"\nreps = 0\n'


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path))
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(kneeimu, ["programme", *words])


def test_list_names_the_shipped_ones_with_their_length() -> None:
    result = run("list")

    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["band", "hip-strength", "relief"]


def test_show_gives_dose_words_and_drawing() -> None:
    shown = run("show", "band").stdout

    for part in ("Clamshell", "15-20 reps", "both legs", "band: light", "sensor on the thigh", "Tip:", "▣"):
        assert part in shown


def test_new_copies_and_list_shows_it() -> None:
    made = run("new", "my-band", "--from", "band")

    assert Path(made.stdout.strip()).exists()
    assert "my-band" in run("list").stdout
    assert run("check", "my-band").exit_code == 0


def test_new_never_overwrites() -> None:
    run("new", "mine")

    assert isinstance(run("new", "mine").exception, InputError)


def test_a_programme_that_replaces_a_shipped_one_begins_as_its_copy() -> None:
    made = Path(run("new", "band").stdout.strip())
    assert made.read_text(encoding="utf-8") == (SHIPPED / "band.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["../evil", "Has Space", "", "x" * 60])
def test_new_refuses_names_that_are_no_names(name: str) -> None:
    assert isinstance(run("new", name).exception, InputError)


def test_check_says_line_and_reason_and_goes_on_to_the_next_file(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(BAD)

    result = run("check", str(bad), "band")

    assert result.exit_code == 1
    assert "bad.toml:5: reps can't be 0" in result.stderr
    assert "band: good" in result.stdout


def test_an_edit_that_breaks_the_programme_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(run("new", "mine").stdout.strip())
    before = path.read_text()
    monkeypatch.setenv("EDITOR", "sed -i s/rest_s/rset_s/")

    result = run("edit", "mine")

    assert isinstance(result.exception, InputError)
    assert "did you mean rest_s" in result.stderr
    assert path.read_text() == before


def test_a_good_edit_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(run("new", "mine").stdout.strip())
    monkeypatch.setenv("EDITOR", "sed -i s/Hip.strength/Mine/")

    result = run("edit", "mine")

    assert result.exit_code == 0
    assert 'title = "Mine"' in path.read_text()


def test_a_shipped_programme_is_not_edited_but_copied() -> None:
    error = run("edit", "band").exception

    assert isinstance(error, InputError)
    assert "kneeimu programme new" in error.advice


def test_an_unknown_programme_is_named_with_those_there_are() -> None:
    error = run("show", "bnad").exception

    assert isinstance(error, InputError)
    assert "band, hip-strength, relief" in error.advice
