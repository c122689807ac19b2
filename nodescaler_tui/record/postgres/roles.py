"""Rights: three roles that `store init` makes, and the schema that belongs to the owner.

A viewer reads, an operator also appends events, the owner migrates. Nobody logs in as one of them: each person's own
login becomes a member. Whoever runs the dashboard can change and delete nothing.
"""

from __future__ import annotations

from typing import Final

from psycopg import sql

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.postgres.connection import Session
from nodescaler_tui.record.postgres.schema import SCHEMA

VIEWER: Final = "nodescaler_viewer"
OPERATOR: Final = "nodescaler_operator"
OWNER: Final = "nodescaler_owner"

_MAKE_ROLE: Final = """
    DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
"""


def init(session: Session) -> None:
    """Make the roles and the schema, as far as they are not there. Whoever does it becomes a member of the owner.

    It takes the right to make roles, and the right to make a schema in the database. Raises JournalUnavailable when the
    schema's name is taken by somebody else.
    """
    with session.transaction():
        for role in (VIEWER, OPERATOR, OWNER):
            session.execute(sql.SQL(_MAKE_ROLE).format(role=sql.Identifier(role)))
        if session.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", (OPERATOR, VIEWER)).fetchone() != (True,):
            session.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(VIEWER), sql.Identifier(OPERATOR)))
        if session.execute("SELECT pg_has_role(%s, 'USAGE')", (OWNER,)).fetchone() != (True,):
            session.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(OWNER)))
        _make_schema(session)


def as_owner(session: Session) -> None:
    """Make everything from now on belong to the owner's role. Raises InsufficientPrivilege for who is no member."""
    session.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(OWNER)))


def _make_schema(session: Session) -> None:
    schema = sql.Identifier(SCHEMA)
    found = session.execute(
        "SELECT pg_get_userbyid(nspowner)::text FROM pg_namespace WHERE nspname = %s", (SCHEMA,)
    ).fetchone()
    if found is None:
        session.execute(sql.SQL("CREATE SCHEMA {} AUTHORIZATION {}").format(schema, sql.Identifier(OWNER)))
    elif found != (OWNER,):
        raise JournalUnavailable(f"The schema {SCHEMA} is there and belongs to {found[0]}. Name another database.")
    as_owner(session)
    session.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, sql.Identifier(VIEWER)))
    session.execute("RESET ROLE")
