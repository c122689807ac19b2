"""Foreign readings: what other programs measured, read from Prometheus's range queries or from CSV. Pure.

A value that is not a number, or cannot be, is counted and left out.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from nodescaler_tui.record.history.figures import FIGURES_BY_WORD, Figure

MILLISECONDS_FROM: Final = 1e11
"""A Unix time above this is in milliseconds: in seconds it would be the year 5138."""


class UnreadableImport(Exception):  # noqa: N818 - the name is the sentence that the operator reads first
    """A file that cannot be imported: why, and what would help."""


@dataclass(frozen=True, slots=True)
class ForeignReading:
    """One reading, or one bin of `resolution_s` seconds, of one figure of one group."""

    group_id: str
    figure: Figure
    at_s: float
    low: float
    mean: float
    high: float
    count: int = 1
    resolution_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Selector:
    """Which series a mapping is for: a metric's name, and labels that must have these values."""

    metric: str
    labels: tuple[tuple[str, str], ...] = ()

    def selects(self, series: Mapping[str, str]) -> bool:
        """Whether the series has this name and these labels."""
        named = self.metric in {"", series.get("__name__", "")}
        return named and all(series.get(label) == value for label, value in self.labels)


@dataclass(frozen=True, slots=True)
class SeriesMapping:
    """How series or rows become figures of groups; an empty name is not given.

    A value that stands for `resolution_s` seconds, such as a mean, makes no finer bins than that.
    """

    group: str = ""
    group_column: str = "group"
    figure: Figure | None = None
    series: tuple[tuple[Selector, Figure], ...] = ()
    signal_column: str = "signal"
    time_column: str = "at"
    value_column: str = "value"
    scale: float = 1.0
    resolution_s: float = 0.0


@dataclass(slots=True)
class Refused:
    """How many readings were left out, by reason."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, reason: str, count: int = 1) -> None:
        """So many more for this reason."""
        if count:
            self.counts[reason] = self.counts.get(reason, 0) + count


NO_GROUP: Final = "without a group"
NO_SIGNAL: Final = "without a signal"
NO_NUMBER: Final = "not a number"


def from_prometheus(text: str, mapping: SeriesMapping, refused: Refused) -> Iterator[ForeignReading]:
    """The answer of `/api/v1/query_range`, or its `result` alone. Raises UnreadableImport."""
    try:
        document = json.loads(text)
        result = document if isinstance(document, list) else document["data"]["result"]
        series = [(dict(entry["metric"]), list(entry["values"])) for entry in result]
    except (ValueError, TypeError, KeyError) as error:
        raise UnreadableImport(
            "This is no answer of a Prometheus range query: data.result must be a matrix with metric and values."
        ) from error
    for labels, values in series:
        group_id = mapping.group or str(labels.get(mapping.group_column, ""))
        chosen = (figure for selector, figure in mapping.series if selector.selects(labels))
        figure = next(chosen, mapping.figure)
        if not group_id or figure is None:
            refused.add(NO_SIGNAL if group_id else NO_GROUP, len(values))
            continue
        for pair in values:
            reading = _prometheus_reading(group_id, figure, pair, mapping)
            if reading is None:
                refused.add(NO_NUMBER)
            else:
                yield reading


def _prometheus_reading(group_id: str, figure: Figure, pair: Any, mapping: SeriesMapping) -> ForeignReading | None:  # noqa: ANN401 - JSON
    if not isinstance(pair, list) or len(pair) != 2:
        return None
    at_s, value = _number(pair[0]), _number(pair[1])
    if at_s is None or value is None:
        return None
    value *= mapping.scale
    return ForeignReading(group_id, figure, at_s, value, value, value, resolution_s=mapping.resolution_s)


def from_csv(lines: Iterable[str], mapping: SeriesMapping, refused: Refused) -> Iterator[ForeignReading]:
    """Rows with a heading; those of our own export bring lowest, mean, highest and count. Raises UnreadableImport."""
    rows = csv.DictReader(lines)
    columns = rows.fieldnames or []
    own = {"low", "mean", "high", "count", "resolution_s"} <= set(columns)
    needed = [mapping.time_column, *([] if own else [mapping.value_column])]
    needed += [] if mapping.group else [mapping.group_column]
    needed += [] if mapping.figure is not None else [mapping.signal_column]
    missing = [name for name in needed if name not in columns]
    if missing:
        raise UnreadableImport(f"There is no column {missing[0]!r}; the file has {', '.join(columns) or 'none'}.")
    for row in rows:
        reading = _csv_reading(row, mapping, refused, own=own)
        if reading is not None:
            yield reading


def _csv_reading(
    row: Mapping[str, str], mapping: SeriesMapping, refused: Refused, *, own: bool
) -> ForeignReading | None:
    group_id = mapping.group or row.get(mapping.group_column) or ""
    figure = mapping.figure
    if figure is None:
        figure = FIGURES_BY_WORD.get(row.get(mapping.signal_column) or "")
    if not group_id or figure is None:
        refused.add(NO_SIGNAL if group_id else NO_GROUP)
        return None
    names = ("low", "mean", "high", "count", "resolution_s") if own else (mapping.value_column,)
    at_s, values = _moment(row.get(mapping.time_column) or ""), _all_numbers(row, names)
    if at_s is None or values is None:
        refused.add(NO_NUMBER)
        return None
    if not own:
        value = values[0] * mapping.scale
        return ForeignReading(group_id, figure, at_s, value, value, value, resolution_s=mapping.resolution_s)
    low, mean, high, count, resolution_s = values
    if not low <= mean <= high or count < 1:
        refused.add(NO_NUMBER)
        return None
    scale = mapping.scale
    return ForeignReading(group_id, figure, at_s, low * scale, mean * scale, high * scale, int(count), resolution_s)


def _all_numbers(row: Mapping[str, str], names: Sequence[str]) -> list[float] | None:
    found = [_number(row.get(name)) for name in names]
    known = [value for value in found if value is not None]
    return known if len(known) == len(names) else None


def _number(value: object) -> float | None:
    """A finite number; Prometheus writes them as text, and NaN where it knows none."""
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _moment(text: str) -> float | None:
    """Unix seconds or milliseconds, or ISO 8601; without a zone it is UTC."""
    number = _number(text)
    if number is not None:
        return number / 1000 if number > MILLISECONDS_FROM else number
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
