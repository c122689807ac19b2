"""The journal in the formats of others: CloudEvents 1.0 and OCSF, one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from nodescaler_tui.display_text import display_text
from nodescaler_tui.events import Event, EventKind
from nodescaler_tui.record.rows import StoredEvent, events_in

SOURCE: Final = "/nodescaler-tui"
TYPE_PREFIX: Final = "tui.nodescaler."
OCSF_VERSION: Final = "1.3.0"
PRODUCT: Final = {"name": "nodescaler-tui", "vendor_name": "nodescaler-tui"}
API_ACTIVITY: Final = 6003
"""OCSF's class for a call of an application's interface (category 6, application activity)."""

_ACTIVITIES: Final[Mapping[EventKind, int]] = {
    EventKind.PLAN_APPROVED: 1,
    EventKind.OPERATION_SENDING: 3,
    EventKind.THRESHOLDS_CHANGED: 3,
    EventKind.GROUP_PAUSED: 3,
    EventKind.GROUP_UNPAUSED: 3,
    EventKind.FREEZE_DECLARED: 3,
    EventKind.FREEZE_LIFTED: 3,
    EventKind.GROUP_AHEAD_SWITCHED: 3,
    EventKind.OPERATION_CANCELLED: 4,
}
"""1 create, 3 update, 4 delete; everything else is 2, read, because it only tells."""

_FAILURES: Final = frozenset({"FAILED", "PARTIAL", "CANCELLED"})


def cloud_events(stored: Iterable[StoredEvent]) -> Iterator[str]:
    """CloudEvents 1.0 in JSON; `id` is the position, `subject` the node group. Raises JournalUnavailable."""
    for event in _events(stored):
        yield _line(
            {
                "specversion": "1.0",
                "id": str(event.seq),
                "source": SOURCE,
                "type": f"{TYPE_PREFIX}{event.kind.value}",
                "time": event.at.isoformat().replace("+00:00", "Z"),
                "datacontenttype": "application/json",
                **({"subject": display_text(event.group_id)} if event.group_id else {}),
                "data": {
                    "operator": event.operator,
                    "operation_id": event.operation_id,
                    "hash": event.hash,
                    "fields": event.fields,
                },
            }
        )


def ocsf(stored: Iterable[StoredEvent]) -> Iterator[str]:
    """OCSF API Activity, with what OCSF has no name for under `unmapped`. Raises JournalUnavailable."""
    for event in _events(stored):
        activity = _ACTIVITIES.get(event.kind, 2)
        failed = event.fields.get("outcome") in _FAILURES
        yield _line(
            {
                "metadata": {"version": OCSF_VERSION, "product": PRODUCT, "uid": str(event.seq)},
                "category_uid": API_ACTIVITY // 1000,
                "class_uid": API_ACTIVITY,
                "activity_id": activity,
                "type_uid": API_ACTIVITY * 100 + activity,
                "time": round(event.at.timestamp() * 1000),
                "severity_id": 3 if failed else 1,
                "status_id": 2 if failed else 1,
                "actor": {"user": {"name": event.operator or "nodescaler-tui"}},
                "api": {"operation": event.kind.value, "request": {"uid": event.operation_id or str(event.seq)}},
                "resources": [{"type": "node group", "uid": event.group_id}] if event.group_id else [],
                "unmapped": {"fields": event.fields, "hash": event.hash},
            }
        )


def _events(stored: Iterable[StoredEvent]) -> Iterator[Event]:
    for row in stored:
        yield from events_in((row,))


def _line(document: Mapping[str, Any]) -> str:
    return json.dumps(document) + "\n"
