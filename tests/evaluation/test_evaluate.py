"""``kneeimu evaluate`` tells the truth about the counter, and says what it could not judge."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from played import person

from firmware_sim import Activity, Scenario, simulate, write_csv, write_truth
from kneeimu.cli import kneeimu
from kneeimu.errors import InputError
from kneeimu.evaluation.figures import agreement, figures_of
from kneeimu.evaluation.judge import Outcome, evaluate, match
from kneeimu.evaluation.labels import TrueRep, label_of, read_label
from kneeimu.evaluation.run import evaluate_all
from kneeimu.evaluation.tasks import Task, simulated_tasks, tasks_of_folder
from kneeimu.types import Rep


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two sets of squats, of which one label claims two reps more than there are, and a bare CSV."""
    for name, seed in (("right", 4100), ("wrong", 4101)):
        done = person("squat", "thigh", seed=seed)
        write_csv(done, tmp_path / f"{name}.csv")
        write_truth(done, tmp_path / f"{name}.truth.json", samples=False)
    label = json.loads((tmp_path / "wrong.truth.json").read_text())
    last = label["reps"][-1]
    label["reps"] += [{**last, "start_s": last["start_s"] + 40 * n, "end_s": last["end_s"] + 40 * n} for n in (1, 2)]
    label["count"] += 2
    (tmp_path / "wrong.truth.json").write_text(json.dumps(label))
    write_csv(done, tmp_path / "bare.csv")
    return tmp_path


def run(*arguments: object) -> tuple[int, str, str]:
    outcome = CliRunner().invoke(kneeimu, ["evaluate", *map(str, arguments)])
    if isinstance(outcome.exception, Exception):
        raise outcome.exception
    return outcome.exit_code, outcome.stdout, outcome.stderr


def rep(start_s: float, end_s: float) -> Rep:
    return Rep(1, start_s, (start_s + end_s) / 2, end_s, end_s - start_s, 40.0, 1.0, 0.0, 1.0, 60.0)


def test_a_folder_is_counted_and_the_wrong_ones_are_named(folder: Path) -> None:
    code, text, told = run(folder)
    assert code == 0
    assert re.search(r"squat +thigh +2 +50 % +50 % +1\.00 +0\.00", text)
    assert "wrong  squat thigh right, 50 Hz: 6 for 8" in text
    assert "bare.csv" in told
    assert "bare" not in text


def test_json_holds_every_recording_and_no_number_that_is_not_known(folder: Path) -> None:
    data = json.loads(run(folder, "--json")[1])
    assert data["total"]["sets"] == 2
    assert data["total"]["exact_percent"] == 50.0
    assert data["total"]["medial_tilt_deg"] is None
    assert data["total"]["resting"] == 0
    missed = {one["name"]: len(one["missed"]) for one in data["recordings"]}
    assert missed == {"right": 0, "wrong": 2}


def test_the_page_stands_alone_and_draws_the_worst_case(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    run(folder, "--html", page)
    text = page.read_text(encoding="utf-8")
    drawings = re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL)
    titles = [ElementTree.fromstring(one)[0].text for one in drawings]
    assert titles == ["Sets counted right, thigh", "Counted and true reps", "Range", "wrong: squat"]
    assert "<script" not in text
    assert not re.search(r"(src|href)=", text)


def test_simulated_people_need_no_folder() -> None:
    data = json.loads(run("--simulated", "--sets", 2, "--idle", 1, "--people", 0, "--seed", 4100, "--json")[1])
    assert [one["kind"] for one in data["recordings"]] == ["set", "set", "idle"]
    assert data["total"]["other_min"] > 2.0


@pytest.mark.parametrize("arguments", [[], ["somewhere", "--simulated"], ["--simulated", "--sets", "0", "--idle", "0",
                                                                         "--people", "0"]])  # fmt: skip
def test_unclear_orders_are_refused(arguments: list[str]) -> None:
    assert run(*arguments)[0] == 2


