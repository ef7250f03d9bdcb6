"""The topics: ``kneeimu/v1/WEARER/LEAF``. Its number changes when old readers would misread new forms."""

from __future__ import annotations

from typing import NamedTuple

VERSION = 1
ROOT = f"kneeimu/v{VERSION}"

AVAILABILITY, STATE, EVENT, FRAME, COMMAND = "availability", "state", "event", "frame", "command"
LEAVES = (AVAILABILITY, STATE, EVENT, FRAME, COMMAND)
ONLINE, OFFLINE = "online", "offline"


class Place(NamedTuple):
    """Whose topic, and which."""

    wearer: str
    leaf: str


def topic(wearer: str, leaf: str) -> str:
    """Give a topic of a wearer; ``+`` as the wearer means everybody."""
    return f"{ROOT}/{wearer}/{leaf}"


def parse_topic(text: str) -> Place | None:
    """Read a topic; None when it is none of ours."""
    from kneeimu.telemetry.broker import ID

    head, _, rest = text.partition(f"{ROOT}/")
    wearer, _, leaf = rest.partition("/")
    return Place(wearer, leaf) if not head and ID.fullmatch(wearer) and leaf in LEAVES else None
