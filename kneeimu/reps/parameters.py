"""When an out-and-back is a rep: the numbers, each with its meaning."""

from __future__ import annotations

from dataclasses import dataclass

STRIDING_DEG_S = {"thigh": 90.0, "shin": 170.0}
"""In a tenth of its ticks a walking segment is faster than this (measured: 100 and 200 in the slowest of simulated
walkers, 210 and 360 in one person); brisk reps that jolt as much are mostly slower."""
SAME_POSTURE_DEG, OTHER_POSTURE_DEG = 20.0, 45.0
"""Who lies has turned by more since standing, and by less from one rep to the next."""


@dataclass(frozen=True, slots=True)
class CounterParameters:
    """When an excursion is a rep. Engineering choices, tested on people and in simulation.

    Attributes:
        shortest_s: out and back in less than this is a twitch or a shake.
        shortest_alike_s: the same for a movement of the usual range.
        tiny_share, tiny_s: smaller than this multiple of the smallest range, and quicker than this, is sway.
        hasty_s, hasty_share: quicker than this, and than this share of the usual duration, is a step or a fidget.
        drawn_out_share, drawn_out_deg_share, drawn_out_s: longer and at the same time larger than these multiples of
            the usual is another movement, such as sitting down for a while.
        longest_s: out for longer than this is another posture and not a rep.
        other_axis_deg: an excursion this far off the axis of the reps before is another movement.
        smaller_share: below this share of the usual range it is fidgeting within the set.
        same_home_share: homes nearer than this share of the range are the same, and the axes comparable.
        early_home_deg, early_home_share: two early movements from homes further apart than this, and than this share
            of their range, are unlike.
        other_home_deg: a movement from a home this far from that of the set is another set.
        larger_share: above this multiple of the range before it is another movement, early in the set ...
        larger_settled: ... and when the usual range is known.
        quiet_s: a set ends after this long without a rep, or ``quiet_periods`` usual periods.
        lone_rep_s: a first rep that no second follows within this is taken back.
        fewest_reps: fewer reps than this, found without the person's key, are no set of their own.
        handful, regular_deg_share, regular_s_share: a set of no more reps than this, with ranges or durations that
            differ by more than these factors, was fidgeting.
        few_share, few_period_share: the fewest reps that are a set may differ by no more in range and duration, and in
            the time from one to the next.
        one_way_share, one_way_deg, one_way_s: ... but by so much where their axes are no further apart than this, and
            no two of them in time. Of 10 handfuls of people's reps in three simulators that were taken for fidgeting 7
            are found by this, with 2 of 58 that were.
        known_home_share, known_way_deg: a few much smaller ones go on with the set before where they set out nearer to
            its home than this share of a rep, and this near its way. Engineering choices.
        one_more_s: one movement alone goes on with the set before within this, and else is none: of those that were
            like the set 7 of 9 in four simulators were strides, or sitting down.
        slow_s: more than the fewest that are even, and last longer than this, are a set whatever went before: the box
            may have slipped, and no stride takes so long. Engineering choice.
        turns_share: where reps take turns with another movement, two of them are no further apart than by this multiple
            of how long they last.
        doubt_s, doubt_s_share: a movement or two, taken back because they were alone, count after all when a set of the
            same begins within this, unless they were quicker by more than this factor.
        other_ratio: a set of the same movement may differ from the one before by this factor in range.
        pair_ratio: movements that differ in range by more than this are unlike.
        still_deg: pose change in 0.6 s below which the segment is still.
        plateau_s: stillness away from home after which the pose may be a new home.
        plateau_share, plateau_deg: steadiness asked of a plateau, as a share of the way from home, and at most.
        turn_deg, turn_share: a pose change within 0.28 s below this, or this share of the way from home, is a
            reversal away from home ...
        turn_after_s: ... and may be a new home when home was left so long ago
        turn_apart_s: ... and the last trial was so long ago.
        unrest_multiple: a movement stands out of the sway at home by this.
        unrest_tau_s: time constant with which the sway is learned.
        steps: the exercise is a band walk: every movement out counts, also the last that ends in standing.
        stride_deg: in a band walk a quick movement larger than this, in which the limb never stands, is a stride.
        lands: each rep lands a foot (lunge).
        cut_short_share: when the stream ends, a rep that is back below this share of its peak counts.
        stride_s: quick excursions with foot strikes in a row are walking when shorter than this; 0 when not standing.
        striding_deg_s: a walking segment of this mount is this fast again and again.
        swings_through: a rep is a swing from one side of the start pose to the other; whether a handful of them are
            steps says the second look.
        lies: the limb lies, in a pose in which nobody walks: the person does, or sits and it is the thigh.
        supine: the person lies on the back: who gets up bends the hip as in a rep.
        dangles: the person sits, and a quick rep swings past the pose in which the shin hung.
        both_ways: a rep leads to both sides of home, and which of them further is all one (a lunge at the shin).
        settles: the exercise begins from a pose of its own (bent knee, split stance) and not from plain standing ...
        start_pose_deg, start_pose_s: ... that is no further from it than this, and is kept for longer than this.
        taken_along_deg: where no rep has been larger than this, in this set or before, the other leg does the reps.
        stands_far: before and after a set the person stands at the far end of the movement (terminal knee extension).
    """

    shortest_s: float = 0.55
    shortest_alike_s: float = 0.5
    tiny_share: float = 1.3
    tiny_s: float = 1.5
    hasty_s: float = 1.2
    hasty_share: float = 0.4
    drawn_out_share: float = 2.5
    drawn_out_deg_share: float = 1.3
    drawn_out_s: float = 3.0
    longest_s: float = 20.0
    other_axis_deg: float = 50.0
    smaller_share: float = 0.22
    same_home_share: float = 0.6
    other_home_deg: float = 30.0
    early_home_deg: float = 15.0
    early_home_share: float = 0.8
    larger_share: float = 2.4
    larger_settled: float = 2.5
    quiet_s: float = 8.0
    quiet_periods: float = 2.5
    lone_rep_s: float = 16.0
    fewest_reps: int = 3
    handful: int = 5
    regular_deg_share: float = 2.2
    regular_s_share: float = 3.5
    few_share: float = 1.6
    few_period_share: float = 2.0
    one_way_share: float = 2.2
    one_way_deg: float = 10.5
    one_way_s: float = 3.6
    known_home_share: float = 0.12
    known_way_deg: float = 15.0
    one_more_s: float = 5.0
    slow_s: float = 2.2
    turns_share: float = 2.5
    doubt_s: float = 30.0
    doubt_s_share: float = 3.0
    other_ratio: float = 5.0
    pair_ratio: float = 1.6
    still_deg: float = 0.8
    plateau_s: float = 0.8
    plateau_share: float = 0.1
    plateau_deg: float = 1.6
    turn_deg: float = 1.0
    turn_share: float = 0.0
    turn_after_s: float = 2.5
    turn_apart_s: float = 0.4
    unrest_multiple: float = 3.0
    unrest_tau_s: float = 6.0
    steps: bool = False
    stride_deg: float = 360.0
    lands: bool = False
    cut_short_share: float = 0.6
    stride_s: float = 1.6
    striding_deg_s: float = STRIDING_DEG_S["thigh"]
    lies: bool = False
    supine: bool = False
    dangles: bool = False
    both_ways: bool = False
    settles: bool = False
    start_pose_deg: float = 360.0
    start_pose_s: float = 0.0
    taken_along_deg: float = 0.0
    stands_far: bool = False
    swings_through: bool = False

    def is_sway(self, peak_deg: float, duration_s: float, floor_deg: float) -> bool:
        """Say whether a movement hardly larger than the smallest that counts is quick, and so none."""
        return peak_deg < self.tiny_share * floor_deg and duration_s < self.tiny_s
