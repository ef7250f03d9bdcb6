"""What the runner showed and what a reader of the recording counts are the same, whatever happens."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from coaching.stories import SQUATS, Session, a_rep
from kneeimu.coaching.stage import Effect, Input, Key, Phase, Record
from kneeimu.tally import Tally
from kneeimu.types import Event, RepCounted, RepRevoked, SetEnded, SetStarted, SetSummary

OF_REPS = ["rep", "rep", "rep", "late", "anew", "revoke"]
STEPS = st.sampled_from([*OF_REPS, "set", "still", "wait", "score", "go", "skip", "pain", "add", "undo"])
KEYS = {"go": Key.GO, "skip": Key.SKIP, "pain": Key.PAIN, "add": Key.ADD, "undo": Key.UNDO}


class Read(Session):
    """A session whose recording is read while it is written."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.tally.command("guided", 0.0, {})
        super().__init__(SQUATS.replace("sets = 2", "sets = 4").replace("rest_s = 30", "rest_s = 15"))

    def take(self, what: Input | Event) -> list[Effect]:
        if isinstance(what, Event):
            self.tally.apply(what)
        effects = super().take(what)
        for effect in effects:
            if isinstance(effect, Record):
                self.tally.command(effect.name, self.now_s, effect.data)
        return effects

    def do(self, step: str) -> None:
        self.wait(1.0)
        match step:
            case "set" if not self.tally.engine_in_set:
                self.begin_moving()
            case "still" if self.tally.engine_in_set:
                summary = SetSummary(self.set_number, 0.0, self.now_s, self.rep_number, 0)
                self.take(SetEnded(self.now_s, summary))
            case "rep" if self.tally.engine_in_set:
                self.reps(1)
            case "late" if self.rep_number:
                self.rep_number += 1
                rep = a_rep(self.rep_number, self.now_s - 5.0 + 0.01 * self.rep_number, 0.005)
                self.take(RepCounted(self.now_s, self.set_number, rep))
            case "anew" if self.rep_number:
                self.take(RepRevoked(self.now_s, self.set_number, self.rep_number, "second-look"))
                self.rep_number += 1
                self.take(RepCounted(self.now_s, self.set_number, a_rep(self.rep_number, self.now_s - 4.0)))
            case "revoke" if self.rep_number:
                self.take(RepRevoked(self.now_s, self.set_number, self.rep_number, "walking"))
            case "wait":
                self.wait(8.0)
            case "score" if self.phase is Phase.PAIN:
                self.score(2)
            case _ if step in KEYS:
                self.press(KEYS[step])


@settings(deadline=None, max_examples=100)
@given(steps=st.lists(STEPS, max_size=40))
def test_the_recording_holds_what_was_shown(steps: list[str]) -> None:
    session = Read()
    for step in steps:
        session.do(step)
        if session.phase is Phase.WORK:
            assert session.tally.in_set
            assert session.tally.count == session.view.corrected, (step, session.tally)
    if session.phase is not Phase.DONE:
        session.press(Key.FINISH)
    shown = {result.bout.set_number: result.corrected for result in session.runner.results.values()}
    counted = {number: sum(rep.counts for rep in session.tally.of_set(number)) for number in shown}
    assert counted == shown
    assert session.tally.total == sum(shown.values())
    assert session.tally.sets_done == session.runner.results.done


def test_a_set_begun_before_the_app_is_killed_counts_as_far_as_it_went() -> None:
    session = Read()
    session.a_set(5)
    session.wait(20.0)
    session.begin_moving()
    session.reps(3)

    assert (session.tally.total, session.tally.count, session.tally.set_number) == (8, 3, 2)


def test_reps_heard_of_together_with_the_beginning_of_their_set_belong_to_it() -> None:
    session = Read()
    session.begin_moving()
    session.reps(1)
    session.press(Key.PAIN)
    session.score(1)
    session.now_s += 10.0
    begun_s, rep = session.now_s, a_rep(1, session.now_s + 4.0)
    session.tally.apply(SetStarted(begun_s, 2))
    session.tally.apply(RepCounted(begun_s + 4.0, 2, rep))
    for event in (SetStarted(begun_s, 2), RepCounted(begun_s + 4.0, 2, rep)):
        for effect in session.runner.take(event):
            if isinstance(effect, Record):
                session.tally.command(effect.name, begun_s + 4.2, effect.data)

    assert (session.tally.count, session.view.corrected) == (1, 1)
