"""Export of the journal: JSON lines that can be verified on their own, and CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Final

from nodescaler_tui.record.canonical import event_from
from nodescaler_tui.record.sqlite import StoredEvent

COLUMNS: Final = ("seq", "at", "kind", "group_id", "operator", "operation_id", "fields", "hash")
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def json_lines(stored: Iterable[StoredEvent]) -> Iterator[str]:
    """One object a line: the event's canonical text and its hash. The first line is the journal's beginning."""
    for row in stored:
        yield json.dumps({"hash": row.hash, "event": row.canonical.decode()}, ensure_ascii=False) + "\n"


def csv_lines(stored: Iterable[StoredEvent]) -> Iterator[str]:
    """A header and one row an event; text that a spreadsheet would take for a formula is quoted as text."""
    yield _row(COLUMNS)
    for row in stored:
        event = event_from(row.canonical, row.hash)
        fields = json.dumps(event.fields, sort_keys=True, ensure_ascii=False)
        yield _row(
            (
                str(event.seq),
                event.at.isoformat(),
                event.kind.value,
                event.group_id,
                event.operator,
                event.operation_id,
                fields,
                event.hash,
            )
        )


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in cells])
    return line.getvalue()
