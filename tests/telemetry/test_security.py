"""Who may do what, and what nobody gets to see."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import ipaddress
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from kneeimu.errors import KneeimuError
from kneeimu.telemetry.broker import Broker, BrokerError, is_loopback, load_broker, parse_address
from kneeimu.telemetry.payloads import CoachCommand
from kneeimu.telemetry.session import SessionTelemetry
from kneeimu.telemetry.topics import topic
from kneeimu.telemetry.watcher import Watcher

from .mosquitto_process import Mosquitto, listening
from .mqtt_stories import once_each, player, publishing

MakeMosquitto = Callable[..., Mosquitto]
DOCS = Path(__file__).resolve().parents[2] / "docs" / "mqtt.md"


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("localhost", ("localhost", 1883, False, None)),
        ("127.0.0.1:1884", ("127.0.0.1", 1884, False, None)),
        ("mqtt://[::1]", ("::1", 1883, False, None)),
        ("mqtts://localhost", ("localhost", 8883, True, None)),
        ("example.org", ("example.org", 8883, True, None)),
        ("mqtts://anna@example.org:9999/", ("example.org", 9999, True, "anna")),
    ],
)
def test_addresses(text: str, expected: tuple[str, int, bool, str | None]) -> None:
    assert parse_address(text, "here") == expected


@pytest.mark.parametrize("text", ["http://example.org", "mqtt://", "host:99999", "mqtts://example.org/path", "a:b:c"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(KneeimuError, match="no address of a broker"):
        parse_address(text, "here")


def test_another_machine_is_not_spoken_to_in_the_clear_unless_allowed() -> None:
    with pytest.raises(BrokerError, match="could be read on the way"):
        parse_address("mqtt://192.168.1.5", "here")
    assert parse_address("mqtt://192.168.1.5", "here", allow_plain=True) == ("192.168.1.5", 1883, False, None)


@pytest.mark.parametrize(("host", "own"), [("127.8.9.1", True), ("::1", True), ("10.0.0.1", False), ("example", False)])
def test_this_machine_is_known(host: str, own: bool) -> None:
    assert is_loopback(host) is own


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(KneeimuError, match="holds a password") as caught:
        parse_address("mqtts://anna:geheim@example.org", "here")
    assert "geheim" not in str(caught.value)


def settings(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "broker.toml"
    path.write_text(text)
    return path


def test_without_a_broker_there_is_none(tmp_path: Path) -> None:
    assert load_broker(tmp_path / "broker.toml", {}) is None


def test_the_environment_wins(tmp_path: Path) -> None:
    path = settings(tmp_path, 'url = "mqtts://a.example"\nwearer = "anna"\nusername = "u"\n')
    environ = {"KNEEIMU_BROKER": "localhost:1999", "KNEEIMU_WEARER": "bert", "KNEEIMU_BROKER_PASSWORD": "p"}
    broker = load_broker(path, environ)
    assert broker == Broker("localhost", 1999, username="u", password="p", wearer="bert", name="bert")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('url = "localhost"\npassword = "x"', "does not belong here"),
        ('url = "localhost"\nwearer = "an/na"', "can't name a person"),
        ('url = "localhost"\nwearer = "#"', "can't name a person"),
        ('url = "localhost"\nkeyrings = true', "is no setting"),
        ("url = 5", "can't be 5"),
        ('url = "localhost"\nwearer = "a"\nprotocol = "4"', "protocol can't be"),
        ("url = ", "can't be read"),
    ],
)
def test_settings_that_do_not_fit_are_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(KneeimuError, match=why):
        load_broker(settings(tmp_path, text), {})


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_a_password_that_others_can_read_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("geheim\n")
    path = settings(tmp_path, f'url = "localhost"\nwearer = "anna"\npassword_file = "{secret}"')
    secret.chmod(0o640)
    with pytest.raises(BrokerError, match="others can read the password"):
        load_broker(path, {})
    secret.chmod(0o600)
    broker = load_broker(path, {})
    assert broker is not None
    assert broker.password == "geheim"
    assert "geheim" not in repr(broker)


def test_a_wearer_without_a_name_gets_one_that_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path))
    first, second = (load_broker(tmp_path / "none", {"KNEEIMU_BROKER": "localhost"}) for _ in range(2))
    assert first is not None
    assert first == second
    assert re.fullmatch(r"knee-[0-9a-f]{6}", first.wearer)


# --- certificates -----------------------------------------------------------------------------------------------------


def certificates(folder: Path, address: str = "127.0.0.1", days: int = 1) -> Path:
    """Write an authority (ca.pem) and a server's certificate and key signed by it; give the folder."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    now = dt.datetime.now(dt.UTC)
    folder.mkdir(exist_ok=True)

    def make(name: str, issuer: Any, key: Any, signed_by: Any, authority: bool) -> Any:
        builder = x509.CertificateBuilder(
            issuer_name=x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]),
            subject_name=x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]),
            public_key=key.public_key(), serial_number=x509.random_serial_number(),
            not_valid_before=now - dt.timedelta(days=10),
            not_valid_after=now + dt.timedelta(days=1 if authority else days),
        ).add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)  # fmt: skip
        if not authority:
            names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(signed_by, hashes.SHA256())

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(make("test authority", "test authority", ca_key, ca_key, True).public_bytes(pem))
    (folder / "server.pem").write_bytes(make("broker", "test authority", key, ca_key, False).public_bytes(pem))
    form, nothing = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "server.key").write_bytes(key.private_bytes(pem, form, nothing))
    return folder


