"""What is stored of the sensors themselves."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from kneeimu.locations import devices_dir

if TYPE_CHECKING:
    from calibration.profiles import DeviceProfile

log = logging.getLogger(__name__)


def device_path(sensor: str) -> Path:
    """Where the calibration of this sensor is kept."""
    from calibration.profiles import device_name

    return devices_dir() / device_name(sensor)


def find_device(sensor: str) -> DeviceProfile | None:
    """The calibration of this sensor; None when there is none, or none that can be read: then it goes untrimmed."""
    from calibration.errors import CalibrationError
    from calibration.profiles import load_device

    path = device_path(sensor)
    if not path.exists():
        return None
    try:
        return load_device(path)
    except (CalibrationError, OSError) as error:
        log.warning("the calibration of the sensor is not used: %s", error)
        return None
