"""What Bluetooth says when something fails, in words a person can act on."""

from __future__ import annotations

import sys

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
)

from kneeimu.errors import KneeimuError, SensorError

# What scanning, connecting and talking can raise. A lost connection also shows as EOFError (D-Bus) and OSError.
RADIO_ERRORS = (BleakError, TimeoutError, OSError, EOFError)

_Reason = BleakBluetoothNotAvailableReason
_UNAVAILABLE = {
    _Reason.NO_BLUETOOTH: ("this computer has no usable Bluetooth adapter", "plug one in; `kneeimu doctor` tells more"),
    _Reason.POWERED_OFF: ("Bluetooth is switched off", "switch it on"),
    _Reason.DENIED_BY_USER: ("Bluetooth is forbidden to this program", "allow it in the system's privacy settings"),
    _Reason.DENIED_BY_SYSTEM: ("the system forbids Bluetooth", "ask whoever manages this computer"),
    _Reason.DENIED_BY_UNKNOWN: ("Bluetooth is forbidden to this program", "allow it in the system's settings"),
}
_DBUS = {
    "org.bluez.Error.InProgress": (
        "another program is using the Bluetooth adapter",
        "stop its scan, or switch Bluetooth off and on",
    ),
    "org.bluez.Error.NotReady": ("Bluetooth is switched off", "switch it on: bluetoothctl power on"),
    "org.bluez.Error.NotPermitted": ("Bluetooth is not permitted", "add yourself to the group bluetooth"),
    "org.freedesktop.DBus.Error.AccessDenied": (
        "the system does not let this user use Bluetooth",
        "add yourself to the group bluetooth and log in again",
    ),
    "org.freedesktop.DBus.Error.ServiceUnknown": ("the Bluetooth service does not run", "systemctl start bluetooth"),
}


def explain(error: BaseException) -> KneeimuError:
    """Give the error in plain words, with what to do."""
    if isinstance(error, KneeimuError):
        return error
    if isinstance(error, BleakBluetoothNotAvailableError):
        what, advice = _UNAVAILABLE.get(error.reason, ("Bluetooth is not available", "`kneeimu doctor` tells more"))
        return SensorError(what, advice=advice)
    if isinstance(error, BleakDBusError) and error.dbus_error in _DBUS:
        what, advice = _DBUS[error.dbus_error]
        return SensorError(what, advice=advice)
    if isinstance(error, BleakDeviceNotFoundError):
        return SensorError("the sensor is out of reach", advice="bring it nearer")
    if isinstance(error, BleakCharacteristicNotFoundError):
        return SensorError("the sensor lacks a function that its family has", advice="update its firmware")
    if isinstance(error, TimeoutError):
        return SensorError("the sensor does not answer", advice="bring it nearer, or switch it off and on")
    if isinstance(error, FileNotFoundError | ConnectionRefusedError) and sys.platform == "linux":
        return SensorError(
            "Bluetooth can't be reached: the system's D-Bus does not run", advice="`kneeimu doctor` tells more"
        )
    if isinstance(error, OSError) and sys.platform == "linux":
        return SensorError(f"Bluetooth can't be reached: {error}", advice="`kneeimu doctor` tells more")
    return SensorError(str(error) or type(error).__name__)
