"""How a store is reached: its URL, with what psql would add, and with TLS that is verified wherever it leaves the host.

A URL holds no password: libpq reads it from the file that PGPASSFILE names, or from a service file.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from nodescaler_tui.events import JournalUnavailable

VERIFIED: Final = "verify-full"
CONNECT_WITHIN_S: Final = 5
GIVES_UP_AFTER_MS: Final = 8000


@dataclass(frozen=True, slots=True)
class Timeouts:
    """For how long a session may wait for a lock, work on one statement, and keep a transaction open without a word.

    Without them one client that freezes at the wrong moment would hold up everybody. An answer that never comes is
    waited for `beyond_s` longer than the server may work on it.
    """

    lock_s: float = 2.0
    statement_s: float = 5.0
    idle_in_transaction_s: float = 2.0
    beyond_s: float = 3.0

    @property
    def answer_s(self) -> float:
        """For how long one answer is waited for, whatever the server promises."""
        return self.statement_s + self.beyond_s

    def options(self) -> dict[str, str]:
        """As the server's settings, in milliseconds."""
        return {
            "lock_timeout": f"{self.lock_s * 1000:.0f}ms",
            "statement_timeout": f"{self.statement_s * 1000:.0f}ms",
            "idle_in_transaction_session_timeout": f"{self.idle_in_transaction_s * 1000:.0f}ms",
        }

    def settings(self) -> dict[str, str]:
        """Everything that a session of ours begins with."""
        return {**self.options(), "search_path": "nodescaler,pg_temp"}


def conninfo_of(url: str, timeouts: Timeouts, environment: Mapping[str, str] = os.environ) -> str:
    """What libpq is told. Raises JournalUnavailable when this is no URL that it can read."""
    import psycopg  # noqa: PLC0415 - only its exception is needed here

    try:
        given = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    except psycopg.ProgrammingError as error:
        raise JournalUnavailable(f"store.url cannot be read: {str(error).strip()}.") from None
    if "sslmode" not in given and "PGSSLMODE" not in environment and not _stays_on_this_host(given, environment):
        given["sslmode"] = VERIFIED
    ours = " ".join(f"-c {name}={value}" for name, value in timeouts.settings().items())
    given["options"] = f"{given.get('options', '')} {ours}".strip()
    return make_conninfo("", **{**_PATIENCE, **given})


_PATIENCE: Final[dict[str, str]] = {
    "connect_timeout": str(CONNECT_WITHIN_S),
    "keepalives_idle": "3",
    "keepalives_interval": "1",
    "keepalives_count": "3",
    "tcp_user_timeout": str(GIVES_UP_AFTER_MS),
    "application_name": "nodescaler-tui",
    "client_encoding": "UTF8",
}
"""So that a network that was cut is noticed within seconds; what the URL says goes before it."""


def place_of(url: str) -> str:
    """The store as it may be named on a screen: host and database."""
    given = conninfo_to_dict(url)
    service = given.get("service")
    host = given.get("host") or given.get("hostaddr") or "this host"
    return f"service {service}" if service else f"{host}/{given.get('dbname') or given.get('user') or ''}"


def _stays_on_this_host(given: Mapping[str, str], environment: Mapping[str, str]) -> bool:
    """Whether every host that may be connected to is this one. What a service file says is not known, so it is not."""
    if "service" in given or "PGSERVICE" in environment:
        return False
    addresses = given.get("hostaddr") or environment.get("PGHOSTADDR", "")
    hosts = addresses or given.get("host") or environment.get("PGHOST", "")
    return all(_is_loopback(host.strip()) for host in hosts.split(","))


def _is_loopback(host: str) -> bool:
    if host in {"", "localhost"} or host.startswith(("/", "@")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
