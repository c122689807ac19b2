"""The audit record: the tutorial's ten fields, to the letter."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from nodescaler_tui.events import Draft, Event, EventKind
from nodescaler_tui.record.audit import AuditRecord, NotAnAuditRecord
from nodescaler_tui.record.stored import StoredJournal
from tests.record.conftest import NOON, draft

RECORD = AuditRecord(
    timestamp="2026-03-01T12:00:00+00:00",
    node_group_id="group-1",
    requested_nodes=12,
    current_nodes=10,
    payload_hash="ab" * 32,
    webhook_status="accepted",
    health_verified=True,
    latency_ms=81_250,
    auto_provision=True,
    load_balancer_reconfigured=False,
)
TUTORIAL = [
    "timestamp",
    "node_group_id",
    "requested_nodes",
    "current_nodes",
    "payload_hash",
    "webhook_status",
    "health_verified",
    "latency_ms",
    "auto_provision",
    "load_balancer_reconfigured",
]


def journaled(journal: StoredJournal, content: dict[str, Any]) -> Event:
    with journal.transaction() as transaction:
        for kind, its_fields in (
            (EventKind.PLAN_APPROVED, {}),
            (EventKind.OPERATION_CANCELLED, {}),
            (EventKind.AUDIT_RECORDED, content),
        ):
            transaction.append(Draft(kind, NOON, "ana", "group-1", "operation-1", its_fields))
    return journal.read()[-1]


def test_it_has_the_tutorials_ten_fields_in_their_order() -> None:
    assert [field.name for field in fields(AuditRecord)] == TUTORIAL
    assert list(RECORD.as_fields()) == TUTORIAL


@pytest.mark.parametrize("healthy", [True, False, None])
def test_it_comes_back_from_the_journal_as_it_went_in(journal: StoredJournal, healthy: bool | None) -> None:
    content = {**RECORD.as_fields(), "health_verified": healthy}
    assert AuditRecord.from_event(journaled(journal, content)).as_fields() == content


def told(content: dict[str, Any]) -> Event:
    return Event(4, "ab" * 32, EventKind.AUDIT_RECORDED, NOON, "ana", "group-1", "operation-1", content)


@pytest.mark.parametrize("name", TUTORIAL)
def test_a_record_without_one_of_its_fields_is_none(name: str) -> None:
    content = {key: value for key, value in RECORD.as_fields().items() if key != name}
    with pytest.raises(NotAnAuditRecord, match=name):
        AuditRecord.from_event(told(content))


@pytest.mark.parametrize("name", TUTORIAL)
def test_a_record_with_a_wrong_type_is_none(name: str) -> None:
    wrong = "yes" if not isinstance(RECORD.as_fields()[name], str) else 1
    with pytest.raises(NotAnAuditRecord, match=name):
        AuditRecord.from_event(told({**RECORD.as_fields(), name: wrong}))


def test_a_truth_value_is_no_number_of_nodes() -> None:
    with pytest.raises(NotAnAuditRecord, match="requested_nodes"):
        AuditRecord.from_event(told({**RECORD.as_fields(), "requested_nodes": True}))


def test_another_kind_of_event_is_no_record(journal: StoredJournal) -> None:
    with journal.transaction() as transaction:
        event = transaction.append(draft(1))
    with pytest.raises(NotAnAuditRecord, match=r"plan\.refused"):
        AuditRecord.from_event(event)
