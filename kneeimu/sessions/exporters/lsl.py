"""Lab Streaming Layer: the session as live streams that LabRecorder writes to XDF."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.sessions.exporters.columns import ANGLES, SAMPLES, Column
from kneeimu.sessions.exporters.extras import need
from kneeimu.sessions.play import Played
from kneeimu.types import Event, RepCounted, RepJudged, RepRevoked, Samples, Setup, Trace, event_to_dict

CHUNK_S = 0.1
LINGER_S = 1.0
"""The streams stay this long after the last sample, so that readers get what is still on its way."""


QUIET = "[log]\nlevel = -2\n"
"""Errors only: what liblsl tells on stderr would stand in the middle of the app's screen."""
CONFIGURATIONS = ("lsl_api.cfg", "~/lsl_api/lsl_api.cfg", "/etc/lsl_api/lsl_api.cfg")
"""Where liblsl looks, besides the variable LSLAPICFG. What a person has set up there is not touched."""


def library() -> Any:
    """Give pylsl, told to keep quiet.

    Raises:
        InputError: pylsl is not installed.
    """
    pylsl: Any = need("pylsl", "lsl")
    set_up = os.environ.get("LSLAPICFG") or any(Path(path).expanduser().exists() for path in CONFIGURATIONS)
    if not set_up and hasattr(pylsl, "set_config_content"):
        with contextlib.suppress(RuntimeError):  # an old liblsl under a new pylsl
            pylsl.set_config_content(QUIET)
    return pylsl


class LslStreams:
    """Three outlets: ``NAME imu`` (samples), ``NAME angles`` (25 Hz) and ``NAME events`` (JSON markers).

    Stamps are LSL's local clock: ``origin_s`` on it is 0 s of the session.

    Args:
        name: prefix of the streams' names.
        setup: exercise, side, mount and nominal rate, written into the streams' descriptions.
        origin_s: LSL time of the session's start; None for now.
        source_id: lets a recorder find the streams again after a break.

    Raises:
        InputError: pylsl is not installed.
    """

    def __init__(
        self, setup: Setup, *, name: str = "kneeimu", origin_s: float | None = None, source_id: str = "kneeimu"
    ) -> None:
        self._lsl: Any = library()
        self.origin_s = self._lsl.local_clock() if origin_s is None else origin_s
        self._setup = setup
        self._imu = self._outlet(f"{name} imu", "IMU", SAMPLES[1:], setup.sampling_rate_hz, f"{source_id}-imu")
        self._angles = self._outlet(f"{name} angles", "MoCap", ANGLES[1:], TICK_HZ, f"{source_id}-angles")
        info = self._lsl.StreamInfo(f"{name} events", "Markers", 1, 0.0, "string", f"{source_id}-events")
        self._events = self._lsl.StreamOutlet(info)

    def _outlet(self, name: str, kind: str, columns: Iterable[Column], rate_hz: float, source_id: str) -> Any:
        listed = list(columns)
        info = self._lsl.StreamInfo(name, kind, len(listed), rate_hz, "float32", source_id)
        about = info.desc().append_child("setup")
        for key in ("exercise", "side", "mount"):
            about.append_child_value(key, str(getattr(self._setup, key)))
        channels = info.desc().append_child("channels")
        for column in listed:
            channel = channels.append_child("channel")
            channel.append_child_value("label", column.name)
            channel.append_child_value("unit", column.unit or "none")
            channel.append_child_value("type", kind)
            channel.append_child_value("description", column.meaning)
        return self._lsl.StreamOutlet(info)

    def push_samples(self, samples: Samples) -> None:
        """Send samples with their own times."""
        if len(samples):
            rows = np.column_stack([samples.acc_m_s2, samples.gyr_rad_s]).astype(np.float32)
            self._imu.push_chunk(rows.tolist(), (samples.time_s + self.origin_s).tolist())

    def push_trace(self, trace: Trace) -> None:
        """Send the segment's angles with their own times."""
        if len(trace.time_s):
            rows = np.column_stack([trace.angle_deg, trace.medial_deg, trace.quat_segment_to_world])
            self._angles.push_chunk(rows.astype(np.float32).tolist(), (trace.time_s + self.origin_s).tolist())

    def push_event(self, event: Event) -> None:
        """Send what the engine said, as JSON."""
        self._events.push_sample([json.dumps(event_to_dict(event))], event.time_s + self.origin_s)

    def wait_for_reader(self, timeout_s: float) -> bool:
        """Wait until somebody reads the samples; False when nobody came."""
        return bool(self._imu.wait_for_consumers(timeout_s))


