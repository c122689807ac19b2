"""Changes in words: one line for each, nothing for a poll that changed nothing, and unknown is never a number."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from nodescaler_tui.decide.signals import Level, SignalName
from nodescaler_tui.engine.knowledge import Knowledge
from nodescaler_tui.engine.picture import Pace, link_state
from nodescaler_tui.facts import Problem, ProblemKind
from nodescaler_tui.headless.changes import changes
from nodescaler_tui.headless.status import StatusCode, as_json, as_text, status_code
from nodescaler_tui.state import LinkStatus, NodeCounts, Severity, State
from tests.show.doubtful_states import AHEAD
from tests.show.states import BREACH, CALM, CRITICAL, LOST, MISSING, NOW, OPERATING, WARNING, fleet, signal


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


def test_trouble_that_goes_on_is_said_once_and_not_for_each_next_try() -> None:
    def tried_again_at(moment: datetime, sentence: str = "Genesys cannot be reached.") -> State:
        problem = Problem("nodes", ProblemKind.UNAVAILABLE, sentence, retry_at=moment)
        link = link_state(Knowledge(status=LinkStatus.LOST, problems=(problem,)), Pace(10, None))
        return msgspec.structs.replace(BREACH, link=link)

    first, later = tried_again_at(NOW), tried_again_at(NOW + timedelta(seconds=30))
    assert "Next try at" in first.link.problems[0]
    assert list(changes(first, later)) == []
    assert len(list(changes(first, tried_again_at(NOW, "Genesys refused the client.")))) == 1


def test_the_text_writes_a_utilization_in_percent_and_a_count_as_it_is() -> None:
    text = as_text(fleet(CRITICAL))
    assert "cpu: 93 % CRITICAL" in text
    assert "sessions: 11 OK" in text


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
