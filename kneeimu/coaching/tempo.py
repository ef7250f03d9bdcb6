"""Tempo: the pacer to follow, how long an end is held, and whether the leg is still.

Live tempo feedback is the one thing with trial evidence in knee rehabilitation (Riel 2016: deviation from the
prescribed time 1.5 s with feedback, 4.3 s without).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from kneeimu.exercises.catalogue import find_exercise
from kneeimu.types import FloatArray, Rep, Trace

BETWEEN_REPS_S = 0.4
"""The pacer's breath between two reps. Engineering choice."""
IN_TIME_SHARE = 0.3
"""A rep within this share of the prescribed time is in time; a shorter one is rushed. Engineering choice."""
HOLD_SPEED_DEG_S = 8.0
"""Slower than this counts as holding (science notes, terminal knee extension)."""
HOLD_SHARE = 0.6
"""A hold is far out: above this share of the usual range. Engineering choice."""
STILL_DEG_S = 8.0
"""Slower than this is still: a stretch."""
QUIET_DEG_S = 60.0
"""Slower than this is lying at ease while hands work on the thigh; getting up is faster. Engineering choice."""
SMOOTHING_S = 0.5


@dataclass(frozen=True, slots=True)
class Pace:
    """Where the pacer is: ``part`` is "out", "hold", "back" or "pause"; ``share`` runs from 0 to 1 within it.

    ``position`` is where the limb should be: 0 at home, 1 at the far end.
    """

    part: str
    share: float
    left_s: float
    position: float


class Pacer:
    """A metronome for out, hold and back that the wearer's own reps pull into step.

    Args:
        tempo_s: out, hold and back, s.
    """

    def __init__(self, tempo_s: tuple[float, float, float]) -> None:
        out, hold, back = tempo_s
        self.parts = tuple(
            part for part in (("out", out), ("hold", hold), ("back", back), ("pause", BETWEEN_REPS_S)) if part[1] > 0.0
        )
        self.cycle_s = sum(length for _, length in self.parts)
        self._start_s = 0.0

    def restart(self, time_s: float) -> None:
        """A rep begins at ``time_s``: the pacer begins with it."""
        self._start_s = time_s

    def at(self, time_s: float) -> Pace:
        """Give where the pacer is at ``time_s``; before its start it waits at home."""
        since = max(0.0, time_s - self._start_s) % self.cycle_s
        for part, length in self.parts:
            if since < length:
                share = since / length
                return Pace(part, share, length - since, _position(part, share))
            since -= length
        return Pace(self.parts[0][0], 0.0, self.parts[0][1], 0.0)


def rushed(rep: Rep, tempo_s: tuple[float, float, float]) -> bool:
    """Tell whether the rep was clearly quicker than prescribed."""
    return rep.duration_s < (1.0 - IN_TIME_SHARE) * sum(tempo_s)


def in_time(rep: Rep, tempo_s: tuple[float, float, float]) -> bool:
    """Tell whether the rep took about as long as prescribed."""
    return abs(rep.duration_s - sum(tempo_s)) <= IN_TIME_SHARE * sum(tempo_s)


class HoldMeter:
    """Measures how long the far end is being held, from the angle the counter sees."""

    def __init__(self, usual_deg: float) -> None:
        self._usual_deg = usual_deg
        self._since_s: float | None = None
        self.held_s = 0.0

    def learn(self, range_deg: float) -> None:
        """A rep reached ``range_deg``: that is what this person's range is like."""
        self._usual_deg += 0.5 * (range_deg - self._usual_deg)

    def step(self, time_s: float, angle_deg: float, speed_deg_s: float) -> float:
        """Take the present angle and speed; give how long the end has been held, s."""
        far = abs(angle_deg) >= HOLD_SHARE * self._usual_deg
        if not far or speed_deg_s > HOLD_SPEED_DEG_S:
            self._since_s, self.held_s = None, 0.0
        elif self._since_s is None:
            self._since_s, self.held_s = time_s, 0.0
        else:
            self.held_s = time_s - self._since_s
        return self.held_s


class SpeedMeter:
    """Angular speed of the segment from the engine's trace, smoothed over half a second, deg/s.

    A first-order low-pass on |ω|, with ω from the angle between successive quaternions.
    """

    def __init__(self) -> None:
        self._last: tuple[float, FloatArray] | None = None
        self.speed_deg_s: float | None = None

    def feed(self, trace: Trace) -> None:
        """Take the ticks of one ``Engine.feed``."""
        for time_s, quat in zip(trace.time_s.tolist(), trace.quat_segment_to_world, strict=True):
            if self._last is not None and 0.0 < time_s - self._last[0] < 1.0:
                step_s = time_s - self._last[0]
                turn_deg = math.degrees(2.0 * math.acos(min(1.0, abs(float(quat @ self._last[1])))))
                share = min(1.0, step_s / SMOOTHING_S)
                before = turn_deg / step_s if self.speed_deg_s is None else self.speed_deg_s
                self.speed_deg_s = before + share * (turn_deg / step_s - before)
            self._last = (time_s, quat)


def still_enough(exercise: str, speed_deg_s: float) -> bool:
    """Tell whether the clock of a timed exercise may run at this speed of the leg."""
    return speed_deg_s < (QUIET_DEG_S if find_exercise(exercise).restless else STILL_DEG_S)


def _position(part: str, share: float) -> float:
    smooth = share * share * (3.0 - 2.0 * share)
    return {"out": smooth, "hold": 1.0, "back": 1.0 - smooth}.get(part, 0.0)
