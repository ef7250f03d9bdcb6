"""Every export is read back by somebody else's reader and says the same as the session."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_leg import STARTED, played_squats

from kneeimu.errors import InputError
from kneeimu.sessions.csv_file import read_csv
from kneeimu.sessions.exporters import FORMATS, find_writer
from kneeimu.sessions.exporters.columns import ANGLES, REPS, SAMPLES
from kneeimu.sessions.exporters.fit import CATEGORIES, write_fit
from kneeimu.sessions.play import Played, play
from kneeimu.sessions.recording_format import Command
from kneeimu.types import RepCounted, Samples


@pytest.fixture(scope="module")
def squats() -> Played:
    return played_squats()


def reps(played: Played) -> list[Any]:
    return [rep for group in played.sets for rep in group.reps]


def corrected(played: Played, *by: int) -> Played:
    """The person corrects the first set while resting."""
    rest_s = played.sets[0].end_s + 1.0
    return replace(played, commands=tuple(Command("correction", rest_s, {"by": one}) for one in by))


# --- tables -----------------------------------------------------------------------------------------------------------


def test_csv_is_a_data_frame_of_the_reps(squats: Played, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    table, angles, _, sidecar = find_writer("csv")(squats, tmp_path)
    frame = pandas.read_csv(table)
    assert list(frame.columns) == [column.name for column in REPS]
    np.testing.assert_allclose(frame["medial_drift_deg"], [rep.medial_drift_deg for rep in reps(squats)])
    assert list(frame["set"]) == [1] * 5 + [2] * 4
    assert list(pandas.read_csv(angles).columns) == [column.name for column in ANGLES]
    said = json.loads(sidecar.read_text())
    assert said["columns"]["reps"]["range_of_motion_deg"]["Units"] == "deg"
    assert "X anterior" in said["frames"]["orientation"]


def test_a_rep_that_the_person_added_is_a_row_without_measures(squats: Played, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    table, *_ = find_writer("csv")(corrected(squats, 1), tmp_path)
    frame = pandas.read_csv(table, keep_default_na=False)
    (row,) = frame[frame["correction"] == "added"].to_dict("records")
    told = {name: value for name, value in row.items() if value != ""}
    assert told == {"set": 1, "correction": "added", "counted_s": squats.sets[0].end_s + 1.0}
    assert list(frame["correction"]) == ["", "", "", "", "", "added", "", "", "", ""]


def test_a_rep_that_the_person_took_back_is_marked_and_keeps_its_measures(squats: Played, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    table, *_ = find_writer("csv")(corrected(squats, -1), tmp_path)
    frame = pandas.read_csv(table)
    (row,) = frame[frame["correction"] == "taken back"].to_dict("records")
    assert (row["set"], row["number"]) == (1, 5)
    assert row["range_of_motion_deg"] == pytest.approx(50.0, abs=3.0)


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("fit", "opensim")])
def test_every_table_of_reps_holds_the_added_ones(name: str, squats: Played, tmp_path: Path) -> None:
    if name == "parquet":
        pytest.importorskip("pyarrow")
    written = {path.name: path for path in find_writer(name)(corrected(squats, 1), tmp_path)}
    assert added_in(name, written) == 1


def added_in(name: str, written: dict[str, Path]) -> int:
    if name == "csv":
        return written["squat_reps.csv"].read_text().count(",added,")
    if name == "parquet":
        arrow = pytest.importorskip("pyarrow.parquet")
        return int(arrow.read_table(written["squat_reps.parquet"])["correction"].to_pylist().count("added"))
    if name == "foxglove":
        from mcap.reader import make_reader

        with written["squat_foxglove.mcap"].open("rb") as file:
            rows = [json.loads(message.data) for _, _, message in make_reader(file).iter_messages(topics=["/reps"])]
        return [row["correction"] for row in rows].count("added")
    return next(path for name, path in written.items() if name.endswith("_events.tsv")).read_text().count("rep_added")


def test_a_rep_that_is_found_late_takes_the_place_of_the_one_the_person_added(squats: Played) -> None:
    late = squats.sets[0].reps[-1]
    counted = [one for one in squats.analysis.events if not (isinstance(one, RepCounted) and one.rep is late)]
    after_s = squats.sets[0].end_s + 5.0
    found = sorted([*counted, RepCounted(after_s, 1, late)], key=lambda one: one.time_s)
    told = replace(corrected(squats, 1), analysis=replace(squats.analysis, events=tuple(found)))
    assert told.corrected_count(told.sets[0]) == 5


def test_exported_samples_can_be_analysed_again(squats: Played, tmp_path: Path) -> None:
    samples = next(path for path in find_writer("csv")(squats, tmp_path) if path.name.endswith("_samples.csv"))
    again = read_csv(samples)
    np.testing.assert_allclose(again.samples.acc_m_s2, squats.samples.acc_m_s2, atol=1e-6)


def test_numbers_that_are_not_known_stay_empty(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    table, angles, *_ = find_writer("csv")(played_squats(aligned=False), tmp_path)
    assert pandas.read_csv(table)["medial_drift_deg"].isna().all()
    assert pandas.read_csv(angles)["medial_deg"].isna().all()
    assert "nan" not in (table.read_text() + angles.read_text()).lower()


def test_parquet_is_read_with_its_units(squats: Played, tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow.parquet")
    _, angles, samples = find_writer("parquet")(squats, tmp_path)
    assert arrow.read_schema(angles).field("angle_deg").metadata[b"unit"] == b"deg"
    assert json.loads(arrow.read_schema(samples).metadata[b"kneeimu"])["exercise"] == "squat"


def test_parquet_is_read_by_another_implementation(squats: Played, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    fastparquet = pytest.importorskip("fastparquet")
    table, _, samples = find_writer("parquet")(squats, tmp_path)
    with table.open("rb") as first, samples.open("rb") as second:
        assert list(fastparquet.ParquetFile(first).to_pandas()["number"]) == [1, 2, 3, 4, 5, 1, 2, 3, 4]
        assert len(fastparquet.ParquetFile(second).to_pandas()) == len(squats.samples)


# --- Garmin FIT -------------------------------------------------------------------------------------------------------


def fit_messages(path: Path, name: str) -> list[dict[str, Any]]:
    fitdecode = pytest.importorskip("fitdecode")
    with fitdecode.FitReader(path, check_crc=fitdecode.CrcCheck.RAISE) as reader:
        frames = [f for f in reader if isinstance(f, fitdecode.FitDataMessage) and f.name == name]
    return [{field.name: field.value for field in frame.fields} for frame in frames]


def test_fit_tells_the_reps_as_the_person_has_corrected_them(squats: Played, tmp_path: Path) -> None:
    (path,) = find_writer("fit")(corrected(squats, 1, 1, -1), tmp_path)
    assert [one.get("repetitions") for one in fit_messages(path, "set")] == [6, None, 4]


def test_fit_tells_a_set_that_the_person_alone_has_counted(tmp_path: Path) -> None:
    still = played_squats((), rest_s=2.0)
    items: list[Samples | Command] = [still.samples, Command("start-set", 5.9, {}), Command("end-set", 5.9, {})]
    counted = play([*items, *2 * [Command("correction", 5.9, {"by": 1})]], still.setup, name="own", started=STARTED)
    (path,) = find_writer("fit")(counted, tmp_path)
    assert [one.get("repetitions") for one in fit_messages(path, "set")] == [2]


def test_fit_holds_every_set_and_the_rest_between(squats: Played, tmp_path: Path) -> None:
    (path,) = find_writer("fit")(squats, tmp_path)
    sets = fit_messages(path, "set")
    assert [(s["set_type"], s.get("repetitions")) for s in sets] == [("active", 5), ("rest", None), ("active", 4)]
    assert sets[0]["category"] == "squat"
    first, second = squats.sets
    assert sets[1]["duration"] == pytest.approx(second.start_s - first.end_s, abs=0.001)
    assert sets[0]["duration"] == pytest.approx(squats.sets[0].end_s - squats.sets[0].start_s, abs=0.001)
    (session,) = fit_messages(path, "session")
    assert session["sub_sport"] == "strength_training"
    started = datetime(2026, 5, 4, 10, 20, 30, tzinfo=UTC)
    assert session["start_time"] == started
    assert session["total_elapsed_time"] == pytest.approx(squats.samples.time_s[-1], abs=0.001)
    for told, known in zip((sets[0], sets[2]), squats.sets, strict=True):  # FIT tells times in whole seconds
        assert (told["start_time"] - started).total_seconds() == pytest.approx(known.start_s, abs=1.0)
        assert (told["timestamp"] - started).total_seconds() == pytest.approx(known.end_s, abs=1.0)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_set_that_begins_before_the_one_before_is_over_is_exported(name: str, squats: Played, tmp_path: Path) -> None:
    first, second = squats.sets
    overlapping = replace(squats, sets=(replace(first, end_s=second.start_s + 0.118), second))
    written = find_writer(name)(overlapping, tmp_path)
    if name == "fit":
        assert [one["duration"] for one in fit_messages(written[0], "set")][1] == 0.0


def test_every_exercise_has_a_name_in_garmins_profile() -> None:
    kinds = pytest.importorskip("fit_tool.profile.profile_type")
    from kneeimu.exercises.catalogue import CATALOGUE

    assert set(CATEGORIES) == set(CATALOGUE)
    for category, enumeration, member in CATEGORIES.values():
        assert kinds.ExerciseCategory[category]
        assert getattr(kinds, enumeration)[member]


def test_fit_asks_for_the_start_when_nobody_knows_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--started"):
        write_fit(played_squats(started=None), tmp_path)


# --- OpenSim ----------------------------------------------------------------------------------------------------------


def test_opensim_reads_orientations_and_angles(squats: Played, tmp_path: Path) -> None:
    opensim = pytest.importorskip("opensim", exc_type=ImportError)
    orientations, angles = find_writer("opensim")(squats, tmp_path)
    quats = opensim.TimeSeriesTableQuaternion(str(orientations))
    assert list(quats.getColumnLabels()) == ["femur_r_imu"]
    row = quats.getRowAtIndex(500).getElt(0, 0)
    np.testing.assert_allclose([row.get(i) for i in range(4)], squats.trace.quat_segment_to_world[500], atol=1e-6)
    table = opensim.TimeSeriesTable(str(angles))
    assert list(table.getColumnLabels()) == ["femur_r_movement", "femur_r_medial_tilt"]
    assert table.getTableMetaDataString("inDegrees") == "yes"
    assert table.getNumRows() == len(squats.trace.time_s)
    motion = opensim.Storage(str(angles))
    assert motion.isInDegrees()
    assert motion.getLastTime() == pytest.approx(squats.trace.time_s[-1], abs=1e-5)


def test_the_bone_of_a_standing_leg_points_up_the_rooms_z(squats: Played, tmp_path: Path) -> None:
    opensim = pytest.importorskip("opensim", exc_type=ImportError)
    orientations, _ = find_writer("opensim")(squats, tmp_path)
    rotations = opensim.OpenSenseUtilities.convertQuaternionsToRotations(
        opensim.TimeSeriesTableQuaternion(str(orientations))
    )
    standing = rotations.getRowAtIndex(50).getElt(0, 0)
    bone = np.array([standing.get(row, 1) for row in range(3)])
    np.testing.assert_allclose(bone, [0.0, 0.0, 1.0], atol=0.02)


# --- Motion-BIDS ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("aligned", [True, False])
def test_motion_bids_passes_the_validator(aligned: bool, tmp_path: Path) -> None:
    validator = shutil.which("bids-validator-deno", path=str(Path(sys.executable).parent))
    if validator is None:
        pytest.skip("bids-validator-deno is not installed")
    find_writer("motion-bids")(played_squats(((0.0, 1.0, 2.0, 6.0),), aligned=aligned), tmp_path)
    (segment,) = tmp_path.glob("sub-01/motion/*tracksys-segment*_motion.tsv")
    assert segment.read_text().splitlines()[0].split("\t")[2] == ("0" if aligned else "n/a")
    told = json.loads(segment.with_suffix(".json").read_text())
    assert (told["ORNTChannelCount"], told["MISCChannelCount"], told["ACCELChannelCount"]) == (4, 2, 0)
    run = subprocess.run([validator, "--json", str(tmp_path)], capture_output=True, text=True, check=False, timeout=60)
    issues = json.loads(run.stdout)["issues"]["issues"]
    errors = [issue for issue in issues if issue.get("severity") == "error"]
    assert errors == []


def test_motion_bids_keeps_the_people_already_there(squats: Played, tmp_path: Path) -> None:
    from kneeimu.sessions.exporters.motion_bids import write_motion_bids

    write_motion_bids(squats, tmp_path, subject="Anna Müller")
    write_motion_bids(squats, tmp_path, subject="02")
    assert (tmp_path / "participants.tsv").read_text() == "participant_id\nsub-02\nsub-AnnaMller\n"


def test_a_second_session_is_a_second_run(squats: Played, tmp_path: Path) -> None:
    write = find_writer("motion-bids")
    first, second = ({path.name for path in write(squats, tmp_path)} for _ in range(2))
    assert "sub-01_task-squat_acq-rightthigh_run-01_events.tsv" in first
    assert "sub-01_task-squat_acq-rightthigh_run-02_events.tsv" in second


# --- MCAP -------------------------------------------------------------------------------------------------------------


def test_mcap_has_named_channels_whose_messages_fit_their_schemas(squats: Played, tmp_path: Path) -> None:
    from mcap.reader import make_reader

    jsonschema = pytest.importorskip("jsonschema")
    (path,) = find_writer("foxglove")(squats, tmp_path)
    counts: dict[str, int] = {}
    with path.open("rb") as file:
        for schema, channel, message in make_reader(file).iter_messages():
            counts[channel.topic] = counts.get(channel.topic, 0) + 1
            if counts[channel.topic] <= 20:
                assert schema is not None
                assert schema.encoding == "jsonschema"
                jsonschema.validate(json.loads(message.data), json.loads(schema.data))
    assert counts["/imu"] == len(squats.samples)
    assert counts["/angles"] == counts["/tf"] == len(squats.trace.time_s)
    assert counts["/reps"] == 9


def test_mcap_turns_the_leg_as_the_engine_saw_it(squats: Played, tmp_path: Path) -> None:
    from mcap.reader import make_reader

    (path,) = find_writer("foxglove")(squats, tmp_path)
    with path.open("rb") as file:
        turns = [json.loads(message.data) for _, _, message in make_reader(file).iter_messages(topics=["/tf"])]
    said = [[turn["rotation"][part] for part in "wxyz"] for turn in turns]
    np.testing.assert_allclose(said, squats.trace.quat_segment_to_world)
    assert turns[25]["timestamp"]["sec"] == int(STARTED.timestamp()) + 1


# --- all --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_files_are_for_the_user_alone(name: str, squats: Played, tmp_path: Path) -> None:
    if name in ("fit", "parquet"):
        pytest.importorskip({"fit": "fit_tool", "parquet": "pyarrow"}[name])
    for path in find_writer(name)(squats, tmp_path):
        assert path.stat().st_mode & 0o077 == 0


def test_an_unknown_format_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="csv, parquet, fit"):
        find_writer("xlsx")


def test_the_documents_name_every_column() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs/exports.md").read_text(encoding="utf-8")
    for column in (*SAMPLES, *ANGLES, *REPS):
        assert f"`{column.name}`" in text, column.name


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "fit"])
def test_a_session_without_reps_is_exported_as_well(name: str, tmp_path: Path) -> None:
    if name == "parquet":
        pytest.importorskip("pyarrow")
    still = played_squats((), rest_s=2.0)
    assert not still.sets
    written = find_writer(name)(still, tmp_path)
    assert all(path.stat().st_size for path in written)
