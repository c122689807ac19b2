"""Changes in words: one line for each, nothing for a poll that changed nothing, and unknown is never a number."""

from __future__ import annotations

import msgspec

from nodescaler_tui.decide.signals import Level, SignalName
from nodescaler_tui.headless.changes import changes
from nodescaler_tui.headless.status import StatusCode, as_json, as_text, status_code
from nodescaler_tui.state import NodeCounts, Severity, State
from tests.show.doubtful_states import AHEAD
from tests.show.states import BREACH, CALM, CRITICAL, LOST, MISSING, OPERATING, WARNING, fleet, signal


def test_a_poll_that_changed_nothing_says_nothing() -> None:
    assert list(changes(BREACH, msgspec.structs.replace(BREACH, revision=BREACH.revision + 1))) == []


def test_a_breach_and_its_proposal_are_a_line_each() -> None:
    before = fleet(msgspec.structs.replace(CRITICAL, severity=Severity.OK, plan=None))
    assert list(changes(before, fleet(CRITICAL))) == [
        "media-eu-prod-01: CRITICAL (10 → 12 nodes: CPU 93 % ≥ 90 % critical.)",
        "media-eu-prod-01: proposed 10 → 12 nodes",
    ]


def test_every_step_of_an_operation_is_said_once() -> None:
    lines = list(changes(BREACH, OPERATING))
    assert sum("sent: attempt 1" in line for line in lines) == 1
    assert list(changes(OPERATING, OPERATING)) == []


def test_a_plan_on_a_forecast_is_told_as_one() -> None:
    calm = fleet(msgspec.structs.replace(AHEAD.groups[0], plan=None))
    told = "media-ap-prod-01: proposed 10 → 12 nodes, ahead of a breach: nothing is critical yet"
    assert told in list(changes(calm, AHEAD))


def test_a_lost_link_is_said_with_what_is_wrong() -> None:
    assert any(line.startswith("Genesys: lost.") for line in changes(BREACH, LOST))


def test_a_group_that_is_listed_no_more_is_missed() -> None:
    assert "media-ap-prod-01: listed no more" in list(changes(fleet(CRITICAL, CALM), fleet(CRITICAL)))


def test_nodes_that_cannot_be_counted_are_unknown() -> None:
    uncounted = msgspec.structs.replace(CALM, counts=NodeCounts(None, 0, 0, 0, 0, declared=False))
    assert list(changes(fleet(CALM), fleet(uncounted))) == ["media-ap-prod-01: 12 → unknown nodes in service"]


def test_the_exit_code_is_the_worst_severity_and_unknown_is_never_ok() -> None:
    assert status_code(BREACH) is StatusCode.CRITICAL
    assert status_code(fleet(WARNING, MISSING)) is StatusCode.WARNING
    assert status_code(fleet(CALM, MISSING)) is StatusCode.UNKNOWN
    assert status_code(fleet(CALM)) is StatusCode.OK
    assert status_code(fleet()) is StatusCode.UNKNOWN
    assert status_code(State.EMPTY) is StatusCode.UNKNOWN


def test_a_calm_fleet_behind_a_lost_link_is_unknown() -> None:
    lost = msgspec.structs.replace(fleet(CALM), link=LOST.link)
    assert status_code(lost) is StatusCode.UNKNOWN


def test_what_is_not_measured_is_null_and_never_zero() -> None:
    missing = msgspec.structs.replace(CALM, signals=(signal(SignalName.CPU, Level.MISSING, None),))
    document = msgspec.json.decode(as_json(fleet(missing)))
    assert document["groups"][0]["signals"]["cpu"]["value"] is None


def test_the_first_line_is_enough_for_a_monitoring_page() -> None:
    assert as_text(BREACH).splitlines()[0] == "CRITICAL: 1 critical, 1 warning, 2 unknown, 1 ok; Genesys: ok"
