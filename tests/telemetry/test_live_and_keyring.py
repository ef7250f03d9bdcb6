"""``kneeimu publish --live`` from a sensor in the air to a broker, and the password out of the system's keyring."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from radio.virtual import scenario_file, sensor_process

from kneeimu.sessions.recording import read_recording
from kneeimu.telemetry.broker import BrokerError, load_broker

from .mosquitto_process import Mosquitto, listening
from .mqtt_stories import events, once_each

posix = pytest.mark.skipif(os.name != "posix", reason="signals and sockets")


@asynccontextmanager
async def publish_live(broker: str, radio: str, home: Path, *more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the command as a person does."""
    command = ["publish", "--live", "--exercise", "squat", "--side", "right", "--mount", "thigh", "--radio", radio]
    environment = {
        **os.environ, "KNEEIMU_BROKER": broker, "KNEEIMU_WEARER": "anna", "KNEEIMU_HOME": str(home),
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kneeimu", *command, *more,
        env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.fixture
def air_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="air") as folder:
        yield f"unix:{folder}/air"


@posix
async def test_a_sensor_is_published_live_until_it_is_interrupted(
    mosquitto: Mosquitto, air_place: str, tmp_path: Path
) -> None:
    scenario = str(scenario_file(tmp_path, reps=4))
    async with (
        listening(mosquitto, "kneeimu/#") as ear,
        sensor_process("--transport", air_place, "--scenario", scenario),
        publish_live(f"127.0.0.1:{mosquitto.port}", air_place, tmp_path / "home") as command,
    ):
        await ear.until(lambda: sum(one["kind"] == "rep" for one in events(ear.of("event"))) >= 4, 40.0)
        command.send_signal(signal.SIGINT)
        _, said = await asyncio.wait_for(command.communicate(), 20.0)
        await ear.until(lambda: any(one["kind"] == "session-ended" for one in events(ear.of("event"))))

    assert command.returncode == 0, said.decode()
    assert "published: 1 set, 4 reps" in said.decode()
    heard = once_each(ear.of("event"))
    assert [one["seq"] for one in heard] == list(range(1, len(heard) + 1))
    assert [one["count"] for one in heard if one["kind"] == "rep"] == [1, 2, 3, 4]
    (recording,) = (tmp_path / "home").rglob("*.mcap")
    assert read_recording(recording).closed


@posix
async def test_without_recording_nothing_is_kept(mosquitto: Mosquitto, air_place: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with (
        listening(mosquitto, "kneeimu/#") as ear,
        sensor_process("--transport", air_place, "--reps", "0"),
        publish_live(f"127.0.0.1:{mosquitto.port}", air_place, home, "--no-recording") as command,
    ):
        await ear.until(lambda: any(b'"streaming"' in payload for payload in ear.of("state")), 40.0)
        command.send_signal(signal.SIGTERM)
        await asyncio.wait_for(command.communicate(), 20.0)

    assert command.returncode == 0
    assert list(home.rglob("*.mcap")) == []


# --- the keyring ------------------------------------------------------------------------------------------------------

has_keyring = pytest.mark.skipif(importlib.util.find_spec("keyring") is None, reason="pip install keyring")
SETTINGS = 'url = "mqtts://broker.example"\nusername = "anna"\nwearer = "anna"\nkeyring = true\n'


@pytest.fixture
def known_passwords() -> Iterator[dict[tuple[str, str], str]]:
    """A keyring that holds what it is given, in the place of the system's."""
    import keyring
    from keyring.backend import KeyringBackend

    class Held(KeyringBackend):
        priority = 1  # type: ignore[assignment]

        def __init__(self) -> None:
            super().__init__()
            self.held: dict[tuple[str, str], str] = {}

        def get_password(self, service: str, username: str) -> str | None:
            return self.held.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.held[service, username] = password

    before, here = keyring.get_keyring(), Held()
    keyring.set_keyring(here)
    yield here.held
    keyring.set_keyring(before)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "broker.toml"
    path.write_text(SETTINGS)
    return path


@has_keyring
def test_the_password_comes_out_of_the_keyring(known_passwords: dict[tuple[str, str], str], settings: Path) -> None:
    known_passwords["kneeimu broker.example", "anna"] = "geheim"
    broker = load_broker(settings, {})
    assert broker is not None
    assert broker.password == "geheim"
    assert "geheim" not in repr(broker)


@has_keyring
def test_a_password_in_the_environment_goes_before_the_keyring(
    known_passwords: dict[tuple[str, str], str], settings: Path
) -> None:
    known_passwords["kneeimu broker.example", "anna"] = "geheim"
    broker = load_broker(settings, {"KNEEIMU_BROKER_PASSWORD": "other"})
    assert broker is not None
    assert broker.password == "other"


@has_keyring
def test_who_is_not_in_the_keyring_is_told_how_to_get_there(
    known_passwords: dict[tuple[str, str], str], settings: Path
) -> None:
    with pytest.raises(BrokerError, match=r"keyring set 'kneeimu broker\.example' 'anna'"):
        load_broker(settings, {})
    assert known_passwords == {}


@has_keyring
def test_a_machine_without_a_keyring_is_told_to_use_a_file(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())  # what it finds where there is no desktop
    try:
        with pytest.raises(BrokerError, match=r"can't be used: NoKeyringError.*password_file"):
            load_broker(settings, {})
    finally:
        keyring.set_keyring(before)


def test_without_the_package_its_name_is_said(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(BrokerError, match=r"not installed.*pip install keyring"):
        load_broker(settings, {})


@has_keyring
async def test_a_broker_lets_in_whom_the_keyring_knows(
    known_passwords: dict[tuple[str, str], str], make_mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    from .mqtt_stories import publishing

    mosquitto: Any = make_mosquitto(users={"anna": "geheim"})
    mosquitto.start()
    known_passwords["kneeimu 127.0.0.1", "anna"] = "geheim"
    path = tmp_path / "broker.toml"
    path.write_text(f'url = "mqtt://127.0.0.1:{mosquitto.port}"\nusername = "anna"\nwearer = "anna"\nkeyring = true\n')
    broker = load_broker(path, {})
    assert broker is not None
    async with publishing(broker) as (_, told):
        assert (await told.until(lambda status: status.connected)).problem == ""
