"""Recordings of people: what is reached today must not be lost."""

from __future__ import annotations

import pytest
from played import data

from kneeimu.evaluation.judge import Outcome
from kneeimu.evaluation.run import evaluate_all
from kneeimu.evaluation.tasks import tasks_of_folder

EXACT, WITHIN_ONE, WORST = 14, 15, 3
"""Of the sixteen recordings of the moving leg; the aim is 14, 16 and 1."""


@pytest.fixture(scope="module")
def people() -> list[Outcome]:
    return evaluate_all(tasks_of_folder(data("uci"))[0])


def test_sets_of_people_are_counted_as_well_as_before(people: list[Outcome]) -> None:
    errors = [abs(one.wrong) for one in people if one.kind == "set"]
    assert len(errors) == 16
    assert errors.count(0) >= EXACT
    assert sum(error <= 1 for error in errors) >= WITHIN_ONE
    assert max(errors) <= WORST


def test_the_resting_leg_of_people_is_counted_once_at_most(people: list[Outcome]) -> None:
    counts = [one.count for one in people if one.kind == "resting"]
    assert len(counts) == 16
    assert sum(counts) <= 1


def test_standing_sitting_and_walking_people_are_not_counted_in_any_exercise() -> None:
    outcomes = evaluate_all(tasks_of_folder(data("qmt"))[0])
    assert len(outcomes) == 28
    assert {(one.exercise, one.mount): one.count for one in outcomes if one.count} == {}
