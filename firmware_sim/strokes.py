"""How people shape one repetition: not by a cosine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware_sim.timeline import RepMark, Stroke

Knot = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Tempo:
    """Seconds of a rep: out, hold, back, pause."""

    out_s: float
    hold_s: float
    return_s: float
    pause_s: float

    def scaled(self, factor: float) -> Tempo:
        """Give the tempo slowed by a factor."""
        return Tempo(*(factor * s for s in (self.out_s, self.hold_s, self.return_s, self.pause_s)))


@dataclass(frozen=True, slots=True)
class Style:
    """How one person shapes all reps.

    Attributes:
        skew: where in a stroke the middle is passed, share of its time; 0.5 is even.
        peak: speed there, as a multiple of the mean speed; 1.875 is minimum jerk.
        hitch, dip, bounce, counter, overshoot: chances of a hesitation on the way, of coming up a little and going
            down again, of a springy turn, of a small movement the other way before, and after.
        reach, rebound: chances of going a little too far before a hold, and of swinging back after overshooting home.
        sag: share of the range that is lost in a hold of three seconds, on average.
    """

    skew_out: float = 0.5
    skew_back: float = 0.5
    peak_out: float = 1.875
    peak_back: float = 1.875
    hitch: float = 0.0
    dip: float = 0.0
    bounce: float = 0.0
    counter: float = 0.0
    overshoot: float = 0.0
    reach: float = 0.0
    rebound: float = 0.0
    sag: float = 0.0

    @classmethod
    def draw(cls, rng: np.random.Generator, freedom: float) -> Style:
        """Meet somebody; ``freedom`` 0 gives minimum jerk."""

        def habit(scale: float) -> float:
            """Most people never do it, some often."""
            return float(freedom * scale * rng.beta(0.5, 1.5))

        return cls(
            skew_out=0.5 + freedom * float(np.clip(rng.normal(0.0, 0.06), -0.12, 0.12)),
            skew_back=0.5 + freedom * float(np.clip(rng.normal(0.0, 0.06), -0.12, 0.12)),
            peak_out=1.875 + freedom * float(rng.uniform(-0.45, 0.3)),
            peak_back=1.875 + freedom * float(rng.uniform(-0.45, 0.3)),
            hitch=habit(0.5),
            dip=habit(0.12),
            bounce=habit(0.6),
            counter=habit(0.8),
            overshoot=habit(0.8),
            reach=habit(0.9),
            rebound=habit(0.9),
            sag=freedom * float(rng.beta(1.0, 3.0)) * 0.25,
        )


@dataclass(frozen=True, slots=True)
class ShapedRep:
    """A stroke with its landmarks, seconds from its begin."""

    stroke: Stroke
    start_s: float
    far_s: float
    turn_s: float
    end_s: float

    def mark(self, set_number: int, begin_s: float, faults: tuple[str, ...]) -> RepMark:
        """Give the landmarks on the timeline, for a stroke that begins at ``begin_s``."""
        start_s, far_s, turn_s, end_s = (begin_s + s for s in (self.start_s, self.far_s, self.turn_s, self.end_s))
        return RepMark(set_number, start_s, far_s, turn_s, end_s, faults=faults)


def shape_rep(tempo: Tempo, style: Style, rng: np.random.Generator) -> ShapedRep:
    """Write one rep: from 0 to 1, hold, and back to 0."""
    pen = _Pen(rng)
    if tempo.pause_s > 0.3 and rng.random() < style.counter:
        pen.to(float(rng.uniform(0.25, 0.5)), -float(rng.uniform(0.01, 0.05)))
    start_s = pen.now
    hitch_s = float(rng.uniform(0.2, 0.9)) if rng.random() < style.hitch else 0.0
    reach = float(rng.uniform(0.03, 0.15)) if tempo.hold_s > 1.0 and rng.random() < style.reach else 0.0
    pen.stroke(tempo.out_s, 1.0 + reach, style.skew_out, style.peak_out, hitch_s)
    far_s = pen.now
    _turn_point(pen, tempo, style)
    turn_s = pen.now
    if rng.random() < style.dip:
        up_s = 0.45 * tempo.return_s
        pen.to(up_s, float(rng.uniform(0.5, 0.75)))
        pen.to(up_s, float(rng.uniform(0.9, 1.0)))
    hitch_s = float(rng.uniform(0.2, 0.9)) if rng.random() < style.hitch else 0.0
    over = -float(rng.uniform(0.01, 0.05)) if rng.random() < style.overshoot else 0.0
    pen.stroke(tempo.return_s, over, style.skew_back, style.peak_back, hitch_s)
    end_s = pen.now
    if over:
        if rng.random() < style.rebound:
            pen.to(float(rng.uniform(0.25, 0.5)), float(rng.uniform(0.02, 0.15)))
        pen.to(float(rng.uniform(0.3, 0.6)), 0.0)
    return ShapedRep(Stroke(tuple(pen.knots)), start_s, far_s, turn_s, end_s)


def _turn_point(pen: _Pen, tempo: Tempo, style: Style) -> None:
    rng = pen.rng
    if tempo.hold_s > 0.6:
        held_s, level = tempo.hold_s, 1.0
        if pen.level > 1.0:
            pen.to(0.3, 1.0)
            held_s -= 0.3
        for _ in range(2):
            level -= 0.5 * style.sag * tempo.hold_s / 3.0 * float(rng.uniform(0.3, 1.7)) + float(rng.uniform(0.0, 0.02))
            pen.to(0.5 * held_s, max(0.6, level))
    elif tempo.hold_s > 0.05:
        pen.to(tempo.hold_s, 1.0 - float(rng.uniform(0.0, 0.03)))
    if tempo.hold_s < 0.6 and rng.random() < style.bounce:
        pen.to(0.3, 1.0 - float(rng.uniform(0.03, 0.1)))
        pen.to(0.3, 1.0 + float(rng.uniform(-0.02, 0.03)))


class _Pen:
    """Writes knots one after the other."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.knots: list[Knot] = []
        self.now = 0.0
        self.level = 0.0

    def to(self, duration_s: float, level: float, rate: float = 0.0) -> None:
        self.now += duration_s
        self.level = level
        self.knots.append((self.now, level, rate, 0.0))

    def stroke(self, duration_s: float, level: float, skew: float, peak: float, hitch_s: float) -> None:
        """Go in one go, or with a hesitation on the way."""
        way = level - self.level
        if hitch_s:
            share = float(self.rng.uniform(0.35, 0.7))
            middle = self.level + share * way
            creep = float(self.rng.uniform(0.02, 0.12)) * way
            self.to(duration_s * share, middle, 0.5 * creep / hitch_s)
            self.to(hitch_s, middle + creep, 0.5 * creep / hitch_s)
            self.to(duration_s * (1.0 - share), level)
            return
        if skew != 0.5 or peak != 1.875:
            jitter = float(self.rng.normal(0.0, 0.02))
            self.to(duration_s * (skew + jitter), self.level + 0.5 * way, peak * way / duration_s)
            self.to(duration_s * (1.0 - skew - jitter), level)
            return
        self.to(duration_s, level)
