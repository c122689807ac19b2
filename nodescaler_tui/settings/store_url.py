"""The address of a team's shared store, as it may be written in a file that everybody reads."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs

SCHEMES: Final = ("postgresql", "postgres")
SECRET_PARAMETERS: Final = frozenset({"password", "sslpassword", "oauth_client_secret", "scram_client_key"})
KEEP_IT_ELSEWHERE: Final = (
    "must not hold a password: keep it in the file that PGPASSFILE names (~/.pgpass), or name a service with"
    " ?service=NAME, as for psql"
)


def store_url(value: object) -> str:
    """A PostgreSQL URL without any secret, or nothing. Raises ValueError, which never repeats the URL."""
    if value == "":
        return ""
    if not isinstance(value, str) or not value.startswith(tuple(f"{scheme}://" for scheme in SCHEMES)):
        raise ValueError("must be an address such as postgresql://host/database")
    if ":" in _credentials(value) or SECRET_PARAMETERS & parse_qs(value.partition("?")[2]).keys():
        raise ValueError(KEEP_IT_ELSEWHERE)
    return value


def _credentials(url: str) -> str:
    """What libpq takes for user and password: everything before the first @, unless a slash comes sooner."""
    credentials, at, _ = url.partition("://")[2].partition("/")[0].partition("@")
    return credentials if at else ""
