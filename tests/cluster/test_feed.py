"""What a gateway makes of what a sensor sends."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

import numpy as np
import pytest
from array_link import ArrayLink, squats

from kneeimu.cluster.batch import MOST_SAMPLES, About, RawBatch
from kneeimu.cluster.feed import BATCH_S, Feed, LinkSource, PlayedSource
from kneeimu.cluster.sensors_file import read_sensors
from kneeimu.errors import InputError
from kneeimu.sessions.recording_format import Command
from kneeimu.types import Alignment, Samples

from .stories import SQUAT


class Sent:
    """Keeps what a feed sends."""

    def __init__(self) -> None:
        self.batches: list[RawBatch] = []
        self.any = asyncio.Event()

    def __call__(self, _: str, batch: RawBatch) -> None:
        self.batches.append(batch)
        self.any.set()


async def run(feed: Feed) -> list[RawBatch]:
    sent = Sent()
    await feed.run(sent)
    return sent.batches


def times(batches: list[RawBatch]) -> list[float]:
    runs = [item.time_s for batch in batches for item in batch.items if isinstance(item, Samples)]
    return [] if not runs else list(np.concatenate(runs))


async def test_two_messages_a_second_hold_all_samples() -> None:
    samples = squats(1, period_s=1.0)
    begun = asyncio.get_running_loop().time()
    sent = await run(Feed("anna", SQUAT, PlayedSource([samples], speed=4.0), About()))
    took_s = asyncio.get_running_loop().time() - begun
    assert times(sent) == list(samples.time_s)
    assert len(sent) <= took_s / BATCH_S + 2  # one at once, and the last
    assert [batch.number for batch in sent] == list(range(1, len(sent) + 1))
    assert [batch.last for batch in sent] == [False] * (len(sent) - 1) + [True]


async def test_what_is_too_much_for_one_message_is_divided() -> None:
    samples = squats(40)
    sent = await run(Feed("anna", SQUAT, PlayedSource([samples], math.inf), About()))
    assert times(sent) == list(samples.time_s)
    assert max(batch.sample_count for batch in sent) <= MOST_SAMPLES
    assert [batch.last for batch in sent] == [False] * (len(sent) - 1) + [True]


async def test_commands_of_a_recording_go_with_the_samples() -> None:
    items = [Command("start-set", 0.0), squats(1), Command("end-set", 8.0)]
    sent = await run(Feed("anna", SQUAT, PlayedSource(items, math.inf), About()))
    told = [item.name for batch in sent for item in batch.items if isinstance(item, Command)]
    assert told == ["start-set", "end-set"]


async def test_a_sensor_that_never_sent_sends_no_batch() -> None:
    assert await run(Feed("anna", SQUAT, PlayedSource([], 1.0), About())) == []


async def test_a_sensor_brings_its_own_rate_battery_and_alignment() -> None:
    alignment = Alignment((1.0, 0.0, 0.0, 0.0), "right", "thigh", "good", 2.0)
    link = ArrayLink(squats(1), rate_hz=104.0)
    feed = Feed("anna", SQUAT, LinkSource(link), About("Anna"), find_alignment=lambda _: alignment)
    sent = Sent()
    task = asyncio.create_task(feed.run(sent))
    await sent.any.wait()
    await link.close()
    await task
    first = sent.batches[0]
    assert first.setup.sampling_rate_hz == 104.0
    assert first.setup.alignment == alignment
    assert (first.about.name, first.about.battery_percent) == ("Anna", 80)


# --- the file of sensors ----------------------------------------------------------------------------------------------

ANNA = 'wearer = "anna"\nexercise = "squat"\nside = "right"\nmount = "thigh"\n'


def written(folder: Path, *tables: str) -> Path:
    path = folder / "sensors.toml"
    path.write_text("".join(f"[[sensor]]\n{table}\n" for table in tables))
    return path


def test_each_table_is_a_sensor(tmp_path: Path) -> None:
    ben = ANNA.replace("anna", "ben").replace("squat", "clamshell") + 'name = "Ben"\ntarget = 15\nsensor = "C0:01"\n'
    one, other = read_sensors(written(tmp_path, ANNA, ben))
    assert (one.wearer, one.setup.exercise, one.about) == ("anna", "squat", About("anna"))
    assert (other.wearer, other.setup.exercise, other.about) == ("ben", "clamshell", About("Ben", 15))


@pytest.mark.parametrize(
    ("table", "what"),
    [
        (ANNA.replace("anna", "an/na"), "an/na"),
        (ANNA.replace("squat", "juggling"), "juggling"),
        (ANNA.replace("thigh", "hip"), "hip"),
        (ANNA.replace('side = "right"\n', ""), "side is missing"),
        (ANNA + "target = 0", "target"),
        (ANNA + "target = true", "target"),
        (ANNA + 'colour = "red"', "colour"),
        (ANNA + 'file = "nowhere.csv"', "nowhere.csv"),
        (ANNA + "[", "can't be read"),
    ],
)
def test_what_is_wrong_with_a_sensor_is_told(tmp_path: Path, table: str, what: str) -> None:
    with pytest.raises(InputError, match=what):
        read_sensors(written(tmp_path, table))


def test_a_wearer_stands_there_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="twice"):
        read_sensors(written(tmp_path, ANNA, ANNA))


def test_a_list_that_is_not_there_is_told_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file") as told:
        read_sensors(tmp_path / "nowhere.toml")
    assert "Errno" not in str(told.value)


def test_no_sensor_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="names no sensor"):
        read_sensors(written(tmp_path))
