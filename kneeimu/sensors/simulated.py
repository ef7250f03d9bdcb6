"""The simulated sensor as a link: starts ``python -m firmware_sim`` and connects to it over the virtual radio.

The process dies with this one, whatever way this one ends: it watches its standard input, whose other end we hold.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from kneeimu.errors import SensorError
from kneeimu.sensors.stream import Batch, LinkState, LinkStatus
from kneeimu.types import Alignment, Mount, Side
from kneeimu.words import _

if TYPE_CHECKING:
    from kneeimu.sensors.link import SensorLink

READY_TIMEOUT_S = 30.0
FAREWELL_S = 2.0
FOLDER_PREFIX = "kneeimu-sim-"
INSTALL_ADVICE = "pip install 'kneeimu[sim]'"


@dataclass(frozen=True, slots=True)
class SimulatedWearer:
    """What the simulated person does.

    Attributes:
        reps: of one set; the set is done again after ``rest_s`` of rest, for ever.
        scenario: more keys of the scenario (``firmware_sim.scenario``), such as ``valgus_deg``.
        speed: time compression, for tests.
    """

    exercise: str = "squat"
    side: Side = "right"
    mount: Mount = "thigh"
    reps: int = 10
    rest_s: float = 12.0
    seed: int = 0
    rate_hz: float = 100.0
    scenario: Mapping[str, Any] = field(default_factory=dict)
    speed: float = 1.0

    def to_toml(self) -> str:
        """Write the scenario file."""
        known = {
            "exercise": self.exercise, "side": self.side, "mount": self.mount, "reps": self.reps, "seed": self.seed,
            "rate_hz": self.rate_hz, "before": ["stand 2.5"], "after": ["stand 2.0"],
        }  # fmt: skip
        return "".join(f"{key} = {_toml(value)}\n" for key, value in {**known, **self.scenario}.items())


def check_installed() -> None:
    """See whether the simulated sensor can run here.

    Raises:
        SensorError: its packages are missing.
    """
    if find_spec("bumble") is None or find_spec("firmware_sim") is None:
        raise SensorError(_("the simulated sensor is not installed"), advice=INSTALL_ADVICE)


class SimulatedSensor:
    """The process. ``transport`` is where its air is, ``truth`` what its leg did."""

    def __init__(self, wearer: SimulatedWearer) -> None:
        self.wearer = wearer
        self.transport = ""
        self._folder: Path | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._uninstall: Callable[[], None] | None = None

    async def start(self) -> None:
        """Start it, wait until it advertises, and make bleak use its air.

        Raises:
            SensorError: it is not installed or does not start.
        """
        await asyncio.to_thread(_remove_leftovers)
        self._folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-"))
        scenario = self._folder / "scenario.toml"
        scenario.write_text(self.wearer.to_toml(), encoding="utf-8")
        self.transport = f"unix:{self._folder / 'air'}" if hasattr(os, "fork") else "tcp:127.0.0.1:9001"
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "firmware_sim", "--scenario", str(scenario), "--transport", self.transport,
            "--loop", str(self.wearer.rest_s), "--speed", str(self.wearer.speed), "--rate", str(self.wearer.rate_hz),
            "--truth", str(self._truth_path), "--name", "kneeimu (simulated)", "--die-with-parent",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        backend = asyncio.create_task(asyncio.to_thread(import_backend))
        await self._ready(self._process)
        self._uninstall = (await backend)(self.transport)

    async def stop(self) -> None:
        """End the process and tidy up. May be called again."""
        if self._uninstall is not None:
            self._uninstall()
            self._uninstall = None
            from firmware_sim import bleak_backend

            await bleak_backend.close()
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            assert process.stdin is not None
            process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), FAREWELL_S)
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
            self._folder = None

    def alignment(self) -> Alignment | None:
        """Give how the box sits, as the simulation knows it; None when it did not say."""
        try:
            truth = json.loads(self._truth_path.read_text(encoding="utf-8"))
            quat = truth["quat_segment_to_sensor"]
            ranges = [rep["range_deg"] for rep in truth["reps"]]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        w, x, y, z = (float(part) for part in quat)
        usual = round(sum(ranges) / len(ranges), 1) if ranges else None
        return Alignment((w, x, y, z), self.wearer.side, self.wearer.mount, "good", 2.0, 0.0, usual, 0.0)

    @property
    def _truth_path(self) -> Path:
        assert self._folder is not None
        return self._folder / "truth.json"

    async def _ready(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            line = await asyncio.wait_for(process.stdout.readline(), READY_TIMEOUT_S)
        except TimeoutError:
            line = b""
        if line.strip() == b"READY":
            return
        said = (await process.stderr.read()).decode(errors="replace").strip().splitlines() if line == b"" else []
        await self.stop()
        what = said[-1] if said else _("no word from it")
        advice = INSTALL_ADVICE if "No module named" in what else ""
        raise SensorError(_("the simulated sensor does not start: {what}").format(what=what), advice=advice)


class SimulatedLink:
    """A link to a simulated sensor of its own: the ordinary ``SensorLink`` once the sensor is there.

    Attributes:
        sensor: the process; its ``alignment`` is known once the link streams.
    """

    def __init__(self, wearer: SimulatedWearer | None = None) -> None:
        self.sensor = SimulatedSensor(wearer or SimulatedWearer())
        self.link: SensorLink | None = None
        self._closing = asyncio.Event()

    async def __aenter__(self) -> SimulatedLink:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()
        await self.sensor.stop()

    async def __aiter__(self) -> AsyncIterator[Batch | LinkStatus]:
        yield LinkStatus(LinkState.SEARCHING, detail=_("starting the simulated sensor"))
        await self.sensor.start()
        from kneeimu.sensors.link import SensorLink  # here, so that the first frame need not wait for bleak

        wearer = self.sensor.wearer
        self.link = SensorLink(rate_hz=wearer.rate_hz, clock=lambda: time.monotonic() * wearer.speed)
        async with self.link:
            if self._closing.is_set():
                return
            async for item in self.link:
                yield item

    async def close(self) -> None:
        """Stop; what has arrived can still be taken."""
        self._closing.set()
        if self.link is not None:
            await self.link.close()


def _remove_leftovers() -> None:
    """Remove the folders of programs that were killed."""
    if os.name != "posix":
        return  # elsewhere asking whether a process lives can end it
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*-*"):
        number = folder.name.removeprefix(FOLDER_PREFIX).split("-")[0]
        if not number.isdigit():
            continue
        try:
            os.kill(int(number), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # it lives and is somebody else's


def import_backend() -> Callable[[str], Callable[[], None]]:
    """Give what makes bleak use a virtual radio or a dongle, and gives what undoes it.

    Raises:
        SensorError: its packages are missing.
    """
    try:
        from firmware_sim.bleak_backend import install
    except ImportError as error:
        raise SensorError(
            _("the simulated sensor is not installed: {error}").format(error=error), advice=INSTALL_ADVICE
        ) from error
    logging.getLogger("bumble").addHandler(logging.NullHandler())  # it would write its asides over the screen
    return install


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, tuple):
        value = list(value)
    with contextlib.suppress(TypeError):
        return json.dumps(value)
    raise ValueError(f"{value!r} can't be written as TOML")
