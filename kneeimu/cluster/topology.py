"""What RabbitMQ must have: the exchange that shards by sensor, the queues, the users. As a definitions file.

``kneeimu worker --topology | rabbitmqctl import_definitions`` makes it so; once more changes nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from pathlib import Path
from typing import Any

from kneeimu.errors import InputError
from kneeimu.sessions.atomic import write_private
from kneeimu.telemetry.topics import ROOT, VERSION
from kneeimu.words import _

RAW = "raw"
EVENTS_EXCHANGE = "amq.topic"
"""The exchange of the MQTT plugin: a topic a/b is its routing key a.b."""
RAW_EXCHANGE, REFUSED, WORKERS = "kneeimu.raw", "kneeimu.refused", "kneeimu.workers"
SHARDS, MOST_SHARDS = 16, 256

MOST_DELIVERIES = 50
"""A batch that came back as often was there whenever a worker died: it is put aside."""
MOST_SHARD_BYTES = 256 * 2**20
"""Beyond this a shard takes nothing more and the gateways keep it: an hour and a half of 200 sensors on 16 shards."""
MOST_REFUSED = 1000

_ROUTE = re.compile(rf"{ROOT.replace('/', '[.]')}[.]([A-Za-z0-9_-]{{1,64}})[.]{RAW}")
_ANY_ID = "[A-Za-z0-9_-]+"


def raw_topic(wearer: str) -> str:
    """Give the MQTT topic of a wearer's raw batches."""
    return f"{ROOT}/{wearer}/{RAW}"


def wearer_of(routing_key: str) -> str | None:
    """Tell whose batch it is; None when it is nobody's."""
    found = _ROUTE.fullmatch(routing_key)
    return found[1] if found else None


def routing_key(wearer: str, leaf: str) -> str:
    """Give the routing key of what MQTT knows as a wearer's topic."""
    return f"kneeimu.v{VERSION}.{wearer}.{leaf}"


def shard_name(number: int) -> str:
    """Give the queue of a shard, numbered from 0."""
    return f"{RAW_EXCHANGE}.{number}"


def definitions(shards: int = SHARDS, users: dict[str, str] | None = None) -> dict[str, Any]:
    """Give all of it as RabbitMQ's definitions.

    Args:
        users: passwords by role: gateway, worker, coach.
    """
    queues = [_queue(shard_name(number), _SHARD_ARGUMENTS) for number in range(shards)]
    # these too are on every node: a worker asks who else is there whichever node died
    queues += [_queue(REFUSED, {"x-max-length": MOST_REFUSED}), _queue(WORKERS, {"x-max-length": 1})]
    content: dict[str, Any] = {
        "vhosts": [{"name": "/"}],
        "exchanges": [_exchange(RAW_EXCHANGE, "x-consistent-hash"), _exchange(REFUSED, "fanout")],
        "queues": queues,
        "bindings": [
            _binding(EVENTS_EXCHANGE, RAW_EXCHANGE, "exchange", routing_key("*", RAW)),
            _binding(REFUSED, REFUSED, "queue", ""),
            # the key of such a binding is its weight
            *(_binding(RAW_EXCHANGE, shard_name(number), "queue", "1") for number in range(shards)),
        ],
    }
    if users:
        content["users"] = [_user(name, password) for name, password in users.items()]
        content["permissions"] = [{"user": name, "vhost": "/", **PERMISSIONS[name]} for name in users]
        content["topic_permissions"] = [
            {"user": name, "vhost": "/", "exchange": EVENTS_EXCHANGE, **TOPIC_PERMISSIONS[name]} for name in users
        ]
    return content


def to_json(content: dict[str, Any]) -> str:
    """Give the definitions as text."""
    return json.dumps(content, indent=2)


def passwords_in(folder: Path) -> dict[str, str]:
    """Give each role's password from the folder's files; make those that are not there.

    Raises:
        InputError: a file can't be read or written.
    """
    from kneeimu.cluster.address import read_password

    words: dict[str, str] = {}
    for role in PERMISSIONS:
        path = folder / role
        if not path.exists():
            write_private(path, secrets.token_urlsafe(24) + "\n")
        words[role] = read_password(path)
        if not words[role]:
            raise InputError(_("the password is empty"), where=str(path), advice=_("delete the file to have one made"))
    return words


PERMISSIONS = {
    "gateway": {"configure": "^$", "write": "^amq\\.topic$", "read": "^$"},
    "worker": {
        "configure": "^$",
        "write": "^amq\\.topic$",
        "read": "^kneeimu\\.(raw\\.\\d+|workers)$",
    },
    "coach": {
        "configure": "^mqtt-subscription-",
        "write": "^(mqtt-subscription-|amq\\.topic$)",
        "read": "^(mqtt-subscription-|amq\\.topic$)",
    },
}
TOPIC_PERMISSIONS = {
    "gateway": {"write": f"^kneeimu\\.v{VERSION}\\.{_ANY_ID}\\.{RAW}$", "read": "^$"},
    "worker": {"write": f"^kneeimu\\.v{VERSION}\\.{_ANY_ID}\\.(event|state|availability)$", "read": "^$"},
    "coach": {
        "write": "^$",
        "read": f"^kneeimu\\.v{VERSION}\\.({_ANY_ID}|\\*)\\.(event|state|frame|availability)$",
    },
}

_SHARD_ARGUMENTS = {
    "x-single-active-consumer": True,
    "x-delivery-limit": MOST_DELIVERIES,
    "x-dead-letter-exchange": REFUSED,
    "x-max-length-bytes": MOST_SHARD_BYTES,
    "x-overflow": "reject-publish",
}


def _exchange(name: str, kind: str) -> dict[str, Any]:
    fixed = {"vhost": "/", "durable": True, "auto_delete": False, "internal": False, "arguments": {}}
    return {"name": name, "type": kind, **fixed}


def _queue(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    known = {"x-queue-type": "quorum", **arguments}
    return {"name": name, "vhost": "/", "durable": True, "auto_delete": False, "arguments": known}


def _binding(source: str, destination: str, kind: str, key: str) -> dict[str, Any]:
    ends = {"source": source, "vhost": "/", "destination": destination, "destination_type": kind}
    return {**ends, "routing_key": key, "arguments": {}}


def _user(name: str, password: str) -> dict[str, Any]:
    salt = secrets.token_bytes(4)
    digest = hashlib.sha256(salt + password.encode()).digest()
    known_as = base64.b64encode(salt + digest).decode()
    algorithm = "rabbit_password_hashing_sha256"
    return {"name": name, "password_hash": known_as, "hashing_algorithm": algorithm, "tags": [], "limits": {}}
