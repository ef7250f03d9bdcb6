"""Looks at everything in turn."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys

from kneeimu.doctor import bluez, elsewhere, machine
from kneeimu.doctor.finding import Finding, bad, ok
from kneeimu.errors import KneeimuError
from kneeimu.locations import data_dir
from kneeimu.telemetry.broker import parse_address
from kneeimu.words import _

CONNECT_S = 3.0


def examine(platform: str, broker: str | None = None) -> list[Finding]:
    """Look at this machine: Bluetooth first, as most questions are about it."""
    synchronised: bool | None = None
    if platform == "linux":
        bus = asyncio.run(bluez.ask_bus())
        synchronised = bus.clock_synchronised
        findings = bluez.check_bluez(bus, bluez.read_rfkill(), bluez.bluez_version(), is_family=sensor_family)
    else:
        findings = asyncio.run(elsewhere.check_by_scanning(platform))
    findings.append(machine.check_python())
    findings.extend(machine.check_packages())
    findings.extend(machine.check_disk(data_dir()))
    findings.append(machine.check_clock(synchronised=synchronised))
    findings.extend(machine.check_terminal(os.environ, sys.stdout.encoding or "", _terminal_size()))
    if broker:
        findings.append(check_broker(broker))
    return findings


def sensor_family(name: str, services: tuple[str, ...]) -> str | None:
    """Family of a supported sensor with this name and these services; None for other devices."""
    from kneeimu.sensors.driver import Advertisement
    from kneeimu.sensors.families import recognise

    driver = recognise(Advertisement(name=name, address="", service_uuids=services))
    return driver.family if driver else None


def check_broker(address: str) -> Finding:
    """Can the MQTT broker be reached? Its address is written as for publishing."""
    try:
        host, port, *_tls = parse_address(address, "broker", allow_plain="://" in address)
        with socket.create_connection((host, port), timeout=CONNECT_S):
            return ok("broker", _("the MQTT broker {host}:{port} can be reached").format(host=host, port=port))
    except KneeimuError as error:
        return bad("broker", error.what, error.advice)
    except OSError as error:
        what = _("the MQTT broker {host}:{port} can't be reached: {x}").format(
            host=host, port=port, x=error.strerror or error
        )
        return bad("broker", what, _("start it, or check its name, its port and the firewall"))


def _terminal_size() -> tuple[int, int] | None:
    if not sys.stdout.isatty():
        return None
    columns, rows = shutil.get_terminal_size()
    return columns, rows
