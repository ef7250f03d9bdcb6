"""Finding the still standing and the guided movements in a recording, without being told when they were.

A movement is an excursion of the box's tilt from its standing pose and back. The tilt is seen by gravity and does not
depend on how the box sits, so nothing about the mounting needs to be known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibration.frames import FloatArray, angle_deg
from calibration.observation import Observation, smoothed

STILL_DEG_S = 5.0
"""RMS angular rate over a second, below which a person stands still; measured while standing: 0.3 to 4. Without
what is faster than ``TREMOR_S``: muscles tremble at 8 to 10 Hz, by little and around a mean."""
TREMOR_S = 0.2
STILL_FOR_S = 2.0
OUT_DEG = 12.0
"""A tilt that begins a movement; sway and weight shifts stay below."""
HOME_DEG = 7.0
SHORTEST_MOVE_S, LONGEST_MOVE_S = 0.5, 14.0
SLOW_S = 1.0
"""Guided movements take longer than this, out and back; steps take less."""
LONGEST_PAUSE_S = 2.5
"""A longer pause, also measured against the pauses before, ends the guided movements: what follows is exercise."""
LIFT_WITHIN_S = 15.0
"""Lifts to the side come this soon after the last movement."""
MOST_MOVES = 8
FEWEST_MOVES = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """Samples ``start`` to ``stop`` (exclusive) in which the sensor was still.

    Attributes:
        up: (3,), mean direction of the specific force, sensor frame: up.
        norm_m_s2: its size.
        rate_deg_s: RMS angular rate.
    """

    start: int
    stop: int
    up: FloatArray
    norm_m_s2: float
    rate_deg_s: float


@dataclass(frozen=True, slots=True)
class Move:
    """One movement out and back: samples ``start`` to ``stop`` (exclusive), farthest at ``turn``, by ``tilt_deg``."""

    start: int
    turn: int
    stop: int
    tilt_deg: float


@dataclass(frozen=True, slots=True)
class Guided:
    """Still standing, the movements that follow it, and what follows those within some seconds: lifts, perhaps."""

    stand: Stretch
    moves: tuple[Move, ...]
    later: tuple[Move, ...]


def find_still(seen: Observation) -> list[Stretch]:
    """Stretches of at least two seconds in which the sensor hardly turned, in order of time."""
    rate = np.degrees(np.linalg.norm(smoothed(seen.gyr_rad_s, seen.samples_in(TREMOR_S)), axis=1))
    rms = np.sqrt(smoothed(rate**2, seen.samples_in(1.0)))
    edges = np.flatnonzero(np.diff(np.concatenate(([False], rms < STILL_DEG_S, [False])).astype(np.int8)))
    margin = seen.samples_in(0.25)
    stretches = []
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        start, stop = start + (margin if start else 0), stop - (margin if stop < len(seen) else 0)
        if stop - start >= seen.samples_in(STILL_FOR_S):
            force = seen.acc_m_s2[start:stop].mean(axis=0)
            norm = float(np.linalg.norm(force))
            stretches.append(Stretch(start, stop, force / norm, norm, float(np.sqrt(np.mean(rate[start:stop] ** 2)))))
    return stretches


def find_guided(seen: Observation, still: list[Stretch]) -> Guided | None:
    """The first still standing that at least three slow movements start from and return to, and those movements.

    Without such, the one with most movements, for saying what is wrong with them; None without any. Steps are
    movements too, but fast ones; and of a hold at the far end the standing before it comes first.
    """
    best: Guided | None = None
    for stand in still:
        found = find_moves(seen, stand)
        moves = first_group(seen, found)
        limit = moves[-1].stop + seen.samples_in(LIFT_WITHIN_S) if moves else 0
        later = tuple(move for move in found if moves and moves[-1].stop <= move.start < limit)
        guided = Guided(stand, moves, later)
        if len(moves) >= FEWEST_MOVES and usual_duration_s(seen, moves) >= SLOW_S:
            return guided
        if moves and (best is None or len(moves) > len(best.moves)):
            best = guided
    return best


def usual_duration_s(seen: Observation, moves: Sequence[Move]) -> float:
    """Median duration of the movements."""
    return float(np.median([move.stop - move.start for move in moves])) / seen.rate_hz


def find_moves(seen: Observation, stand: Stretch) -> list[Move]:
    """All movements that leave the pose of ``stand`` after it, and come back to it."""
    tilt = smoothed(angle_deg(seen.up, stand.up), seen.samples_in(0.12))
    moves: list[Move] = []
    index, end = stand.stop, len(tilt)
    while index < end:
        away = np.flatnonzero(tilt[index:] > OUT_DEG)
        if not len(away):
            break
        first = index + int(away[0])
        back = np.flatnonzero(tilt[first:] < HOME_DEG)
        if not len(back):
            break
        last = first + int(back[0])
        move = _trim(tilt, index, first, last, seen.samples_in(1.5))
        if SHORTEST_MOVE_S <= (move.stop - move.start) / seen.rate_hz <= LONGEST_MOVE_S:
            moves.append(move)
        index = last
    return moves


def first_group(seen: Observation, moves: list[Move]) -> tuple[Move, ...]:
    """The first movements that belong together: pauses short or alike, at least three, otherwise the most there are."""
    groups: list[list[Move]] = []
    pauses: list[float] = []
    for move in moves:
        pause_s = (move.start - groups[-1][-1].stop) / seen.rate_hz if groups else 0.0
        usual_s = max([LONGEST_PAUSE_S, *(2.0 * pause for pause in pauses)])
        if groups and (pause_s <= usual_s or len(groups[-1]) == 1):
            groups[-1].append(move)
            pauses.append(pause_s)
        else:
            groups.append([move])
            pauses = []
    if not groups:
        return ()
    chosen = next((group for group in groups if len(group) >= FEWEST_MOVES), max(groups, key=len))
    return tuple(chosen[:MOST_MOVES])


def _trim(tilt: FloatArray, earliest: int, first: int, last: int, reach: int) -> Move:
    """Take the movement's ends to where the limb was nearest to its pose."""
    turn = first + int(np.argmax(tilt[first : last + 1]))
    low = max(earliest, first - reach)
    start = low + int(np.flatnonzero(tilt[low : first + 1] <= tilt[low : first + 1].min() + 0.5)[-1])
    high = min(len(tilt), last + reach)
    beyond = np.flatnonzero(tilt[last:high] > OUT_DEG)
    if len(beyond):
        high = last + int(beyond[0])
    stop = last + int(np.flatnonzero(tilt[last:high] <= tilt[last:high].min() + 0.5)[0]) + 1
    return Move(start, turn, stop, float(tilt[turn]))
