"""What the person has set: a small readable TOML file in the folder of settings."""

from __future__ import annotations

import contextlib
import dataclasses
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args, get_type_hints

from kneeimu.errors import InputError
from kneeimu.locations import config_dir
from kneeimu.words import _

SIMULATED = "simulated"
"""The sensor that needs nothing."""
ALLOWED = {
    "language": ("", "en", "de"),
    "theme": ("", "kneeimu-dark", "kneeimu-light"),
    "sound": ("auto", "off", "bell", "tones"),
    "knee": ("left", "right"),
    "mount": ("thigh", "shin"),
}


@dataclass(frozen=True, slots=True)
class Preferences:
    """Settings; every one has a usable default.

    Attributes:
        language: "" follows the environment.
        knee: the one that is trained. mount: where the sensor was last.
        sensor: an address, "simulated", or "" when none was chosen yet.
        sensor_name: for people.
        notice: version of the safety notice that was read; 0 when none.
        programme: the one to train next.
        per_week: wished sessions a week; 0 follows the programme.
        keys: rebound keys by the id of the action, such as ``{"session.pain": "f9"}``.
    """

    language: str = ""
    theme: str = ""
    sound: str = "auto"
    speech: bool = False
    knee: str = "right"
    mount: str = "thigh"
    sensor: str = ""
    sensor_name: str = ""
    notice: int = 0
    programme: str = "hip-strength"
    per_week: int = 0
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def set_up(self) -> bool:
        """The first start was gone through."""
        return bool(self.sensor) and self.notice > 0


def preferences_path() -> Path:
    """Where the settings are kept."""
    return config_dir() / "settings.toml"


def load_preferences(path: Path | None = None) -> Preferences:
    """Read the settings; without a file, the defaults.

    Raises:
        InputError: the file is there but can't be used.
    """
    path = path or preferences_path()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Preferences()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            _("the settings can't be read: {error}").format(error=error), where=str(path), advice=_("mend or delete it")
        ) from error
    known = {one.name: data[one.name] for one in dataclasses.fields(Preferences) if one.name in data}
    for name, value in known.items():
        _check(path, name, value)
    return Preferences(**known)


def save_preferences(preferences: Preferences, path: Path | None = None) -> None:
    """Write the settings in one step, for this user alone.

    Raises:
        InputError: they can't be written.
    """
    import tomlkit

    from kneeimu.sessions.atomic import write_private

    usual = Preferences()
    changed = {
        one.name: value
        for one in dataclasses.fields(Preferences)
        if (value := getattr(preferences, one.name)) != getattr(usual, one.name)
    }
    path = path or preferences_path()
    _put_aside_if_broken(path)
    write_private(path, tomlkit.dumps(changed))


def _put_aside_if_broken(path: Path) -> None:
    """Settings that can't be read are not lost when new ones are written: they get the ending ``.broken``."""
    try:
        load_preferences(path)
    except InputError:
        with contextlib.suppress(OSError):
            path.replace(path.with_suffix(".toml.broken"))


def _check(path: Path, name: str, value: Any) -> None:
    hint = get_type_hints(Preferences)[name]
    plain = dict if get_args(hint) else hint
    fits = isinstance(value, plain) and not (plain is int and isinstance(value, bool))
    if plain is dict and fits:
        fits = all(isinstance(one, str) for one in value.values())
    if not fits:
        raise InputError(
            _("{name} can't be {value!r}").format(name=name, value=value),
            where=str(path),
            advice=_("mend the line or delete it"),
        )
    if name in ALLOWED and value not in ALLOWED[name]:
        allowed = ", ".join(one or "(empty)" for one in ALLOWED[name])
        raise InputError(
            _("{name} can't be {value!r}").format(name=name, value=value),
            where=str(path),
            advice=_("one of: {allowed}").format(allowed=allowed),
        )
