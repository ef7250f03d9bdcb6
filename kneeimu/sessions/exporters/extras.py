"""Libraries that not everybody needs: imported when used, with a word on how to get them."""

from __future__ import annotations

import importlib
from types import ModuleType

from kneeimu.errors import InputError
from kneeimu.words import _


def need(module: str, extra: str = "") -> ModuleType:
    """Import a module that may be missing.

    Args:
        module: its name.
        extra: the extra of this program that brings it; empty when none does.

    Raises:
        InputError: it is not installed, or can't be loaded on this machine.
    """
    try:
        return importlib.import_module(module)
    except (ImportError, RuntimeError, OSError) as error:
        name = module.split(".")[0]
        what = f"'kneeimu[{extra}]'" if extra else name
        raise InputError(
            _("{name} is missing ({error})").format(name=name, error=error),
            advice=_("install it with: pip install {what}").format(what=what),
        ) from error