def test_a_folder_without_labels_says_what_is_needed(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("t,ax,ay,az,gx,gy,gz\n")
    with pytest.raises(InputError, match=r"NAME\.truth\.json"):
        tasks_of_folder(tmp_path)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "not JSON, from line 1 on"),
        ("[]", "it holds no object"),
        ('{"side": "left", "mount": "shin", "count": "two"}', "the count 'two' is no whole number"),
        (
            '{"side": "left", "mount": "shin", "count": 1, "exercise": "squat", "reps": [{"start_s": NaN}]}',
            "start_s is nan",
        ),
        ('{"side": "left", "mount": "shin"}', "'count' is missing"),
        ('{"side": "left", "mount": "hip", "count": 0}', "'hip'"),
        ('{"side": "left", "mount": "shin", "count": 3}', "needs an exercise"),
        ('{"side": "left", "mount": "shin", "count": 3, "exercise": "swimming"}', "'swimming'"),
    ],
)
def test_labels_that_do_not_fit_are_told(text: str, fault: str, tmp_path: Path) -> None:
    path = tmp_path / "one.truth.json"
    path.write_text(text)
    with pytest.raises(InputError, match=fault) as caught:
        read_label(path)
    assert caught.value.where == str(path)


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("t,ax,ay,az,gx,gy,gz\n")
    with pytest.raises(InputError, match="a file and not a folder"):
        tasks_of_folder(tmp_path / "one.csv")


def test_where_nothing_was_exercised_every_exercise_must_be_silent(tmp_path: Path) -> None:
    idle = person("squat", "shin", reps=0)
    write_csv(idle, tmp_path / "idle.csv")
    (tmp_path / "idle.truth.json").write_text('{"side": "right", "mount": "shin", "count": 0}')
    tasks, _ = tasks_of_folder(tmp_path)
    assert len(tasks) == len({task.exercise for task in tasks}) == 14


def test_a_recording_that_can_not_be_read_is_told_and_the_others_are_counted(folder: Path) -> None:
    (folder / "right.csv").write_text("t,ax\n")
    code, text, _ = run(folder)
    assert code == 0
    assert "not evaluated: right" in text
    assert re.search(r"all +1 ", text)


def test_true_and_counted_reps_are_paired_once() -> None:
    true = [TrueRep(0.0, 1.0, 2.0), TrueRep(3.0, 4.0, 5.0), TrueRep(6.0, 7.0, 8.0)]
    pairs, missed, extra = match(true, [rep(0.2, 1.9), rep(3.1, 5.4), rep(20.0, 22.0)])
    assert [(one.start_s, other.start_s) for one, other in pairs] == [(0.0, 0.2), (3.0, 3.1)]
    assert [one.start_s for one in missed] == [6.0]
    assert [one.start_s for one in extra] == [20.0]


def test_limits_of_agreement_are_bias_and_spread() -> None:
    found = agreement([(10.0, 11.0), (20.0, 23.0), (30.0, 32.0)])
    assert found is not None
    assert (found.bias_deg, found.low_deg, found.high_deg) == (2.0, 0.04, 3.96)
    assert found.rmse_deg == pytest.approx(2.16, abs=0.01)
    assert agreement([(1.0, 2.0)]) is None


def test_counts_outside_of_sets_are_false_and_given_per_ten_minutes() -> None:
    outcomes = [
        Outcome("a", "squat", "thigh", "right", "set", true_count=5, count=6, outside=1, outside_s=60.0),
        Outcome("b", "squat", "thigh", "right", "idle", outside_s=540.0),
        Outcome("c", "squat", "thigh", "right", "resting", count=2, outside=2, outside_s=100.0),
    ]
    total = figures_of(outcomes).total
    assert (total.sets, total.exact_percent, total.within_one_percent) == (1, 0.0, 100.0)
    assert (total.other_min, total.false_per_10_min) == (10.0, 1.0)
    assert (total.resting, total.resting_counts) == (1, 2)


