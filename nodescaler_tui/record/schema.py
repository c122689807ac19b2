"""The journal's schema: events, the head, where each operation stands, and guards against accidents.

The guards compute each event's hash themselves, with the SQL function that our connections bring along, so that no
other program can append by mistake. The file's owner can drop a guard; that the chain then no longer holds cannot be
hidden.
"""

from __future__ import annotations

from typing import Final

APPLICATION_ID: Final = 0x4E53_4A31
"""Marks the file as ours ("NSJ1"); SQLite keeps it in the header."""

SCHEMA_VERSION: Final = 1

HASH_FUNCTION: Final = "chained_hash"
"""In SQL: (previous hash as text, canonical bytes) → hash as text."""

OPERATION_FUNCTION: Final = "operation_of"
"""In SQL: canonical bytes → the id of the operation that the event belongs to, empty for none."""

PHASE_FUNCTION: Final = "phase_after"
"""In SQL: (canonical bytes, the operation's phase or NULL) → its phase after the event, NULL when it may not follow."""

STATEMENTS: Final = (
    "CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL)",
    "CREATE TABLE event (seq INTEGER PRIMARY KEY, hash TEXT NOT NULL, bytes BLOB NOT NULL)",
    "CREATE TABLE operation (id TEXT PRIMARY KEY, phase TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TRIGGER event_is_never_updated BEFORE UPDATE ON event
       BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
       BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TRIGGER event_has_no_gap BEFORE INSERT ON event
       WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM event)
       BEGIN SELECT RAISE(ABORT, 'the journal has no gaps'); END""",
    """CREATE TRIGGER event_follows_the_head BEFORE INSERT ON event
       WHEN new.hash IS NOT chained_hash((SELECT hash FROM head), new.bytes)
       BEGIN SELECT RAISE(ABORT, 'the event is not chained to the one before'); END""",
    """CREATE TRIGGER event_may_follow BEFORE INSERT ON event
       WHEN operation_of(new.bytes) <> ''
        AND phase_after(new.bytes, (SELECT phase FROM operation WHERE id = operation_of(new.bytes))) IS NULL
       BEGIN SELECT RAISE(ABORT, 'the event cannot follow in the phase of its operation'); END""",
    """CREATE TRIGGER event_moves_its_operation AFTER INSERT ON event WHEN operation_of(new.bytes) <> ''
       BEGIN
         INSERT INTO operation (id, phase) VALUES (
           operation_of(new.bytes),
           phase_after(new.bytes, (SELECT phase FROM operation WHERE id = operation_of(new.bytes))))
         ON CONFLICT (id) DO UPDATE SET phase = excluded.phase;
       END""",
    """CREATE TRIGGER head_is_never_deleted BEFORE DELETE ON head
       BEGIN SELECT RAISE(ABORT, 'the journal keeps its head'); END""",
    """CREATE TRIGGER head_is_never_replaced BEFORE INSERT ON head WHEN EXISTS (SELECT 1 FROM head)
       BEGIN SELECT RAISE(ABORT, 'the journal keeps its head'); END""",
    """CREATE TRIGGER head_names_the_last_event BEFORE UPDATE ON head
       WHEN EXISTS (SELECT 1 FROM event)
        AND (new.seq, new.hash) IS NOT (SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1)
       BEGIN SELECT RAISE(ABORT, 'the head names the last event'); END""",
)
