"""Export of the journal: JSON lines that can be verified on their own, and CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from nodescaler_tui.display_text import display_text
from nodescaler_tui.events import Event, JournalUnavailable
from nodescaler_tui.record.chain import Verification, verify
from nodescaler_tui.record.rows import Head, StoredEvent, events_in

COLUMNS: Final = ("seq", "at", "kind", "group_id", "operator", "operation_id", "fields", "hash")
TORN_LINE: Final = "Warning: torn last line. It was not written whole; what stands before it is verified."
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def json_lines(stored: Iterable[StoredEvent]) -> Iterator[str]:
    r"""One object a line: the event's canonical text and its hash. The first line is the journal's beginning.

    To verify it, begin with SHA-256("nodescaler-tui journal\n" + the first event's fields.installation) and go on
    with SHA-256(the hash before, as 32 bytes + the event's text in UTF-8): each result is that line's hash.
    """
    for row in stored:
        # Bytes that are not UTF-8 any more cannot be carried as text; the line then fails verification, as it must.
        text = row.canonical.decode(errors="replace")
        yield json.dumps({"hash": row.hash, "event": text}) + "\n"


def verify_export(path: Path, *, installation: str = "") -> tuple[Verification, dict[int, str]]:
    """Verify JSON lines on their own: the outcome, and the hash at each position. Raises JournalUnavailable.

    An export ends where it ends: that events after it are missing, only a head from elsewhere can tell.
    """
    rows, torn = _rows_in(path)
    outcome = verify(rows, Head(len(rows), rows[-1].hash) if rows else None, installation=installation)
    warnings = (*outcome.warnings, TORN_LINE) if torn else outcome.warnings
    return replace(outcome, warnings=warnings), {row.seq: row.hash for row in rows[: outcome.events]}


def _rows_in(path: Path) -> tuple[list[StoredEvent], bool]:
    """The rows of an export, and whether its last line is torn. A line that is none stays a row that cannot be read."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise JournalUnavailable(f"The export {path} cannot be read: {error.strerror}.") from error
    torn = lines.pop() != b""
    return [_row_of(position, line) for position, line in enumerate(lines, 1)], torn


def _row_of(position: int, line: bytes) -> StoredEvent:
    try:
        document = json.loads(line)
        return StoredEvent(position, str(document["hash"]), str(document["event"]).encode(errors="replace"))
    except (ValueError, KeyError, TypeError, RecursionError):
        return StoredEvent(position, "", line)


def csv_lines(stored: Iterable[StoredEvent]) -> Iterator[str]:
    """A header and one row an event. Raises JournalUnavailable at a row that is no event.

    It is for looking at: characters that a terminal would obey are replaced, and text that a spreadsheet would take
    for a formula is marked as text. The values as they were are in the JSON lines.
    """
    yield _row(COLUMNS)
    for row in stored:
        for event in events_in((row,)):
            yield _row(_cells(event))


def _cells(event: Event) -> tuple[str, ...]:
    return (
        str(event.seq),
        event.at.isoformat(),
        event.kind.value,
        display_text(event.group_id),
        display_text(event.operator),
        display_text(event.operation_id),
        json.dumps(event.fields, sort_keys=True),
        display_text(event.hash),
    )


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in cells])
    return line.getvalue()
