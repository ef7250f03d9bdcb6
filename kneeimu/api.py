"""The library: read a session, run the engine over it, and get reps as tables, plots and files.

Everything here is reached as ``kneeimu.NAME``; the modules behind it are imported when a name is first used::

    session = kneeimu.load("session.mcap")
    session.to_pandas()
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from kneeimu.engine import Engine
from kneeimu.errors import InputError, KneeimuError
from kneeimu.sessions.analysis import Analysis
from kneeimu.sessions.files import Request
from kneeimu.sessions.plausible import check_sizes, doubts_about_rate
from kneeimu.sessions.play import Played, PlayedSet, play, play_file
from kneeimu.types import Alignment, Event, Mount, Rep, Samples, Setup, Side, Trace
from kneeimu.words import _

if TYPE_CHECKING:
    import pandas

    from kneeimu.report.svg import Plot

__all__ = [
    "Alignment",
    "Engine",
    "Figure",
    "InputError",
    "KneeimuError",
    "Rep",
    "Samples",
    "Session",
    "Setup",
    "from_arrays",
    "load",
    "load_alignment",
    "load_foreign",
    "write_report",
]

PlotKind = Literal["curves", "drift", "tempo", "range"]


class Session:
    """A session that the engine went through.

    Made by ``load``, ``load_foreign`` or ``from_arrays``.

    Args:
        played: what came in and what the engine said.
    """

    def __init__(self, played: Played) -> None:
        self._played = played

    def __repr__(self) -> str:
        setup = self.setup
        return f"<Session {self.name!r}: {setup.exercise}, {setup.side} {setup.mount}, {len(self.reps)} reps>"

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self._played.name

    @property
    def setup(self) -> Setup:
        """Exercise, side, mount, rate (Hz) and alignment."""
        return self._played.setup

    @property
    def started(self) -> datetime | None:
        """When it began; None when nobody knows."""
        return self._played.started

    @property
    def samples(self) -> Samples:
        """What the sensor sent, in its own frame, as ``time_s`` (n,), ``acc_m_s2`` (n, 3), ``gyr_rad_s`` (n, 3)."""
        return self._played.samples

    @property
    def trace(self) -> Trace:
        """The segment's angles, 25 a second, as ``time_s``, ``angle_deg``, ``medial_deg`` (m,), quaternions (m, 4)."""
        return self._played.trace

    @property
    def reps(self) -> tuple[Rep, ...]:
        """The reps that stand, in order, numbered through the session from 1."""
        return self._played.analysis.reps

    @property
    def sets(self) -> tuple[PlayedSet, ...]:
        """The sets with their reps, numbered within the set from 1."""
        return self._played.sets

    @property
    def events(self) -> tuple[Event, ...]:
        """All that the engine said, in the order in which it said it; ``time_s`` is when it happened."""
        return self._played.analysis.events

    @property
    def analysis(self) -> Analysis:
        """The result as ``kneeimu analyze`` gives it; ``analysis.to_dict()`` is its JSON."""
        return self._played.analysis

    @property
    def notes(self) -> tuple[str, ...]:
        """What speaks against the recording, in words: damage, or a unit that its movement contradicts."""
        return self._played.problems

    @property
    def played(self) -> Played:
        """The plain data behind this object, as the exporters and the report take it."""
        return self._played

    def to_numpy(self) -> npt.NDArray[Any]:
        """Give the reps as a structured array, shape (reps,), with the columns of ``docs/exports.md``.

        Numbers that are not known are NaN, whole ones -1; words are Unicode, empty when there are none. Reps that the
        person added or took back are among them; ``correction`` says so.
        """
        from kneeimu.sessions.exporters.columns import REPS, WHOLE, WORDS, rep_rows

        kinds = [(c.name, "U120" if c.name in WORDS else "i4" if c.name in WHOLE else "f8") for c in REPS]
        rows = [tuple(_cell(row[name], kind) for name, kind in kinds) for row in rep_rows(self._played)]
        return np.array(rows, dtype=kinds)

    def to_pandas(self) -> pandas.DataFrame:
        """Give the reps as a data frame, a row a rep, with the columns of ``docs/exports.md``.

        Reps that the person added or took back are among them; ``correction`` says so. What is not known is NaN.

        Raises:
            InputError: pandas is not installed.
        """
        from kneeimu.sessions.exporters.columns import REPS, WHOLE, WORDS, rep_rows
        from kneeimu.sessions.exporters.extras import need

        names = [column.name for column in REPS]
        frame: pandas.DataFrame = need("pandas").DataFrame(rep_rows(self._played), columns=names)
        return frame.astype({one: "float64" for one in names if one not in WORDS | WHOLE})

    def plot(self, kind: PlotKind = "curves") -> Figure:
        """Draw the session: "curves" (all reps over each other), "drift", "tempo" or "range" (rep by rep).

        Raises:
            InputError: there are no reps, there is no such plot, or the drift is not known or not measured.
        """
        from kneeimu.report.facts import facts_of
        from kneeimu.report.page import Report, figures

        if not self.reps:
            raise InputError(_("there are no reps to draw"), where=self.name, advice=_("look at session.trace instead"))
        if kind not in ("curves", "drift", "tempo", "range"):
            raise InputError(
                _("there is no plot {kind!r}").format(kind=kind), advice=_("there are: curves, drift, tempo, range")
            )
        found = figures(Report((facts_of(self._played),)))
        plot = found.get(f"{self.setup.exercise}-{self.setup.side}-{kind}")
        if plot is None:
            from kneeimu.sessions.table import why_no_drift

            raise InputError(why_no_drift(self.setup), where=self.name)
        return Figure(plot)

    def export(self, form: str, folder: str | Path) -> list[Path]:
        """Write the session in another tool's format: csv, parquet, fit, opensim, motion-bids or foxglove.

        Raises:
            InputError: no such format, a library is missing, or the folder can't be written.
        """
        from kneeimu.sessions.exporters import find_writer

        return find_writer(form)(self._played, Path(folder))


