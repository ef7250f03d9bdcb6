"""The sensor families kneeimu can talk to."""

from __future__ import annotations

from kneeimu.errors import InputError
from kneeimu.sensors.driver import Advertisement, Driver
from kneeimu.sensors.metamotion import MetaMotion
from kneeimu.sensors.movella_dot import MovellaDot
from kneeimu.sensors.movesense import Movesense
from kneeimu.sensors.open_profile import OpenProfile
from kneeimu.sensors.polar import PolarVeritySense
from kneeimu.sensors.thingy52 import Thingy52
from kneeimu.sensors.witmotion import WitMotion
from kneeimu.words import _

DRIVERS: tuple[type[Driver], ...] = (
    OpenProfile,
    PolarVeritySense,
    WitMotion,
    MovellaDot,
    Movesense,
    MetaMotion,
    Thingy52,
)


def recognise(advertisement: Advertisement) -> type[Driver] | None:
    """Give the driver of the sensor that advertises this; None when no family is."""
    return next((driver for driver in DRIVERS if driver.recognise(advertisement)), None)


def find_family(name: str) -> type[Driver]:
    """Give the driver of a family by its name.

    Raises:
        InputError: there is no such family.
    """
    for driver in DRIVERS:
        if driver.family == name:
            return driver
    known = ", ".join(driver.family for driver in DRIVERS)
    raise InputError(
        _("no sensor family is called {name!r}").format(name=name),
        advice=_("choose one of {known}").format(known=known),
    )
