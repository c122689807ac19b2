"""Each way in which Genesys or the network can fail is a problem of a known kind, and never a number."""

from __future__ import annotations

import pytest

from nodescaler_tui.facts import Observation, Problem, ProblemKind
from tests.observe.answers import (
    AGGREGATES,
    CALLS,
    DATE,
    EDGES,
    GROUPS,
    LIMITS,
    METRICS,
    QUEUE,
    STATUS,
    TRUNK_METRICS,
    TRUNKS,
    Answer,
    Drop,
    Reply,
    error,
    html,
    ok,
)
from tests.observe.conftest import MakeSource
from tests.observe.stub_genesys import StubGenesys


def problem(observation: Observation, endpoint: str) -> Problem:
    found = [problem for problem in observation.problems if problem.endpoint == endpoint]
    assert found, observation.problems
    return found[0]


FORBIDDEN = error(403, "missing.any.permissions", "You must have [telephony:plugin:all]")
NASTY: list[tuple[str, Answer, ProblemKind]] = [
    ("html", html(), ProblemKind.MALFORMED),
    ("truncated", Reply(200, b'{"entities": [{"id": "a"', {"Content-Type": "application/json"}), ProblemKind.MALFORMED),
    ("empty", Reply(200, b""), ProblemKind.MALFORMED),
    ("null", ok(None), ProblemKind.MALFORMED),
    ("number", ok(7), ProblemKind.MALFORMED),
    ("wrong keys", ok({"something": "else"}), ProblemKind.MALFORMED),
    ("deep", Reply(200, b"[" * 200_000), ProblemKind.MALFORMED),
    ("binary", Reply(200, bytes(range(256))), ProblemKind.MALFORMED),
    ("bad gzip", Reply(200, b"not gzip", {"Content-Encoding": "gzip"}), ProblemKind.UNAVAILABLE),
    ("500", error(500, "internal.server.error"), ProblemKind.UNAVAILABLE),
    ("503", error(503, "service.unavailable"), ProblemKind.UNAVAILABLE),
    ("504", error(504, "request.timeout"), ProblemKind.TIMEOUT),
    ("404", error(404, "not.found"), ProblemKind.NOT_FOUND),
    ("403", FORBIDDEN, ProblemKind.FORBIDDEN),
    ("429", error(429, "too.many.requests", Retry_After="42"), ProblemKind.RATE_LIMITED),
    ("429 bare", error(429, "too.many.requests"), ProblemKind.RATE_LIMITED),
    (
        "429 no date",
        error(429, "x", Retry_After="Fri, 99 Foo 99999999999999999999 00:00:00 GMT"),
        ProblemKind.RATE_LIMITED,
    ),
    ("429 words", error(429, "x", Retry_After="soon"), ProblemKind.RATE_LIMITED),
    ("500 deep body", Reply(500, b"[" * 200_000), ProblemKind.UNAVAILABLE),
    ("500 html body", Reply(500, b"<h1>oops</h1>" * 10_000), ProblemKind.UNAVAILABLE),
    ("redirect", Reply(302, b"", {"Location": "http://portal.invalid/"}), ProblemKind.UNAVAILABLE),
    ("drop", Drop(), ProblemKind.UNAVAILABLE),
    ("drop in body", Drop(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n[1"), ProblemKind.UNAVAILABLE),
    ("not http", Drop(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), ProblemKind.UNAVAILABLE),
]
ENDPOINTS = [
    (EDGES, "edges"),
    (METRICS, "edges/metrics"),
    (GROUPS, "edges/edgegroups"),
    (TRUNKS, "edges/trunks"),
    (TRUNK_METRICS, "edges/trunks/metrics"),
    (CALLS, "telephony/calls/metrics"),
    (DATE, "date"),
    (LIMITS, "organizations/limits"),
]


HOT = ENDPOINTS[:2]
CASES = [
    pytest.param((path, endpoint, answer, kind), id=f"{endpoint}-{name}")
    for path, endpoint in ENDPOINTS
    for name, answer, kind in NASTY
    if ((path, endpoint) in HOT or name in {"html", "truncated", "503", "403", "429", "drop", "deep"})
]


@pytest.mark.parametrize("case", CASES)
def test_a_nasty_answer_is_a_problem_of_its_kind_and_no_number(
    genesys: StubGenesys, make_source: MakeSource, case: tuple[str, str, Answer, ProblemKind]
) -> None:
    path, endpoint, answer, kind = case
    genesys.fill(3)
    genesys.on(path, answer)
    observation = make_source().poll()
    found = problem(observation, endpoint)
    assert found.kind is kind
    assert len(found.sentence) < 200
    assert found.sentence.isprintable()
    assert "s3cr3t" not in repr(observation)
    assert "token-" not in repr(observation)
    if path == EDGES:
        assert not observation.inventory_read
        assert observation.groups == ()
    if path == METRICS:
        assert [group.cpu.value for group in observation.groups] == [None]
    if path in {TRUNKS, TRUNK_METRICS}:
        assert [group.sessions.value for group in observation.groups] == [None]


def test_call_metrics_without_any_known_key_are_not_call_metrics(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(1)
    genesys.on(CALLS, ok({"something": "else"}))
    calls = make_source().poll().organization_calls
    assert calls is None or calls.usage_percent is None


def test_a_missing_permission_is_named_with_what_it_costs(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(1)
    genesys.on(METRICS, FORBIDDEN)
    found = problem(make_source().poll(), "edges/metrics")
    assert found.permission == "telephony:plugin:all"
    assert "CPU and memory" in found.sentence
    assert "telephony:plugin:all" in found.sentence


def test_retry_after_is_a_schedule_that_is_kept(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(1)
    genesys.on(METRICS, error(429, "too.many.requests", Retry_After="42"))
    source = make_source()
    first = source.poll()
    genesys.heal()
    second = source.poll()
    assert len(genesys.asked(METRICS)) == 1
    for observation in (first, second):
        retry_at = problem(observation, "edges/metrics").retry_at
        assert retry_at is not None
        assert (retry_at - first.taken_at).total_seconds() == pytest.approx(42, abs=3)


def test_what_was_sampled_before_keeps_its_age_when_metrics_fail_once(
    genesys: StubGenesys, make_source: MakeSource
) -> None:
    genesys.fill(3)
    source = make_source()
    before = source.poll().groups[0].cpu
    genesys.on(METRICS, error(503, "service.unavailable"))
    after = source.poll().groups[0].cpu
    assert (after.value, after.sampled_at) == (before.value, before.sampled_at)


def test_half_an_inventory_is_no_inventory(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(150)
    genesys.on(EDGES, lambda sent: error(503, "x") if sent.query["pageNumber"] == ["2"] else None)
    observation = make_source().poll()
    assert not observation.inventory_read or observation.groups[0].current_nodes.value is None


def test_half_a_list_of_trunks_is_no_sum_of_sessions(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(150)
    source = make_source()
    source.poll()
    genesys.on(TRUNKS, lambda sent: error(503, "x") if sent.query["pageNumber"] == ["2"] else None)
    genesys.fill(1, "g1x")
    genesys.edges[-1]["edgeGroup"] = {"id": "g1", "name": "group g1"}
    assert source.poll().groups[0].sessions.value in {None, 600, 604}


def test_one_vanished_node_does_not_cost_the_batch(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(100)
    refused = "g1-e037"
    genesys.on(METRICS, lambda sent: error(400, "general.bad.request") if refused in sent.query["edgeIds"][0] else None)
    group = make_source().poll().groups[0]
    assert group.fresh_nodes == 99
    assert group.cpu.value == pytest.approx(0.5)


def test_a_node_that_spoils_batches_is_not_searched_for_at_every_poll(
    genesys: StubGenesys, make_source: MakeSource
) -> None:
    genesys.fill(100)
    refused = "g1-e037"
    genesys.on(METRICS, lambda sent: error(400, "general.bad.request") if refused in sent.query["edgeIds"][0] else None)
    source = make_source()
    source.poll()
    searched = len(genesys.asked(METRICS))
    source.poll()
    assert len(genesys.asked(METRICS)) - searched <= 4


def test_a_refusal_of_every_batch_does_not_eat_the_request_budget(
    genesys: StubGenesys, make_source: MakeSource
) -> None:
    genesys.fill(100)
    genesys.on(METRICS, error(400, "general.bad.request"))
    make_source().poll()
    assert len(genesys.asked(METRICS)) <= 40


def test_the_status_page_is_advisory(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(1)
    genesys.on(STATUS, html())
    observation = make_source(status_page=genesys.address).poll()
    assert problem(observation, "status page").kind is ProblemKind.MALFORMED
    assert observation.vendor_status is None
    assert observation.inventory_read


def test_the_status_page_is_asked_without_credentials(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(1)
    make_source(status_page=genesys.address).poll()
    (sent,) = genesys.asked(STATUS)
    assert "authorization" not in sent.headers


def test_queue_endpoints_are_not_asked_without_a_queue(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(1)
    make_source().poll()
    assert genesys.asked(QUEUE) == genesys.asked(AGGREGATES) == []


def test_answers_are_asked_for_compressed(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(1)
    make_source().poll()
    assert "gzip" in genesys.asked(EDGES)[0].headers["accept-encoding"]


def test_a_dead_server_is_unavailable(genesys: StubGenesys, make_source: MakeSource) -> None:
    source = make_source()
    genesys.stop()
    observation = source.poll()
    assert not observation.inventory_read
    assert {found.kind for found in observation.problems} == {ProblemKind.UNAVAILABLE}
