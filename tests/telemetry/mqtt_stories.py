"""What the tests of MQTT share: sessions, publishers, schemas."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from array_link import squats

import kneeimu.telemetry
from kneeimu.telemetry.broker import Broker
from kneeimu.telemetry.outbox import Outbox
from kneeimu.telemetry.player import Player
from kneeimu.telemetry.publisher import Publisher, PublisherStatus
from kneeimu.types import Setup

SCHEMAS = Path(kneeimu.telemetry.__file__).parent / "schemas"
SQUAT = Setup("squat", "right", "thigh", 100.0)


def schema(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return read


def player(reps: int = 5, speed: float = math.inf) -> Player:
    return Player(SQUAT, [squats(reps)], speed=speed)


class Told:
    """Remembers what a publisher said of itself."""

    def __init__(self) -> None:
        self.all: list[PublisherStatus] = []
        self._news = asyncio.Event()

    def __call__(self, status: PublisherStatus) -> None:
        self.all.append(status)
        self._news.set()

    async def until(self, condition: Callable[[PublisherStatus], object], within_s: float = 15.0) -> PublisherStatus:
        async with asyncio.timeout(within_s):
            while not (self.all and condition(self.all[-1])):
                self._news.clear()
                await self._news.wait()
        return self.all[-1]


@asynccontextmanager
async def publishing(broker: Broker, path: Path | None = None) -> AsyncIterator[tuple[Publisher, Told]]:
    told = Told()
    publisher = Publisher(broker, Outbox(path), on_status=told)
    publisher.start()
    try:
        yield publisher, told
    finally:
        await publisher.stop()


def events(payloads: list[bytes]) -> list[dict[str, Any]]:
    return [json.loads(payload) for payload in payloads]


def once_each(payloads: list[bytes]) -> list[dict[str, Any]]:
    """What a consumer keeps who drops ids that came before."""
    seen: dict[str, dict[str, Any]] = {}
    for event in events(payloads):
        seen.setdefault(event["id"], event)
    return list(seen.values())


def said(number: int) -> dict[str, object]:
    return {"id": f"s-{number}", "session": "s", "seq": number, "kind": "rep"}
