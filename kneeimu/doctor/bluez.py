"""Bluetooth on Linux: D-Bus, BlueZ, the adapter, and who else is using it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kneeimu.doctor.finding import Finding, bad, note, ok
from kneeimu.words import _, mark

OLDEST_BLUEZ = (5, 55)
ANSWER_S = 5.0
ADAPTER, DEVICE = "org.bluez.Adapter1", "org.bluez.Device1"
NO_BUS = mark(
    "start it (systemctl start dbus); in a container mount /run/dbus/system_bus_socket into it, and set"
    " BLEAK_DBUS_AUTH_UID=0 where user namespaces are used"
)
NOT_ALLOWED = mark("add yourself to the group bluetooth (sudo usermod -aG bluetooth $USER), log out and in again")

Objects = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Blocks:
    """What rfkill says of the Bluetooth radios: blocked by a ``soft`` or a ``hard`` switch."""

    soft: bool = False
    hard: bool = False
    radios: int = 0


@dataclass(slots=True)
class Bus:
    """What the system bus told: BlueZ's objects, or the ``error`` (D-Bus name or words) in its place."""

    objects: Objects = field(default_factory=dict)
    error: str = ""
    reachable: bool = False
    clock_synchronised: bool | None = None


def check_bluez(bus: Bus, blocks: Blocks, version: str | None, *, is_family: Any = None) -> list[Finding]:
    """Judge what was gathered.

    Args:
        version: BlueZ's, such as "5.66"; None when it can't be told.
        is_family: function (name, service uuids) -> family of a supported sensor or None; to spot taken sensors.
    """
    if not bus.reachable:
        return [bad("dbus", _("the system D-Bus can't be reached: {error}").format(error=bus.error), _(NO_BUS))]
    found = [ok("dbus", _("the system D-Bus answers")), *_check_version(version)]
    if bus.error:
        return [*found, _explain(bus.error)]
    adapters = {path: parts[ADAPTER] for path, parts in bus.objects.items() if ADAPTER in parts}
    if not adapters:
        return [*found, _no_adapter(blocks)]
    for path, adapter in sorted(adapters.items()):
        found.extend(_check_adapter(path.rsplit("/", 1)[-1], adapter, blocks))
    found.extend(_taken(bus.objects, is_family))
    return found


def _explain(error: str) -> Finding:
    if "ServiceUnknown" in error or "NameHasNoOwner" in error:
        return bad(
            "bluez-not-running",
            _("the Bluetooth service does not run"),
            _("sudo systemctl enable --now bluetooth (if it is unknown: sudo apt install bluez)"),
        )
    if "AccessDenied" in error or "NotPermitted" in error:
        return bad("bluez-permission", _("the system does not let this user use Bluetooth"), _(NOT_ALLOWED))
    if "NoReply" in error or "Timeout" in error:
        return bad("bluez-hangs", _("the Bluetooth service does not answer"), _("sudo systemctl restart bluetooth"))
    return bad(
        "bluez-error",
        _("the Bluetooth service refuses: {error}").format(error=error),
        _("sudo systemctl restart bluetooth"),
    )


def _check_version(version: str | None) -> list[Finding]:
    if version is None:
        return []
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if numbers < OLDEST_BLUEZ:
        return [
            bad(
                "bluez-old",
                _("BlueZ {version} is too old").format(version=version),
                _("5.55 or newer is needed: update the system"),
            )
        ]
    return [ok("bluez", _("BlueZ {version}").format(version=version))]


def _no_adapter(blocks: Blocks) -> Finding:
    if blocks.hard:
        return bad(
            "adapter-blocked", _("Bluetooth is switched off by a switch of the machine"), _("switch it on there")
        )
    advice = _("plug in a Bluetooth dongle (4.0 or newer); in a virtual machine hand a USB dongle through")
    if blocks.radios:
        advice = _("sudo systemctl restart bluetooth; then look at `dmesg | grep -i bluetooth` for missing firmware")
    return bad("adapter-missing", _("there is no Bluetooth adapter"), advice)


def _check_adapter(name: str, adapter: Mapping[str, Any], blocks: Blocks) -> list[Finding]:
    if not adapter.get("Powered"):
        if blocks.hard:
            return [
                bad(
                    "adapter-blocked",
                    _("{name} is switched off by a switch of the machine").format(name=name),
                    _("switch it on there"),
                )
            ]
        if blocks.soft:
            return [
                bad(
                    "adapter-blocked",
                    _("{name} is blocked (flight mode)").format(name=name),
                    _("rfkill unblock bluetooth"),
                )
            ]
        return [bad("adapter-off", _("{name} is switched off").format(name=name), _("bluetoothctl power on"))]
    roles = adapter.get("Roles")
    if roles is not None and "central" not in roles:
        advice = _("use another dongle, one with Bluetooth 4.0 or newer")
        return [
            bad("adapter-no-central", _("{name} can't connect to sensors (no central role)").format(name=name), advice)
        ]
    found = [ok("adapter", _("{name} is on").format(name=f"{name} {adapter.get('Address', '')}".strip()))]
    if adapter.get("Discovering"):
        advice = _(
            "if sensors are not found, close the other program's search (settings window, bluetoothctl scan off)"
        )
        found.append(
            note("adapter-discovering", _("another program is searching with {name}").format(name=name), advice)
        )
    return found


