"""Calibration with the sensor itself: what to do now stands on stderr while the samples come in."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable

import click
import numpy as np

from calibration.alignment import AlignmentResult
from calibration.device import faces_seen
from calibration.errors import CalibrationError
from calibration.guide import MOVES, AlignmentGuide, Guidance, Stage
from calibration.observation import Recorded
from kneeimu.engine import Engine
from kneeimu.errors import InputError, SensorError
from kneeimu.sensors.link import Batch, LinkState, LinkStatus, SensorLink
from kneeimu.sensors.trimmed import TrimmedLink
from kneeimu.sessions.alignments import alignment_of
from kneeimu.sessions.devices import find_device
from kneeimu.types import Event, Mount, Rep, RepCounted, RepJudged, RepRevoked, Samples, Setup, Side
from kneeimu.words import _, mark
from kneeimu.words.names import exercise_title
from kneeimu.words.phrases import LINK_STATES, phrase

RATE_HZ = 100.0
REFERENCE_REPS, MOST_COUNTED = 4, 12
"""So many reps seen as a whole, or so many in all: at the shin halves of lunges with a step may be counted."""
REST_S = 10.0
PATIENCE_S = 60.0
"""Without any sensor this long, the command gives up."""
SIX_WITHIN_S = 180.0
WORDS = {
    Stage.STAND: mark("Stand still, both feet on the floor"),
    Stage.MOVE: mark("Slow squats, knees over the second toes"),
    Stage.LIFT: mark("Lift the leg once to the side"),
    Stage.RETURN: mark("Stand still again"),
}


class _Sensor:
    """The samples of one sensor, with news of the link on stderr."""

    def __init__(self, link: SensorLink | TrimmedLink) -> None:
        self._link = link
        self.status = link.status
        self._told: tuple[LinkState, str] | None = None

    async def samples(self) -> AsyncIterator[Samples]:
        """Give samples as they come.

        Raises:
            SensorError: none came for long.
        """
        clock, items = asyncio.get_running_loop(), aiter(self._link)
        until = clock.time() + PATIENCE_S
        while True:
            try:
                async with asyncio.timeout_at(until):
                    item = await anext(items)
            except StopAsyncIteration:
                return
            except TimeoutError:
                advice = _("see `kneeimu scan` and `kneeimu doctor`")
                raise SensorError(_("no samples came from a sensor"), advice=advice) from None
            if isinstance(item, LinkStatus):
                self._tell(item)
            elif isinstance(item, Batch) and item.samples is not None and len(item.samples):
                until = clock.time() + PATIENCE_S
                yield item.samples

    def _tell(self, status: LinkStatus) -> None:
        streams = status.state is LinkState.STREAMING
        telling = status.state, "" if streams else status.detail
        if telling != self._told:
            detail = f" ({status.detail})" if status.detail else ""
            name = f": {status.name}" if status.name else ""
            words = f"{phrase(LINK_STATES, status.state)}{name}{detail}"
            _line("" if streams else words, end=not streams)
        self._told, self.status = telling, status

    @property
    def rate_hz(self) -> float:
        return self.status.nominal_rate_hz or RATE_HZ

    @property
    def name(self) -> str:
        return self.status.address or self.status.name or "sensor"


def align_live(
    side: Side, mount: Mount, sensor: str | None, exercise: str | None, radio: str | None = None
) -> tuple[AlignmentResult, list[Rep], str]:
    """Lead through the alignment, and with an exercise through its reference reps; give the sensor's address too.

    Raises:
        InputError: refused. SensorError: the sensor does not stream.
    """
    _choose_radio(radio)
    from kneeimu.sensors.known import worn_at

    return asyncio.run(_align(side, mount, sensor or worn_at(side, mount), exercise))


def record_rest(sensor: str | None, radio: str | None = None) -> tuple[Recorded, str]:
    """Record a sensor that lies still."""
    _choose_radio(radio)
    return asyncio.run(_record(sensor, _("Leave the sensor alone on the table"), REST_S, _seconds))


def record_six(sensor: str | None, radio: str | None = None) -> tuple[Recorded, str]:
    """Record a sensor that is laid on one face after the other, until all six were seen."""
    _choose_radio(radio)
    return asyncio.run(_record(sensor, _("Lay it on each face, three seconds each"), 6.0, _faces_seen, SIX_WITHIN_S))


def _choose_radio(transport: str | None) -> None:
    if transport:
        from kneeimu.dashboard.screens.live_start import use_radio

        use_radio(transport)


async def _align(
    side: Side, mount: Mount, sensor: str | None, exercise: str | None
) -> tuple[AlignmentResult, list[Rep], str]:
    from kneeimu.dashboard.sound import default_player

    async with TrimmedLink(SensorLink(sensor, rate_hz=RATE_HZ), find_device) as link:
        source = _Sensor(link)
        guide: AlignmentGuide | None = None
        stream = source.samples()
        result: AlignmentResult | None = None
        ring = ringing(default_player() if sys.stderr.isatty() else None)
        async for samples in stream:
            guide = guide or AlignmentGuide(side, mount, source.rate_hz)
            if samples.restart:
                guide.restart()
            now = guide.feed(samples.time_s, samples.acc_m_s2, samples.gyr_rad_s)
            _show(now)
            ring(now.stage, now.movements)
            if now.refusal is not None:
                _line("")
                raise _refused(now.refusal)
            if now.result is not None:
                result = now.result
                break
        if result is None:
            raise SensorError(_("the stream ended before the alignment did"), advice=_("begin again"))
        reps = await _reference_reps(stream, result, source, exercise) if exercise else []
        return result, reps, source.name


async def _reference_reps(
    stream: AsyncIterator[Samples], result: AlignmentResult, source: _Sensor, exercise: str
) -> list[Rep]:
    engine = Engine(Setup(exercise, result.side, result.mount, source.rate_hz, alignment_of(result)))
    reps: dict[int, Rep] = {}
    begun, done = False, 0
    async for samples in stream:
        if not begun and len(samples):
            # nothing else is done now: every rep is one of the set
            engine.start_set(float(samples.time_s[0]))
            begun = True
        for event in engine.feed(samples):
            _take(event, reps)
        done = sum(rep.phases_s is not None for rep in reps.values())
        _line(
            _("{n} good reps of {exercise}, the knee over the second toe: {done}").format(
                n=REFERENCE_REPS, exercise=exercise_title(exercise), done=done
            ),
            end=False,
        )
        if done >= REFERENCE_REPS or len(reps) >= MOST_COUNTED:
            break
    _line("")
    if done < REFERENCE_REPS:
        # halves are known for what they are when all of it is looked at again
        for event in engine.finish():
            _take(event, reps)
    return list(reps.values())


def _take(event: Event, reps: dict[int, Rep]) -> None:
    match event:
        case RepCounted():
            reps[event.rep.number] = event.rep
        case RepRevoked():
            reps.pop(event.rep_number, None)
        case RepJudged() if event.rep_number in reps:
            reps[event.rep_number] = event.of(reps[event.rep_number])


async def _record(
    sensor: str | None, words: str, wanted: float, have: Callable[[Recorded], float], longest_s: float = 30.0
) -> tuple[Recorded, str]:
    async with SensorLink(sensor, rate_hz=RATE_HZ) as link:
        source = _Sensor(link)
        parts: list[Samples] = []
        async for samples in source.samples():
            parts.append(samples)
            stream = _joined(parts)
            amount = have(stream)
            _line(_("{what}: {done:.0f} of {all:.0f}").format(what=words, done=amount, all=wanted), end=False)
            if amount >= wanted or stream[0][-1] - stream[0][0] > longest_s:
                break
        _line("")
        if not parts:
            raise SensorError(_("no samples came from the sensor"), advice=_("see `kneeimu doctor`"))
        return _joined(parts), source.name


def _joined(parts: list[Samples]) -> Recorded:
    return (
        np.concatenate([part.time_s for part in parts]),
        np.concatenate([part.acc_m_s2 for part in parts]),
        np.concatenate([part.gyr_rad_s for part in parts]),
    )


def _seconds(stream: Recorded) -> float:
    return float(stream[0][-1] - stream[0][0])


def _faces_seen(stream: Recorded) -> float:
    return float(len(faces_seen(*stream)))


def _show(now: Guidance) -> None:
    if now.stage in WORDS:
        filled = round(20 * now.progress)
        count = _("{n} of {all}").format(n=min(now.movements, MOVES), all=MOVES) if now.stage is Stage.MOVE else ""
        _line(f"{_(WORDS[now.stage]):42s} {'█' * filled}{'░' * (20 - filled)} {count}", end=False)


def ringing(play: Callable[[str], None] | None) -> Callable[[Stage, int], None]:
    """Sound each movement and each step: who does them is too far away to read the line."""
    from kneeimu.dashboard.sound import Sound

    sound, known = Sound(play), (Stage.STAND, 0)

    def ring(stage: Stage, movements: int) -> None:
        nonlocal known
        if stage is not known[0]:
            sound.say({Stage.DONE: "end", Stage.REFUSED: "cue"}.get(stage, "start"))
        elif movements != known[1]:
            sound.say("rep")
        known = stage, movements

    return ring


def _refused(error: CalibrationError) -> InputError:
    return InputError(error.what, advice=error.advice)


def _line(text: str, *, end: bool = True) -> None:
    """Write over the line on stderr; without a terminal only whole lines are written."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[2K{text}", err=True, nl=end and bool(text))
    elif end and text:
        click.echo(text, err=True)
