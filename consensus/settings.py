"""Every setting of the installation: one frozen object, the only reader of the environment.

Nothing else may look at os.environ. A value that makes no sense stops the start with a sentence that names it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

from consensus import zones
from consensus.addresses import BadAddress, read

HERE = Path(__file__).parent
LOCAL = "http://127.0.0.1:8000"
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class SettingsError(Exception):
    """A setting that makes no sense; the message names it, its value and what is expected."""


def _is_mailbox(address: str) -> bool:
    try:
        read(address)
    except BadAddress:
        return False
    return True


def _folder(name: str) -> Path:
    """Templates, static files, documents: inside the package when installed from a wheel, beside it in a checkout."""
    return HERE / name if (HERE / name).is_dir() else HERE.parent / name


@dataclass(frozen=True, slots=True)
class Settings:
    """database: a file (SQLite) or a postgres:// address. secret: signs seat links; keep it as long as they live.

    origin: the address people use, without path. loopback_only: plain http is refused elsewhere than on this
    machine. staff_keys: staff may enter by a printed link; for the demo and rehearsals only. smtp: the server that
    takes this house's mail, as an address with user and password; mail_from: in whose name. Without: no mail is sent.
    zone: the time zone of a new study, until another is chosen for it.
    """

    database: str = "table-ronde.db"
    secret: str = field(default="", repr=False)
    origin: str = LOCAL
    is_plain_http_allowed: bool = False
    staff_keys: bool = False
    smtp: str = field(default="", repr=False)
    mail_from: str = ""
    zone: str = "America/Toronto"
    templates: Path = field(default_factory=lambda: _folder("templates"))
    static: Path = field(default_factory=lambda: _folder("static"))
    docs: Path = field(default_factory=lambda: _folder("docs"))

    def __post_init__(self) -> None:
        if len(self.secret) < 32:
            raise SettingsError("CONSENSUS_SECRET is missing or short: expected at least 32 characters")
        scheme, _, rest = self.origin.partition("://")
        if scheme not in {"http", "https"} or not rest or "/" in rest:
            raise SettingsError(f"CONSENSUS_ORIGIN is {self.origin!r}: expected https://name or http://127.0.0.1:8000")
        if scheme == "http" and not self.is_plain_http_allowed and self._host not in LOOPBACK:
            raise SettingsError(
                f"CONSENSUS_ORIGIN is {self.origin!r}: plain http is accepted on this machine only; "
                "use https, or set CONSENSUS_PLAIN_HTTP=yes behind a network you trust"
            )
        if not zones.is_known(self.zone):
            raise SettingsError(
                f"CONSENSUS_ZONE is {self.zone!r}: expected a name of the IANA time zones, such as America/Moncton"
            )
        self._check_mail()

    def _check_mail(self) -> None:
        """Both settings of mail, or none. The server's address is never printed: it holds a password."""
        if not self.smtp and not self.mail_from:
            return
        if not _is_server(self.smtp):
            raise SettingsError(
                "CONSENSUS_SMTP is not an address: expected smtp://user:password@host:port or smtps://..."
            )
        address = parseaddr(self.mail_from)[1]
        is_one = self.mail_from == address or self.mail_from.endswith(f" <{address}>")
        is_plain = self.mail_from.isprintable() and self.mail_from.count("@") == 1
        if not (is_one and is_plain and _is_mailbox(address)):
            raise SettingsError(
                f"CONSENSUS_MAIL_FROM is {self.mail_from!r}: expected table@example.org or Name <table@example.org>"
            )

    @property
    def _host(self) -> str:
        name = self.origin.partition("://")[2]
        return name[1 : name.index("]")] if name.startswith("[") else name.partition(":")[0]

    @property
    def is_https(self) -> bool:
        return self.origin.startswith("https://")

    @property
    def sends_mail(self) -> bool:
        return bool(self.smtp)

    @property
    def is_sqlite(self) -> bool:
        return "://" not in self.database

    @property
    def cookie(self) -> str:
        """The name of the one cookie; the prefix __Host- binds it to this host over https."""
        return "__Host-table-ronde" if self.is_https else "table-ronde"

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, origin: str = LOCAL) -> Settings:
        """origin: what people use where CONSENSUS_ORIGIN does not say it."""
        env = os.environ if env is None else env
        database = database_from_env(env)
        return cls(
            database=database,
            secret=env.get("CONSENSUS_SECRET") or stored_secret(database),
            origin=env.get("CONSENSUS_ORIGIN", origin).rstrip("/"),
            is_plain_http_allowed=_yes(env, "CONSENSUS_PLAIN_HTTP"),
            staff_keys=_yes(env, "CONSENSUS_STAFF_KEYS"),
            smtp=env.get("CONSENSUS_SMTP", ""),
            mail_from=env.get("CONSENSUS_MAIL_FROM", "").strip(),
            zone=env.get("CONSENSUS_ZONE", "America/Toronto").strip(),
        )


def bare_environment() -> dict[str, str]:
    """For a program that reads what a stranger brought: no secret and no address of ours, only what Windows needs."""
    return {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}


def database_from_env(env: Mapping[str, str] | None = None) -> str:
    """Alone, for whoever reads a database and needs no secret."""
    return (os.environ if env is None else env).get("CONSENSUS_DATABASE", "table-ronde.db")


def _is_server(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that does not close
        return False


def _yes(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "no").lower()
    if value not in {"yes", "no"}:
        raise SettingsError(f"{name} is {value!r}: expected yes or no")
    return value == "yes"


def stored_secret(database: str) -> str:
    """The secret kept beside an embedded database, readable by its owner only; made on first use."""
    if "://" in database:
        return ""
    path = Path(database + ".secret")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(token_hex(32))
    return path.read_text().strip()
