"""The library: light to import, small, and clear about what it can't do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from made_leg import alignment, squats

import kneeimu
from kneeimu import api

LEG = squats([[0.0, 1.0, 6.0, 8.0]])
TOLD = {"exercise": "squat", "side": "right", "mount": "thigh"}


def session(**more: object) -> api.Session:
    return kneeimu.from_arrays(LEG.time_s, LEG.acc_m_s2, LEG.gyr_rad_s, **{**TOLD, **more})  # type: ignore[arg-type]


def test_importing_it_imports_nothing_else() -> None:
    heavy = {"numpy", "scipy", "vqf", "mcap", "click"}
    code = f"import kneeimu, sys; print(sorted({{name.split('.')[0] for name in sys.modules}} & {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_every_name_is_there_and_no_other() -> None:
    assert set(kneeimu.__all__) == set(api.__all__) <= set(dir(kneeimu))
    assert all(getattr(kneeimu, name) is getattr(api, name) for name in kneeimu.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = kneeimu.nonsense


def test_arrays_become_reps() -> None:
    found = session()
    assert [rep.number for rep in found.reps] == [1, 2, 3, 4]
    assert repr(found) == "<Session 'session': squat, right thigh, 4 reps>"


def test_drift_needs_an_alignment() -> None:
    assert np.isnan(session().to_numpy()["medial_drift_deg"]).all()
    drifts = session(alignment=alignment()).to_numpy()["medial_drift_deg"]
    np.testing.assert_allclose(drifts, [0.0, 1.0, 6.0, 8.0], atol=0.5)
    with pytest.raises(kneeimu.InputError, match="drift is not known: it needs an alignment"):
        session().plot("drift")


@pytest.mark.parametrize(
    ("time", "acc", "what"),
    [
        (LEG.time_s[:-1], LEG.acc_m_s2, "do not fit"),
        (LEG.time_s[::-1], LEG.acc_m_s2, "does not run forwards"),
        (LEG.time_s * np.nan, LEG.acc_m_s2, "does not run forwards"),
        (LEG.time_s, LEG.acc_m_s2[:, :2], "do not fit"),
        (LEG.time_s * 100.0, LEG.acc_m_s2, "1 Hz"),
    ],
)
def test_arrays_that_do_not_fit_are_named(time: np.ndarray, acc: np.ndarray, what: str) -> None:
    with pytest.raises(kneeimu.InputError, match=what):
        kneeimu.from_arrays(time, acc, LEG.gyr_rad_s, **TOLD)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("acc", "gyr", "what"),
    [
        (LEG.acc_m_s2 / 9.81, LEG.gyr_rad_s, "gravity alone is 9.81"),
        (LEG.acc_m_s2, np.degrees(LEG.gyr_rad_s), "give it in rad/s"),
        (LEG.acc_m_s2 * np.nan, LEG.gyr_rad_s, "no sample is whole"),
    ],
)
def test_arrays_in_other_units_are_refused(acc: np.ndarray, gyr: np.ndarray, what: str) -> None:
    with pytest.raises(kneeimu.InputError, match=what):
        kneeimu.from_arrays(LEG.time_s, acc, gyr, **TOLD)  # type: ignore[arg-type]


def test_arrays_of_slow_movement_in_degrees_are_told_of() -> None:
    slowly_s, slow_rad_s = 5.0 * LEG.time_s, LEG.gyr_rad_s / 5.0
    right, wrong = (
        kneeimu.from_arrays(slowly_s, LEG.acc_m_s2, rate, **TOLD).notes  # type: ignore[arg-type]
        for rate in (slow_rad_s, np.degrees(slow_rad_s))
    )
    assert right == ()
    assert "looks like deg/s, not rad/s" in wrong[0]


def test_a_leg_is_left_or_right() -> None:
    with pytest.raises(kneeimu.InputError, match="'up' is neither left nor right"):
        session(side="up")


def test_a_data_frame_has_numbers_where_nothing_is_known() -> None:
    pandas = pytest.importorskip("pandas")
    frame = session().to_pandas()
    assert pandas.api.types.is_float_dtype(frame["medial_drift_deg"])
    assert frame["number"].sum() == 10


def test_a_plot_is_saved_by_its_ending(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    plot = session().plot("tempo")
    assert plot.save(tmp_path / "a.svg").read_text().startswith("<svg")
    assert plot.save(tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(kneeimu.InputError, match=r"\.svg or \.png"):
        plot.save(tmp_path / "a.gif")


def test_there_is_no_plot_of_nothing() -> None:
    still = squats([], rest_s=20.0)
    quiet = kneeimu.from_arrays(still.time_s, still.acc_m_s2, still.gyr_rad_s, **TOLD)  # type: ignore[arg-type]
    with pytest.raises(kneeimu.InputError, match="no reps to draw"):
        quiet.plot()


def test_a_report_needs_a_session(tmp_path: Path) -> None:
    with pytest.raises(kneeimu.InputError, match="at least one"):
        kneeimu.write_report([], tmp_path / "r.html")


def test_a_missing_library_comes_with_the_cure() -> None:
    from kneeimu.sessions.exporters.extras import need

    with pytest.raises(kneeimu.InputError, match=r"pip install 'kneeimu\[export\]'"):
        need("no_such_library", "export")
    with pytest.raises(kneeimu.InputError, match=r"pip install no_such_library\)"):
        need("no_such_library.part")
