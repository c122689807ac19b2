"""The formats that the journal can be exported to, by the name that an operator gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from nodescaler_tui.record.events_abroad import cloud_events, ocsf
from nodescaler_tui.record.export import csv_lines, json_lines
from nodescaler_tui.record.rows import StoredEvent

Format = Callable[[Iterable[StoredEvent]], Iterator[str]]
FORMATS: Final[dict[str, Format]] = {"jsonl": json_lines, "csv": csv_lines, "cloudevents": cloud_events, "ocsf": ocsf}
