"""What is to be evaluated: small, picklable, loaded where the work is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kneeimu.evaluation.labels import Label, label_of, label_path, labelled_files, read_label
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.types import Samples

if TYPE_CHECKING:
    from firmware_sim.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Task:
    """One recording to evaluate as one exercise.

    Attributes:
        source: a labelled CSV, or a scenario to simulate.
        exercise: what the engine is told; of a recording without exercise there is a task for each of the catalogue.
    """

    name: str
    source: Path | Scenario
    exercise: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """Samples and what is true of them."""

    samples: Samples
    rate_hz: float
    label: Label


def tasks_of_folder(folder: str | Path) -> tuple[list[Task], list[Path]]:
    """Give the tasks of a folder, and the CSVs that have no label.

    Raises:
        InputError: there is nothing labelled in it, or a label does not fit.
    """
    files, bare = labelled_files(folder)
    tasks: list[Task] = []
    for path in files:
        label = read_label(label_path(path))
        silent = [name for name, exercise in CATALOGUE.items() if label.mount in exercise.mounts]
        names = [label.exercise] if label.exercise else silent
        tasks += [Task(path.stem, path, name) for name in names]
    return tasks, bare


def simulated_tasks(sets: int, idle: int, people: int, seed: int) -> list[Task]:
    """Give tasks of the simulator.

    Args:
        sets: recordings with sets of exercise, over exercises, mounts, sides and rates in turn.
        idle: recordings without any exercise.
        people: persons for each fault of form, at each mount, after an alignment.
        seed: the same seed gives the same recordings.
    """
    from firmware_sim import suites

    def named(kind: str, scenarios: Iterator[Scenario]) -> list[Task]:
        return [Task(f"{kind}-{number:04d}", one, one.exercise) for number, one in enumerate(scenarios)]

    return [
        *named("set", suites.suite(sets, seed)),
        *named("idle", suites.idle_suite(idle, seed)),
        *named("form", suites.form_suite(people, seed)),
    ]


def load(task: Task) -> Labelled:
    """Read or simulate a task's recording.

    Raises:
        InputError: the file or its label can't be used.
    """
    if isinstance(task.source, Path):
        from kneeimu.sessions.csv_file import read_csv

        read = read_csv(task.source)
        return Labelled(read.samples, read.sampling_rate_hz, read_label(label_path(task.source)))
    from firmware_sim.simulation import simulate

    made = simulate(task.source)
    samples = Samples(made.time_s, made.acc_m_s2, made.gyr_rad_s)
    return Labelled(samples, task.source.rate_hz, label_of(made.truth.to_dict(samples=False)))
