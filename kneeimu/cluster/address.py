"""Where RabbitMQ is for workers (AMQP), and as whom they speak to it."""

from __future__ import annotations

import os
import ssl
import stat
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kneeimu.telemetry.broker import BrokerError, is_loopback, verifying_context
from kneeimu.words import _

PLAIN_PORT, TLS_PORT = 5672, 5671


@dataclass(frozen=True, slots=True)
class Address:
    """A RabbitMQ, and as whom we speak to it.

    Attributes:
        tls: encrypted, the certificate verified against ``ca_file`` or the system's authorities.
    """

    host: str
    port: int
    tls: bool
    user: str
    password: str = field(repr=False)
    vhost: str = "/"
    ca_file: Path | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'amqps' if self.tls else 'amqp'}://{host}:{self.port}"

    def tls_context(self) -> ssl.SSLContext | None:
        """Give what verifies the certificate and the name; None without TLS.

        Raises:
            BrokerError: the file of authorities can't be used.
        """
        return verifying_context(self.ca_file) if self.tls else None


def parse_address(text: str, *, password_file: Path | None = None, ca_file: Path | None = None) -> Address:
    """Read ``amqp[s]://[USER@]HOST[:PORT][/VHOST]``. Without TLS only this machine is spoken to.

    Raises:
        BrokerError: it is no address, it holds a password, the password can't be read, or all could be read on the way.
    """
    advice = _("write amqps://USER@HOST, or amqp://USER@localhost")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise BrokerError(_("is no address of RabbitMQ"), where="--queue", advice=advice) from None
    if parts.password is not None:
        advice = _("put it into a file that only you can read, and name that with --password-file")
        raise BrokerError(_("the address holds a password, which others could see"), where="--queue", advice=advice)
    if parts.scheme not in ("amqp", "amqps") or not parts.hostname or parts.query or parts.fragment:
        raise BrokerError(_("is no address of RabbitMQ"), where="--queue", advice=advice)
    tls = parts.scheme == "amqps"
    if not tls and not is_loopback(parts.hostname):
        reason = _("all that {host} sends could be read on the way").format(host=parts.hostname)
        raise BrokerError(reason, where="--queue", advice=advice)
    user = unquote(parts.username or "guest")
    if password_file is not None:
        password = read_password(password_file)
    elif user == "guest":
        password = "guest"  # RabbitMQ's own account, which it lets in from its own machine only
    else:
        advice = _("name a file that only you can read with --password-file or KNEEIMU_QUEUE_PASSWORD_FILE")
        reason = _("the password of {user} is not known").format(user=user)
        raise BrokerError(reason, where="--queue", advice=advice)
    vhost = unquote(parts.path[1:]) or "/"
    return Address(parts.hostname, port or (TLS_PORT if tls else PLAIN_PORT), tls, user, password, vhost, ca_file)


def read_password(path: Path) -> str:
    """Read a password from a file of this user alone.

    Raises:
        BrokerError: others can read it, or it can't be read.
    """
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise BrokerError(_("others can read the password"), where=str(path), advice=f"chmod 600 {path}")
            return file.read().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or _("it is no text")
        advice = _("write the password into it and nothing else")
        problem = _("the password can't be read: {reason}").format(reason=reason)
        raise BrokerError(problem, where=str(path), advice=advice) from None
