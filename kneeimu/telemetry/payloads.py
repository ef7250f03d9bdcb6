"""What the messages hold: plain dataclasses, and readers that take any bytes at all.

The JSON Schemas beside this module say the same to other programs. A reader gives None for what does not fit, since
whoever may publish may also publish rubbish; a field of the wrong type counts as not known.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

from kneeimu.telemetry.topics import VERSION

MOST_BYTES = 16_384
MOST_TICKS = 64
LONGEST_TEXT, LONGEST_NAME = 200, 64
MOST_REPS = 1000
KINDS = (
    "session-started", "session-ended", "set-started", "set-ended", "rep", "rep-revoked", "rep-judged", "cue",
    "warning", "gap", "pain", "correction", "target", "answer",
)  # fmt: skip
ANSWERS = ("shown", "accepted", "declined", "refused", "unanswered")
PHASES = ("waiting", "set", "rest", "paused", "ended")
ZONES = ("good", "amber", "red", "outward")
LINKS = ("searching", "connecting", "streaming", "stalled", "lost", "reconnecting", "closed", "replay")
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
"""Control characters, and those that turn the direction of text or are not seen: no name or message needs them."""


@dataclass(frozen=True, slots=True)
class LinkNumbers:
    """How the sensor's link does; None for what is not known."""

    state: str = "searching"
    battery_percent: int | None = None
    rssi_dbm: int | None = None
    rate_hz: float | None = None
    lost_percent: float | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A session as it stands: the retained message.

    Attributes:
        session: names the session; seq: number of the newest event in it.
        phase: one of ``PHASES``.
        set_number: the present or last set, 0 before the first; sets_done: sets that ended with a rep.
        target: reps to reach; None when none are prescribed.
        count, clean: of the present or last set, after corrections; total: of the session.
        drift_deg: medial drift of the last rep; zone: what that means; None when it is not known.
        range_deg: range of motion of the last rep. tempo_s: its out, hold and back.
        cue: newest cue's code in this set; cue_level: its level.
        pain: newest mark, 0 to 10.
        mounting: quality of the alignment: good, fair, poor; None without.
    """

    session: str = ""
    seq: int = 0
    time_s: float = 0.0
    utc: str = ""
    name: str = ""
    phase: str = "waiting"
    exercise: str = ""
    side: str | None = None
    mount: str | None = None
    set_number: int = 0
    sets_done: int = 0
    target: int | None = None
    count: int = 0
    clean: int = 0
    total: int = 0
    drift_deg: float | None = None
    zone: str | None = None
    range_deg: float | None = None
    tempo_s: tuple[float, float, float] | None = None
    cue: str | None = None
    cue_level: str | None = None
    pain: int | None = None
    mounting: str | None = None
    link: LinkNumbers = field(default_factory=LinkNumbers)


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as it arrived; ``data`` holds what belongs to its kind."""

    id: str
    session: str
    seq: int
    utc: str
    time_s: float
    kind: str
    set_number: int
    count: int
    clean: int
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """Ticks to draw, shape (n,) each; ``medial_deg`` is None where it is not known."""

    session: str
    time_s: tuple[float, ...]
    angle_deg: tuple[float, ...]
    medial_deg: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class CoachCommand:
    """What a coach may send: a message, or a changed number of reps. Nothing else is a command.

    Attributes:
        text: of a message; reps: of a target.
        sender: for people; whoever sends may write what they like here.
    """

    id: str
    kind: str
    sender: str
    text: str = ""
    reps: int = 0


# --- writing ----------------------------------------------------------------------------------------------------------


