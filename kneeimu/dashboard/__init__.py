"""The Textual screens and widgets.

Texts of keys are looked up when their classes are made, so the language is chosen here, before any of them.
"""

from __future__ import annotations

import os

from kneeimu.errors import InputError
from kneeimu.words import use_language


def _choose_language() -> None:
    from kneeimu.dashboard.preferences import load_preferences

    try:
        wished = load_preferences().language
    except InputError:
        return  # whoever uses the settings will say what is wrong with them
    if wished:
        use_language(wished)


if not os.environ.get("KNEEIMU_LANGUAGE"):
    _choose_language()
