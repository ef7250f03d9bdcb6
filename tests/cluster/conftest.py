"""One RabbitMQ for all tests that don't break it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from telemetry.test_security import certificates

from kneeimu.cluster.topology import definitions

from .rabbitmq_process import ABSENT, SERVER, RabbitMQ

SHARDS = 4


@pytest.fixture(scope="session")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    """A broker that is up and set up as the documents say."""
    if SERVER is None:
        pytest.skip(ABSENT)
    pytest.importorskip("aio_pika", reason="aio-pika is not installed (pip install 'kneeimu[worker]')")
    folder = tmp_path_factory.mktemp("rabbitmq")
    broker = RabbitMQ(folder, certificates(folder / "certificates"))
    try:
        broker.start()
        broker.set_up(definitions(SHARDS))
        yield broker
    finally:
        broker.close()
