"""A real broker, mosquitto on a free loopback port, and an ear that hears everything."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt

from kneeimu.telemetry.broker import Broker

PROGRAM = shutil.which("mosquitto") or next(
    (path for path in ("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto") if Path(path).exists()), None
)
OPENS_WITHIN_S = 5.0


class Mosquitto:
    """One broker that can be killed and started again on the same port."""

    def __init__(
        self, folder: Path, *, users: Mapping[str, str] | None = None, acl: str = "", options: str = ""
    ) -> None:  # fmt: skip
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self._config = folder / "mosquitto.conf"
        self._process: subprocess.Popen[bytes] | None = None
        lines = [f"listener {self.port} 127.0.0.1", options, f"allow_anonymous {'false' if users else 'true'}"]
        if users:
            passwords = folder / "passwords"
            passwords.write_text("".join(f"{name}:{word}\n" for name, word in users.items()))
            passwords.chmod(0o600)
            subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True, capture_output=True)
            lines.append(f"password_file {passwords}")
        if acl:
            (folder / "acl").write_text(acl)
            (folder / "acl").chmod(0o600)
            lines.append(f"acl_file {folder / 'acl'}")
        if os.name == "posix" and os.geteuid() == 0:
            lines.append("user root")  # else it becomes a user who can't read the test's folder
        self._config.write_text("\n".join(lines) + "\n")

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        assert PROGRAM is not None
        with (self.folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen([PROGRAM, "-v", "-c", str(self._config)], stdout=log, stderr=log)
        until = time.monotonic() + OPENS_WITHIN_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            except OSError:
                assert self._process.poll() is None, self.log
                assert time.monotonic() < until, self.log
                time.sleep(0.01)
            else:
                return

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
            self._process.wait()
            self._process = None

    @property
    def log(self) -> str:
        return (self.folder / "broker.log").read_text()

    def broker(self, wearer: str = "anna", **more: object) -> Broker:
        return Broker("127.0.0.1", self.port, wearer=wearer, name=wearer.title(), **more)  # type: ignore[arg-type]


class Ear:
    """Hears everything and can be waited on."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        self._news = asyncio.Event()

    def of(self, leaf: str) -> list[bytes]:
        return [payload for topic, payload, _ in self.heard if topic.endswith(f"/{leaf}")]

    def take(self, message: aiomqtt.Message) -> None:
        assert isinstance(message.payload, bytes)
        self.heard.append((message.topic.value, message.payload, message.retain))
        self._news.set()

    async def until(self, condition: Callable[[], object], within_s: float = 15.0) -> None:
        async with asyncio.timeout(within_s):
            while not condition():
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def listening(mosquitto: Mosquitto, topics: str = "#", **login: str) -> AsyncIterator[Ear]:
    """Hear what is published, retained messages first."""
    ear = Ear()
    async with aiomqtt.Client("127.0.0.1", mosquitto.port, **login) as client:  # type: ignore[arg-type]
        await client.subscribe(topics, qos=1)

        async def listen() -> None:
            async for message in client.messages:
                ear.take(message)

        task = asyncio.create_task(listen())
        try:
            yield ear
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
