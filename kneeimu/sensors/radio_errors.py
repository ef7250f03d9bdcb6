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
from kneeimu.words import _, mark

# What scanning, connecting and talking can raise. A lost connection also shows as EOFError (D-Bus) and OSError.
RADIO_ERRORS = (BleakError, TimeoutError, OSError, EOFError)

_Reason = BleakBluetoothNotAvailableReason
_UNAVAILABLE = {
    _Reason.NO_BLUETOOTH: (
        mark("this computer has no usable Bluetooth adapter"),
        mark("plug one in; `kneeimu doctor` tells more"),
    ),
    _Reason.POWERED_OFF: (mark("Bluetooth is switched off"), mark("switch it on")),
    _Reason.DENIED_BY_USER: (
        mark("Bluetooth is forbidden to this program"),
        mark("allow it in the system's privacy settings"),
    ),
    _Reason.DENIED_BY_SYSTEM: (mark("the system forbids Bluetooth"), mark("ask whoever manages this computer")),
    _Reason.DENIED_BY_UNKNOWN: (
        mark("Bluetooth is forbidden to this program"),
        mark("allow it in the system's settings"),
    ),
}
_DBUS = {
    "org.bluez.Error.InProgress": (
        mark("another program is using the Bluetooth adapter"),
        mark("stop its scan, or switch Bluetooth off and on"),
    ),
    "org.bluez.Error.NotReady": (mark("Bluetooth is switched off"), mark("switch it on: bluetoothctl power on")),
    "org.bluez.Error.NotPermitted": (mark("Bluetooth is not permitted"), mark("add yourself to the group bluetooth")),
    "org.freedesktop.DBus.Error.AccessDenied": (
        mark("the system does not let this user use Bluetooth"),
        mark("add yourself to the group bluetooth and log in again"),
    ),
    "org.freedesktop.DBus.Error.ServiceUnknown": (
        mark("the Bluetooth service does not run"),
        mark("systemctl start bluetooth"),
    ),
}


def explain(error: BaseException) -> KneeimuError:
    """Give the error in plain words, with what to do."""
    if isinstance(error, KneeimuError):
        return error
    if isinstance(error, BleakBluetoothNotAvailableError) and getattr(error, "__notes__", None):
        return SensorError(
            _("this radio can't be opened: {error}").format(error=error.__cause__),
            where=error.__notes__[0],
            advice=_("is it plugged in, and may you use it? `kneeimu doctor` tells more"),
        )
    if isinstance(error, BleakBluetoothNotAvailableError):
        what, advice = _UNAVAILABLE.get(
            error.reason, (mark("Bluetooth is not available"), mark("`kneeimu doctor` tells more"))
        )
        return SensorError(_(what), advice=_(advice))
    if isinstance(error, BleakDBusError) and error.dbus_error in _DBUS:
        what, advice = _DBUS[error.dbus_error]
        return SensorError(_(what), advice=_(advice))
    if isinstance(error, BleakDeviceNotFoundError):
        return SensorError(_("the sensor is out of reach"), advice=_("bring it nearer"))
    if isinstance(error, BleakCharacteristicNotFoundError):
        return SensorError(_("the sensor lacks a function that its family has"), advice=_("update its firmware"))
    if isinstance(error, TimeoutError):
        return SensorError(_("the sensor does not answer"), advice=_("bring it nearer, or switch it off and on"))
    if isinstance(error, FileNotFoundError | ConnectionRefusedError) and sys.platform == "linux":
        return SensorError(
            _("Bluetooth can't be reached: the system's D-Bus does not run"), advice=_("`kneeimu doctor` tells more")
        )
    if isinstance(error, OSError) and sys.platform == "linux":
        return SensorError(
            _("Bluetooth can't be reached: {error}").format(error=error), advice=_("`kneeimu doctor` tells more")
        )
    return SensorError(str(error) or type(error).__name__)
