"""Export of the journal: JSON lines that can be verified on their own, and CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Final

from nodescaler_tui.display_text import display_text
from nodescaler_tui.events import Event
from nodescaler_tui.record.rows import StoredEvent, events_in

COLUMNS: Final = ("seq", "at", "kind", "group_id", "operator", "operation_id", "fields", "hash")
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
