"""What is said after a rep: a fault that comes back, and only one that was seen in reps."""

from __future__ import annotations

from played import counted, person

from kneeimu.coaching.cues import Coach
from kneeimu.types import Cue, Rep, RepCounted, RepRevoked

SHALLOW = {"shallow": "amber"}


def said(coach: Coach, number: int, levels: dict[str, str]) -> list[str]:
    """Codes of the cues after this rep."""
    rep = Rep(number, 0.0, 1.0, 2.0, 2.0, 60.0, 1.0, 0.0, 1.0, 90.0)
    return [cue.code for cue in coach.after(2.0, rep, levels)]


def test_a_fault_is_told_when_it_comes_back() -> None:
    coach = Coach()
    assert [said(coach, 1, SHALLOW), said(coach, 2, {}), said(coach, 3, SHALLOW)] == [[], [], ["shallow"]]


def test_what_was_found_in_a_rep_that_was_taken_back_is_forgotten() -> None:
    coach = Coach()
    said(coach, 1, SHALLOW)
    coach.take_back([1])
    assert said(coach, 1, SHALLOW) == []
    assert said(coach, 2, SHALLOW) == ["shallow"]


def test_reps_that_were_taken_back_do_not_count_for_the_pause_between_two_cues() -> None:
    coach = Coach()
    said(coach, 1, SHALLOW)
    assert said(coach, 2, SHALLOW) == ["shallow"]
    said(coach, 3, SHALLOW)
    coach.take_back([3])
    assert [said(coach, number, SHALLOW) for number in (3, 4, 5)] == [[], [], ["shallow"]]


def test_a_cue_is_about_reps_that_stand() -> None:
    """Getting into position counts twice here, and is taken back."""
    done = person("hip-abduction", "shin", tempo_s=(0.6, 0.0, 0.4, 0.3))
    standing: list[Rep] = []
    seen: list[int] = []
    for event in counted(done).events:
        match event:
            case RepCounted(rep=rep):
                standing.append(rep)
            case RepRevoked(rep_number=number):
                standing = [rep for rep in standing if rep.number != number]
            case Cue(code=code):
                seen.append(sum(code in rep.flags for rep in standing[-3:]))
    assert seen
    assert min(seen) >= 2
