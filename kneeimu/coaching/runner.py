"""The session, step by step: what to do next, when to begin, when to rest. Pure: time comes with each input.

    MOVE → READY → COUNTDOWN → WORK → REST → READY → … → DONE, and PAIN from anywhere

The set begins with the person's movement or with a key; the clock, the link and the engine may speak in any order:
nothing here waits.
"""

from __future__ import annotations

from collections.abc import Sequence

from kneeimu.coaching.bout_state import BoutState
from kneeimu.coaching.notices import STREAMING, Notices
from kneeimu.coaching.pain import PainAdvice, advise_pain, worse_of
from kneeimu.coaching.phase_clock import PhaseClock
from kneeimu.coaching.stage import (
    Agreed,
    BoutResult,
    Effect,
    Input,
    Key,
    Link,
    Motion,
    Phase,
    Pressed,
    Record,
    Results,
    Say,
    Scored,
    SetUp,
    Sound,
    TellEngine,
    Tick,
    View,
)
from kneeimu.exercises.programmes.plan import Bout, agree_on, left_of
from kneeimu.exercises.programmes.programme import Item
from kneeimu.types import Cue, Event, Mount, RepCounted, RepJudged, RepRevoked, SetEnded, SetStarted, Side, Turn, Warned

COUNTDOWN_S = 3.0
POSITION_S = 10.0
"""From the key to a stretch or onto the roller. Engineering choice."""
RESUME_WITHIN_S = 20.0
"""A set that stopped early and goes on within this time is the same set. Engineering choice."""
SAID_FOR_S = 6.0


