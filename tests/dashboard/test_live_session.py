"""The session between link and screen: counts, corrections, recording, and a replay that says the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from array_link import ArrayLink, squats

from kneeimu.dashboard.screens.live_start import recorder_in
from kneeimu.live import LiveSession, LiveUpdate
from kneeimu.sensors.stream import Batch, LinkState, LinkStatus
from kneeimu.sessions.recording import RecordingError, read_recording
from kneeimu.sessions.replay import replayed_events
from kneeimu.types import Alignment, Event, GapFound, RepCounted, Samples, SetEnded, Setup, event_to_json

SETUP = Setup("squat", "right", "thigh", 100.0)


async def run_until(session: LiveSession, link: ArrayLink, time_s: float) -> None:
    """Start the session and wait until its samples have come to ``time_s``."""
    reached = asyncio.Event()
    session.subscribe(lambda update: reached.set() if update.time_s >= time_s else None)
    session.start()
    await asyncio.wait_for(reached.wait(), 10)


async def all_of(session: LiveSession, link: ArrayLink) -> None:
    await run_until(session, link, float(link.samples.time_s[-1]))
    await session.stop()


async def test_reps_are_counted_and_told_as_they_happen() -> None:
    link = ArrayLink(squats(5))
    session = LiveSession(SETUP, link)
    heard: list[LiveUpdate] = []
    session.subscribe(heard.append)

    await all_of(session, link)

    reps = [event for update in heard for event in update.events if isinstance(event, RepCounted)]
    assert [event.rep.number for event in reps] == [1, 2, 3, 4, 5]
    assert session.tally.count == 5
    assert heard[-1].ended


async def test_a_replay_of_the_recording_says_the_same_byte_for_byte(tmp_path: Path) -> None:
    link = ArrayLink(squats(6))
    session = LiveSession(SETUP, link, open_recorder=recorder_in(tmp_path))
    said: list[Event] = []
    session.subscribe(lambda update: said.extend(update.events))
    await run_until(session, link, 4.0)
    session.start_set()
    await all_of(session, link)

    assert session.path is not None
    recording = read_recording(session.path)
    assert [event_to_json(event) for event in replayed_events(recording)] == [event_to_json(event) for event in said]
    assert [event_to_json(event) for event in recording.events] == [event_to_json(event) for event in said]


async def test_a_sensor_lost_for_a_while_is_told_the_set_goes_on_and_so_in_the_recording(tmp_path: Path) -> None:
    samples = squats(6)
    away_s = np.where(np.arange(len(samples)) < 1104, 0.0, 12.0)  # three reps, and a little rest
    link = ArrayLink(Samples(samples.time_s + away_s, samples.acc_m_s2, samples.gyr_rad_s))
    session = LiveSession(SETUP, link, open_recorder=recorder_in(tmp_path))
    said: list[Event] = []
    session.subscribe(lambda update: said.extend(update.events))

    await all_of(session, link)

    (gap,) = [event for event in said if isinstance(event, GapFound)]
    assert (gap.end_s - gap.start_s, gap.bridged) == (pytest.approx(12.01), False)
    assert [event.summary.count for event in said if isinstance(event, SetEnded)] == [6]
    assert session.path is not None
    assert replayed_events(read_recording(session.path)) == said


async def test_what_was_detected_and_what_was_corrected_are_both_kept(tmp_path: Path) -> None:
    link = ArrayLink(squats(4))
    session = LiveSession(SETUP, link, open_recorder=recorder_in(tmp_path))
    await run_until(session, link, float(link.samples.time_s[-1]))

    assert session.correct(-1)
    assert session.correct(-1)
    assert session.correct(+1)
    await session.stop()

    assert (session.tally.detected, session.tally.count) == (4, 3)
    assert session.path is not None
    corrections = [item for item in read_recording(session.path).items if not isinstance(item, Samples)]
    assert [(one.name, one.data["by"]) for one in corrections] == [
        ("correction", -1),
        ("correction", -1),
        ("correction", 1),
    ]


async def test_there_is_nothing_to_correct_before_the_first_set() -> None:
    link = ArrayLink(squats(1))
    session = LiveSession(SETUP, link)
    assert not session.correct(-1)
    assert not session.start_set()
    session.start()
    await session.stop()


async def test_pain_is_noted_at_its_time(tmp_path: Path) -> None:
    link = ArrayLink(squats(3))
    session = LiveSession(SETUP, link, open_recorder=recorder_in(tmp_path))
    await run_until(session, link, 5.0)
    session.mark_pain(4)
    await session.stop()

    mark = session.tally.pain[0]
    assert mark.level == 4
    assert mark.time_s >= 5.0


async def test_nothing_is_counted_or_recorded_while_paused(tmp_path: Path) -> None:
    link = ArrayLink(squats(6))
    session = LiveSession(SETUP, link, open_recorder=recorder_in(tmp_path))
    paused = asyncio.Event()

    def pause_at_seven(update: LiveUpdate) -> None:
        if update.time_s > 13.0 and session.pause():
            paused.set()

    session.subscribe(pause_at_seven)
    session.start()
    await asyncio.wait_for(paused.wait(), 10)
    counted = session.tally.detected
    assert counted == 3
    for _ in range(200):
        await asyncio.sleep(0)
    await session.stop()

    assert session.tally.detected == counted
    assert session.path is not None
    samples = [item for item in read_recording(session.path).items if isinstance(item, Samples)]
    assert max(float(part.time_s[-1]) for part in samples) < 13.2


class TwiceLink(ArrayLink):
    """Three squats, nothing for 40 s, and three squats again; in between the link says that the person is back."""

    away_s = 40.0

    async def __aiter__(self) -> AsyncIterator[Batch | LinkStatus]:
        for later_s in (0.0, float(self.samples.time_s[-1]) + self.away_s):
            yield LinkStatus(LinkState.STREAMING, name="array", nominal_rate_hz=100.0, detail="back" if later_s else "")
            for first in range(0, len(self.samples), self.batch):
                part = slice(first, first + self.batch)
                samples = self.samples
                time_s = samples.time_s[part] + later_s
                yield Batch(Samples(time_s, samples.acc_m_s2[part], samples.gyr_rad_s[part]), ())
                await asyncio.sleep(0)
        await self.closed.wait()


async def test_a_pause_keeps_the_set_and_its_count_however_long_it_takes(tmp_path: Path) -> None:
    link = TwiceLink(squats(3))
    session = LiveSession(SETUP, link, open_recorder=recorder_in(tmp_path))
    went_on = asyncio.Event()

    def rest_after_three(update: LiveUpdate) -> None:
        if update.status is not None and update.status.detail:
            session.resume()
        elif any(isinstance(event, RepCounted) and event.rep.number == 3 for event in update.events):
            session.pause()
        elif session.tally.count == 6:
            went_on.set()

    session.subscribe(rest_after_three)
    session.start()
    await asyncio.wait_for(went_on.wait(), 10)
    await session.stop()

    assert session.tally.set_number == 1
    assert session.time_s < link.away_s
    assert session.path is not None
    recording = read_recording(session.path)
    assert [event_to_json(event) for event in replayed_events(recording)] == [
        event_to_json(event) for event in recording.events
    ]


async def test_the_alignment_is_asked_for_when_samples_come() -> None:
    alignment = Alignment((1.0, 0.0, 0.0, 0.0), "right", "thigh", "good", 2.0, 0.0, 60.0)
    link = ArrayLink(squats(3))
    session = LiveSession(SETUP, link, find_alignment=lambda: alignment)
    await all_of(session, link)
    assert session.setup.alignment == alignment
    assert session.tally.last_rep is not None
    assert session.tally.last_rep.medial_drift_deg == pytest.approx(0.0, abs=1.5)


class FullDisk:
    """A recording on a disk that is full: nothing real can make one without harm."""

    path = Path("full.mcap")

    def __init__(self, error: Exception) -> None:
        self._error = error

    def write_samples(self, _samples: Samples) -> None:
        raise self._error

    def __getattr__(self, name: str) -> Any:
        return lambda *_args, **_kwargs: None


FULL = "No space left on device"


@pytest.mark.parametrize(
    "error", [OSError(28, FULL), RecordingError(f"the session is not recorded any more: {FULL}")], ids=str
)
async def test_a_full_disk_is_told_once_and_the_training_goes_on(error: Exception) -> None:
    link = ArrayLink(squats(3))
    session = LiveSession(SETUP, link, open_recorder=lambda _setup, _sensor: FullDisk(error))
    problems: list[str] = []
    session.subscribe(lambda update: problems.append(update.problem) if update.problem else None)
    await all_of(session, link)
    assert problems == [f"the session is not recorded any more: {FULL}"]
    assert session.tally.count == 3


async def test_the_rate_is_what_the_sensor_agreed_to() -> None:
    link = ArrayLink(squats(3, rate_hz=50.0), rate_hz=50.0)
    session = LiveSession(SETUP, link)
    await all_of(session, link)
    assert session.setup.sampling_rate_hz == 50.0
    assert session.tally.count == 3


async def test_a_session_without_samples_ends_quietly() -> None:
    empty = Samples(np.empty(0), np.empty((0, 3)), np.empty((0, 3)))
    session = LiveSession(SETUP, ArrayLink(empty))
    session.start()
    await session.stop()
    assert session.path is None
    assert session.tally.count == 0


async def test_a_listener_that_fails_ends_neither_the_session_nor_its_recording(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    link = ArrayLink(squats(5))
    session = LiveSession(SETUP, link, open_recorder=recorder_in(tmp_path))
    heard: list[LiveUpdate] = []

    def fail(update: LiveUpdate) -> None:
        raise RuntimeError("the widget is gone")

    session.subscribe(fail)
    session.subscribe(heard.append)
    await all_of(session, link)

    assert heard[-1].ended
    assert session.tally.count == 5
    assert session.path is not None
    assert read_recording(session.path).closed
    assert [record.message for record in caplog.records] == ["a listener of the session failed"]


async def test_the_recording_is_closed_even_when_the_engine_s_last_words_fail(tmp_path: Path) -> None:
    link = ArrayLink(squats(2))
    session = LiveSession(SETUP, link, open_recorder=recorder_in(tmp_path))
    heard: list[LiveUpdate] = []
    session.subscribe(heard.append)

    def fail() -> list[Event]:
        raise RuntimeError("no last words")

    await run_until(session, link, float(link.samples.time_s[-1]))
    assert session._engine is not None
    session._engine.finish = fail  # type: ignore[method-assign]
    await session.stop()

    assert session.path is not None
    assert read_recording(session.path).closed
    assert [update.ended for update in heard if update.ended or update.problem] == [True, False]
