"""Where the MQTT broker is and how it is spoken to: settings from ``broker.toml`` and the environment.

The environment wins over the file. A password comes from the environment, from a file that only its owner may read, or
from the system's keyring; never from the settings file, an address or an argument.
"""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from kneeimu.errors import InputError, KneeimuError
from kneeimu.locations import config_dir, state_dir
from kneeimu.words import _

if TYPE_CHECKING:
    import ssl

PLAIN_PORT, TLS_PORT = 1883, 8883
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
KEYS = {
    "url": str, "username": str, "password_file": str, "keyring": bool, "ca_file": str, "allow_plain": bool,
    "wearer": str, "name": str, "home_assistant": bool, "discovery_prefix": str, "app": bool, "protocol": str,
}  # fmt: skip
PROTOCOLS = ("5", "3.1.1")
LOOPBACK_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost")


class BrokerError(KneeimuError):
    """The broker can't be used as it is set up."""


def verifying_context(ca_file: Path | None) -> ssl.SSLContext:
    """Give what verifies a broker's certificate and name.

    Args:
        ca_file: authorities to trust instead of the system's, PEM.

    Raises:
        BrokerError: the file can't be used.
    """
    import ssl

    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        advice = _("name a PEM file with the certificate of the authority")
        reason = error.strerror or str(error)
        detail = _("can't be used: {reason}").format(reason=reason)
        raise BrokerError(detail, where=str(ca_file), advice=advice) from None


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker, and as whom we speak to it.

    Attributes:
        tls: encrypted, the certificate verified against ``ca_file`` or the system's authorities.
        wearer: names the person in topics: letters, digits, ``_`` and ``-``; best not a real name.
        name: for people, such as in Home Assistant.
        app: the app and ``kneeimu live`` publish without being asked.
        protocol: "5", or "3.1.1" for brokers that know no other (they don't say why they refuse something).
    """

    host: str
    port: int = PLAIN_PORT
    tls: bool = False
    ca_file: Path | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    wearer: str = "knee"
    name: str = ""
    home_assistant: bool = True
    discovery_prefix: str = "homeassistant"
    app: bool = False
    protocol: str = "5"

    @property
    def address(self) -> str:
        """For people: scheme, host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"

    def tls_context(self) -> ssl.SSLContext | None:
        """Give what verifies the broker's certificate and name; None without TLS.

        Raises:
            BrokerError: the file of authorities can't be used.
        """
        return verifying_context(self.ca_file) if self.tls else None


def settings_path() -> Path:
    """Where the settings of the broker are kept."""
    return config_dir() / "broker.toml"


def load_broker(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Broker | None:
    """Put the settings together; None when no broker is named anywhere.

    Raises:
        InputError: a setting can't be used.
        BrokerError: the password can't be had, or the connection would be open for all to read.
    """
    path = path or settings_path()
    env = os.environ if environ is None else environ
    settings = _read(path)
    url = env.get("KNEEIMU_BROKER") or settings.get("url")
    if not url:
        return None
    where = "KNEEIMU_BROKER" if env.get("KNEEIMU_BROKER") else str(path)
    host, port, tls, user = parse_address(url, where, allow_plain=bool(settings.get("allow_plain")))
    username = env.get("KNEEIMU_BROKER_USER") or settings.get("username") or user
    ca_file = env.get("KNEEIMU_BROKER_CA") or settings.get("ca_file")
    wearer = env.get("KNEEIMU_WEARER") or settings.get("wearer") or _own_id()
    check_id(wearer, "KNEEIMU_WEARER" if env.get("KNEEIMU_WEARER") else str(path))
    protocol = settings.get("protocol", "5")
    if protocol not in PROTOCOLS:
        raise InputError(
            _("protocol can't be {protocol!r}").format(protocol=protocol),
            where=str(path),
            advice=_("one of: {protocols}").format(protocols=", ".join(PROTOCOLS)),
        )
    return Broker(
        host, port, tls, Path(ca_file).expanduser() if ca_file else None, username,
        _password(settings, env, username, host),
        wearer, settings.get("name") or wearer, settings.get("home_assistant", True),
        settings.get("discovery_prefix", "homeassistant"), settings.get("app", False), protocol,
    )  # fmt: skip


def need_broker() -> Broker:
    """Give the broker's settings.

    Raises:
        BrokerError: none is set up.
    """
    broker = load_broker()
    if broker is None:
        advice = _('set KNEEIMU_BROKER=mqtts://host, or write url = "mqtts://host" into {settings_path}').format(
            settings_path=settings_path()
        )
        raise BrokerError(_("no MQTT broker is set up"), advice=advice)
    return broker


def check_id(text: str, where: str) -> str:
    """Give the id back when it can stand in a topic.

    Raises:
        InputError: it can't.
    """
    if not ID.fullmatch(text):
        advice = _("use up to 64 letters, digits, _ and -")
        raise InputError(_("{text!r} can't name a person in a topic").format(text=text), where=where, advice=advice)
    return text


def is_loopback(host: str) -> bool:
    """Tell whether the host is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() in LOOPBACK_NAMES


def parse_address(text: str, where: str, *, allow_plain: bool = False) -> tuple[str, int, bool, str | None]:
    """Read ``mqtt[s]://[USER@]HOST[:PORT]`` or ``HOST[:PORT]``: host, port, TLS, user.

    Without a scheme there is TLS unless the host is this machine.

    Raises:
        InputError: it is no address, or it holds a password.
        BrokerError: another machine would be spoken to in the clear.
    """
    parts, port = _split(text, where)
    host = parts.hostname or ""
    tls = parts.scheme == "mqtts" or (parts.scheme == "" and not is_loopback(host) and not allow_plain)
    if not tls and not is_loopback(host) and not allow_plain:
        advice = _("use mqtts://; on a network you trust, set allow_plain = true in broker.toml")
        raise BrokerError(
            _("all that is sent to {host} could be read on the way").format(host=host), where=where, advice=advice
        )
    return host, port or (TLS_PORT if tls else PLAIN_PORT), tls, parts.username or None


def _split(text: str, where: str) -> tuple[SplitResult, int | None]:
    wrong = InputError(
        _("is no address of a broker"), where=where, advice=_("write mqtts://HOST, mqtt://HOST:PORT or HOST")
    )
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.password is not None:
        advice = _("put it into a file that only you can read, and name that with password_file")
        raise InputError(_("the address holds a password, which others could see"), where=where, advice=advice)
    if parts.scheme not in ("", "mqtt", "mqtts") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise wrong
    return parts, port


def _read(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            _("the settings can't be read: {error}").format(error=error), where=str(path), advice=_("mend or delete it")
        ) from error
    for name, value in data.items():
        if name == "password":
            advice = _("put it into a file of its own and name that with password_file")
            raise InputError(_("a password does not belong here"), where=str(path), advice=advice)
        if name not in KEYS:
            raise InputError(
                _("{name} is no setting").format(name=name),
                where=str(path),
                advice=_("one of: {keys}").format(keys=", ".join(KEYS)),
            )
        if not isinstance(value, KEYS[name]):
            raise InputError(
                _("{name} can't be {value!r}").format(name=name, value=value),
                where=str(path),
                advice=_("mend the line or delete it"),
            )
    return data


# --- the password -----------------------------------------------------------------------------------------------------


def _password(settings: Mapping[str, Any], env: Mapping[str, str], username: str | None, host: str) -> str | None:
    if env.get("KNEEIMU_BROKER_PASSWORD"):
        return env["KNEEIMU_BROKER_PASSWORD"]
    file = env.get("KNEEIMU_BROKER_PASSWORD_FILE") or settings.get("password_file")
    if file:
        return _password_of(Path(file).expanduser())
    return _from_keyring(username or "", host) if settings.get("keyring") else None


def _password_of(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise BrokerError(
                    _("others can read the password"), where=str(path), advice=_("chmod 600 {path}").format(path=path)
                )
            return file.read().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or _("it is no text")
        advice = _("write the password into it and nothing else")
        raise BrokerError(
            _("the password can't be read: {reason}").format(reason=reason), where=str(path), advice=advice
        ) from None


def _from_keyring(username: str, host: str) -> str:
    try:
        import keyring  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise BrokerError(_("the keyring is not installed"), advice=_("pip install keyring")) from None
    try:
        found: str | None = keyring.get_password(f"kneeimu {host}", username)
    except Exception as error:  # every system's keyring has errors of its own
        raise BrokerError(
            _("the keyring can't be used: {name}").format(name=type(error).__name__), advice=_("use password_file")
        ) from None
    if found is None:
        advice = _("keyring set 'kneeimu {host}' '{username}'").format(host=host, username=username)
        raise BrokerError(_("the keyring does not know the password"), advice=advice)
    return found


def _own_id() -> str:
    """Give an id that says nothing about the person; made once and kept."""
    from kneeimu.sessions.atomic import write_private

    path = state_dir() / "mqtt" / "wearer"
    try:
        known = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        known = ""
    if ID.fullmatch(known):
        return known
    made = f"knee-{secrets.token_hex(3)}"
    write_private(path, made + "\n")
    return made
