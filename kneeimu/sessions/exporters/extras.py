"""Libraries that not everybody needs: imported when used, with a word on how to get them."""

from __future__ import annotations

import importlib
from types import ModuleType

from kneeimu.errors import InputError


def need(module: str, extra: str) -> ModuleType:
    """Import a module of an extra.

    Raises:
        InputError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except (ImportError, RuntimeError, OSError) as error:
        name = module.split(".")[0]
        raise InputError(
            f"{name} is missing ({error})", advice=f"install it with: pip install 'kneeimu[{extra}]'"
        ) from error
