"""One set while it is being done: the count, the pacer, the hold, the clock of a timed exercise, and the cues."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from math import floor

from kneeimu.coaching.stage import BoutResult, Effect, Record, Say, Sound
from kneeimu.coaching.tempo import HOLD_SPEED_DEG_S, HoldMeter, Pacer, rushed, still_enough
from kneeimu.corrections import Corrections
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.exercises.programmes.plan import Bout
from kneeimu.types import Rep, RepJudged, RepRevoked

MOST_CUES = 3
CUE_EVERY_REPS = 3
"""One thing at a time, at most three a set, three reps apart: more is not heard (science notes §5)."""
RUSHED_OF_THREE = 2
ABOUT_TIME = {"fast", "short", "dropped"}
"""Flags that the word about the tempo covers."""
LONGEST_STEP_S = 0.5
"""The clock of a timed exercise never leaps further than this, whatever was missed."""
LATE_S = 1.0
"""A rep that ended just before the key was pressed still belongs to the set."""
QUIET_S, QUIET_REPS = 8.0, 2.5
"""A set that the key began is over after so long without a rep, or the time of so many, and the leg is still. The
engine ends the sets it finds in the same way; of those it was told of it awaits the end. Engineering choices."""
UNSEEN_S = 2.0
"""Nothing was seen of the leg for so long. Engineering choice, above the longest bursts of a radio."""
MISSED_S = 45.0
"""So long before a set was seen to begin its first rep may have been missed."""


class BoutState:
    """What is known of a bout so far.

    Attributes:
        result: the counts; detected and corrected are kept apart.
        settled: the set is over, and so is its recording: nothing changes it any more.
    """

    def __init__(self, bout: Bout) -> None:
        exercise = find_exercise(bout.item.exercise)
        self.bout = bout
        self.result = BoutResult(bout)
        self.pacer = Pacer(bout.item.tempo_s)
        self.hold = HoldMeter(exercise.profile(bout.item.mount).usual_deg[0])
        self.timed = bout.item.seconds is not None
        self.settled = False
        self._paced = exercise.kind == "reps"
        self._counted: list[tuple[int, int]] = []
        self._corrections = Corrections()
        self._rushed: deque[bool] = deque(maxlen=3)
        self._cues = 0
        self._since_cue = 0
        self._last_s: float | None = None
        self._speed_deg_s: float | None = None
        self._keyed = False
        self._stirred_s = self._watched_s = 0.0

    def begin(self, time_s: float, engine_s: float, *, keyed: bool = False) -> list[Effect]:
        """The set starts at ``time_s``, ``engine_s`` on the engine's own timeline.

        Args:
            keyed: because the person said so, not because the engine found it.
        """
        self.result, self._keyed = replace(self.result, start_s=time_s), keyed
        self.go_on(time_s)
        return [Sound("go"), self._told("bout-started", engine_s)]

    def resume(self, time_s: float, engine_s: float) -> list[Effect]:
        """The set had stopped early and goes on, in another set of the engine."""
        self.go_on(time_s)
        return [self._told("bout-goes-on", engine_s)]

    def leave(self) -> list[Effect]:
        """The set was begun and nothing was done: it is to be begun once more."""
        return [self._told("bout-left")]

    def go_on(self, time_s: float) -> None:
        """The set goes on at ``time_s`` after it stood still."""
        self.pacer.restart(time_s)
        self._last_s, self._stirred_s = None, time_s

    def end(self, time_s: float, ended: str) -> list[Effect]:
        """The set is over."""
        self.result = replace(self.result, ended=ended, end_s=time_s)
        self.hold.held_s = 0.0
        return self.ended()

    def ended(self) -> list[Effect]:
        """How the set that is over went; to be said again when that changes."""
        result = self.result
        held_s = round(result.held_s, 1)
        return [self._told("bout-ended", clean=result.clean, held_s=held_s, ended=result.ended)]

    def _told(self, name: str, engine_s: float | None = None, **more: object) -> Record:
        """A note about this set for whoever reads the recording: ``kneeimu.tally`` counts by it.

        Args:
            engine_s: from when on what the engine counts belongs to the set, too; None where nothing does any more.
        """
        result = self.result
        data: dict[str, object] = {**self.name, "detected": result.detected, "corrected": result.corrected, **more}
        if not self.timed:  # what the engine counts of a timed exercise is nothing that the app goes by
            data["reps"] = [rep.turn_s for rep in result.reps]
            data["since_s"] = None if engine_s is None else floor(1000.0 * engine_s) / 1000.0
        return Record(name, data)

    def aim(self, bout: Bout) -> list[Effect]:
        """The same bout with another number of reps; say so when they are done already."""
        self.bout, self.result = bout, replace(self.result, bout=bout)
        return self._full() if self.result.corrected >= bout.reps[1] else []

    # --- counting ----------------------------------------------------------------------------------------------------

    def find(self, set_number: int, rep: Rep, end_s: float) -> None:
        """The engine looked at the set again and found a rep it had missed; the person may have added it already."""
        if end_s < self.result.start_s - MISSED_S:
            return
        self._take_in(set_number, rep, late=True)

    def count(self, set_number: int, rep: Rep, end_s: float) -> list[Effect]:
        """The engine counted a rep that was over at ``end_s`` on the session's timeline."""
        self._take_in(set_number, rep, late=False)
        self._since_cue += 1
        self.pacer.restart(end_s)
        self.hold.learn(rep.range_of_motion_deg)
        effects = self._reached()
        if self._paced:
            self._rushed.append(rushed(rep, self.bout.item.tempo_s))
            # a form fault weighs more than haste, and the engine speaks up for it
            if sum(self._rushed) >= RUSHED_OF_THREE and not set(rep.flags) - ABOUT_TIME:
                effects += self.cue("slower", "amber")
        return effects

    def _take_in(self, set_number: int, rep: Rep, *, late: bool) -> None:
        self._counted.append((set_number, rep.number))
        result = self.result
        corrected = self._corrections.counted(rep, result.corrected, result.detected, late=late)
        self.result = replace(result, detected=result.detected + 1, corrected=corrected, reps=(*result.reps, rep))

    def belongs(self, end_s: float) -> bool:
        """Tell whether a rep that is heard of after the end of the set was over at that time."""
        return end_s <= self.result.end_s + LATE_S

    def revise(self, revision: RepRevoked | RepJudged) -> None:
        """The engine takes a rep back, which the person may have done already, or judges it otherwise."""
        name = revision.set_number, revision.rep_number
        if name not in self._counted:
            return
        place, result = self._counted.index(name), self.result
        before, rep, after = result.reps[:place], result.reps[place], result.reps[place + 1 :]
        if isinstance(revision, RepJudged):
            self.result = replace(result, reps=(*before, revision.of(rep), *after))
            return
        del self._counted[place]
        corrected = self._corrections.revoked(rep, result.corrected, result.detected)
        self.result = replace(result, detected=result.detected - 1, corrected=corrected, reps=before + after)

    def correct(self, by: int) -> list[Effect]:
        """The person says that there was a rep more or less; the engine's own count stays as it is."""
        corrected = self.result.corrected + by
        if self.timed or corrected < 0:
            return []
        self._corrections.spoken()
        self.result = replace(self.result, corrected=corrected)
        data = {**self.name, "by": by, "detected": self.result.detected, "corrected": corrected}
        return [Record("correction", data)]

    def cue(self, code: str, level: str) -> list[Effect]:
        """Say one thing, unless enough has been said."""
        if self._cues >= MOST_CUES or (self._cues and self._since_cue < CUE_EVERY_REPS):
            return []
        self._cues, self._since_cue = self._cues + 1, 0
        self._rushed.clear()
        return [Sound("cue"), Say(code, level), Record("cue-given", {"code": code, "level": level})]

    def _reached(self) -> list[Effect]:
        low, high = self.bout.reps
        if self.result.corrected == high:
            return self._full()
        return [Sound("target" if self.result.corrected == low else "rep")]

    def _full(self) -> list[Effect]:
        return [Sound("target"), Say("target-reached", "praise", {"reps": self.bout.reps[1]})]

    # --- the leg -----------------------------------------------------------------------------------------------------

    def watch(self, time_s: float, speed_deg_s: float) -> None:
        """Take how fast the leg moves. Nobody knows whether it was still while nothing came from the sensor."""
        unseen = time_s - self._watched_s > UNSEEN_S
        self._speed_deg_s, self._watched_s = speed_deg_s, time_s
        if speed_deg_s > HOLD_SPEED_DEG_S or unseen:
            self._stirred_s = time_s

    def is_over(self, time_s: float) -> bool:
        """Tell whether a set that the key began is over: there were reps, and the leg has been still for long."""
        rep_s = self.pacer.cycle_s + self.bout.item.hold_s
        return self._keyed and self.result.corrected > 0 and time_s - self._stirred_s > max(QUIET_S, QUIET_REPS * rep_s)

    # --- timed exercises ---------------------------------------------------------------------------------------------

    @property
    def still(self) -> bool | None:
        """Whether the leg is as still as the exercise asks; None when it was not seen yet."""
        return None if self._speed_deg_s is None else still_enough(self.bout.item.exercise, self._speed_deg_s)

    @property
    def seconds(self) -> tuple[float, float]:
        """Left and in all."""
        total_s = self.bout.item.seconds or 0.0
        return max(0.0, total_s - self.result.held_s), total_s

    def run_clock(self, time_s: float, *, runs: bool) -> bool:
        """Let the clock of a timed exercise go on to ``time_s``; tell whether its time is up."""
        last, self._last_s = self._last_s, time_s
        if last is not None and runs:
            held = self.result.held_s + min(max(time_s - last, 0.0), LONGEST_STEP_S)
            self.result = replace(self.result, held_s=held)
        return self.result.held_s >= (self.bout.item.seconds or 0.0)

    @property
    def name(self) -> dict[str, object]:
        """What to write beside everything that concerns this bout."""
        bout = self.bout
        return {
            "bout": bout.number,
            "exercise": bout.item.exercise,
            "side": bout.side,
            "mount": bout.item.mount,
            "set": bout.set_number,
            "way": bout.way,
            "number": bout.nth,
        }
