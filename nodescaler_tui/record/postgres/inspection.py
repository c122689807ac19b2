"""A store looked at without changing it: who we are to it, what it promises, and what it would refuse."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import psycopg

from nodescaler_tui.record.postgres.connection import Session, Sessions
from nodescaler_tui.record.postgres.replica import Replica, replica_of
from nodescaler_tui.record.postgres.roles import OPERATOR, OWNER, VIEWER
from nodescaler_tui.record.postgres.schema import schema_version

_ABOUT: Final = """
    SELECT current_setting('server_version'),
           session_user::text,
           current_setting('fsync')::boolean AND current_setting('full_page_writes')::boolean,
           coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),
           inet_server_addr() IS NULL OR inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1'
"""
_MEMBER: Final = "SELECT pg_has_role(oid, 'USAGE') FROM pg_roles WHERE rolname = %s"


class Rights(StrEnum):
    """What our login may do in the store."""

    NOTHING = "nothing"
    VIEWER = "viewer"
    OPERATOR = "operator"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a store is like. `schema` is 0 where there is none."""

    server: str
    user: str
    replica: Replica | None
    durable: bool
    encrypted: bool
    on_this_host: bool
    rights: Rights
    schema: int


def condition_of(sessions: Sessions) -> Condition:
    """Ask the store. Raises JournalUnavailable when it cannot be reached."""
    with sessions.session() as session:
        server, user, durable, encrypted, on_this_host = session.execute(_ABOUT).fetchall()[0]
        replica, rights, schema = replica_of(session), _rights(session), _schema(session)
    return Condition(server, user, replica, durable, encrypted, on_this_host, rights, schema)


def _rights(session: Session) -> Rights:
    for role, rights in ((OWNER, Rights.OWNER), (OPERATOR, Rights.OPERATOR), (VIEWER, Rights.VIEWER)):
        if session.execute(_MEMBER, (role,)).fetchone() == (True,):
            return rights
    return Rights.NOTHING


def _schema(session: Session) -> int:
    try:
        return schema_version(session)
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        return 0
