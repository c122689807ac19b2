"""The history's schema: one row for each block of groups and moment, in the order in which they are written.

`poll` says when each poll was; `reading` holds its rows, each tier's table the rows of its bins. A row's id is
`moment * BLOCKS + block`, where the moment is the poll's number or the bin's: rows are only ever appended at the end of
a table and let go at its beginning, so pages stay full and old data go without a search. `rolled` says up to which poll
each tier's bins are stored, which is all that a crash leaves to be worked out again.
"""

from __future__ import annotations

from typing import Final

APPLICATION_ID: Final = 0x4E53_4831
"""Marks the file as ours ("NSH1"); SQLite keeps it in the header."""

SCHEMA_VERSION: Final = 1
PAGE_BYTES: Final = 8192
BLOCKS: Final = 1024
"""A power of two above the highest block: 65,536 groups."""

STATEMENTS: Final = (
    "CREATE TABLE node_group (no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL)",
    "CREATE TABLE poll (seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL)",
    "CREATE INDEX poll_at ON poll (at_ms)",
    "CREATE TABLE reading (id INTEGER PRIMARY KEY, row BLOB NOT NULL)",
    "CREATE TABLE minute (id INTEGER PRIMARY KEY, row BLOB NOT NULL)",
    "CREATE TABLE five_minutes (id INTEGER PRIMARY KEY, row BLOB NOT NULL)",
    "CREATE TABLE quarter_hour (id INTEGER PRIMARY KEY, row BLOB NOT NULL)",
    "CREATE TABLE rolled (tier TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE node (no INTEGER PRIMARY KEY, group_no INTEGER NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL,
       last_day INTEGER NOT NULL, UNIQUE (group_no, id))""",
    "CREATE TABLE node_reading (seq INTEGER PRIMARY KEY, row BLOB NOT NULL)",
    "CREATE TABLE source (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    """CREATE TABLE imported (group_no INTEGER, figure INTEGER, bin_s INTEGER, bin INTEGER, source_no INTEGER,
       low INTEGER NOT NULL, mean INTEGER NOT NULL, high INTEGER NOT NULL, count INTEGER NOT NULL,
       PRIMARY KEY (group_no, figure, bin_s, bin, source_no)) WITHOUT ROWID""",
    "CREATE INDEX imported_at ON imported (bin_s, bin)",
)
