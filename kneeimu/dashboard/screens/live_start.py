"""Puts a live screen together: link, recording, alignment."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from kneeimu.dashboard.app import run_app
from kneeimu.dashboard.preferences import load_preferences
from kneeimu.dashboard.screens.live import LiveScreen
from kneeimu.dashboard.sound import Sound, default_player
from kneeimu.errors import InputError
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.live import LiveSession, Recorder, RecorderFactory
from kneeimu.types import Alignment, Setup, Side
from kneeimu.words import _, n_

DEMO_TEMPO_S = (1.9, 0.2, 2.0, 0.4)
"""Out, hold, back, pause."""
DEMO_REST_S = 20.0
"""Longer than the pause between two slow reps, so that the set is found to be over."""

log = logging.getLogger(__name__)


def show(make: Callable[[], LiveScreen]) -> None:
    """Run the app on one live screen; afterwards say where the session was kept."""
    screens: list[LiveScreen] = []

    def first() -> LiveScreen:
        screens.append(make())
        return screens[0]

    run_app(first)
    for screen in screens:
        if screen.session.path is not None:
            print(screen.session.path)
        tally = screen.session.tally
        print(
            f"{n_('{n} set', '{n} sets', tally.sets_done)}, {n_('{n} rep', '{n} reps', tally.total)}", file=sys.stderr
        )


def demo_screen(
    exercise: str, side: str, mount: str, *, reps: int = 10, speed: float = 1.0, seed: int = 5,
    valgus_deg: tuple[float, ...] = (0.0,), record: bool = True,
) -> LiveScreen:  # fmt: skip
    """Make the screen of the simulated sensor.

    Raises:
        InputError: the exercise can't be followed from that mount.
    """
    from kneeimu.locations import data_dir
    from kneeimu.sensors.simulated import SimulatedLink, SimulatedWearer

    setup = make_setup(exercise, side, mount, 100.0)
    scenario: dict[str, Any] = {"valgus_deg": valgus_deg} if find_exercise(exercise).sagittal else {}
    if exercise == "squat":
        scenario |= {"tempo_s": DEMO_TEMPO_S, "variation": 0.5, "range_deg": 85.0}
    link = SimulatedLink(
        SimulatedWearer(exercise, setup.side, setup.mount, reps, DEMO_REST_S, seed, speed=speed, scenario=scenario)
    )
    session = LiveSession(
        setup,
        link,
        open_recorder=recorder_in(data_dir() / "demo") if record else None,
        find_alignment=link.sensor.alignment,
    )
    return LiveScreen(session, target=reps, sound=Sound(default_player(load_preferences().sound)))


def live_screen(
    exercise: str, side: str, mount: str, *, sensor: str | None = None, family: str | None = None,
    rate_hz: float = 100.0, alignment_path: Path | None = None, target: int | None = None, record: bool = True,
    lsl: bool = False, radio: str | None = None, mqtt: bool = False,
) -> Callable[[], LiveScreen]:  # fmt: skip
    """Check what was asked for; give what makes the screen of a real sensor.

    Raises:
        InputError: the exercise can't be followed from that mount, the alignment can't be used, or no such family.
    """
    from kneeimu.locations import sessions_dir
    from kneeimu.sensors.known import worn_at
    from kneeimu.sensors.link import SensorLink
    from kneeimu.sensors.trimmed import TrimmedLink
    from kneeimu.sessions.devices import find_device

    setup = make_setup(exercise, side, mount, rate_hz, _read_alignment(alignment_path))
    if radio:
        use_radio(radio)
    if lsl:
        from kneeimu.sessions.exporters.extras import need

        need("pylsl", "lsl")
    if mqtt:
        from kneeimu.telemetry.broker import need_broker

        need_broker().tls_context()
    sensor = sensor or (None if family else worn_at(side, mount))
    SensorLink(sensor, rate_hz=rate_hz, family=family)

    def make() -> LiveScreen:
        link = TrimmedLink(SensorLink(sensor, rate_hz=rate_hz, family=family), find_device)
        session = LiveSession(
            setup,
            link,
            open_recorder=recorder_in(sessions_dir()) if record else None,
            find_alignment=lambda: _stored_alignment(link.status.address, setup),
        )
        if lsl:
            from kneeimu.sessions.exporters.lsl import LiveStreams

            LiveStreams(session)
        sound = Sound(default_player(load_preferences().sound))
        return LiveScreen(session, target=target, sound=sound, publish=mqtt)

    return make


def make_setup(
    exercise: str, side: str, mount: str, rate_hz: float, alignment: Alignment | None = None
) -> Setup:  # fmt: skip
    """Check and put together.

    Raises:
        InputError: the exercise can't be followed from that mount, or the alignment is of another leg or place.
    """
    from kneeimu.sessions.analysis import check_alignment

    mounts = find_exercise(exercise).mounts
    if mount not in mounts:
        advice = _("put the sensor on the {mounts}").format(mounts=" or ".join(mounts))
        raise InputError(
            _("{exercise} can't be followed from the {mount}").format(exercise=exercise, mount=mount),
            where="--mount",
            advice=advice,
        )
    check_alignment(alignment, side, mount, "--alignment")
    return Setup(exercise, cast(Side, side), mount, rate_hz, alignment)


def use_radio(transport: str) -> None:
    """Make bleak use a virtual radio or a dongle.

    Raises:
        SensorError: what is needed for it is not installed.
    """
    from kneeimu.sensors.simulated import import_backend

    import_backend()(transport)


def recorder_in(folder: Path) -> RecorderFactory:
    """Give what opens a recording in a folder."""

    def open_recorder(setup: Setup, sensor: dict[str, Any]) -> Recorder:
        from kneeimu.sessions.recording import Recorder as McapRecorder

        return McapRecorder.create(folder, setup, sensor=sensor)

    return open_recorder


def _stored_alignment(address: str, setup: Setup) -> Alignment | None:
    """Look up what is stored of this sensor; what can't be read must not stop the training."""
    from kneeimu.sessions.alignments import find_alignment

    try:
        return find_alignment(address, setup.side, setup.mount)
    except InputError as error:
        log.warning("the stored alignment is not used: %s", error)
        return None


def _read_alignment(path: Path | None) -> Alignment | None:
    if path is None:
        return None
    from kneeimu.sessions.alignment_file import load_alignment

    return load_alignment(path)
