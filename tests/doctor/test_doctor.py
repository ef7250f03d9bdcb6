"""Every finding of the doctor, provoked: each says what is wrong and what to do."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bluez_world import ALLOW, adapter, fake_bluez, private_bus
from click.testing import CliRunner
from dbus_fast import Variant

from kneeimu.cli import kneeimu
from kneeimu.doctor import machine
from kneeimu.doctor.bluez import Blocks, Bus, ask_bus, check_bluez, read_rfkill
from kneeimu.doctor.examine import check_broker, sensor_family
from kneeimu.doctor.finding import Finding

POLAR = {
    "Address": Variant("s", "A0:9E:1A:00:00:01"),
    "Name": Variant("s", "Polar Sense 12345678"),
    "Connected": Variant("b", True),
    "UUIDs": Variant("as", ["fb005c80-02e7-f387-1cad-8acd2d8df0c8"]),
}


def codes(findings: list[Finding], level: str | None = None) -> set[str]:
    for finding in findings:
        assert (finding.level == "ok") == (not finding.advice)
    return {finding.code for finding in findings if level is None or finding.level == level}


# --- Bluetooth on Linux: a private bus ----------------------------------------------------------------------------


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with private_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield address


def examined(blocks: Blocks | None = None, version: str | None = "5.66") -> list[Finding]:
    return check_bluez(asyncio.run(ask_bus()), blocks or Blocks(), version, is_family=sensor_family)


def test_a_healthy_adapter(bus: str) -> None:
    with fake_bluez(bus, adapter()):
        findings = examined()
    assert codes(findings) == codes(findings, "ok") == {"dbus", "bluez", "adapter"}


def test_no_system_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nothing")
    assert codes(examined()) == {"dbus"}


def test_a_bus_that_turns_the_user_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with private_bus(tmp_path, policy='<deny user="*"/>') as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        assert codes(examined(), "bad") == {"dbus"}


def test_the_bluetooth_service_does_not_run(bus: str) -> None:
    assert codes(examined(), "bad") == {"bluez-not-running"}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("org.freedesktop.DBus.Error.AccessDenied", "bluez-permission"),
        ("org.freedesktop.DBus.Error.NoReply", "bluez-hangs"),
        ("org.bluez.Error.Failed", "bluez-error"),
    ],
)
def test_the_bluetooth_service_refuses(bus: str, error: str, code: str) -> None:
    with fake_bluez(bus, adapter(), error=error):
        assert codes(examined(), "bad") == {code}


def test_the_policy_of_the_bus_forbids_bluetooth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deny = '<deny send_destination="org.bluez" send_interface="org.freedesktop.DBus.ObjectManager"/>'
    with private_bus(tmp_path, policy=ALLOW + deny) as address, fake_bluez(address, adapter()):
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        findings = examined()
    assert codes(findings, "bad") == {"bluez-permission"}
    assert "group bluetooth" in findings[-1].advice


@pytest.mark.parametrize(
    ("blocks", "code"),
    [
        (Blocks(), "adapter-missing"),
        (Blocks(radios=1), "adapter-missing"),
        (Blocks(hard=True, radios=1), "adapter-blocked"),
    ],
)
def test_no_adapter(bus: str, blocks: Blocks, code: str) -> None:
    with fake_bluez(bus, None):
        assert codes(examined(blocks), "bad") == {code}


@pytest.mark.parametrize(
    ("blocks", "code", "cure"),
    [
        (Blocks(), "adapter-off", "bluetoothctl power on"),
        (Blocks(soft=True, radios=1), "adapter-blocked", "rfkill unblock bluetooth"),
        (Blocks(hard=True, radios=1), "adapter-blocked", "switch it on there"),
    ],
)
def test_the_adapter_is_off(bus: str, blocks: Blocks, code: str, cure: str) -> None:
    with fake_bluez(bus, adapter(Powered=Variant("b", False))):
        findings = examined(blocks)
    assert codes(findings, "bad") == {code}
    assert findings[-1].advice == cure


def test_the_adapter_can_not_connect_to_sensors(bus: str) -> None:
    with fake_bluez(bus, adapter(Roles=Variant("as", ["peripheral"]))):
        assert codes(examined(), "bad") == {"adapter-no-central"}


def test_another_program_is_searching(bus: str) -> None:
    with fake_bluez(bus, adapter(Discovering=Variant("b", True))):
        findings = examined()
    assert (codes(findings, "note"), codes(findings, "bad")) == ({"adapter-discovering"}, set())


def test_a_sensor_is_taken_already(bus: str) -> None:
    with fake_bluez(bus, adapter(), sensor=POLAR):
        findings = examined()
    assert codes(findings, "note") == {"sensor-taken"}
    assert "bluetoothctl disconnect A0:9E:1A:00:00:01" in findings[-1].advice


def test_headphones_are_not_a_sensor(bus: str) -> None:
    headphones = {**POLAR, "Name": Variant("s", "Headphones"), "UUIDs": Variant("as", [])}
    with fake_bluez(bus, adapter(), sensor=headphones):
        assert codes(examined(), "note") == set()


def test_an_old_bluez() -> None:
    assert "bluez-old" in codes(check_bluez(Bus(reachable=True), Blocks(), "5.50"), "bad")
    assert "bluez-old" not in codes(check_bluez(Bus(reachable=True), Blocks(), "5.66"))


def test_the_switches_of_the_radios_are_read(tmp_path: Path) -> None:
    for number, (kind, soft, hard) in enumerate([("wlan", 1, 1), ("bluetooth", 1, 0)]):
        radio = tmp_path / "class" / "rfkill" / f"rfkill{number}"
        radio.mkdir(parents=True)
        for name, value in (("type", kind), ("soft", soft), ("hard", hard)):
            (radio / name).write_text(f"{value}\n")
    assert read_rfkill(tmp_path) == Blocks(soft=True, hard=False, radios=1)


# --- the machine ------------------------------------------------------------------------------------------------------


def test_python() -> None:
    assert machine.check_python((3, 11, 0)).level == "ok"
    assert machine.check_python((3, 10, 9)).level == "bad"


def test_packages_that_are_missing_or_too_old() -> None:
    (finding,) = machine.check_packages(["numpy>=999", "surely-not-installed>=1", 'nothing; extra == "sim"'])
    assert finding.level == "bad"
    assert "numpy is" in finding.what
    assert "surely-not-installed is missing" in finding.what
    assert "nothing" not in finding.what


def test_the_packages_here_will_do() -> None:
    assert codes(machine.check_packages(), "ok") == {"packages"}


def test_a_disk_with_room_is_well_and_its_folder_is_ours(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    folder.mkdir(mode=0o700)
    assert codes(machine.check_disk(folder), "ok") == {"disk"}
    assert codes(machine.check_disk(tmp_path / "not" / "there" / "yet"), "ok") == {"disk"}


@pytest.mark.skipif(not Path("/dev/full").exists() or os.name != "posix", reason="needs a POSIX system")
def test_a_folder_that_can_not_be_written() -> None:
    assert codes(machine.check_disk(Path("/dev/full/kneeimu")), "bad") == {"disk-not-writable"}


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system without room, such as /proc")
def test_a_full_disk() -> None:
    assert codes(machine.check_disk(Path("/proc/self"))) & {"disk-full", "disk-not-writable"}


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")
def test_a_folder_that_others_can_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert "folder-open" in codes(machine.check_disk(tmp_path), "note")


def test_the_clock() -> None:
    assert machine.check_clock().level == "ok"
    assert machine.check_clock(0.0).code == "clock-wrong"
    assert machine.check_clock(time.time(), synchronised=False).code == "clock-unsynchronised"


GOOD = {"TERM": "xterm-256color"}


@pytest.mark.parametrize(
    ("environment", "encoding", "size", "code"),
    [
        (GOOD, "ANSI_X3.4-1968", (80, 24), "terminal-encoding"),
        (GOOD, "utf-8", (79, 24), "terminal-small"),
        ({"TERM": "dumb"}, "utf-8", (80, 24), "terminal-dumb"),
        ({}, "utf-8", (80, 24), "terminal-dumb"),
        ({"TERM": "linux"}, "utf-8", (80, 24), "terminal-colours"),
        ({**GOOD, "NO_COLOR": "1"}, "utf-8", (80, 24), "terminal-colours"),
        (GOOD, "utf-8", None, "terminal"),
    ],
)
def test_the_terminal_falls_short(
    environment: dict[str, str], encoding: str, size: tuple[int, int] | None, code: str
) -> None:
    findings = machine.check_terminal(environment, encoding, size, windows=False)
    assert codes(findings) == {code}
    assert findings[0].level != "ok"


@pytest.mark.parametrize("environment", [GOOD, {"TERM": "xterm", "COLORTERM": "truecolor"}])
def test_the_terminal_will_do(environment: dict[str, str]) -> None:
    assert codes(machine.check_terminal(environment, "UTF-8", (80, 24), windows=False), "ok") == {"terminal"}


def test_the_broker() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert check_broker(f"mqtt://127.0.0.1:{port}").level == "ok"
    assert check_broker(f"127.0.0.1:{port}").level == "bad"
    assert "is no address" in check_broker("127.0.0.1:port").what


# --- the command ------------------------------------------------------------------------------------------------------


def test_json_for_programs_and_status_for_shells(bus: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path))
    with fake_bluez(bus, adapter(Powered=Variant("b", False))):
        outcome = CliRunner().invoke(kneeimu, ["doctor", "--json"])
    report = json.loads(outcome.stdout)
    assert (outcome.exit_code, report["ok"]) == (1, False)
    assert {"adapter-off", "adapter-blocked"} & {finding["code"] for finding in report["findings"]}


def test_words_for_people(bus: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path))
    with fake_bluez(bus, adapter()):
        outcome = CliRunner().invoke(kneeimu, ["doctor"])
    assert outcome.exit_code == 0, outcome.output
    assert "✓ hci0 00:11:22:33:44:55 is on" in outcome.stdout
