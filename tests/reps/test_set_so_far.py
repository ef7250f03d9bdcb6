"""A set that goes on, of which only the last reps are remembered."""

from __future__ import annotations

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.live.set_so_far import KEPT, LOST_S, SetSoFar
from kneeimu.reps.parameters import CounterParameters


def _rep(start_s: float, duration_s: float = 2.0) -> Excursion:
    middle_s, end_s = start_s + 0.5 * duration_s, start_s + duration_s
    return Excursion(start_s, middle_s, end_s, 40.0, (0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (-0.6, 0.8, 0.0))


def _set_of(count: int, period_s: float = 3.0) -> SetSoFar:
    now = SetSoFar(CounterParameters())
    now.open(0.0)
    for k in range(count):
        now.add(_rep(period_s * k))
    return now


def test_more_may_be_taken_back_than_is_remembered() -> None:
    now = _set_of(KEPT + 4)
    assert now.take_back(KEPT + 1) == KEPT + 1
    now.replace_last(_rep(0.0))
    assert (now.count, now.reps) == (3, [])


def test_no_more_is_taken_back_than_was_counted() -> None:
    assert _set_of(2).take_back(5) == 2


def test_reps_found_late_stand_in_order_of_time() -> None:
    now = _set_of(2, period_s=10.0)
    now.add_late([_rep(5.0)])
    assert [rep.start_s for rep in now.reps] == [0.0, 5.0, 10.0]
    assert now.count == 3


def test_a_slow_set_waits_longer_for_the_next_rep() -> None:
    assert _set_of(4, period_s=3.0).patience_s < _set_of(4, period_s=9.0).patience_s


def test_a_set_knows_the_reps_of_the_one_before() -> None:
    now = _set_of(3)
    now.close()
    now.open(60.0)
    now.add(_rep(60.0))
    assert [rep.start_s for rep in now.known] == [0.0, 3.0, 6.0, 60.0]
    assert now.before is not None
    assert now.before.start_s == 6.0


def test_time_in_which_the_sensor_was_lost_is_no_rest() -> None:
    now = _set_of(3)
    last_s = now.last_rep_s
    now.wait(20.0)
    assert now.last_rep_s == last_s + 20.0
    now.wait(2.0 * LOST_S)
    assert now.last_rep_s == last_s + 20.0


def test_what_looks_like_walking_after_quick_reps_that_go_as_slow_ones_before_goes_on_from_them() -> None:
    now = _set_of(3)
    now.close()
    now.open(40.0)
    for k in range(3):
        now.add(_rep(40.0 + k, duration_s=0.9))
    assert now.hurries(began_s=42.5)
    assert not now.hurries(began_s=60.0)


def test_one_slow_movement_before_does_not_make_what_follows_it_reps() -> None:
    """The first step of a walk may be slow."""
    now = SetSoFar(CounterParameters())
    now.open(0.0)
    for rep in (_rep(0.0), _rep(2.1, duration_s=0.9), _rep(3.1, duration_s=0.9)):
        now.add(rep)
    assert not now.hurries(began_s=3.5)


def test_reps_found_late_and_one_seen_from_its_other_end_are_known_by_their_size() -> None:
    so_far = SetSoFar(CounterParameters())
    so_far.add_late([_rep(0.0), _rep(3.0)])
    so_far.add(_rep(6.0, 2.5))
    assert so_far.has_had(_rep(20.0))
    so_far.replace_last(_rep(6.0))
    so_far.take_back(1)
    assert not so_far.has_had(_rep(20.0))


def test_a_rep_that_was_counted_is_known_again_as_seen_from_another_home() -> None:
    now = _set_of(3)
    assert now.has(Excursion(2.8, 4.0, 5.2, 39.0, (0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (-0.6, 0.8, 0.0)))
    assert not now.has(_rep(4.5))