class Figure:
    """A plot. Notebooks show it by themselves; ``save`` writes it.

    Args:
        plot: the drawing.
    """

    def __init__(self, plot: Plot) -> None:
        self._plot = plot

    @property
    def description(self) -> str:
        """What it shows, in words."""
        return self._plot.description

    def _repr_svg_(self) -> str:
        return self._plot.render()

    def save(self, path: str | Path) -> Path:
        """Write it as SVG or PNG, by the ending of the name.

        Raises:
            InputError: another ending, resvg-py is missing for PNG, or the file can't be written.
        """
        from kneeimu.sessions.atomic import write_private

        path = Path(path)
        if path.suffix == ".svg":
            write_private(path, self._plot.render() + "\n")
        elif path.suffix == ".png":
            from kneeimu.report.figures import render_png

            write_private(path, render_png(self._plot))
        else:
            raise InputError(_("a plot ends in .svg or .png"), where=str(path))
        return path


def load(
    path: str | Path,
    *,
    exercise: str | None = None,
    side: Side | None = None,
    mount: Mount | None = None,
    alignment: Alignment | None = None,
    acc_unit: str = "m/s2",
    gyr_unit: str = "rad/s",
) -> Session:
    """Read a recording (``.mcap``) or a CSV with the header ``t,ax,ay,az,gx,gy,gz``, and run the engine over it.

    Args:
        path: the file.
        exercise: a name of the catalogue, such as "squat"; a recording knows it, a CSV does not.
        side: "left" or "right"; as above.
        mount: "thigh" or "shin"; as above.
        alignment: how the sensor sits on the leg, for the knee's drift; a recording may hold one.
        acc_unit: "m/s2" or "g", of a CSV.
        gyr_unit: "rad/s" or "deg/s", of a CSV.

    Raises:
        InputError: the file can't be used; says what, where and what to do.
    """
    return Session(play_file(path, Request(exercise, side, mount, alignment, acc_unit, gyr_unit)))


