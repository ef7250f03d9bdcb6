"""``kneeimu report``: for a session, a range of days, a programme, or the last day of training."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from made_leg import alignment, squats

from kneeimu.cli import kneeimu
from kneeimu.locations import sessions_dir
from kneeimu.sessions.recording import Recorder
from kneeimu.types import Setup

FIRST = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three sessions, a week apart; the second belongs to the programme ``band``."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KNEEIMU_HOME", str(home))
        setup = Setup("squat", "right", "thigh", 100.0, alignment())
        samples = squats([[0.0, 1.0, 2.0, 6.0]], rest_s=8.0)
        for week in range(3):
            asked = {"programme": "band", "sets": 1, "reps": [4, 4], "tempo_s": [2, 0, 2]} if week == 1 else None
            begun = FIRST + timedelta(weeks=week)
            with Recorder.create(sessions_dir(), setup, sensor={}, prescription=asked, started_utc=begun) as recorder:
                recorder.write_samples(samples)
                recorder.write_command("pain", 5.0, level=week + 3)
    return home


def run(home: Path, out: Path, *arguments: str) -> Result:
    return CliRunner(env={"KNEEIMU_HOME": str(home)}).invoke(kneeimu, ["report", "--out", str(out), *arguments])


@pytest.mark.parametrize(
    ("arguments", "period", "recordings"),
    [
        ((), "18 May 2026", "1 recording "),
        (("--since", "2026-05-04", "--until", "2026-05-12"), "4 May 2026 to 12 May 2026", "2 recordings"),
        (("--since", "3w", "--until", "2026-05-18"), "28 April 2026 to 18 May 2026", "3 recordings"),
        (("--since", "1m", "--until", "2026-05-18"), "19 April 2026 to 18 May 2026", "3 recordings"),
        (("--programme", "band"), "11 May 2026", "1 recording "),
    ],
)
def test_the_sessions_asked_for_are_reported(
    arguments: tuple[str, ...], period: str, recordings: str, home: Path, tmp_path: Path
) -> None:
    done = run(home, tmp_path / "r.html", *arguments)
    assert done.exit_code == 0, done.output
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert period in page
    assert f"from {recordings}" in page


def test_a_programme_brings_its_title_and_its_plan(home: Path, tmp_path: Path) -> None:
    run(home, tmp_path / "r.html", "--programme", "band")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "a week; 4 of 4 prescribed reps" in page
    assert "<strong>4 of 10</strong>" in page


def test_plots_are_written_beside_the_page(home: Path, tmp_path: Path) -> None:
    done = run(home, tmp_path / "r.html", "--figures", str(tmp_path / "plots"))
    assert [Path(line).name for line in done.stdout.splitlines()][:2] == ["r.html", "squat-right-curves.svg"]
    assert (tmp_path / "plots/squat-right-drift.svg").exists()


def test_a_page_is_for_the_user_alone(home: Path, tmp_path: Path) -> None:
    run(home, tmp_path / "r.html")
    assert (tmp_path / "r.html").stat().st_mode & 0o077 == 0


def test_no_session_is_told(home: Path, tmp_path: Path) -> None:
    done = run(home, tmp_path / "r.html", "--since", "2020-01-01", "--until", "2020-02-01")
    assert done.exit_code == 1
    assert "no session fits" in str(done.exception)
    assert not (tmp_path / "r.html").exists()


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "5y"])
def test_a_day_that_is_none_is_a_wrong_call(since: str, home: Path, tmp_path: Path) -> None:
    done = run(home, tmp_path / "r.html", "--since", since)
    assert done.exit_code == 2
    assert "4w or 6m" in done.output


@pytest.mark.parametrize(
    ("since", "until", "recordings"), [("0d", "2026-05-18", "1 recording "), ("9999m", "0100-01-01", "")]
)
def test_no_number_of_days_is_too_small_or_too_large(
    since: str, until: str, recordings: str, home: Path, tmp_path: Path
) -> None:
    done = run(home, tmp_path / "r.html", "--since", since, "--until", until)
    if recordings:
        assert f"from {recordings}" in (tmp_path / "r.html").read_text(encoding="utf-8")
    else:
        assert "no session fits" in str(done.exception)


def test_a_report_ends_as_long_ago_as_asked(home: Path, tmp_path: Path) -> None:
    day = datetime.now().astimezone() - timedelta(days=14)
    run(home, tmp_path / "r.html", "--since", "2026-05-04", "--until", "2w")
    assert f"{day.day} {day:%B %Y}" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_the_report_keeps_to_what_was_counted_at_the_time(tmp_path: Path) -> None:
    from kneeimu.types import Rep, RepCounted, SetStarted

    setup = Setup("squat", "right", "thigh", 100.0)
    with Recorder.create(tmp_path, setup, sensor={}, started_utc=FIRST) as recorder:
        recorder.write_samples(squats([[0.0] * 4], rest_s=8.0))
        recorder.write_event(SetStarted(4.0, 1))
        for number in (1, 2):
            begun = 4.4 * number
            rep = Rep(number, begun, begun + 2.0, begun + 4.0, 4.0, 50.0, 2.0, 0.0, 2.0, 60.0)
            recorder.write_event(RepCounted(begun + 4.0, 1, rep))
        recorder.write_command("correction", 20.0, by=1)
    done = run(tmp_path / "home", tmp_path / "r.html", str(recorder.path))
    assert done.exit_code == 0, done.output
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<strong>3</strong>" in page
    assert "2 counted by the sensor" in page
    assert "2 reps from their start" in page


def test_pain_of_the_diary_is_on_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kneeimu.coaching.pain import PainLog
    from kneeimu.dashboard.diary import Diary, Entry

    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path / "home"))
    setup = Setup("squat", "right", "thigh", 100.0)
    asked = {"session": "s1", "sets": 1, "reps": [4, 4]}
    with Recorder.create(sessions_dir(), setup, sensor={}, prescription=asked, started_utc=FIRST) as recorder:
        recorder.write_samples(squats([[0.0] * 4], rest_s=8.0))
    Diary().add(Entry("s1", FIRST, "", 60.0, (), PainLog(before=1, during=6)))
    Diary().add_pain("s1", "next-morning", 4)
    done = run(tmp_path / "home", tmp_path / "r.html")
    assert done.exit_code == 0, done.output
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Pain reached 6 of 10 in training on 4 May" in page
    assert "worse the next morning" in page


def test_numbers_that_are_none_do_not_reach_the_page(tmp_path: Path) -> None:
    from kneeimu.types import Rep, RepCounted

    setup = Setup("squat", "right", "thigh", 100.0)
    with Recorder.create(tmp_path, setup, sensor={}, started_utc=FIRST) as recorder:
        recorder.write_samples(squats([[0.0] * 4], rest_s=8.0))
        for number, hostile in enumerate([4.0, "four", None, 1e300, [4.0]], start=1):
            rep = Rep(number, 5.0, 7.0, 9.0, hostile, 50.0, 2.0, 0.0, 2.0, 60.0)  # type: ignore[arg-type]
            recorder.write_event(RepCounted(9.0, 1, rep))
    done = run(tmp_path / "home", tmp_path / "r.html", str(recorder.path))
    assert done.exit_code == 0, done.output
    assert "<dt>Reps</dt><dd><strong>1</strong>" in (tmp_path / "r.html").read_text(encoding="utf-8")
