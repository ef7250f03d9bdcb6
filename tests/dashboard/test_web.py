"""The app in a browser: who may come in, and what they see."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

pytest.importorskip("textual_serve", reason="the browser part is not installed")

import aiohttp
import psutil
from aiohttp.test_utils import TestClient, TestServer
from click.testing import CliRunner

from kneeimu.commands.serve import command
from kneeimu.dashboard.web import AppServer, is_loopback
from kneeimu.errors import InputError
from kneeimu.sessions.recording import read_recording

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextlib.asynccontextmanager
async def visitor(host: str = "127.0.0.1", token: str | None = None) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    app = await AppServer(["demo"], host, 8000, token)._make_app()
    jar = aiohttp.CookieJar(unsafe=True)
    async with TestClient(TestServer(app), cookie_jar=jar) as client:
        yield client


async def test_on_loopback_the_page_opens() -> None:
    async with visitor() as client:
        answer = await client.get("/")
        assert answer.status == 200
        page = await answer.text()
        assert f"ws://{answer.url.host}:{answer.url.port}/ws" in page
        assert "://fonts." not in page
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


async def test_what_gives_the_app_the_keys_is_served_with_the_page() -> None:
    async with visitor() as client:
        assert '<script src="/focus.js" defer>' in await (await client.get("/")).text()
        script = await client.get("/focus.js")
        assert script.status == 200
        assert "javascript" in script.headers["Content-Type"]


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example:8000"}, {"Origin": "null"}]
)
@pytest.mark.parametrize("path", ["/", "/ws"])
async def test_other_sites_cannot_use_it(headers: dict[str, str], path: str) -> None:
    async with visitor() as client:
        answer = await client.get(path, headers=headers)
        assert answer.status == 403


@pytest.mark.parametrize("path", ["/", "/ws", "/static/js/textual.js", "/?token=wrong"])
async def test_without_the_token_nothing_is_shown(path: str) -> None:
    async with visitor("0.0.0.0", "secret") as client:
        answer = await client.get(path)
        assert answer.status == 401
        assert "secret" not in await answer.text()


async def test_the_token_is_given_once() -> None:
    async with visitor("0.0.0.0", "secret") as client:
        answer = await client.get("/?token=secret")
        assert answer.status == 200
        assert "token" not in str(answer.url)
        assert (await client.get("/")).status == 200


def test_only_loopback_is_loopback() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "192.168.0.2", "box")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["demo", "--port", "9000"], "--port goes before 'demo'"),
        (["demo", "--rounds", "4"], "No such option '--rounds'"),
    ],
)
def test_what_the_app_would_refuse_is_refused_before_anybody_visits(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(command, arguments)

    assert result.exit_code == 2
    assert said in result.output


def test_only_parts_of_the_app_are_served() -> None:
    result = CliRunner().invoke(command, ["history"])
    assert isinstance(result.exception, InputError)


class Network:
    """A socket of a machine that goes out by one address, or by none."""

    def __init__(self, address: str | None) -> None:
        self.address = address

    def __call__(self, *_kind: int) -> Network:
        return self

    def __enter__(self) -> Network:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def connect(self, _address: tuple[str, int]) -> None:
        if self.address is None:
            raise OSError("Network is unreachable")

    def getsockname(self) -> tuple[str | None, int]:
        return self.address, 0


@pytest.mark.parametrize(
    ("host", "own", "shown"),
    [
        ("0.0.0.0", "192.168.0.7", "http://192.168.0.7:8000/?token=x\n"),
        ("0.0.0.0", None, "http://0.0.0.0:8000/?token=x\n"),
        ("::", "fd00::7", "http://[fd00::7]:8000/?token=x\n"),
        ("192.168.0.2", "192.168.0.7", "http://192.168.0.2:8000/?token=x\n"),
    ],
)
def test_the_address_shown_is_one_that_a_phone_can_open(
    host: str, own: str | None, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kneeimu.commands.serve.socket.socket", Network(own))
    monkeypatch.setattr(AppServer, "run", lambda _self: None)
    assert CliRunner().invoke(command, ["--host", host, "--token", "x"]).stdout == shown


def test_a_taken_port_is_told_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = CliRunner().invoke(command, ["--port", str(taken.getsockname()[1]), "demo"])
    assert isinstance(result.exception, InputError)
    assert "--port" in str(result.exception)


class Served(NamedTuple):
    """Where it is, and its process."""

    address: str
    process: subprocess.Popen[bytes]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A running ``kneeimu serve demo``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "KNEEIMU_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "kneeimu", "serve", "--port", str(port), "demo", "--speed", "4"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    address = process.stdout.readline().decode().strip()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
    yield Served(address, process)
    process.send_signal(signal.SIGINT)
    process.wait(10)
    process.stdout.close()


async def test_stopping_the_server_ends_the_app_of_an_open_tab(served: Served, tmp_path: Path) -> None:
    server = psutil.Process(served.process.pid)
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{served.address}ws?width=80&height=24") as tab:
        seen, recordings = b"", tmp_path / "data" / "demo"
        while b"Connected" not in seen or not list(recordings.glob("*.mcap*")):
            seen += (await tab.receive(timeout=30)).data
        apps = server.children(recursive=True)
        assert apps
        server.send_signal(signal.SIGINT)
        async for _ in tab:
            pass
    assert await asyncio.to_thread(lambda: psutil.wait_procs([server, *apps], timeout=15)[1]) == []
    (recording,) = recordings.glob("*.mcap*")
    assert read_recording(recording).problems == ()


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
async def test_in_a_browser_the_count_rises(served: Served, tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
    seen = bytearray()
    counted = asyncio.Event()

    def hear(data: str | bytes) -> None:
        seen.extend(data.encode() if isinstance(data, str) else data)
        if b" 2 clean" in seen:
            counted.set()

    async with playwright.async_playwright() as running:
        browser = await running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page(viewport={"width": 1000, "height": 700})
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("websocket", lambda ws: ws.on("framereceived", hear))
        await page.goto(served.address)
        await asyncio.wait_for(counted.wait(), 40)
        picture = await page.screenshot(path=str(tmp_path / "browser.png"))
        await browser.close()
    assert b"Connected" in seen
    assert len(picture) > 10_000
    assert complaints == []


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
async def test_in_a_browser_the_keys_work_without_a_click(served: Served) -> None:
    playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
    async with playwright.async_playwright() as running:
        browser = await running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page(viewport={"width": 1000, "height": 700})
        await page.goto(served.address)
        await page.locator(".xterm-helper-textarea:focus").wait_for(state="attached", timeout=30_000)
        await browser.close()