def test_an_aligned_recording_is_measured_with_what_its_own_beginning_tells() -> None:
    scenario = Scenario(
        exercise="single-leg-squat", mount="thigh", reps=6, seed=4102, alignment="full", reference_reps=4,
        variation=0.5, style=0.5, tempo_s=(2.2, 0.0, 2.5, 0.6), faults={"knee-in": (2, 5)},
        before=(Activity("stand", 3.0),),
    )  # fmt: skip
    done = evaluate(Task("form", scenario, scenario.exercise))
    assert (done.kind, done.alignment, done.count) == ("form", "good", 6)
    figures = figures_of([done])
    found = {one.code: (one.shown, one.found, one.alarms) for one in figures.findings}
    assert found["knee-in"] == (2, 2, 0)
    assert figures.total.sets == 0
    tilt = figures.total.medial_tilt_deg
    assert tilt is not None
    assert tilt.rmse_deg < 2.0
    assert figures.confusion["knee-in"]["knee-in"] == 2


@pytest.fixture
def after_an_alignment(tmp_path: Path) -> Path:
    """Four squats after an alignment by squats, without reference reps."""
    done = simulate(
        Scenario(exercise="squat", side="right", mount="thigh", reps=4, seed=2, alignment="squats", sensor="ideal")
    )
    write_csv(done, tmp_path / "aligned.csv")
    write_truth(done, tmp_path / "aligned.truth.json", samples=False)
    return tmp_path


def test_a_lunge_that_is_measured_again_when_the_set_is_over_was_told_before() -> None:
    lunges = Scenario(
        exercise="lunge", mount="shin", manner="stepping", reps=8, seed=42, tempo_s=(2.0, 0.3, 2.0, 1.0), variation=0.5,
        style=0.5, rate_hz=50.0, valgus_deg=(6.0,),
    )  # fmt: skip
    outcome = evaluate(Task("lunges", lunges, "lunge"))
    assert len(outcome.pairs) == 8
    assert max(pair.late_s for pair in outcome.pairs) < 1.0


def test_squats_of_an_alignment_without_reference_reps_are_not_false(after_an_alignment: Path) -> None:
    one = json.loads(run(after_an_alignment, "--json")[1])["recordings"][0]
    assert (one["count"], one["outside"], one["early"], one["kind"]) == (4, 0, 0, "set")


def test_a_label_that_keeps_quiet_about_an_alignment_is_noted(after_an_alignment: Path) -> None:
    file = after_an_alignment / "aligned.truth.json"
    label = json.loads(file.read_text())
    label["activities"] = [one for one in label["activities"] if one["name"] == "set"]
    file.write_text(json.dumps(label))
    text = run(after_an_alignment)[1]
    assert "counted before the first labelled rep" in text
    assert '"name": "guided-movements"' in text
    assert re.search(r"^  aligned: [3-9]$", text, re.MULTILINE)


def test_what_the_label_accounts_for_is_not_taken_for_an_alignment(after_an_alignment: Path) -> None:
    file = after_an_alignment / "aligned.truth.json"
    label = json.loads(file.read_text())
    for one in label["activities"]:
        one["name"] = "walk" if one["name"] in ("guided-movements", "stand-still") else one["name"]
    file.write_text(json.dumps(label))
    one = json.loads(run(after_an_alignment, "--json")[1])["recordings"][0]
    assert one["count"] > 4
    assert one["early"] == 0


def test_the_same_seed_gives_the_same_outcomes_on_one_core_and_on_many() -> None:
    tasks = simulated_tasks(12, 0, 0, 4100)
    many = evaluate_all(tasks)
    assert many[:3] == [evaluate(task) for task in tasks[:3]]


def test_a_label_keeps_what_is_known_of_reps() -> None:
    label = label_of(person("lateral-walk", "thigh").truth.to_dict(samples=False))
    assert len(label.reps) == label.count == 6
    assert {one.direction for one in label.reps} <= {"left", "right"}
    assert len(label.sets) == 1
