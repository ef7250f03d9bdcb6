"""``kneeimu gateway`` and ``kneeimu worker`` as they are typed."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from array_link import squats
from click.testing import CliRunner

from kneeimu.cli import kneeimu
from kneeimu.errors import KneeimuError

from .rabbitmq_process import RabbitMQ
from .test_rabbitmq import WITHIN_S, WorkerProcess, coach_of

pytestmark = pytest.mark.timeout(240)

SENSORS = """
[[sensor]]
wearer = "typed-1"
name = "Anna"
exercise = "squat"
side = "right"
mount = "thigh"
file = "squats.csv"

[[sensor]]
wearer = "typed-2"
exercise = "lunge"
side = "left"
mount = "shin"
sensor = "C0:FF:EE:00:00:01"
"""


async def test_a_gateway_sends_what_it_plays_and_goes_on_without_a_sensor_that_is_not_there(
    rabbitmq: RabbitMQ, tmp_path: Path
) -> None:
    samples = squats(4)
    table = np.column_stack((samples.time_s, samples.acc_m_s2, samples.gyr_rad_s))
    np.savetxt(tmp_path / "squats.csv", table, fmt="%.7g", delimiter=",", header="t,ax,ay,az,gx,gy,gz", comments="")
    (tmp_path / "sensors.toml").write_text(SENSORS)
    word = tmp_path / "password"
    word.write_text("guest\n")
    word.chmod(0o600)
    env = {
        "KNEEIMU_HOME": str(tmp_path / "home"), "KNEEIMU_BROKER": f"mqtt://guest@localhost:{rabbitmq.mqtt_port}",
        "KNEEIMU_BROKER_PASSWORD_FILE": str(word), "KNEEIMU_RADIO": f"tcp:127.0.0.1:{rabbitmq.amqps_port}",
    }  # fmt: skip
    worker = WorkerProcess(rabbitmq, tmp_path / "checkpoints")
    await worker.start()
    async with coach_of(rabbitmq) as coach:
        gateway = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "kneeimu", "gateway", str(tmp_path / "sensors.toml"), "--speed", "20",
            env={**os.environ, **env}, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        await coach.until(lambda: coach.ended("typed-1"))
        if gateway.returncode is None:
            gateway.terminate()
        async with asyncio.timeout(WITHIN_S):
            _, told = await gateway.communicate()
    assert await worker.end() == 0
    assert coach.events("typed-1")[-1]["data"] == {"total": 4}
    assert b"batches sent, 0 wait" in told
    assert b"Traceback" not in told
    assert gateway.returncode == 0


def test_the_topology_is_printed_for_rabbitmqctl_and_holds_no_user_unless_asked() -> None:
    content = json.loads(CliRunner().invoke(kneeimu, ["worker", "--topology", "--shards", "3"]).stdout)
    assert [queue["name"] for queue in content["queues"]][:3] == ["kneeimu.raw.0", "kneeimu.raw.1", "kneeimu.raw.2"]
    assert "users" not in content
    for queue in content["queues"][:3]:
        assert queue["arguments"]["x-queue-type"] == "quorum"
        assert queue["arguments"]["x-single-active-consumer"] is True


def test_a_worker_without_its_library_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "aio_pika", None)
    monkeypatch.delitem(sys.modules, "kneeimu.cluster.worker", raising=False)
    monkeypatch.delitem(sys.modules, "kneeimu.cluster.shard", raising=False)
    done = CliRunner().invoke(kneeimu, ["worker", "--checkpoints", str(tmp_path)])
    assert isinstance(done.exception, KneeimuError)
    assert "kneeimu[worker]" in str(done.exception)


def test_a_gateway_without_a_broker_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path))
    monkeypatch.delenv("KNEEIMU_BROKER", raising=False)
    done = CliRunner().invoke(kneeimu, ["gateway", str(tmp_path / "sensors.toml")])
    assert isinstance(done.exception, KneeimuError)
    assert "no MQTT broker" in str(done.exception)
