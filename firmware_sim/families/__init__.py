"""Sensors of other makers, as far as a trainer can tell them from real ones.

Written from the makers' documents and from captures, apart from the drivers that are tested against them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firmware_sim.families.base import FamilyFirmware

_PLACES = {
    "polar": ("polar", "PolarSensor"),
    "witmotion": ("witmotion", "WitMotionSensor"),
    "movella-dot": ("movella_dot", "DotSensor"),
    "movesense": ("movesense", "MovesenseSensor"),
    "metamotion": ("metamotion", "MetaMotionSensor"),
    "thingy52": ("thingy52", "ThingySensor"),
}
FAMILIES = tuple(_PLACES)


def build(family: str, variant: str = "") -> FamilyFirmware:
    """Make the firmware of a family as it comes out of the box.

    Args:
        family: one of ``FAMILIES``.
        variant: a firmware or model of the family that differs; empty for the usual one.

    Raises:
        ValueError: no such family or variant.
    """
    if family not in _PLACES:
        raise ValueError(f"no family is called {family!r}; there are kneeimu, {', '.join(FAMILIES)}")
    module, name = _PLACES[family]
    firmware: type[FamilyFirmware] = getattr(importlib.import_module(f"firmware_sim.families.{module}"), name)
    if variant and variant not in firmware.variants:
        raise ValueError(f"{family} has no variant {variant!r}; there are {', '.join(firmware.variants)}")
    return firmware(variant or firmware.variants[0])
