"""Each way in which a sensor or its radio fails: no crash, no hang, no invented rep, and the person is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from kneeimu.engine import Engine
from kneeimu.sensors.driver import Readings
from kneeimu.sensors.link import LinkState
from kneeimu.sensors.open_profile import DATA_UUID, OpenProfile
from kneeimu.sensors.stream import Notification
from kneeimu.sessions.recording import read_recording
from kneeimu.types import Samples, Warned, event_to_json

from .virtual import Heard
from .ward import REPS, ROWS, Ward

Wire = list[Notification]


def packets_twice(wire: Wire) -> bool:
    data = [sent.data for sent in wire]
    return len(set(data)) < 0.9 * len(data)


def packets_overtaken(wire: Wire) -> bool:
    return any(-1000 < step < 0 for step in np.diff([_packet(sent).sequence for sent in wire]))


def counters_went_back(wire: Wire) -> bool:
    """Sequence and clock both start over, and go on from there."""
    back = int(np.argmin(np.diff([_packet(sent).sequence for sent in wire])))
    before, after, last = (_packet(wire[at]) for at in (back, back + 1, -1))
    return after.sequence < 100 < before.sequence and _clock_s(after) < 1 < _clock_s(before) and last.sequence > 100


def clock_wrapped(wire: Wire) -> bool:
    times = [_clock_s(_packet(sent)) for sent in wire]
    return times[0] > 4280 and times[-1] < 60


def came_in_bursts(wire: Wire) -> bool:
    """Four of five notifications, each of 0.08 s, come together with the one before."""
    pauses = np.diff([sent.host_time_s for sent in wire])
    return float(np.quantile(pauses, 0.75)) < 0.05 < 0.3 < float(pauses.max())


def _packet(sent: Notification) -> Readings:
    (packet,) = OpenProfile().parse(sent.characteristic, sent.data, sent.host_time_s)
    assert isinstance(packet, Readings)
    assert packet.sequence is not None
    return packet


def _clock_s(packet: Readings) -> float:
    assert packet.device_time_s is not None
    return float(packet.device_time_s[0])


STREAMED = [LinkState.SEARCHING, LinkState.CONNECTING, LinkState.STREAMING, LinkState.CLOSED]
CAME_BACK = [*STREAMED[:3], LinkState.LOST, LinkState.RECONNECTING, *STREAMED[1:]]


def warned(code: str) -> Callable[[Heard], bool]:
    return lambda heard: any(isinstance(event, Warned) and event.code == code for event in heard.events)


def begins_still(heard: Heard) -> bool:
    """The movement waits for the first listener; else the first rep would be under way."""
    rates = np.linalg.norm(np.vstack([samples.gyr_rad_s for samples in heard.samples]), axis=1)
    return bool(rates[:100].max() < 0.5)


@dataclass(frozen=True)
class Expected:
    """The outcome of a row.

    Attributes:
        told: what the person reads (a pattern).
        states: what the link went through; None when it may differ.
        least: how many of the reps are counted at least.
        holds: what else is true at the end.
        happened: the notifications show that the sensor was ill, where nothing that is told shows it.
    """

    told: str = ""
    states: list[LinkState] | None = None
    least: int = REPS
    holds: Callable[[Heard], bool] = lambda _: True
    happened: Callable[[Wire], bool] | None = None


EXPECTED: dict[str, Expected] = {
    "healthy": Expected(states=STREAMED, holds=lambda h: h.last.lost == h.last.malformed == 0),
    "late listener": Expected(states=STREAMED, holds=begins_still),
    "loss": Expected("% of the samples get lost", STREAMED, least=3, holds=lambda h: h.last.lost > 0),
    "duplicates": Expected(states=STREAMED, holds=lambda h: h.last.lost == 0, happened=packets_twice),
    "reordering": Expected(
        "% of the samples get lost", STREAMED, holds=lambda h: h.last.lost > 0, happened=packets_overtaken
    ),
    "corruption": Expected("made no sense", STREAMED, least=0),
    "truncated": Expected("made no sense", STREAMED, least=3),
    "oversize": Expected("made no sense", STREAMED, least=3),
    "vanish and return": Expected(r"back after \d+\.\d s", CAME_BACK, least=3, holds=lambda h: h.last.lost > 150),
    "battery taken out": Expected(r"back after \d+\.\d s", CAME_BACK, least=0, holds=lambda h: h.last.lost > 50),
    "reboot": Expected(r"back after \d+\.\d s", CAME_BACK, least=3, holds=lambda h: h.last.lost > 50),
    "counters start over": Expected(states=STREAMED, least=3, happened=counters_went_back),
    "ends the connection": Expected(r"back after \d+\.\d s", CAME_BACK, least=3),
    "silent": Expected(r"connected but silent", least=0, holds=lambda h: LinkState.STALLED in h.states),
    "bursts": Expected(states=STREAMED, holds=lambda h: h.last.lost == 0, happened=came_in_bursts),
    "wrong rate": Expected(r"8\d samples a second arrive instead of 100", STREAMED),
    "saturated": Expected(states=STREAMED, least=0, holds=warned("saturated")),
    "stuck": Expected(states=STREAMED, least=0, holds=warned("stuck")),
    "not a number": Expected(states=STREAMED, least=0, holds=warned("invalid")),
    "clock jumps ahead": Expected("clock has jumped", STREAMED),
    "clock jumps back": Expected("clock has jumped", STREAMED),
    "clock wraps": Expected(states=STREAMED, holds=lambda h: h.last.lost == 0, happened=clock_wrapped),
    "low battery": Expected("battery is at 9 %: charge", STREAMED, holds=lambda h: h.last.battery_percent == 9),
    "discovery breaks": Expected("broke while the sensor was being set up", holds=lambda h: h.received > 800, least=3),
    "speaks too early": Expected(states=STREAMED),
    "chip is broken": Expected("motion chip does not answer", least=0, holds=lambda h: h.received == 0),
    "namesakes": Expected(r"the nearest; also in reach: F0:", STREAMED),
}


def _without_stalls(heard: Heard) -> list[LinkState]:
    """On a busy machine a link may stall for a moment, and says so."""
    states = [state for state in heard.states if state is not LinkState.STALLED]
    return [state for i, state in enumerate(states) if i == 0 or state != states[i - 1]]


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Heard]]:
    """What was heard of each of the sick sensors that the chosen tests ask for; they all fail side by side."""
    chosen = {item.callspec.params.get("row") for item in request.session.items if hasattr(item, "callspec")}
    ward = Ward({name: row for name, row in ROWS.items() if name in chosen}, tmp_path_factory.mktemp("ward"))
    yield ward.heard()
    ward.close()


def test_every_row_has_an_expected_outcome() -> None:
    assert EXPECTED.keys() == ROWS.keys()


@pytest.mark.parametrize("row", ROWS)
def test_fault(row: str, outcomes: dict[str, Heard]) -> None:
    heard, expected = outcomes[row], EXPECTED[row]
    assert heard.states[-1] is LinkState.CLOSED
    assert re.search(expected.told, heard.told)
    if expected.states is not None:
        assert _without_stalls(heard) == expected.states
    assert expected.least <= heard.count <= REPS
    assert expected.holds(heard)
    times = np.concatenate([samples.time_s for samples in heard.samples]) if heard.samples else np.empty(0)
    assert np.all(np.diff(times) > 0)
    assert heard.last.received == heard.received
    assert heard.problems == []


@pytest.mark.parametrize("row", [row for row, expected in EXPECTED.items() if expected.happened])
def test_what_nobody_is_told_did_happen(row: str, outcomes: dict[str, Heard]) -> None:
    recording, happened = outcomes[row].recording, EXPECTED[row].happened
    assert recording is not None
    assert happened is not None
    sent = read_recording(recording, with_notifications=True).notifications
    assert happened([one for one in sent if one.characteristic == DATA_UUID])


@pytest.mark.parametrize("row", ["healthy"])
def test_a_healthy_sensor_tells_all_of_itself(row: str, outcomes: dict[str, Heard]) -> None:
    heard = outcomes[row]
    assert heard.count == REPS
    assert heard.last.battery_percent == 87
    assert heard.last.serial_number == "SIM-0001"
    assert heard.last.firmware == "1.0.0"
    assert heard.last.rate_hz == pytest.approx(100, rel=0.15), "as it arrives, with all rows at once on this machine"
    steps = np.diff(np.concatenate([samples.time_s for samples in heard.samples]))
    assert steps.mean() == pytest.approx(0.01, rel=0.01)
    assert np.abs(steps - 0.01).max() < 0.001


@pytest.mark.parametrize("row", ["healthy"])
def test_the_notifications_alone_give_the_same_samples_again(row: str, outcomes: dict[str, Heard]) -> None:
    heard, driver = outcomes[row], OpenProfile()
    assert heard.recording is not None
    readings = [
        reading
        for sent in read_recording(heard.recording, with_notifications=True).notifications
        for reading in driver.parse(sent.characteristic, sent.data, sent.host_time_s)
        if isinstance(reading, Readings)
    ]
    again = np.vstack([reading.acc_m_s2 for reading in readings])
    live = np.vstack([samples.acc_m_s2 for samples in heard.samples])
    assert np.array_equal(again[-len(live) :], live)


@pytest.mark.parametrize("row", [row for row in ROWS if row != "chip is broken"])
def test_the_recording_is_whole_and_replays_the_same(row: str, outcomes: dict[str, Heard]) -> None:
    heard = outcomes[row]
    assert heard.recording is not None
    recording = read_recording(heard.recording)
    assert recording.closed
    assert recording.problems == ()
    samples = [item for item in recording.items if isinstance(item, Samples)]
    assert sum(len(item) for item in samples) == heard.received
    engine = Engine(recording.setup)
    again = [event for item in samples for event in engine.feed(item)] + engine.finish()
    said = [event_to_json(event) for event in heard.events]
    assert [event_to_json(event) for event in again] == said
    assert [event_to_json(event) for event in recording.events] == said