def load_foreign(
    paths: str | Path | Sequence[str | Path],
    *,
    exercise: str,
    side: Side,
    mount: Mount,
    alignment: Alignment | None = None,
    mapping: Mapping[str, str] | None = None,
    **told: Any,
) -> tuple[Session, tuple[str, ...]]:
    """Read a recording of another program (``docs/imports.md``); give the session and what was assumed.

    Args:
        paths: the file, folder or archive, or the files of one recording.
        exercise: a name of the catalogue.
        side: "left" or "right".
        mount: "thigh" or "shin".
        alignment: how the sensor sits on the leg.
        mapping: columns by axis (``t, ax … gz``), for a table of unknown origin.
        told: further arguments of ``kneeimu.sessions.importers.import_recording``.

    Raises:
        InputError: the files can't be used; says what, where and what to do.
    """
    from kneeimu.sessions.importers import import_recording

    listed = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    found = import_recording(listed, mapping=mapping, **told)
    rate_hz = min(max(found.sampling_rate_hz, 20.0), 500.0)
    setup = Setup(exercise, side, mount, rate_hz, alignment)
    return Session(play(found.samples, setup, name=listed[0].stem, started=found.started)), found.assumed


def from_arrays(
    time_s: npt.ArrayLike,
    acc_m_s2: npt.ArrayLike,
    gyr_rad_s: npt.ArrayLike,
    *,
    exercise: str,
    side: Side,
    mount: Mount,
    alignment: Alignment | None = None,
    name: str = "session",
    started: datetime | None = None,
) -> Session:
    """Run the engine over arrays.

    Args:
        time_s: shape (n,), s, strictly increasing.
        acc_m_s2: shape (n, 3), specific force in m/s² (+g up at rest), in the sensor's frame.
        gyr_rad_s: shape (n, 3), angular rate in rad/s, in the sensor's frame.
        exercise: a name of the catalogue.
        side: "left" or "right".
        mount: "thigh" or "shin".
        alignment: how the sensor sits on the leg.
        name: how to call the session.
        started: when it began.

    Raises:
        InputError: shapes do not fit, time does not run forwards, units are others, or the setup does not fit.
    """
    time, acc, gyr = (np.asarray(values, dtype=np.float64) for values in (time_s, acc_m_s2, gyr_rad_s))
    if time.ndim != 1 or acc.shape != (len(time), 3) or gyr.shape != (len(time), 3):
        shapes = f"{time.shape}, {acc.shape} and {gyr.shape}"
        raise InputError(
            _("the shapes {shapes} do not fit").format(shapes=shapes),
            where=name,
            advice=_("give (n,), (n, 3) and (n, 3)"),
        )
    if len(time) < 2 or not np.all(np.diff(time) > 0.0):
        raise InputError(_("the time does not run forwards"), where=name, advice=_("sort it and drop what repeats"))
    samples, to_radians = Samples(time, acc, gyr), _("give it in rad/s: numpy.radians turns degrees into them")
    acc_advice = _("give it in m/s², with gravity in it")
    check_sizes(samples, where=(name, name), acc_advice=lambda _norm: acc_advice, gyr_advice=to_radians)
    doubts = doubts_about_rate(samples, "rad/s", name, to_radians)
    setup = Setup(exercise, side, mount, float(1.0 / np.median(np.diff(time))), alignment)
    return Session(play(samples, setup, name=name, started=started, problems=doubts))


def load_alignment(path: str | Path) -> Alignment:
    """Read a stored alignment, as ``kneeimu calibrate alignment`` writes it.

    Raises:
        InputError: the file can't be used.
    """
    from kneeimu.sessions.alignment_file import load_alignment as load_file

    return load_file(path)


def write_report(sessions: Sequence[Session], path: str | Path, *, person: str = "") -> Path:
    """Write the page for a physiotherapist about sessions; give its path.

    Args:
        sessions: at least one, oldest first.
        path: of the HTML file; what is there already is replaced.
        person: printed at the top; nothing names a person otherwise.

    Raises:
        InputError: there are no sessions, or the file can't be written.
    """
    from kneeimu.report.facts import facts_of
    from kneeimu.report.page import Report, render_page
    from kneeimu.sessions.atomic import write_private

    if not sessions:
        raise InputError(_("a report needs at least one session"))
    report = Report(tuple(facts_of(session.played) for session in sessions), person, written=datetime.now())
    path = Path(path)
    write_private(path, render_page(report))
    return path


def _cell(value: Any, kind: str) -> Any:
    if kind == "f8":
        return np.nan if value is None else value
    return (value or "") if kind.startswith("U") else int(-1 if value is None else value)
