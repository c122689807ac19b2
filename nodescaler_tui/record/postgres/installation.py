"""Making a store, and bringing one up to this program's schema: what its owner does, and nobody else can."""

from __future__ import annotations

from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.roles import as_owner, init
from nodescaler_tui.record.postgres.schema import Migration, migrate


def init_store(sessions: Sessions) -> tuple[Migration, ...]:
    """Make the roles, the schema and its tables, as far as they are not there; the migrations that were applied.

    Raises JournalUnavailable for whoever may not.
    """
    with sessions.session() as session:
        init(session)
    return migrate_store(sessions)


def migrate_store(sessions: Sessions) -> tuple[Migration, ...]:
    """Apply the migrations that are missing, all or none; which ones. Raises JournalUnavailable for whoever may not."""
    with sessions.session() as session:
        as_owner(session)
        applied = migrate(session)
        session.execute("RESET ROLE")
    return applied
