"""A session as Lab Streaming Layer streams, read by an inlet of the library itself."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest
from made_leg import played_squats

from kneeimu.sessions.exporters.lsl import LslStreams, _as_it_stands, stream_session
from kneeimu.sessions.play import PlayedSet
from kneeimu.types import Rep, RepCounted, RepJudged, RepRevoked

pylsl = pytest.importorskip("pylsl", exc_type=ImportError)


def inlet(name: str) -> pylsl.StreamInlet:
    found = pylsl.resolve_byprop("name", name, timeout=10.0)
    assert found, f"no stream called {name}"
    return pylsl.StreamInlet(found[0], recover=False)


def test_a_session_streams_to_a_reader() -> None:
    played = played_squats(((0.0, 6.0, 1.0, 2.0),), rest_s=8.0)
    name = "kneeimu test"
    sender = threading.Thread(target=stream_session, args=(played,), kwargs={"name": name, "speed": 40.0}, daemon=True)
    sender.start()
    try:
        events, angles, imu = (inlet(f"{name} {kind}") for kind in ("events", "angles", "imu"))
        described = imu.info(timeout=10.0)
        for reader in (events, angles, imu):
            reader.open_stream(timeout=10.0)
        assert described.get_channel_labels() == ["ax", "ay", "az", "gx", "gy", "gz"]
        assert described.get_channel_units()[0] == "m/s²"
        wanted = {imu: len(played.samples), angles: len(played.trace.time_s), events: 10}
        got = _collect(wanted)
        rows, stamps = got[imu]
        np.testing.assert_allclose(
            rows, np.column_stack([played.samples.acc_m_s2, played.samples.gyr_rad_s]), atol=1e-5
        )
        np.testing.assert_allclose(np.diff(stamps), 0.01, atol=1e-4)
        assert len(got[angles][0]) == len(played.trace.time_s)
        kinds = [json.loads(text[0])["kind"] for text in got[events][0]]
        assert kinds.count("rep") == 4
        assert kinds[-1] == "set-ended"
    finally:
        sender.join(timeout=30.0)


def test_a_rep_that_was_measured_again_is_sent_once_as_it_is() -> None:
    part, other = (Rep(2, at_s, at_s + 1.0, at_s + 2.0, 2.0, 30.0, None, None, None, 90.0) for at_s in (5.0, 1.0))
    whole = dataclasses.replace(part, start_s=4.0, medial_drift_deg=7.0)
    events = (
        RepCounted(3.0, 1, other), RepRevoked(4.0, 1, 2, "walking"), RepCounted(7.0, 1, part),
        RepJudged(20.0, 1, 2, (), whole),
    )  # fmt: skip
    played = played_squats(((0.0,),), rest_s=2.0)
    analysis = dataclasses.replace(played.analysis, events=events, reps=(whole,))
    played = dataclasses.replace(played, analysis=analysis, sets=(PlayedSet(1, 0.0, 20.0, (whole,)),))
    assert list(_as_it_stands(played)) == [RepCounted(7.0, 1, whole)]


def test_nobody_listening_is_told_and_not_waited_for_long() -> None:
    played = played_squats(((0.0,),), rest_s=2.0)
    assert stream_session(played, name="kneeimu alone", wait_s=0.1) is False


def test_streams_describe_themselves() -> None:
    streams = LslStreams(played_squats(((0.0,),), rest_s=2.0).setup, name="kneeimu told")
    info = inlet("kneeimu told angles").info(timeout=10.0)
    assert info.nominal_srate() == 25.0
    assert "squat" in info.as_xml()
    del streams


def _collect(wanted: dict[pylsl.StreamInlet, int]) -> dict[pylsl.StreamInlet, tuple[list[Any], list[float]]]:
    got: dict[Any, tuple[list[Any], list[float]]] = {reader: ([], []) for reader in wanted}
    until = time.monotonic() + 20.0
    while any(len(got[reader][0]) < count for reader, count in wanted.items()) and time.monotonic() < until:
        for reader, (rows, stamps) in got.items():
            chunk, times = reader.pull_chunk(timeout=0.02)
            rows += list(chunk)
            stamps += list(times)
    return got


async def test_a_live_session_streams_as_it_happens() -> None:
    from kneeimu.live import LiveSession
    from kneeimu.sensors.simulated import SimulatedLink, SimulatedWearer
    from kneeimu.sessions.exporters.lsl import LiveStreams
    from kneeimu.types import Setup

    wearer = SimulatedWearer("squat", "right", "thigh", reps=3, seed=5, speed=20.0)
    session = LiveSession(Setup("squat", "right", "thigh", 100.0), SimulatedLink(wearer))
    streams = LiveStreams(session, name="kneeimu live test")
    session.start()
    reader = await asyncio.to_thread(inlet, "kneeimu live test imu")
    await asyncio.to_thread(reader.open_stream, 10.0)
    chunk, stamps = await asyncio.to_thread(reader.pull_chunk, 5.0, 200)
    await session.stop()
    streams.stop()
    assert len(chunk[0]) == 6
    assert abs(np.median(np.linalg.norm(np.array(chunk)[:, :3], axis=1)) - 9.8) < 1.0
    assert np.all(np.diff(stamps) > 0)


def test_the_library_keeps_quiet_so_that_the_apps_screen_stays_whole() -> None:
    code = (
        "from kneeimu.sessions.exporters.lsl import LslStreams; from kneeimu.types import Setup;"
        "LslStreams(Setup('squat', 'right', 'thigh', 100.0), name='kneeimu quiet')"
    )
    environment = {name: value for name, value in os.environ.items() if name != "LSLAPICFG"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout + done.stderr == ""
