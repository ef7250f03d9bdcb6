"""The training board: count, trace, drift, tempo, reps and link in one place, for live view, runner and replay."""

from __future__ import annotations

import math

import numpy as np
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from kneeimu.dashboard.clocks import RepClock
from kneeimu.dashboard.widgets.big_count import BigCount
from kneeimu.dashboard.widgets.link_bar import LinkBar
from kneeimu.dashboard.widgets.medial_gauge import DriftScale, MedialGauge
from kneeimu.dashboard.widgets.rep_table import RepRow, RepTable
from kneeimu.dashboard.widgets.speech import cue_words
from kneeimu.dashboard.widgets.tempo_bar import TempoBar
from kneeimu.dashboard.widgets.trace import AngleTrace
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.tally import TalliedRep, Tally
from kneeimu.types import Setup, Trace
from kneeimu.words import _, n_
from kneeimu.words.names import exercise_title, mount_words, side_words


def row_of(tallied: TalliedRep) -> RepRow:
    """Give a rep as a line of the table."""
    rep = tallied.rep
    if rep is None:
        return RepRow(tallied.set_number, tallied.number, None, None, None, None, None, (), tallied.note)
    return RepRow(
        tallied.set_number, tallied.number, rep.range_of_motion_deg, rep.outward_s, rep.hold_s, rep.return_s,
        rep.medial_drift_deg, rep.flags, tallied.note,
    )  # fmt: skip


