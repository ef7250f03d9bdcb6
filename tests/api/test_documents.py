"""The examples of docs/library.md run, and print what the page says."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import numpy as np
import pytest
from importers import foreign
from made_leg import STARTED, alignment, squats

from kneeimu.sessions.recording import Recorder
from kneeimu.types import Setup

PAGE = Path(__file__).resolve().parents[2] / "docs/library.md"
DRIFTS = ((0.0, 1.0, 2.0, 6.0, 8.0), (1.0, 2.0, 5.0, 9.0))


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the page speaks of."""
    samples = squats(DRIFTS)
    with Recorder.create(
        tmp_path, Setup("squat", "right", "thigh", 100.0, alignment()), sensor={}, started_utc=STARTED
    ) as r:
        r.write_samples(samples)
    r.path.rename(tmp_path / "session.mcap")
    rows = np.column_stack([samples.time_s, samples.acc_m_s2, samples.gyr_rad_s])
    np.savetxt(tmp_path / "leg.csv", rows, delimiter=",", header="t,ax,ay,az,gx,gy,gz", comments="", fmt="%.5f")
    np.savez(tmp_path / "leg.npz", time_s=samples.time_s, acc=samples.acc_m_s2, gyr=samples.gyr_rad_s)
    foreign.movella_dot(samples, tmp_path).rename(tmp_path / "Thigh_R.csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_examples_do_what_the_page_says(workshop: Path) -> None:
    pytest.importorskip("pandas")
    page = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 8
    names: dict[str, object] = {}
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    told: list[str] = []
    for number, block in enumerate(blocks, start=1):
        test = doctest.DocTestParser().get_doctest(block, names, f"block {number}", str(PAGE), 0)
        runner.run(test, out=told.append, clear_globs=False)
        names.update(test.globs)
    assert not told, "".join(told)


def test_every_public_name_is_on_the_page() -> None:
    import kneeimu

    page = PAGE.read_text(encoding="utf-8")
    shown = {name for name in kneeimu.__all__ if f"kneeimu.{name}" in page or f"`{name}`" in page}
    assert {"load", "load_foreign", "from_arrays", "write_report", "Engine", "Setup", "Samples", "InputError"} <= shown


@pytest.mark.parametrize("page", sorted(PAGE.parent.glob("*.md")), ids=lambda page: page.stem)
def test_every_example_names_what_it_imports(page: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    code = "\n".join(line.removeprefix(">>> ").removeprefix("... ") for block in blocks for line in block.splitlines())

    if "kneeimu." in re.sub(r"(from|import) kneeimu\..*", "", code):
        assert "import kneeimu\n" in code