def _taken(objects: Objects, is_family: Any) -> list[Finding]:
    found = []
    for parts in objects.values():
        device = parts.get(DEVICE)
        if device is None or not device.get("Connected"):
            continue
        name, address = str(device.get("Name") or device.get("Alias") or ""), str(device.get("Address", ""))
        family = is_family(name, tuple(device.get("UUIDs") or ())) if is_family else None
        if family:
            what = _("{x} ({address}) is connected to this machine already").format(x=name or family, address=address)
            advice = _("if kneeimu is not running: bluetoothctl disconnect {address}").format(address=address)
            found.append(note("sensor-taken", what, advice))
    return found


# --- gathering --------------------------------------------------------------------------------------------------------


def read_rfkill(sys_root: Path = Path("/sys")) -> Blocks:
    """Read the switches of the Bluetooth radios."""
    soft = hard = False
    radios = 0
    for radio in sorted((sys_root / "class" / "rfkill").glob("rfkill*")):
        if _text(radio / "type") != "bluetooth":
            continue
        radios += 1
        soft |= _text(radio / "soft") == "1"
        hard |= _text(radio / "hard") == "1"
    return Blocks(soft, hard, radios)


def bluez_version() -> str | None:
    """Ask the tools for BlueZ's version; None where there are none."""
    for tool in ("bluetoothctl", "bluetoothd", "/usr/libexec/bluetooth/bluetoothd", "/usr/lib/bluetooth/bluetoothd"):
        path = shutil.which(tool)
        if path is None:
            continue
        try:
            said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=ANSWER_S, check=False)
        except (OSError, subprocess.TimeoutExpired):
            continue
        version = re.search(r"\d+\.\d+", said.stdout)
        if version:
            return version.group()
    return None


async def ask_bus() -> Bus:
    """Ask the system bus (``DBUS_SYSTEM_BUS_ADDRESS`` or the usual one) for BlueZ's objects; never raises."""
    from dbus_fast import AuthError, BusType
    from dbus_fast.aio import MessageBus
    from dbus_fast.auth import AuthExternal

    uid = os.environ.get("BLEAK_DBUS_AUTH_UID")
    auth = AuthExternal(uid=int(uid)) if uid and uid.isdigit() else None
    try:
        bus = await asyncio.wait_for(MessageBus(bus_type=BusType.SYSTEM, auth=auth).connect(), ANSWER_S)
    except TimeoutError:
        return Bus(error=_("it does not answer"))
    except (OSError, EOFError, AuthError, ValueError) as error:
        return Bus(error=getattr(error, "strerror", None) or str(error) or type(error).__name__)
    try:
        found = Bus(reachable=True)
        found.error, body = await _call(
            bus, "org.bluez", "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects"
        )
        if not found.error and body:
            found.objects = _plain(body[0])
        found.clock_synchronised = await _clock_synchronised(bus)
        return found
    finally:
        bus.disconnect()


async def _clock_synchronised(bus: Any) -> bool | None:
    """What systemd says of the clock; None where it has nothing to say."""
    name, path = "org.freedesktop.timedate1", "/org/freedesktop/timedate1"
    error, body = await _call(
        bus, name, path, "org.freedesktop.DBus.Properties", "Get", "ss", [name, "NTPSynchronized"]
    )
    return None if error or not body else bool(_plain(body[0]))


async def _call(
    bus: Any, name: str, path: str, interface: str, member: str, signature: str = "", body: list[Any] | None = None
) -> tuple[str, list[Any]]:
    """Call a method; give the error's name (empty for none) and the answer."""
    from dbus_fast import Message, MessageType

    message = Message(
        destination=name, path=path, interface=interface, member=member, signature=signature, body=body or []
    )
    try:
        reply = await asyncio.wait_for(bus.call(message), ANSWER_S)
    except TimeoutError:
        return "Timeout", []
    except (OSError, EOFError) as error:
        return str(error) or type(error).__name__, []
    if reply is None:
        return "NoReply", []
    return (reply.error_name or "", []) if reply.message_type is MessageType.ERROR else ("", reply.body)


def _plain(value: Any) -> Any:
    """D-Bus variants as plain values."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    inner = getattr(value, "value", value)
    return _plain(inner) if inner is not value else value


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
