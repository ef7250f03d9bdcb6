"""Sensors that are ill, each in its own way: for every one a process that is the sensor and one that listens to it.

The processes are forked from this one, which has imported everything already: to start sixty interpreters takes longer
than the tests.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory

import firmware_sim.families.movella_dot
import firmware_sim.open_sensor  # noqa: F401  (imported here so that the forked processes need not)
from firmware_sim import Scenario, bleak_backend, simulation
from firmware_sim import __main__ as firmware
from firmware_sim.air import serve
from kneeimu.sensors.link import SensorLink

from .virtual import SETUP, Heard, record, scenario_file

REPS = 4
STREAM_S = 12.4  # the whole set, and the faults that happen in it
PATIENCE_S = 25.0
END_S = 60.0
NAME = "knee"


@dataclass(frozen=True)
class Row:
    """A sensor and how it is ill.

    Attributes:
        options: of ``python -m firmware_sim``.
        name: what it is called and asked for.
        namesake: there is a second sensor of the same name.
        patience_s: how long to wait for the set to be over.
        late_s: so long after the sensor somebody begins to listen.
        killed_s: the process is killed with SIGKILL after so long, and another takes its place.
    """

    options: tuple[str, ...] = ()
    name: str = NAME
    namesake: bool = False
    patience_s: float = PATIENCE_S
    late_s: float = 0.0
    killed_s: float | None = None


def _fault(*faults: str) -> Row:
    return Row(tuple(option for fault in faults for option in ("--fault", fault)))


ROWS: dict[str, Row] = {
    "healthy": Row(),
    "late listener": Row(late_s=3.0),
    "loss": _fault("loss=0.15"),
    "duplicates": _fault("duplicate=0.3"),
    "reordering": _fault("reorder=0.1"),
    "corruption": _fault("corrupt=0.3"),
    "truncated": _fault("truncate=0.1"),
    "oversize": _fault("oversize=0.1"),
    "vanish and return": _fault("vanish=9.1:2"),
    "battery taken out": Row(killed_s=10.0),
    "reboot": _fault("reboot=9.1:1"),
    "counters start over": _fault("reset=9.1"),
    "ends the connection": _fault("bye=9.1"),
    "silent": _fault("silent=3:6"),
    "bursts": _fault("burst-ms=400"),
    "wrong rate": _fault("rate=0.8"),
    "saturated": _fault("saturate=0.3"),
    "stuck": _fault("stuck=1"),
    "not a number": Row(("--family", "movella-dot", "--fault", "nan=1"), name="Movella DOT"),
    "clock jumps ahead": _fault("clock-jump=5:30"),
    "clock jumps back": _fault("clock-jump=5:-3"),
    "clock wraps": _fault("clock-start=4286"),
    "low battery": _fault("battery=9"),
    "discovery breaks": _fault("discovery=2"),
    "speaks too early": _fault("early"),
    "chip is broken": Row(("--fault", "chip"), patience_s=10.0),
    "namesakes": Row(namesake=True, late_s=1.5),
}


class Ward:
    """All rows side by side; the leg's movement is worked out once for all."""

    def __init__(self, rows: dict[str, Row], folder: Path) -> None:
        """Begin; recordings go to the folder."""
        fork = multiprocessing.get_context("fork")
        scenario = scenario_file(folder, REPS)
        movement = simulation.simulate(Scenario.from_toml(scenario))
        self._listeners: dict[str, tuple[BaseProcess, Connection]] = {}
        for name, row in rows.items():
            ours, theirs = fork.Pipe(duplex=False)
            place = folder / name.replace(" ", "-")
            place.mkdir()
            process = fork.Process(target=_listen_to, args=(row, place, theirs, scenario, movement))
            process.start()
            theirs.close()
            self._listeners[name] = (process, ours)

    def heard(self) -> dict[str, Heard]:
        """Give what was heard, when all is over.

        Raises:
            EOFError: a listener has crashed.
            TimeoutError: a listener hangs.
        """
        end_s = time.monotonic() + END_S
        return {name: _heard(name, pipe, end_s) for name, (_, pipe) in self._listeners.items()}

    def close(self) -> None:
        """End what is still running."""
        for process, pipe in self._listeners.values():
            pipe.close()
            process.join(5.0)
            process.kill()


def _heard(name: str, pipe: Connection, end_s: float) -> Heard:
    if not pipe.poll(max(0.0, end_s - time.monotonic())):
        raise TimeoutError(f"the listener to {name!r} hangs")
    heard = pipe.recv()
    assert isinstance(heard, Heard)
    return heard


def _listen_to(row: Row, folder: Path, answer: Connection, scenario: Path, movement: simulation.Simulation) -> None:
    """Be the process that listens to one sensor (or two)."""
    simulation.simulate = lambda _: movement  # in this process only
    with TemporaryDirectory(prefix="air") as place:  # short enough for a socket
        transport = f"unix:{place}/air"
        options = ["--transport", transport, "--join", "--scenario", str(scenario), "--name", row.name, *row.options]
        addresses = ["F0:00:00:00:00:01"]
        if row.namesake or row.killed_s is not None:
            addresses.append("F0:00:00:00:00:02" if row.namesake else addresses[0])
        sensors = [_Sensor([*options, "--address", address]) for address in addresses]
        try:
            answer.send(asyncio.run(_hold_session(row, transport, sensors, folder)))
        finally:
            for sensor in sensors:
                sensor.kill()
    os._exit(0)


async def _hold_session(row: Row, transport: str, sensors: list[_Sensor], folder: Path) -> Heard:
    async with serve(transport):
        undo = bleak_backend.install(transport)
        sensors[0].switch_on()
        if row.killed_s is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(row.killed_s, sensors[0].kill)
            loop.call_later(row.killed_s + 0.5, sensors[1].switch_on)
        elif row.namesake:
            sensors[1].switch_on()
        await asyncio.sleep(row.late_s)
        heard = await record(SensorLink(row.name), row.patience_s, _set_is_over, SETUP, folder)
        await bleak_backend.close()
        undo()
        return heard


def _set_is_over(heard: Heard) -> bool:
    return bool(heard.samples) and heard.samples[-1].time_s[-1] - heard.samples[0].time_s[0] > STREAM_S


class _Sensor:
    """A process that is one virtual sensor, once it is switched on."""

    def __init__(self, options: list[str]) -> None:
        waiting, self._switch = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._switch)
            if not os.read(waiting, 1):
                os._exit(0)  # never switched on
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            try:
                firmware.main(options, standalone_mode=False)
            finally:
                os._exit(1)
        os.close(waiting)

    def switch_on(self) -> None:
        os.write(self._switch, b"1")

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
