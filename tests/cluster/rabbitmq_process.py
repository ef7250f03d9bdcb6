"""A real RabbitMQ: a node of its own on free loopback ports, everything it writes in a folder of the test."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from kneeimu.cluster.address import Address
from kneeimu.telemetry.broker import Broker

OPENS_WITHIN_S = 90.0
AT_MOST = ["timeout", "-s", "KILL", "1800"] if shutil.which("timeout") else []
"""Ends it when the tests were killed and could not."""
CONTROL_WITHIN_S = 90.0
FOLDERS = ("/usr/lib/rabbitmq/bin", "/usr/local/sbin", "/opt/rabbitmq/sbin")
"""First the scripts themselves: those in /usr/sbin become another user, who can't read the test's folder."""


def find_program(name: str) -> str | None:
    return next((str(path) for path in (Path(one) / name for one in FOLDERS) if path.exists()), shutil.which(name))


SERVER, CONTROL = find_program("rabbitmq-server"), find_program("rabbitmqctl")
ABSENT = "rabbitmq-server is not installed (Debian package rabbitmq-server)"


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class RabbitMQ:
    """One node that can be killed and started again on the same ports.

    Args:
        certificates: with ca.pem, server.pem and server.key; there are ports with TLS then.
        joins: a node whose cluster this one joins when it is started.
        host: where it listens.
    """

    def __init__(
        self, folder: Path, certificates: Path | None = None, *, joins: RabbitMQ | None = None,
        host: str = "127.0.0.1",
    ) -> None:  # fmt: skip
        self.folder, self.certificates, self.host, self._joins = folder, certificates, host, joins
        self.amqp_port, self.mqtt_port, distribution, self._epmd_port = free_ports(4)
        self.name = f"kneeimu{secrets.token_hex(3)}@localhost"
        home = folder
        if joins is not None:
            # one cluster has one cookie and one name server; as elsewhere, each node listens on the same ports
            self._epmd_port, home = joins._epmd_port, Path(joins._env["HOME"])
            self.amqp_port, self.mqtt_port = joins.amqp_port, joins.mqtt_port
        self.amqps_port, self.mqtts_port = free_ports(2)
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "plugins").write_text("[rabbitmq_mqtt,rabbitmq_consistent_hash_exchange].")
        (folder / "rabbitmq.conf").write_text(self._settings())
        self._env = {
            **os.environ,
            "HOME": str(home),  # where Erlang keeps its cookie
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    def _settings(self) -> str:
        lines = [
            f"listeners.tcp.default = {self.host}:{self.amqp_port}",
            f"mqtt.listeners.tcp.default = {self.host}:{self.mqtt_port}",
            "log.file = false",
            "log.console = true",
        ]
        if self.certificates:
            lines += [
                f"listeners.ssl.default = 127.0.0.1:{self.amqps_port}",
                f"mqtt.listeners.ssl.default = 127.0.0.1:{self.mqtts_port}",
                f"ssl_options.certfile = {self.certificates / 'server.pem'}",
                f"ssl_options.keyfile = {self.certificates / 'server.key'}",
                f"ssl_options.cacertfile = {self.certificates / 'ca.pem'}",
            ]
        if self._joins:
            known = (self._joins.name, self.name)
            lines += [f"cluster_formation.classic_config.nodes.{n} = {name}" for n, name in enumerate(known, 1)]
        return "\n".join(lines) + "\n"

    @property
    def address(self) -> Address:
        return Address(self.host, self.amqp_port, False, "guest", "guest")

    @property
    def log(self) -> str:
        return (self.folder / "broker.log").read_text(errors="replace")

    def broker(self, wearer: str = "gateway", **more: Any) -> Broker:
        login = {"username": "guest", "password": "guest", "protocol": "3.1.1"}
        return Broker(self.host, self.mqtt_port, wearer=wearer, **{**login, **more})

    def start(self) -> None:
        assert SERVER is not None
        with (self.folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*AT_MOST, SERVER], env=self._env, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + OPENS_WITHIN_S
        for port in (self.amqp_port, self.mqtt_port):
            while True:
                try:
                    socket.create_connection((self.host, port), 1.0).close()
                except OSError:
                    assert self._process.poll() is None, self.log
                    assert time.monotonic() < until, self.log
                    time.sleep(0.05)
                else:
                    break

    def control(self, *arguments: str, given: str = "") -> str:
        """Run ``rabbitmqctl``."""
        assert CONTROL is not None
        done = subprocess.run(
            [CONTROL, *arguments], env=self._env, input=given, capture_output=True, text=True,
            timeout=CONTROL_WITHIN_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def set_up(self, definitions: dict[str, Any]) -> None:
        self.control("import_definitions", given=json.dumps(definitions))

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            self._until_gone()

    def _until_gone(self) -> None:
        """The process that we know is a script; the broker itself may end a little later."""
        until = time.monotonic() + OPENS_WITHIN_S
        for port in (self.amqp_port, self.mqtt_port):
            while time.monotonic() < until:
                try:
                    socket.create_connection((self.host, port), 1.0).close()
                except OSError:
                    break
                time.sleep(0.02)

    def close(self) -> None:
        """Kill it, and the name server that it started."""
        self.kill()
        name_server = shutil.which("epmd")
        until = time.monotonic() + 5.0
        while name_server and time.monotonic() < until:
            # it does not end before it has noticed that the node is gone
            asked = [name_server, "-port", str(self._epmd_port), "-kill"]
            if subprocess.run(asked, capture_output=True, check=False).returncode == 0:
                return
            time.sleep(0.05)
