"""Many tasks over all cores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, as_completed

from kneeimu.evaluation.judge import Outcome, evaluate
from kneeimu.evaluation.tasks import Task
from kneeimu.sessions.batch import make_executor

WORTH_A_POOL = 12
"""Fewer recordings are done before a pool of processes has started."""


def evaluate_all(tasks: Sequence[Task], progress: Callable[[], None] = lambda: None) -> list[Outcome]:
    """Evaluate tasks and give their outcomes in the same order; ``progress`` is called after each.

    Raises:
        BatchError: a worker died.
    """
    with make_executor("processes" if len(tasks) >= WORTH_A_POOL else "serial") as executor:
        if executor is None:
            outcomes = []
            for task in tasks:
                outcomes.append(evaluate(task))
                progress()
            return outcomes
        futures: dict[Future[Outcome], int] = {executor.submit(evaluate, task): i for i, task in enumerate(tasks)}
        done: dict[int, Outcome] = {}
        for future in as_completed(futures):
            done[futures[future]] = future.result()
            progress()
    return [done[number] for number in range(len(tasks))]
