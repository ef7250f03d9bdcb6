"""What the tests of the cluster share: batches of a session, and what the engine says to the same samples."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from array_link import squats

from kneeimu.cluster.batch import About, RawBatch, decode_batch, encode_batch
from kneeimu.cluster.feed import Feed, PlayedSource
from kneeimu.cluster.sensor_session import SensorSession
from kneeimu.sessions.recording_format import Command
from kneeimu.telemetry.payloads import encode
from kneeimu.types import Samples, Setup

SQUAT = Setup("squat", "right", "thigh", 100.0)
BEGAN_UTC_S = 1.7e9


def part(samples: Samples, first: int, end: int) -> Samples:
    return Samples(samples.time_s[first:end], samples.acc_m_s2[first:end], samples.gyr_rad_s[first:end])


def session_batches(reps: int = 5, size: int = 52, session: str = "s1", setup: Setup = SQUAT) -> list[RawBatch]:
    """A session of squats, as it arrives; pain is told in the middle."""
    samples = squats(reps)
    cuts = [*range(0, len(samples), size), len(samples)]
    batches = []
    for number, (first, end) in enumerate(pairwise(cuts), 1):
        items: tuple[Samples | Command, ...] = (part(samples, first, end),)
        if number == 8:
            items += (Command("pain", float(samples.time_s[end - 1]), {"level": 4}),)
        arrived_s = BEGAN_UTC_S + float(samples.time_s[end - 1])
        batch = RawBatch(session, number, setup, items, arrived_s, end == len(samples), About("Anna", 12))
        read = decode_batch(encode_batch(batch))
        assert read is not None
        batches.append(read)
    return batches


def said(batches: list[RawBatch], wearer: str = "anna") -> list[dict[str, Any]]:
    """What one worker says that has them all."""
    session = SensorSession(wearer, batches[0])
    return [event for batch in batches for event in session.take(batch)]


def written(events: list[dict[str, Any]]) -> list[bytes]:
    """Events as they go out, byte for byte."""
    return [encode({key: value for key, value in event.items() if key != "v"}) for event in events]


def feed(wearer: str, reps: int = 5, speed: float = math.inf) -> Feed:
    return Feed(wearer, SQUAT, PlayedSource([squats(reps)], speed), About(wearer.title()))
