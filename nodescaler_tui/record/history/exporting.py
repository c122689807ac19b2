"""Exporting the history: one row for each bin and signal, oldest first, as CSV, JSON lines or Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from nodescaler_tui.record.history.connection import HistoryUnavailable
from nodescaler_tui.record.history.figures import Figure
from nodescaler_tui.record.history.reader import Group, HistoryReader
from nodescaler_tui.record.history.spans import MEASURED_WORD, Bin
from nodescaler_tui.record.history.tiers import HOUR_S, Tier

WINDOW_S: Final = 6 * HOUR_S
ROWS_AT_ONCE: Final = 50_000
COLUMNS: Final = ("at", "group", "name", "signal", "resolution_s", "low", "mean", "high", "count", "source")
NODE_COLUMNS: Final = ("at", "group", "node", "name", "lifecycle", "cpu", "memory", "sessions")
NO_PARQUET: Final = "Parquet needs pyarrow, which is not installed: pip install 'nodescaler-tui[parquet]'."

ExportRow = Mapping[str, str | float | int | None]


def bin_rows(
    reader: HistoryReader, groups: Sequence[Group], begins_s: float, ends_s: float, wanted: Tier
) -> Iterator[ExportRow]:
    """Every bin of these groups: of the wanted tier where it reaches, of coarser ones before. A gap is no row.

    It is read in windows that begin and end with a bin of every tier, so none comes twice; at both ends of what was
    asked for, a bin that reaches over is there as a whole.
    """
    for group in groups:
        start_s = begins_s
        while start_s < ends_s:
            stop_s = min((start_s // WINDOW_S + 1) * WINDOW_S, ends_s)
            found = reader.finest(group.id, tuple(Figure), start_s, stop_s, wanted)
            entries = [(entry.at_s, figure, entry) for figure, bins in found.items() for entry in bins]
            for _, figure, entry in sorted(entries, key=lambda found: found[:2]):
                yield _row(group, figure, entry)
            start_s = stop_s


def _row(group: Group, figure: Figure, entry: Bin) -> ExportRow:
    return {
        "at": _iso(entry.at_s),
        "group": group.id,
        "name": group.name,
        "signal": figure.word,
        "resolution_s": int(entry.bin_s),
        "low": entry.low,
        "mean": entry.mean,
        "high": entry.high,
        "count": entry.count,
        "source": entry.source or MEASURED_WORD,
    }


def node_rows(reader: HistoryReader, groups: Sequence[Group], begins_s: float, ends_s: float) -> Iterator[ExportRow]:
    """Every reading that is kept of a node of these groups."""
    wanted = {group.number: group for group in groups}
    for at_s, node in reader.node_readings(begins_s, ends_s):
        if node.group_no in wanted:
            yield {
                "at": _iso(at_s),
                "group": wanted[node.group_no].id,
                "node": node.id,
                "name": node.name,
                "lifecycle": node.lifecycle.value,
                "cpu": node.cpu,
                "memory": node.memory,
                "sessions": node.sessions,
            }


def _iso(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")


def as_csv(rows: Iterable[ExportRow], columns: Sequence[str]) -> Iterator[str]:
    """Text with a heading; what is unknown is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(row)
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def as_json_lines(rows: Iterable[ExportRow], _: Sequence[str]) -> Iterator[str]:
    """One object a line; what is unknown is null."""
    for row in rows:
        yield json.dumps(row, ensure_ascii=False) + "\n"


TEXT_FORMATS: Final[Mapping[str, Callable[[Iterable[ExportRow], Sequence[str]], Iterator[str]]]] = {
    "csv": as_csv,
    "jsonl": as_json_lines,
}


def write_parquet(file: Callable[[], Path], rows: Iterable[ExportRow], columns: Sequence[str]) -> None:
    """The same for columnar tools, through pyarrow, into a file that is made only when pyarrow is there.

    Raises HistoryUnavailable without it, and OSError.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra, and slow to import
        from pyarrow import parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise HistoryUnavailable(NO_PARQUET) from error
    kinds = {"at": pa.string(), "resolution_s": pa.int32(), "count": pa.int32()}
    numbers = {"low", "mean", "high", "cpu", "memory", "sessions"}
    schema = pa.schema([(name, pa.float64() if name in numbers else kinds.get(name, pa.string())) for name in columns])
    source = iter(rows)
    with pq.ParquetWriter(file(), schema) as writer:
        while batch := list(islice(source, ROWS_AT_ONCE)):
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))