class Update(Protocol):
    """What a live session tells: ``kneeimu.live.LiveUpdate``."""

    @property
    def time_s(self) -> float: ...

    @property
    def samples(self) -> Samples | None: ...

    @property
    def events(self) -> tuple[Event, ...]: ...

    @property
    def trace(self) -> Trace | None: ...

    @property
    def ended(self) -> bool: ...


class Live(Protocol):
    """A live session: ``kneeimu.live.LiveSession``."""

    @property
    def setup(self) -> Setup: ...

    def subscribe(self, listener: Callable[[Any], None]) -> Callable[[], None]: ...


class LiveStreams:
    """Sends a live session as it happens; the streams open with its first samples.

    The newest sample of the first batch is taken as recorded when it arrived: against other streams everything is late
    by the delay of the radio, some hundredths of a second.

    Args:
        session: the session; its setup is looked at when samples come, for the rate the sensor agreed to.
        name: prefix of the streams' names.

    Raises:
        InputError: pylsl is not installed.
    """

    def __init__(self, session: Live, *, name: str = "kneeimu") -> None:
        self._clock = library().local_clock
        self._session, self._name = session, name
        self._streams: LslStreams | None = None
        self.stop = session.subscribe(self._hear)

    def _hear(self, update: Update) -> None:
        if update.samples is not None and self._streams is None:
            origin_s = self._clock() - update.time_s
            self._streams = LslStreams(self._session.setup, name=self._name, origin_s=origin_s)
        if self._streams is None:
            return
        if update.samples is not None:
            self._streams.push_samples(update.samples)
        if update.trace is not None:
            self._streams.push_trace(update.trace)
        for event in update.events:
            self._streams.push_event(event)
        if update.ended:
            self._streams = None


def stream_session(played: Played, *, name: str = "kneeimu", speed: float = 1.0, wait_s: float = 30.0) -> bool:
    """Send a finished session as if it happened now; False when nobody listened within ``wait_s``.

    Raises:
        InputError: pylsl is not installed.
    """
    streams = LslStreams(played.setup, name=name, source_id=f"{name}-{played.name}")
    if not streams.wait_for_reader(wait_s):
        return False
    clock = library().local_clock
    begin = clock()
    streams.origin_s = begin
    told = list(_as_it_stands(played))
    end_s = float(played.samples.time_s[-1])
    edges = np.arange(0.0, end_s + 2.0 * CHUNK_S, CHUNK_S)
    for before_s, now_s in pairwise(edges.tolist()):
        time.sleep(max(0.0, begin + now_s / speed - clock()))
        _push_between(played, streams, before_s, now_s)
        while told and told[0].time_s <= now_s:
            streams.push_event(told.pop(0))
    time.sleep(LINGER_S)
    return True


def _as_it_stands(played: Played) -> Iterator[Event]:
    """The events without the reps that were taken back, and the others as they were judged in the end."""
    standing = {(group.number, rep.number): rep for group in played.sets for rep in group.reps}
    events = played.analysis.events
    # the number of a rep that was taken back is given again
    newest = {(event.set_number, event.rep.number): event for event in events if isinstance(event, RepCounted)}
    for event in events:
        if isinstance(event, RepCounted):
            name = event.set_number, event.rep.number
            if name in standing and newest[name] is event:
                yield replace(event, rep=standing[name])
        elif not isinstance(event, RepRevoked | RepJudged):
            yield event


def _push_between(played: Played, streams: LslStreams, from_s: float, to_s: float) -> None:
    samples, trace = played.samples, played.trace
    part = slice(*np.searchsorted(samples.time_s, (from_s, to_s)))
    streams.push_samples(Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part]))
    ticks = slice(*np.searchsorted(trace.time_s, (from_s, to_s)))
    streams.push_trace(
        Trace(trace.time_s[ticks], trace.angle_deg[ticks], trace.medial_deg[ticks], trace.quat_segment_to_world[ticks])
    )
