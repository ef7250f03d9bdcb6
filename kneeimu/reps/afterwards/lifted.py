"""A lower leg that hangs down and is lifted: however quick, these are no strides, since those go to both sides."""

from __future__ import annotations

from collections.abc import Sequence

from kneeimu.reps.afterwards.past_standing import STOOD_TICKS, stands_beside
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import as_vector, unit
from kneeimu.reps.walk.walking import AT_REST, DANGLES_DEG, share_at_rest
from kneeimu.types import FloatArray


def lifted(time_s: FloatArray, up: FloatArray, movements: Sequence[Excursion]) -> list[Excursion]:
    """Give those of some movements that go far to one side of where the limb rested last before, or next after.

    Args:
        time_s: (n,), s.
        up: (n, 3), unit vectors up in the sensor frame, at every tick.
        movements: in order of time.
    """
    wide = [one for one in movements if one.peak_deg > DANGLES_DEG]
    if not wide:
        return []
    rests = stands_beside(time_s, up, movements)
    rests_s = time_s[rests]
    found = []
    for one in wide:
        at = int(rests_s.searchsorted(one.turn_s))
        poses = [as_vector(unit(up[k : k + STOOD_TICKS].sum(axis=0))) for k in rests[max(0, at - 1) : at + 1].tolist()]
        shares = [share_at_rest(one, pose) for pose in poses]
        if any(share is not None and abs(share) < AT_REST for share in shares):
            found.append(one)
    return found
