"""Why an out-and-back is not a rep."""

from __future__ import annotations

from statistics import median

from kneeimu.reps.excursion import Excursion, ExcursionParameters
from kneeimu.reps.likeness import axes_apart_deg
from kneeimu.reps.live.homes import Home
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.walk.walking import WalkingDetector, leads_along

A_LITTLE = 1.25
"""In a set one rep may go further than the others by this factor, though none goes so far as a rule. Engineering
choice."""


class Referee:
    """Holds an excursion against the exercise's limits and against the reps before it."""

    def __init__(
        self,
        excursion: ExcursionParameters,
        counter: CounterParameters,
        walking: WalkingDetector,
    ) -> None:
        self._e, self._c, self._walking = excursion, counter, walking

    def why_not(self, home: Home, excursion: Excursion, unrest_deg: float, whole: Excursion) -> str | None:
        """Give the reason in a word, or None for a rep.

        Args:
            unrest_deg: sway at home.
            whole: the same with all that the limb turned by, where ``excursion`` is its lean one way alone.
        """
        reason = self._why_not(home, excursion, unrest_deg)
        if whole is not excursion and (whole.peak_deg > self._e.ceiling_deg or leads_along(excursion, whole.peak_deg)):
            reason = reason or "other-direction"
        return reason

    def _why_not(self, home: Home, excursion: Excursion, unrest_deg: float) -> str | None:
        c, peak = self._c, excursion.peak_deg
        if peak < max(self._e.floor_deg, c.unrest_multiple * unrest_deg):
            return "small"
        if peak > self._largest_deg(home):
            return "other-movement"
        if c.is_sway(peak, excursion.duration_s, self._e.floor_deg):
            return "small"
        known = len(home.reps) >= 2
        if excursion.duration_s < (c.shortest_alike_s if known and self._of_usual_range(home, peak) else c.shortest_s):
            return "too-quick"
        if known and not c.steps and self._is_step(home, excursion):
            return "step"
        if known and (reason := self._unlike_the_set(home, excursion)):
            return reason
        return "too-long" if excursion.duration_s > c.longest_s else None

    def _largest_deg(self, home: Home) -> float:
        """No rep goes further, but for a little in a set whose reps come near to that."""
        usual_deg = home.detector.usual_deg or 0.0
        return max(self._e.ceiling_deg, A_LITTLE * min(usual_deg, self._e.ceiling_deg))

    def _of_usual_range(self, home: Home, peak_deg: float) -> bool:
        usual = home.detector.usual_deg or peak_deg
        return usual / self._c.pair_ratio < peak_deg < usual * self._c.pair_ratio

    def _unlike_the_set(self, home: Home, excursion: Excursion) -> str | None:
        c, peak = self._c, excursion.peak_deg
        usual = home.detector.usual_deg or peak
        durations_s = [rep.duration_s for rep in home.reps]
        hasty = excursion.duration_s < min(c.hasty_s, c.hasty_share * min(durations_s))
        if hasty and not self._of_usual_range(home, peak):
            return "too-quick"
        if peak > c.drawn_out_deg_share * usual and excursion.duration_s > c.drawn_out_share * median(durations_s):
            return "other-movement"
        if excursion.duration_s > c.longest_s:
            return "too-long"
        if peak < c.smaller_share * usual:
            return "small"
        if peak > c.larger_settled * usual:
            return "other-movement"
        if axes_apart_deg(home.detector.axis, excursion.axis, c) > c.other_axis_deg:
            return "other-direction"
        return None

    def _is_step(self, home: Home, excursion: Excursion) -> bool:
        """Quick and with a foot strike, in a set whose reps have been slower and had none."""
        if not self._walking.struck(excursion):
            return False
        usual_s = median(rep.duration_s for rep in home.reps)
        quick = excursion.duration_s < min(self._c.stride_s, 0.7 * usual_s)
        return quick and not any(self._walking.struck(rep) for rep in home.reps[-2:])
