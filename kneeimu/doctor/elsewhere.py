"""Bluetooth on macOS and Windows: a short scan says most, and advice that no interface of the system gives."""

from __future__ import annotations

import asyncio

from kneeimu.doctor.finding import Finding, bad, note, ok
from kneeimu.words import _, mark, n_

SCAN_S = 3.0
ADVICE = {
    "darwin": mark(
        "System Settings, Privacy & Security, Bluetooth: allow the terminal program you use (a program that was never"
        " asked ends with 'Abort trap: 6'). Sensors have other addresses on every Mac: choose them by name"
    ),
    "win32": mark(
        "Settings, Bluetooth & devices: switch Bluetooth on, do not pair the sensor there; after new firmware remove it"
        " from the list of devices. Settings, Privacy & security, Radios: let apps control Bluetooth"
    ),
}


async def check_by_scanning(platform: str) -> list[Finding]:
    """Scan for three seconds and explain what goes wrong."""
    from bleak import BleakScanner

    from kneeimu.sensors.radio_errors import RADIO_ERRORS, explain

    advice = _(ADVICE.get(platform, mark("see the documentation of bleak for this system")))
    try:
        devices = await asyncio.wait_for(BleakScanner.discover(SCAN_S), 4 * SCAN_S)
    except RADIO_ERRORS as error:
        told = explain(error)
        return [bad("bluetooth", told.what, f"{told.advice}. {advice}" if told.advice else advice)]
    if not devices:
        return [note("bluetooth-silent", _("Bluetooth works, but nothing at all is in reach"), advice)]
    return [
        ok(
            "bluetooth",
            n_("Bluetooth works: {n} device in reach", "Bluetooth works: {n} devices in reach", len(devices)),
        )
    ]