class Runner:
    """Leads through the bouts of a session.

    Args:
        bouts: the plan, at least one.
        worn: where the sensor sits at present; None when it is not on yet.
        time_s: now, on the session's timeline.
        pain_before: score before the session; None when not asked.

    Attributes:
        results: the finished bouts by number.
        worst_pain: highest score given so far; None when none was.
        offset_s: what to add to the engine's times: each exercise has an engine and a timeline of its own.

    Raises:
        ValueError: nothing to do.
    """

    def __init__(
        self, bouts: Sequence[Bout], *, worn: tuple[Side, Mount] | None = None, time_s: float = 0.0,
        pain_before: int | None = None,
    ) -> None:  # fmt: skip
        if not bouts:
            raise ValueError("a session needs at least one bout")
        self.bouts = tuple(bouts)
        self.results = Results()
        self.worst_pain: int | None = None
        self.offset_s = 0.0
        self._worn = worn
        self._state = BoutState(self.bouts[0])
        self._phase = Phase.MOVE
        self._clock = PhaseClock(time_s)
        self._second, self._torn = 0, False
        self._set_up: tuple[Item, Side] | None = None
        self._notices = Notices()
        self._said: tuple[float, Say] | None = None
        self._advice: PainAdvice | None = None if pain_before is None else advise_pain("before", pain_before)

    def begin(self) -> list[Effect]:
        """Give what there is to do before the first input."""
        return self._prepare()

    @property
    def view(self) -> View:
        """What to draw now."""
        state, result, working = self._state, self._state.result, self._phase is Phase.WORK
        left_s, total_s = state.seconds if working and state.timed else self._clock.seconds
        return View(
            phase=self._phase,
            paused=self._clock.paused,
            bout=None if self._phase is Phase.DONE else state.bout,
            upcoming=None if self._phase is Phase.DONE else self._upcoming(),
            done=self.results.done,
            total=len(self.bouts),
            left_out=self.results.left_out,
            detected=result.detected,
            corrected=result.corrected,
            clean=result.clean,
            seconds_left=left_s,
            seconds_total=total_s,
            held_s=state.hold.held_s if working else 0.0,
            done_s=result.held_s,
            pace=state.pacer.at(self._clock.shown_s) if working and not state.timed else None,
            said=self._said[1] if self._said and self._clock.now_s - self._said[0] <= SAID_FOR_S else None,
            last_rep=result.reps[-1] if result.reps else None,
            still=state.still if state.timed else None,
            notices=self._notices.codes,
            advice=self._advice,
        )

    @property
    def takes_target(self) -> bool:
        """Reps are counted in what the engine is set up for, and a set of it is left."""
        here = self._state.bout
        return not self._state.timed and here.task == self._set_up and bool(left_of(self.bouts, here, self.results))

    def settle(self) -> None:
        """The sensor is let go, and another recording follows: a set that is over stays as it is."""
        self._state.settled = self._state.bout.number in self.results

    def take(self, what: Input | Event) -> list[Effect]:
        """Take an input or an event of the engine; give what follows from it, in order."""
        if not isinstance(what, Event):
            self._clock.go_to(what.time_s)
        effects = self._follow(what)
        for effect in effects:
            if isinstance(effect, Say) and effect.level != "notice":
                self._said = (self._clock.now_s, effect)
        return effects

    def _follow(self, what: Input | Event) -> list[Effect]:
        match what:
            case Tick():
                return self._tick()
            case Pressed(key=key):
                return self._press(key)
            case Scored(score=score):
                return self._score(score)
            case Agreed(reps=reps):
                return self._aim(reps)
            case Motion():
                return self._move(what)
            case Link(state=state, battery_percent=battery):
                self._torn = self._torn or (self._phase is Phase.WORK and state != STREAMING)
                return [Say(code, "notice") for code in self._notices.link(state, battery)]
            case Event():
                return self._hear(what)

    # --- the clock ---------------------------------------------------------------------------------------------------

    def _tick(self) -> list[Effect]:
        if self._clock.paused:
            return []
        if self._phase is Phase.COUNTDOWN:
            return self._count_down()
        if self._phase is Phase.REST and self._clock.is_up:
            return [Sound("ready"), *self._next(on_its_own=True)]
        if self._phase is Phase.WORK and self._state.timed and not self._notices.streaming:
            return self._rest("finished") if self._state.run_clock(self._clock.now_s, runs=True) else []
        return []

    def _count_down(self) -> list[Effect]:
        if self._clock.is_up:
            return self._start()
        left_s = self._clock.seconds[0] or 0.0
        second, self._second = self._second, int(left_s) + 1
        return [Sound("tick")] if self._second != second and self._second <= COUNTDOWN_S else []

    def _move(self, motion: Motion) -> list[Effect]:
        self._state.watch(motion.time_s, motion.speed_deg_s)
        if self._phase is not Phase.WORK or self._clock.paused:
            return []
        if self._state.timed:
            return self._rest("finished") if self._state.run_clock(motion.time_s, runs=bool(self._state.still)) else []
        self._state.hold.step(motion.time_s, motion.angle_deg, motion.speed_deg_s)
        return [*self._rest("finished"), TellEngine("end-set")] if self._state.is_over(motion.time_s) else []

    # --- the person --------------------------------------------------------------------------------------------------

    def _press(self, key: Key) -> list[Effect]:
        if self._phase is Phase.DONE:
            return []
        match key:
            case Key.GO:
                return self._go()
            case Key.PAUSE:
                return self._pause()
            case Key.ADD | Key.UNDO:
                return self._correct(1 if key is Key.ADD else -1)
            case Key.PAIN:
                return self._stop_on_pain()
            case Key.SKIP:
                return [*self._close_open("skipped"), *self._next()]
            case Key.SKIP_EXERCISE:
                return self._skip_exercise("skipped")
            case Key.FINISH:
                ended = self._close_open("skipped") if self._phase is Phase.WORK else []
                return [*ended, *self._finish()]

    def _go(self) -> list[Effect]:
        """The one big key: on with whatever is next."""
        if self._clock.paused:
            return self._pause()
        match self._phase:
            case Phase.MOVE:
                self._worn = self._state.bout.place
                return self._prepare()
            case Phase.READY:
                return self._count_in()
            case Phase.COUNTDOWN:
                return self._start()
            case Phase.WORK:
                return [*(self._rest("finished") if self._state.result.done else self._back()), TellEngine("end-set")]
            case Phase.REST:
                return self._next(on_its_own=True)
        return []

    def _correct(self, by: int) -> list[Effect]:
        if self._phase not in (Phase.WORK, Phase.REST) or self._state.settled:
            return []
        return [*self._state.correct(by), *self._keep()]

    def _aim(self, reps: int) -> list[Effect]:
        here = self._state.bout
        self.bouts = agree_on(self.bouts, left_of(self.bouts, here, self.results), reps)
        return [] if here.number in self.results else self._state.aim(self.bouts[here.number - 1])

    def _pause(self) -> list[Effect]:
        if self._phase in (Phase.PAIN, Phase.MOVE):
            return []
        if not self._clock.paused:
            self._clock.pause()
            return [Sound("rest"), Record("paused", {})]
        self._clock.resume()
        self._state.go_on(self._clock.now_s)
        return [Sound("go"), Record("resumed", {}), *([Say("set-goes-on")] if self._phase is Phase.WORK else [])]

    def _stop_on_pain(self) -> list[Effect]:
        if self._phase is Phase.PAIN:
            return []
        working = self._phase is Phase.WORK
        stopped: list[Effect] = [*self._close("pain"), TellEngine("end-set")] if working else []
        return [*stopped, *self._enter(Phase.PAIN), Sound("stop"), Record("pain-stop", self._state.name)]

    def _score(self, score: int) -> list[Effect]:
        advice = advise_pain("during", score)
        self._advice = worse_of(self._advice, advice)
        self.worst_pain = max(score, self.worst_pain or 0)
        said: list[Effect] = [
            Record("pain", {"when": "during", "level": score, **self._state.name}),
            Say(advice.code, advice.light),
        ]
        if not advice.go:
            return [*said, *self._skip_exercise("pain")]
        if self._phase is not Phase.PAIN:
            return said
        return [*said, *(self._next() if self._state.bout.number in self.results else self._prepare())]

    # --- the engine --------------------------------------------------------------------------------------------------

    def _hear(self, event: Event) -> list[Effect]:
        if isinstance(event, Warned):
            return [Say(code, "notice") for code in self._notices.warned(event.code)]
        if self._clock.paused or self._state.timed:
            return []
        working, resting = self._phase is Phase.WORK, self._phase is Phase.REST and not self._state.settled
        match event:
            case SetStarted():
                return self._set_found(event.time_s + self.offset_s)
            case RepCounted(rep=rep, set_number=number, late=True) if working or resting:
                self._state.find(number, rep, rep.end_s + self.offset_s)
                return self._keep()
            case RepCounted(rep=rep, set_number=number) if working or (
                resting and self._state.belongs(rep.end_s + self.offset_s)
            ):
                return [*self._state.count(number, rep, rep.end_s + self.offset_s), *self._keep()]
            case (RepRevoked() | RepJudged()) as revision if working or resting:
                self._state.revise(revision)
                return self._keep()
            case Turn() if working:
                return [Sound("turn")]
            case Cue(code=code, level=level) if working:
                return self._state.cue(code, level)
            case SetEnded() if working:
                return self._rest("finished") if self._state.result.corrected else self._back()
        return []

    def _set_found(self, time_s: float) -> list[Effect]:
        if self._phase in (Phase.READY, Phase.COUNTDOWN):
            return self._work(time_s)
        if self._phase is not Phase.REST:
            return []
        low, high = self._state.bout.reps
        early = self._state.result.corrected < (high if self._torn else low)
        if early and self._clock.since_s <= RESUME_WITHIN_S and not self._state.settled:
            self.results.pop(self._state.bout.number, None)
            self._enter(Phase.WORK)
            return [*self._state.resume(time_s, time_s - self.offset_s), Say("set-goes-on")]
        upcoming = self._upcoming()
        if upcoming is not None and upcoming.task == self._set_up:
            return [*self._next(), *self._work(time_s)]
        return []

    # --- from one to the next ----------------------------------------------------------------------------------------

    def _count_in(self) -> list[Effect]:
        """Count down to the set; to a timed one from further, for nobody has a hand free in it."""
        seconds = POSITION_S if self._state.timed else COUNTDOWN_S
        self._enter(Phase.COUNTDOWN, seconds)
        self._second = int(seconds)
        return [Say("take-position")] if self._state.timed else [Sound("tick")]

    def _start(self) -> list[Effect]:
        return [TellEngine("start-set"), *self._work(self._clock.now_s, keyed=True)]

    def _work(self, time_s: float, *, keyed: bool = False) -> list[Effect]:
        self._torn, self._said = False, None
        self._enter(Phase.WORK)
        return self._state.begin(time_s, time_s - self.offset_s, keyed=keyed)

    def _back(self) -> list[Effect]:
        """Nothing was done in the set: make ready for it again."""
        return [*self._state.leave(), *self._prepare()]

    def _rest(self, ended: str) -> list[Effect]:
        effects = self._close(ended)
        if self._upcoming() is None:
            return effects + self._finish()
        self._enter(Phase.REST, self._state.bout.rest_s)
        return [*effects, Sound("rest")]

    def _close(self, ended: str) -> list[Effect]:
        effects = self._state.end(self._clock.now_s, ended)
        self.results[self._state.bout.number] = self._state.result
        return effects

    def _keep(self) -> list[Effect]:
        """The set may be over and change all the same: its result follows, and the recording is told."""
        number = self._state.bout.number
        if number not in self.results or self.results[number] == self._state.result:
            return []
        self.results[number] = self._state.result
        return self._state.ended()

    def _close_open(self, ended: str) -> list[Effect]:
        """End the present bout unless it is over."""
        if self._state.bout.number in self.results:
            return []
        if self._phase is not Phase.WORK:
            return self._close(ended)
        return [*self._close("finished" if self._state.result.corrected else ended), TellEngine("end-set")]

    def _next(self, *, on_its_own: bool = False) -> list[Effect]:
        upcoming = self._upcoming()
        if upcoming is None:
            return self._finish()
        self._state, before = BoutState(upcoming), self._set_up
        effects = self._prepare()
        return self._count_in() if on_its_own and self._state.timed and upcoming.task == before else effects

    def _prepare(self) -> list[Effect]:
        bout = self._state.bout
        if bout.place != self._worn:
            return [*self._enter(Phase.MOVE), Say("move-sensor")]
        effects = self._enter(Phase.READY)
        if bout.task != self._set_up:
            self._set_up = bout.task
            effects.append(SetUp(bout))
        return effects

    def _skip_exercise(self, ended: str) -> list[Effect]:
        """Leave the rest of this exercise: on this leg when skipped, on both when it hurt."""
        effects = self._close_open(ended)
        here = self._state.bout
        for bout in left_of(self.bouts, here, self.results, both_legs=ended == "pain"):
            self.results[bout.number] = BoutResult(bout, ended=ended)
        return [*effects, *self._next()]

    def _finish(self) -> list[Effect]:
        data = {"sets": self.results.done, "skipped": len(self.results.left_out)}
        return [*self._enter(Phase.DONE), Sound("done"), Record("session-finished", data)]

    def _enter(self, phase: Phase, seconds: float | None = None) -> list[Effect]:
        """Go into a phase. Whichever it is, a pause is over, for the recording too."""
        self._phase = phase
        was_paused = self._clock.drop_pause()
        self._clock.enter(seconds)
        return [Record("resumed", {})] if was_paused else []

    def _upcoming(self) -> Bout | None:
        later = self.bouts[self._state.bout.number :]
        return next((bout for bout in later if bout.number not in self.results), None)