def encode(data: dict[str, Any]) -> bytes:
    """Give a payload as bytes."""
    return json.dumps({"v": VERSION, **data}, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode()


def encode_state(state: State) -> bytes:
    """Give the retained message."""
    return encode(asdict(state))


def encode_command(command: CoachCommand) -> bytes:
    """Give a coach's message or target."""
    data: dict[str, Any] = {"id": command.id, "kind": command.kind, "sender": command.sender}
    return encode(data | ({"text": command.text} if command.kind == "message" else {"reps": command.reps}))


# --- reading ----------------------------------------------------------------------------------------------------------


def read_object(payload: bytes, most: int = MOST_BYTES) -> dict[str, Any] | None:
    """Read a JSON object of our version; None for anything else."""
    if len(payload) > most:
        return None
    try:
        data = json.loads(payload, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) and data.get("v") == VERSION and data["v"] is not True else None


def read_state(payload: bytes) -> State | None:
    """Read a retained state; None when it is none."""
    data = read_object(payload)
    if data is None or not isinstance(data.get("session"), str):
        return None
    link = data.get("link")
    link = link if isinstance(link, dict) else {}
    return State(
        session=text_of(data, "session"), seq=whole(data, "seq") or 0, time_s=number(data, "time_s") or 0.0,
        utc=text_of(data, "utc"), name=text_of(data, "name"), phase=choice(data, "phase", PHASES) or "waiting",
        exercise=text_of(data, "exercise"), side=choice(data, "side", ("left", "right")),
        mount=choice(data, "mount", ("thigh", "shin")), set_number=whole(data, "set_number") or 0,
        sets_done=whole(data, "sets_done") or 0, target=whole(data, "target", 1, MOST_REPS),
        count=whole(data, "count") or 0, clean=whole(data, "clean") or 0, total=whole(data, "total") or 0,
        drift_deg=number(data, "drift_deg", -90, 90), zone=choice(data, "zone", ZONES),
        range_deg=number(data, "range_deg", 0, 360), tempo_s=_tempo(data.get("tempo_s")),
        cue=text_of(data, "cue") or None, cue_level=choice(data, "cue_level", ("amber", "red", "praise")),
        pain=whole(data, "pain", 0, 10), mounting=choice(data, "mounting", ("good", "fair", "poor")),
        link=LinkNumbers(
            choice(link, "state", LINKS) or "searching", whole(link, "battery_percent", 0, 100),
            whole(link, "rssi_dbm", -200, 50), number(link, "rate_hz", 0, 10_000),
            number(link, "lost_percent", 0, 100),
        ),
    )  # fmt: skip


def read_event(payload: bytes) -> Happening | None:
    """Read an event; None when it is none."""
    data = read_object(payload)
    if data is None:
        return None
    kind, seq, name = choice(data, "kind", KINDS), whole(data, "seq", 1), text_of(data, "id")
    body = data.get("data")
    if kind is None or seq is None or not name:
        return None
    return Happening(
        name, text_of(data, "session"), seq, text_of(data, "utc"), number(data, "time_s") or 0.0, kind,
        whole(data, "set_number") or 0, whole(data, "count") or 0, whole(data, "clean") or 0,
        body if isinstance(body, dict) else {},
    )  # fmt: skip


def read_frame(payload: bytes) -> Frame | None:
    """Read ticks; None when there are none, or they don't belong together."""
    data = read_object(payload)
    if data is None:
        return None
    columns = [data.get(name) for name in ("time_s", "angle_deg", "medial_deg")]
    lists = [column for column in columns if isinstance(column, list) and 0 < len(column) <= MOST_TICKS]
    if len(lists) != 3 or len({len(column) for column in lists}) != 1:
        return None
    time_s, angle, medial = ([_finite(value, -1e7, 1e7) for value in column] for column in lists)
    if None in time_s or None in angle or any(b <= a for a, b in pairwise(time_s)):  # type: ignore[operator]
        return None
    return Frame(text_of(data, "session"), tuple(time_s), tuple(angle), tuple(medial))  # type: ignore[arg-type]


def read_command(payload: bytes) -> CoachCommand | None:
    """Read a coach's message or target; None for anything else, however it is meant."""
    data = read_object(payload, 4096)
    if data is None or not text_of(data, "id"):
        return None
    name, sender = text_of(data, "id"), text_of(data, "sender")
    if data.get("kind") == "message":
        text = text_of(data, "text", LONGEST_TEXT)
        return CoachCommand(name, "message", sender, text=text) if text else None
    reps = whole(data, "reps", 1, MOST_REPS)
    return CoachCommand(name, "target", sender, reps=reps) if data.get("kind") == "target" and reps else None


def plain_text(text: str, most: int = LONGEST_NAME) -> str:
    """Give text that can be shown: one line, nothing unseen, not too long."""
    return " ".join(UNSEEN.sub(" ", text).split())[:most]


def text_of(data: dict[str, Any], name: str, most: int = LONGEST_NAME) -> str:
    """Give a text; empty when there is none."""
    value = data.get(name)
    return plain_text(value, most) if isinstance(value, str) else ""


def whole(data: dict[str, Any], name: str, low: int = 0, high: int = 1_000_000_000) -> int | None:
    """Give a whole number within limits; None when there is none."""
    value = data.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high else None


def number(data: dict[str, Any], name: str, low: float = -1e9, high: float = 1e9) -> float | None:
    """Give a number within limits; None when there is none."""
    return _finite(data.get(name), low, high)


def choice(data: dict[str, Any], name: str, allowed: tuple[str, ...]) -> str | None:
    """Give one of the allowed words; None when it is none of them."""
    value = data.get(name)
    return value if isinstance(value, str) and value in allowed else None


def _finite(value: object, low: float, high: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        return None
    return float(value) if math.isfinite(value) else None


def _tempo(value: object) -> tuple[float, float, float] | None:
    if not isinstance(value, list) or len(value) != 3:
        return None
    out, hold, back = (_finite(one, 0, 3600) for one in value)
    return None if out is None or hold is None or back is None else (out, hold, back)


def _refuse(_: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")