class TrainingBoard(Widget):
    """Everything that is seen while training. Takes plain data: a setup, a tally and traces.

    Args:
        setup: exercise, side, mount and alignment.
        target: reps to reach; None when none are prescribed.

    Attributes:
        waiting: nothing has come from the sensor yet.
    """

    DEFAULT_CSS = """
    TrainingBoard { height: 1fr; width: 1fr; layout: vertical; }
    TrainingBoard #headline { height: 1; padding: 0 1; }
    TrainingBoard #middle { height: 3fr; }
    TrainingBoard #side { width: 1fr; padding: 0 1; }
    TrainingBoard BigCount { width: 1fr; }
    TrainingBoard #cue { height: auto; min-height: 1; max-height: 3; padding: 0 1; }
    TrainingBoard #medial { display: none; }
    TrainingBoard RepTable { height: 1fr; min-height: 4; }
    """

    def __init__(self, setup: Setup, *, target: int | None = None, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.setup = setup
        self.target = target
        exercise = find_exercise(setup.exercise)
        profile = exercise.profile(setup.mount)
        self._clock = RepClock(profile.floor_deg / 2)
        self._sagittal = exercise.sagittal
        self._timed = exercise.kind == "timed"
        self._judged: tuple[int, int] | None = None
        self._following = False
        self.waiting = False
        self._cue = ("", "")
        self._trouble = ""
        self.count = BigCount(id="count")
        self.trace = AngleTrace(_("movement"), id="trace")
        self.trace.guide_deg = _guide_deg(setup)
        self.medial = AngleTrace(_("knee inwards"), signed=True, id="medial")
        self.gauge = MedialGauge(_drift_scale(setup), id="gauge")
        self.gauge.why_unknown = self._why_no_drift()
        self.gauge.display = exercise.sagittal
        self.tempo = TempoBar(id="tempo")
        self.tempo.tempo_s = exercise.tempo_s
        self.tempo.display = not self._timed
        self.table = RepTable(id="reps")
        self.table.timed = self._timed
        self.link = LinkBar(id="link")

    def compose(self) -> ComposeResult:
        self.set_class(self._sees_drift(), "drift")
        yield self.link
        yield Static(id="headline", markup=False)
        with Horizontal(id="middle"):
            yield self.count
            with Vertical(id="side"):
                yield self.trace
                yield self.medial
                yield self.gauge
                yield self.tempo
        yield Static(id="cue", markup=False)
        yield self.table

    def use_setup(self, setup: Setup) -> None:
        """Take a setup that has become known later, such as its alignment."""
        if setup != self.setup:
            self.setup = setup
            self.trace.guide_deg = _guide_deg(setup)
            self.gauge.why_unknown = self._why_no_drift()
            self.set_class(self._sees_drift(), "drift")

    # --- data in --------------------------------------------------------------------------------------------------

    def show_tally(self, tally: Tally, extra: str = "") -> None:
        """Show counts, reps and the cue."""
        self.count.count = tally.count
        self.count.caption = self._caption(tally)
        self.table.rows = [row_of(rep) for rep in tally.reps][-60:]
        last = tally.last_rep
        if last is not None:
            self.tempo.last_s = last.phases_s
            if self._judged != (tally.set_number, last.number) or not self._following:
                self._judged = (tally.set_number, last.number)
                self._following = False
                self._show_drift(last.medial_drift_deg, _("rep {n}").format(n=last.number))
        self.query_one("#headline", Static).update(self.headline(tally, extra))
        self._cue = (cue_words(tally), tally.cue.level if tally.cue else "")
        self._show_cue()

    def show_trouble(self, text: str) -> None:
        """Say that something is in the way, in place of the cue; empty says that all is well again."""
        if text != self._trouble:
            self._trouble = text
            self.set_class(bool(text), "trouble")
            self._show_cue()

    def _show_cue(self) -> None:
        text, level = (self._trouble, "red") if self._trouble else self._cue
        cue = self.query_one("#cue", Static)
        cue.update(text)
        cue.set_class(level == "red", "red")
        cue.set_class(level == "amber", "amber")

    def push_trace(self, trace: Trace, usual_deg: float | None = None) -> None:
        """Take new ticks; nothing is painted before ``draw``."""
        self.trace.push(trace.time_s, trace.angle_deg)
        self.medial.push(trace.time_s, trace.medial_deg)
        before = self._clock.start_s
        self._clock.follow(trace.time_s, trace.angle_deg, usual_deg)
        self._show_progress(before, trace)

    def jump_to(self, trace: Trace, rep_start_s: float | None) -> None:
        """Show another moment: the last ticks up to it, and when the rep under way began; None at rest."""
        before, self._clock.start_s = self._clock.start_s, rep_start_s
        self._show_progress(before, trace)

    def show_window(self, window: Trace, marks: list[tuple[float, str]], now_s: float) -> None:
        """Replace the traces by the ticks that lead up to ``now_s``, and paint them."""
        self.trace.replace(window.time_s, window.angle_deg, marks, now_s)
        if self.medial.display:
            self.medial.replace(window.time_s, window.medial_deg, [], now_s)

    def _show_progress(self, before: float | None, trace: Trace) -> None:
        start_s = self._clock.start_s
        if start_s is None or not len(trace.time_s):
            self.tempo.elapsed_s = None
            return
        self.tempo.elapsed_s = float(trace.time_s[-1]) - start_s
        if start_s != before:
            self._following = True
        if self._following:
            self._follow_drift(trace)

    def draw(self, now_s: float | None = None) -> None:
        """Paint a frame of the traces."""
        self.trace.draw(now_s)
        if self.medial.display:
            self.medial.draw(now_s)

    # --- words ----------------------------------------------------------------------------------------------------

    def headline(self, tally: Tally, extra: str = "") -> str:
        """Exercise, leg, mount and what is going on; what has no place is left out."""
        setup = self.setup
        what = [exercise_title(setup.exercise), side_words(setup.side), mount_words(setup.mount)]
        if tally.paused:
            phase = _("paused: nothing is counted")
        elif tally.in_set:
            phase = _("set {n} · go").format(n=tally.set_number)
        elif tally.set_number:
            phase = _("set {n} done · rest").format(n=tally.set_number)
        elif self.waiting:
            phase = _("waiting for the sensor")
        else:
            phase = _("ready") if self._timed else _("ready: start moving")
        now = [part for part in (phase, extra) if part]
        said = [" · ".join([*what[:kept], *now]) for kept in (3, 2, 1)]
        room = self.size.width - 2 if self.size else 0
        return next((words for words in said if len(words) <= room), said[-1] if room else said[0])

    def _caption(self, tally: Tally) -> str:
        count, clean = tally.count, tally.clean
        parts = []
        if self.target:
            parts.append(_("of {n}").format(n=self.target))
        if count:
            parts.append(n_("{n} clean", "{n} clean", clean))
        if count != tally.detected:
            parts.append(_("{n} detected").format(n=tally.detected))
        return " · ".join(parts) or _("reps")

    def _sees_drift(self) -> bool:
        return self._sagittal and self.setup.alignment is not None

    def _why_no_drift(self) -> str:
        if not self._sagittal:
            return _("not measured here")
        alignment = self.setup.alignment
        if alignment is None:
            return _("align the sensor first")
        return _("not known yet") if alignment.reference_tilt_deg is not None else _("needs reference reps")

    # --- drift ----------------------------------------------------------------------------------------------------

    def _follow_drift(self, trace: Trace) -> None:
        alignment = self.setup.alignment
        known = np.isfinite(trace.medial_deg)
        if alignment is None or alignment.reference_tilt_deg is None or not known.any():
            return
        depth = min(1.0, float(trace.angle_deg[-1]) / (alignment.reference_range_deg or 45.0))
        drift = float(trace.medial_deg[known][-1]) - alignment.reference_tilt_deg * max(0.0, depth)
        self._show_drift(drift, _("this rep"))

    def _show_drift(self, drift_deg: float | None, label: str) -> None:
        if drift_deg is None or not math.isfinite(drift_deg):
            self.gauge.drift_deg = None
            return
        self.gauge.label = label
        self.gauge.drift_deg = round(drift_deg)


def _drift_scale(setup: Setup) -> DriftScale:
    limit = find_exercise(setup.exercise).profile(setup.mount).findings.get("knee-in")
    return DriftScale(limit.amber, limit.red) if limit else DriftScale()


def _guide_deg(setup: Setup) -> float:
    alignment = setup.alignment
    if alignment is not None and alignment.reference_range_deg:
        return alignment.reference_range_deg
    return find_exercise(setup.exercise).profile(setup.mount).usual_deg[0]
