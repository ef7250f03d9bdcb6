"""Two sensors on one leg: what was made up is found again, and what can't be is said in one line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paired import ONE_CLOCK, VALGUS_DEG, aligned, leg, recorded, samples
from test_engine_chunks import restless_leg

from calibration.clocks import compare_clocks
from calibration.errors import CalibrationError
from calibration.functional import align_pair
from firmware_sim import Scenario, Simulation, simulate_pair
from kneeimu.motion.knee import KneeAngles
from kneeimu.motion.knee_history import KneeHistory
from kneeimu.pair import KneeMeasured, PairEngine, PairSetup, counting_mount
from kneeimu.sessions.csv_file import read_csv
from kneeimu.sessions.pair_analysis import PairAnalysis, PairRequest, analyze_pair
from kneeimu.types import Alignment, Event, FloatArray, Samples, Side, event_to_json

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
REAL = DATA / "qmt"
SEATED = DATA / "uci"
SEEDS = (510, 511, 512, 513)


@cache
def analyzed(seed: int, exercise: str = "squat", tissue: str = "none") -> PairAnalysis:
    thigh, shin, side = leg(seed, exercise, tissue=tissue)
    return analyze_pair(samples(thigh), samples(shin), PairRequest(exercise, side, *aligned(seed, exercise, tissue)))


def errors_deg(analysis: PairAnalysis, truth: Simulation) -> FloatArray:
    """Flexion, adduction and rotation against the truth over the reps, (n, 3); 0 as in the standing at the start."""
    found, true = analysis.angles, truth.truth
    stood = (true.time_s > 0.5) & (true.time_s < 2.8)
    rows = np.isfinite(found.flexion_deg) & (found.time_s > true.reps[0].start_s) & (found.time_s < true.time_s[-1])
    pairs = (
        (found.flexion_deg, true.knee_flexion_deg),
        (-found.abduction_deg, true.knee_adduction_deg),
        (found.rotation_deg, true.knee_rotation_deg),
    )
    return np.column_stack(
        [one[rows] - np.interp(found.time_s[rows], true.time_s, other - other[stood].mean()) for one, other in pairs]
    )


def rms(values: Sequence[float] | FloatArray) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


# --- how exact -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", ["squat", "lunge", "step-down"])
def test_the_knees_angles_are_measured_in_spite_of_alignment_errors(exercise: str) -> None:
    off = np.concatenate([errors_deg(analyzed(seed, exercise), leg(seed, exercise)[0]) for seed in SEEDS])
    assert rms(off[:, 0]) < 3.0
    assert rms(off[:, 1]) < 2.5
    assert rms(off[:, 2]) < 4.0


@pytest.mark.parametrize("seed", SEEDS)
def test_skin_that_slides_costs_some_degrees(seed: int) -> None:
    off = errors_deg(analyzed(seed, "single-leg-squat", "skin"), leg(seed, "single-leg-squat", tissue="skin")[0])
    assert rms(off[:, 0]) < 4.0
    assert rms(off[:, 1]) < 7.0


@pytest.mark.parametrize("seed", SEEDS)
def test_each_rep_has_its_bend(seed: int) -> None:
    analysis = analyzed(seed)
    true = leg(seed)[0].truth
    # the squats of the alignment are counted, too
    found = {round(rep.turn_s): knee for rep, knee in zip(analysis.counted.reps, analysis.knees, strict=True)}
    for rep in true.reps:
        at = min(found, key=lambda turn: abs(turn - 0.5 * (rep.far_s + rep.turn_s)))
        knee = found[at]
        assert knee is not None
        assert knee.range_deg == pytest.approx(rep.knee_range_deg, abs=5.0)
        assert knee.flexion_start_deg < 0.3 * knee.flexion_peak_deg


def test_a_knee_that_falls_in_more_is_told_from_one_that_does_not() -> None:
    analysis = analyzed(512)
    knees = [knee for knee in analysis.knees[-8:] if knee is not None]
    projected = [knee.fppa_deg for knee in knees]
    assert None not in projected
    assert np.corrcoef(VALGUS_DEG, np.array(projected, dtype=float))[0, 1] > 0.9
    assert np.corrcoef(VALGUS_DEG, [knee.abduction_deg for knee in knees])[0, 1] > 0.8


# --- the engine ------------------------------------------------------------------------------------------------------


def _part(seen: Samples, start: int, stop: int) -> Samples:
    return Samples(seen.time_s[start:stop], seen.acc_m_s2[start:stop], seen.gyr_rad_s[start:stop])


def said(setup: PairSetup, thigh: Samples, shin: Samples, cuts: list[tuple[int, int]]) -> tuple[list[str], list[str]]:
    engine = PairEngine(setup)
    events = []
    before = (0, 0)
    for cut in [*cuts, (len(thigh), len(shin))]:
        events += engine.feed(*(_part(seen, a, b) for seen, a, b in zip((thigh, shin), before, cut, strict=True)))
        before = cut
    events += engine.finish()
    knees = [event_to_json(event) for event in events if isinstance(event, KneeMeasured)]
    return [event_to_json(event) for event in events if not isinstance(event, KneeMeasured)], knees


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**31), data=st.data())
def test_chunks_change_nothing(seed: int, data: st.DataObject) -> None:
    thigh, shin = restless_leg(seed, 50.0), restless_leg(seed, 25.0)
    upright = (1.0, 0.0, 0.0, 0.0)
    setup = PairSetup(
        "squat", "right", 50.0, 25.0,
        Alignment(upright, "right", "thigh", "good", 2.0), Alignment(upright, "right", "shin", "good", 2.0),
    )  # fmt: skip
    drawn = data.draw(st.lists(st.tuples(st.integers(0, len(thigh)), st.integers(0, len(shin))), max_size=20))
    cuts = list(zip(sorted(c[0] for c in drawn), sorted(c[1] for c in drawn), strict=True))
    assert said(setup, thigh, shin, cuts) == said(setup, thigh, shin, [])


def test_every_count_is_followed_by_its_knee() -> None:
    thigh, shin, side = leg(510)
    setup = PairSetup("squat", side, 100.0, 100.0, *aligned(510))
    cuts = [(n, max(0, n - 40)) for n in range(50, min(len(thigh), len(shin)), 50)]
    counted, knees = said(setup, samples(thigh), samples(shin), cuts)
    told = [json.loads(line) for line in counted]
    assert [(e["set_number"], e["rep"]["number"]) for e in told if e["kind"] == "rep"] == [
        (e["set_number"], e["rep_number"]) for e in map(json.loads, knees)
    ]


def test_a_rep_found_long_after_it_was_done_has_its_knee(monkeypatch: pytest.MonkeyPatch) -> None:
    thigh, shin, side = leg(510)
    engine = PairEngine(PairSetup("squat", side, 100.0, 100.0, *aligned(510)))
    feed, finish = engine.engine.feed, engine.engine.finish
    held: list[Event] = []
    monkeypatch.setattr(engine.engine, "feed", lambda part: held.extend(feed(part)) or [])
    monkeypatch.setattr(engine.engine, "finish", lambda: held + finish())
    for at in range(0, len(thigh.time_s), 50):
        engine.feed(*(_part(samples(seen), at, at + 50) for seen in (thigh, shin)))
    knees = [event for event in engine.finish() if isinstance(event, KneeMeasured)]
    assert thigh.time_s[-1] - knees[0].time_s > 60.0
    assert all(event.knee is not None for event in knees)


def test_the_knees_angles_do_not_grow_in_memory() -> None:
    history = KneeHistory(kept_s=10.0)
    for at in range(2000):
        time_s = (4 * at + np.arange(4)) / 25.0
        history.append(KneeAngles(time_s, *(time_s for _ in range(3)), *(np.zeros((4, 4)) for _ in range(2))))
        history.forget()
    kept = history.between(-np.inf, np.inf)
    assert 10.0 <= np.ptp(kept.time_s) < 22.0
    assert history.between(312.0, 315.0).flexion_deg == pytest.approx(np.arange(7800, 7876) / 25.0)


def test_without_alignments_there_are_counts_and_no_angles() -> None:
    thigh, shin, side = leg(511)
    engine = PairEngine(PairSetup("squat", side, 100.0, 100.0))
    events = engine.feed(samples(thigh), samples(shin)) + engine.finish()
    assert sum(event.kind == "rep" for event in events) >= 8
    assert not any(isinstance(event, KneeMeasured) for event in events)


def test_a_sensor_that_is_missing_leaves_the_knee_unknown() -> None:
    thigh, shin, side = leg(511)
    engine = PairEngine(PairSetup("squat", side, 100.0, 100.0, *aligned(511)))
    half = Samples(shin.time_s[:3000], shin.acc_m_s2[:3000], shin.gyr_rad_s[:3000])
    events = engine.feed(samples(thigh), half) + engine.finish()
    knees = [event for event in events if isinstance(event, KneeMeasured)]
    assert knees[0].knee is not None
    assert knees[-1].knee is None


def test_exchanged_alignments_are_refused() -> None:
    thigh, shin = aligned(510)
    with pytest.raises(ValueError, match="the alignment is of the right shin, not of the right thigh"):
        PairEngine(PairSetup("squat", "right", 100.0, 100.0, shin, thigh))


@pytest.mark.parametrize(("exercise", "mount"), [("knee-extension", "shin"), ("squat", "thigh")])
def test_the_sensor_that_sees_more_counts(exercise: str, mount: str) -> None:
    assert counting_mount(exercise) == mount


# --- without calibration ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", ["squat", "single-leg-squat", "lunge", "terminal-knee-extension"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_recording_itself_tells_how_the_sensors_sit(seed: int, exercise: str) -> None:
    thigh, shin, side = leg(seed, exercise, "none", valgus=False)
    analysis = analyze_pair(samples(thigh), samples(shin), PairRequest(exercise, side))
    assert analysis.origin == "recording"
    assert analysis.quality in ("fair", "poor")
    off = errors_deg(analysis, thigh)
    assert rms(off[:, 0]) < 3.0
    assert rms(off[:, 1]) < 3.0


@pytest.mark.parametrize("manner", ["usual", "chair"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_recording_may_begin_in_the_middle_of_a_rep(seed: int, manner: str) -> None:
    """Seated, or at the bottom of a squat: the bend may be off by how straight the person stands, but not more."""
    side: Side = "left" if seed % 2 else "right"
    scenario = Scenario(exercise="squat", manner=manner, side=side, mount="both", reps=6, seed=seed, sensor=ONE_CLOCK)
    both = simulate_pair(scenario)
    first = both[0].truth.reps[0]
    late = both[0].time_s >= 0.5 * (first.far_s + first.turn_s)
    parts = [Samples(s.time_s[late], s.acc_m_s2[late], s.gyr_rad_s[late]) for s in both]
    angles = analyze_pair(*parts, PairRequest("squat", side)).angles
    truth = both[0].truth
    off = angles.flexion_deg - np.interp(angles.time_s, truth.time_s, truth.knee_flexion_deg)
    assert np.nanstd(off) < 2.0
    assert abs(np.nanmean(off)) < 16.0


@pytest.mark.parametrize("exercise", ["squat", "single-leg-squat", "lunge"])
def test_exchanged_sensors_are_noticed(exercise: str) -> None:
    noticed = 0
    for seed in SEEDS:
        thigh, shin, _ = leg(seed, exercise, "none", valgus=False)
        try:
            align_pair(recorded(shin), recorded(thigh), standing_first=True)
        except CalibrationError as error:
            noticed += error.code == "exchanged"
        align_pair(recorded(thigh), recorded(shin), standing_first=True)
    assert noticed >= len(SEEDS) - 1


def test_a_leg_that_never_stands_has_no_zero() -> None:
    thigh, shin, side = leg(512, "clamshell", "none", valgus=False)
    reps = thigh.truth.reps
    late = (thigh.time_s > reps[0].start_s) & (thigh.time_s < reps[-1].end_s)
    lying = [Samples(s.time_s[late], s.acc_m_s2[late], s.gyr_rad_s[late]) for s in (samples(thigh), samples(shin))]
    analysis = analyze_pair(*lying, PairRequest("clamshell", side))
    assert analysis.origin == "none"
    assert "no zero" in " ".join(analysis.notes) or "hardly moves" in " ".join(analysis.notes)
    assert all(rep["knee_range_deg"] is None for rep in analysis.to_dict()["reps"])


@pytest.mark.skipif(not SEATED.is_dir(), reason="the real recordings are not on this machine")
def test_a_real_person_extends_a_knee_from_a_right_angle() -> None:
    """Full extensions, fast ones, and ten of which the person was told to make less; the person never stands."""
    files = [read_csv(SEATED / f"s1_knee-extension_right_{mount}_test.csv") for mount in ("thigh", "shin")]
    analysis = analyze_pair(files[0].samples, files[1].samples, PairRequest("knee-extension", "right"))
    assert any("standing is not seen" in note for note in analysis.notes)
    knees = [knee for knee in analysis.knees if knee is not None]
    assert len(knees) >= 28
    assert np.median([knee.flexion_peak_deg for knee in knees]) == pytest.approx(88.0, abs=6.0)
    assert np.median([k.range_deg for k in knees[-9:]]) < 0.85 * np.median([k.range_deg for k in knees[:18]])


@pytest.mark.skipif(not REAL.is_dir(), reason="the real recordings are not on this machine")
def test_a_real_person_sits_at_84_and_walks() -> None:
    thigh, shin = (read_csv(REAL / f"stand_sit_walk_right_{mount}.csv") for mount in ("thigh", "shin"))
    analysis = analyze_pair(thigh.samples, shin.samples, PairRequest("squat", "right"))
    time_s, flexion = analysis.angles.time_s, analysis.angles.flexion_deg
    seated = float(np.median(flexion[(time_s > 15.0) & (time_s < 36.0)]))
    assert seated == pytest.approx(84.0, abs=3.0)
    walking = flexion[(time_s > 78.0) & (time_s < 96.0)]
    assert np.percentile(walking, 2) > -5.0
    assert 50.0 < np.percentile(walking, 98) < 85.0


# --- clocks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_clocks_that_drift_apart_are_brought_together(seed: int) -> None:
    thigh, shin, side = leg(seed, clocks=True)
    ends = thigh.truth.reps[-1].end_s, shin.truth.reps[-1].end_s
    found = compare_clocks(recorded(thigh), recorded(shin))
    drifted_s = found.shin_time_s(np.array([ends[0]]))[0] - ends[0] if found else 0.0
    assert drifted_s == pytest.approx(ends[1] - ends[0], abs=0.035)
    analysis = analyze_pair(samples(thigh), samples(shin), PairRequest("squat", side, *aligned(seed)))
    assert rms(errors_deg(analysis, thigh)[:, 0]) < 3.0


@pytest.mark.parametrize("exercise", ["squat", "lunge", "step-down"])
@pytest.mark.parametrize("seed", SEEDS)
def test_one_clock_is_left_alone(seed: int, exercise: str) -> None:
    thigh, shin, _ = leg(seed, exercise)
    assert compare_clocks(recorded(thigh), recorded(shin)) is None


@pytest.mark.skipif(not REAL.is_dir(), reason="the real recordings are not on this machine")
def test_a_real_walk_on_one_clock_is_left_alone() -> None:
    both = [read_csv(REAL / f"stand_sit_walk_right_{mount}.csv").samples for mount in ("thigh", "shin")]
    assert compare_clocks(*((s.time_s, s.acc_m_s2, s.gyr_rad_s) for s in both)) is None