def tls(folder: Path) -> str:
    return f"certfile {folder / 'server.pem'}\nkeyfile {folder / 'server.key'}"


async def test_a_certificate_of_our_authority_is_trusted(make_mosquitto: MakeMosquitto, tmp_path: Path) -> None:
    folder = certificates(tmp_path / "certificates")
    mosquitto = make_mosquitto(options=tls(folder), users={"anna": "a"})
    mosquitto.start()
    broker = mosquitto.broker(tls=True, ca_file=folder / "ca.pem", username="anna", password="a")
    async with publishing(broker) as (_, told):
        await told.until(lambda status: status.connected)


@pytest.mark.parametrize(
    ("made", "trusted", "why"),
    [
        ({}, False, "is not trusted"),
        ({"days": -1}, True, "has expired"),
        ({"address": "127.0.0.9"}, True, "is for another name"),
    ],
)
async def test_a_wrong_certificate_ends_it_before_anything_is_said(
    make_mosquitto: MakeMosquitto, tmp_path: Path, made: dict[str, Any], trusted: bool, why: str
) -> None:
    folder = certificates(tmp_path / "certificates", **made)
    mosquitto = make_mosquitto(options=tls(folder))
    mosquitto.start()
    broker = mosquitto.broker(tls=True, ca_file=folder / "ca.pem" if trusted else None)
    async with publishing(broker) as (_, told):
        status = await told.until(lambda status: bool(status.problem))
        assert why in status.problem
    gc.collect()  # a socket left open would be told now
    assert "kneeimu-anna" not in mosquitto.log


async def test_a_file_of_authorities_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(BrokerError, match="can't be used"):
        Broker("localhost", tls=True, ca_file=tmp_path / "ca.pem").tls_context()


# --- the access list of the documentation -----------------------------------------------------------------------------


@pytest.fixture
def guarded(make_mosquitto: MakeMosquitto) -> Mosquitto:
    (acl,) = re.findall(r"```text\n(.*?)```", DOCS.read_text(encoding="utf-8"), flags=re.DOTALL)
    names = ("anna", "bert", "coach", "home", "stranger")
    mosquitto = make_mosquitto(users={name: name for name in names}, acl=acl)
    mosquitto.start()
    return mosquitto


def login(name: str) -> dict[str, str]:
    return {"username": name, "password": name}


async def test_each_role_can_do_its_work(guarded: Mosquitto) -> None:
    asked: list[CoachCommand] = []
    broker = guarded.broker("anna", **login("anna"))
    watcher = Watcher(guarded.broker(**login("coach")), ["anna"])
    async with publishing(broker) as (publisher, told), listening(guarded, "#", **login("home")) as home:
        await told.until(lambda status: status.connected)
        session = player(3)
        telemetry = SessionTelemetry(session, publisher, target=10, ask=lambda command: answer(command))

        def answer(command: CoachCommand) -> None:
            asked.append(command)
            telemetry.answer(command, "accepted")

        news = asyncio.Event()
        watcher.on_change = lambda _: news.set()
        watcher.start()
        async with asyncio.timeout(10):
            while not watcher.patients["anna"].state.session:
                news.clear()
                await news.wait()
            await watcher.send_target("anna", 12)
            while watcher.patients["anna"].state.target != 12 or watcher.patients["anna"].answer != "accepted":
                news.clear()
                await news.wait()
        await session.run()
        await home.until(lambda: any(one["kind"] == "session-ended" for one in once_each(home.of("event"))))
        await watcher.stop()
        assert not told.all[-1].problem
    assert [command.reps for command in asked] == [12]
    assert home.of("config")
    assert home.of("state")


@pytest.mark.parametrize(
    ("who", "where"),
    [
        ("bert", "kneeimu/v1/anna/command"),
        ("bert", "kneeimu/v1/anna/state"),
        ("bert", "kneeimu/v1/anna/event"),
        ("coach", "kneeimu/v1/anna/event"),
        ("coach", "kneeimu/v1/anna/state"),
        ("coach", "homeassistant/device/kneeimu_anna/config"),
        ("home", "kneeimu/v1/anna/event"),
        ("anna", "kneeimu/v1/anna/command"),
        ("anna", "kneeimu/v1/bert/state"),
        ("stranger", "kneeimu/v1/anna/command"),
    ],
)
async def test_nobody_writes_where_they_may_not(guarded: Mosquitto, who: str, where: str) -> None:
    from kneeimu.telemetry.connection import make_client

    async with make_client(guarded.broker(**login(who)), f"test-{who}") as client:
        await client.publish(where, b"x", qos=1)
        assert client.refusals == 1


@pytest.mark.parametrize("who", ["bert", "stranger"])
async def test_nobody_hears_what_they_may_not(guarded: Mosquitto, who: str) -> None:
    async with listening(guarded, "#", **login(who)) as ear, publishing(guarded.broker(**login("anna"))) as (_, told):
        await told.until(lambda status: status.connected)
        async with aiomqtt.Client("127.0.0.1", guarded.port, **login("coach")) as coach:  # type: ignore[arg-type]
            await coach.publish(topic("anna", "command"), b"for anna", qos=1)
            await coach.publish(topic(who, "command"), b"for you", qos=1)
        await ear.until(lambda: ear.of("command"))
    assert ear.of("command") == [b"for you"]
    assert len(ear.heard) == 1
