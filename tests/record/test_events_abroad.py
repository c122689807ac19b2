"""The formats of others carry every event, and a terminal or a parser obeys none of it."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from nodescaler_tui.events import Draft, EventKind
from nodescaler_tui.record.events_abroad import cloud_events, ocsf
from nodescaler_tui.record.stored import StoredJournal
from tests.record.conftest import NOON
from tests.record.stores import Store

REQUIRED_BY_CLOUD_EVENTS = ("id", "source", "specversion", "type")
REQUIRED_BY_OCSF = ("activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid")


@pytest.fixture
def told(journal: StoredJournal, store: Store) -> StoredJournal:
    store.let_anybody_be_named()
    with journal.transaction() as transaction:
        for kind in (EventKind.PLAN_APPROVED, EventKind.OPERATION_CANCELLED):
            transaction.append(Draft(kind, NOON, "ana\x1b[2J", "group-1", "op-1", {"reason": "a\nb"}))
    return journal


def test_cloud_events_have_what_the_specification_requires(told: StoredJournal) -> None:
    events = [json.loads(line) for line in cloud_events(told.stored())]
    assert [event["id"] for event in events] == ["1", "2", "3"]
    assert all(event[name] for event in events for name in REQUIRED_BY_CLOUD_EVENTS)
    assert events[1]["type"] == "tui.nodescaler.plan.approved"
    assert datetime.fromisoformat(events[1]["time"]) == NOON
    assert events[1]["data"]["hash"] == told.read()[1].hash


def test_ocsf_has_what_the_schema_requires(told: StoredJournal) -> None:
    events = [json.loads(line) for line in ocsf(told.stored())]
    assert all(name in event for event in events for name in REQUIRED_BY_OCSF)
    assert all(event["type_uid"] == event["class_uid"] * 100 + event["activity_id"] for event in events)
    assert [event["activity_id"] for event in events] == [2, 1, 4]
    assert events[2]["time"] == round(NOON.timestamp() * 1000)


@pytest.mark.parametrize("lines", [cloud_events, ocsf])
def test_each_event_is_one_line_without_control_characters(told: StoredJournal, lines: object) -> None:
    assert callable(lines)
    for line in lines(told.stored()):
        assert line.count("\n") == 1
        assert line[:-1].isprintable()
