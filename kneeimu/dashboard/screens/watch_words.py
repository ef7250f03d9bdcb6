"""What a watcher reads of a person: plain words from plain data, whatever a sender put into it."""

from __future__ import annotations

from kneeimu.dashboard.widgets.link_bar import SYMBOLS, LinkFacts
from kneeimu.dashboard.widgets.medial_gauge import WORDS
from kneeimu.dashboard.widgets.speech import CUES
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.telemetry.payloads import Happening, State
from kneeimu.telemetry.watcher import Patient
from kneeimu.types import Side
from kneeimu.words import _, decimal, mark, n_
from kneeimu.words.names import exercise_title, side_words
from kneeimu.words.phrases import LINK_STATES

PHASES = {
    "waiting": mark("not begun"), "set": mark("in a set"), "rest": mark("resting"), "paused": mark("paused"),
    "ended": mark("finished"),
}  # fmt: skip
HAPPENED = {
    "session-started": mark("session begun"), "session-ended": mark("session over"), "set-started": mark("set begun"),
    "set-ended": mark("set over"), "rep": mark("rep"), "rep-revoked": mark("rep taken back"),
    "rep-judged": mark("rep judged again"), "cue": mark("cue"), "warning": mark("trouble with the sensor"),
    "gap": mark("gap in the data"), "pain": mark("pain"),
    "correction": mark("count corrected"), "target": mark("new target"), "answer": mark("answer"),
}  # fmt: skip
ANSWERS = {
    "shown": mark("The message was shown."), "accepted": mark("The target was accepted."),
    "declined": mark("The target was declined."), "refused": mark("It can't be done in this session."),
    "unanswered": mark("The session went on without an answer."),
}  # fmt: skip
AMBER_PAIN, RED_PAIN = 4, 6
"""As the traffic light of the sessions themselves has it."""


def headline(patient: Patient) -> str:
    """Name and presence."""
    symbol = {True: "●", False: "○", None: "…"}[patient.online]
    return f"{symbol} {patient.name}"


def exercise_words(state: State) -> str:
    """Exercise and leg."""
    title = exercise_title(state.exercise) if state.exercise in CATALOGUE else state.exercise
    side: Side | None = "left" if state.side == "left" else "right" if state.side == "right" else None
    return " · ".join(part for part in (side_words(side) if side else "", title) if part)


def count_words(state: State) -> str:
    """Count, target and clean reps."""
    count = _("{n} of {target}").format(n=state.count, target=state.target) if state.target else str(state.count)
    return f"{count} · " + _("{n} clean").format(n=state.clean)


def phase_words(state: State) -> str:
    """Set and what is being done."""
    return " · ".join(part for part in (_set_words(state), doing_words(state)) if part)


def doing_words(state: State) -> str:
    """What is being done."""
    return _(PHASES[state.phase])


def _set_words(state: State) -> str:
    return _("set {n}").format(n=state.set_number) if state.set_number else ""


def drift_words(state: State) -> str:
    """What the last rep's knee did."""
    if state.drift_deg is None or state.zone is None:
        return _("knee drift not measured")
    symbol, _space, words = _(WORDS[state.zone]).partition(" ")
    return f"{symbol} {round(state.drift_deg):+d}° {words}"  # the number first: a tile may cut the words


def tempo_words(state: State) -> str:
    """How long the last rep took."""
    return "" if state.tempo_s is None else _("rep {n} s").format(n=decimal(sum(state.tempo_s)))


def pain_words(state: State) -> str:
    """The newest mark; empty when there was none."""
    if state.pain is None:
        return ""
    symbol = "■" if state.pain >= RED_PAIN else "▲" if state.pain >= AMBER_PAIN else "●"
    return f"{symbol} " + _("pain {n}/10").format(n=state.pain)


def cue_of(state: State) -> str:
    """The newest cue in words."""
    if not state.cue:
        return ""
    symbol = {"red": "■ ", "amber": "▲ "}.get(state.cue_level or "", "★ ")
    return symbol + _(CUES.get(state.cue, state.cue))


def link_words(state: State) -> str:
    """The sensor's link in two words."""
    symbol, words = SYMBOLS[state.link.state], LINK_STATES[state.link.state]
    return f"{symbol} {_(words)}"


def tile_lines(patient: Patient) -> list[str]:
    """Five lines of a tile; the most urgent comes last and is never empty."""
    state = patient.state
    if not state.session:
        return ["", _("nothing yet")]
    troubled = state.link.state != "streaming" and state.phase != "ended"
    urgent = pain_words(state) or (link_words(state) if troubled else "")
    missed = n_("{n} event lost", "{n} events lost", patient.missed) if patient.missed else ""
    return [
        exercise_words(state),
        count_words(state),
        " · ".join(part for part in (_set_words(state), tempo_words(state)) if part),
        drift_words(state),
        " · ".join(part for part in (urgent, missed) if part) or link_words(state),
    ]  # fmt: skip


def tone(patient: Patient) -> str:
    """How urgent it is: red, amber or nothing."""
    state = patient.state
    if state.phase == "ended" or not state.session:
        return ""
    pain = -1 if state.pain is None else state.pain
    if state.zone == "red" or pain >= RED_PAIN or state.link.state == "lost":
        return "red"
    return "amber" if state.zone == "amber" or pain >= AMBER_PAIN or state.link.state == "reconnecting" else ""


def link_facts_of(state: State) -> LinkFacts:
    """Give what the link bar shows."""
    link = state.link
    return LinkFacts(
        state=link.state, battery_percent=link.battery_percent, rssi_dbm=link.rssi_dbm, rate_hz=link.rate_hz,
        loss_percent=link.lost_percent,
    )  # fmt: skip


def happening_words(event: Happening) -> str:
    """One line of what happened."""
    words = _(HAPPENED[event.kind])
    if event.kind in ("rep", "set-ended"):
        words = f"{words} · {event.count}"
    elif event.kind == "cue":
        code = event.data.get("code")
        words = _(CUES[code]) if isinstance(code, str) and code in CUES else words
    elif event.kind == "target" and isinstance(event.data.get("reps"), int):
        words = f"{words} · {event.data['reps']}"
    elif event.kind == "answer":
        known = ANSWERS.get(str(event.data.get("answer")))
        words = _(known) if known else words
    elif event.kind == "pain" and isinstance(event.data.get("level"), int):
        words = _("pain {n}/10").format(n=event.data["level"])
    return f"{event.utc[11:19]}  {words}"


def answer_words(patient: Patient) -> str:
    """What the person said to the newest message or target; empty while there is no answer."""
    return _(ANSWERS[patient.answer]) if patient.answer in ANSWERS else ""
