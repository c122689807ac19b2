"""One token for all threads, fetched before it is needed and never asked for in a storm."""

from __future__ import annotations

import time

import pytest

from nodescaler_tui.facts import ProblemKind
from tests.observe.answers import CALLS, TOKEN, Answer, Reply, error, html, ok
from tests.observe.conftest import MakeSource
from tests.observe.stub_genesys import StubGenesys


def test_many_parallel_requests_share_one_token(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(500)
    source = make_source()
    source.poll()
    source.poll()
    assert len(genesys.asked(TOKEN)) == 1


def test_a_revoked_token_is_replaced_within_the_poll(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(300)
    source = make_source()
    source.poll()
    genesys.tokens_refused = {"token-1"}
    observation = source.poll()
    assert observation.problems == ()
    assert len(genesys.asked(TOKEN)) == 2


def test_a_token_is_replaced_before_it_expires(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(1)
    genesys.expires_in = 1
    source = make_source()
    source.poll()
    time.sleep(0.85)
    source.poll()
    assert len(genesys.asked(TOKEN)) >= 2


def test_a_token_that_still_lives_is_used_while_no_new_one_is_to_be_had(
    genesys: StubGenesys, make_source: MakeSource
) -> None:
    genesys.fill(1)
    genesys.expires_in = 4
    source = make_source()
    source.poll()
    genesys.on(TOKEN, error(503, "service.unavailable"))
    time.sleep(3.3)
    observation = source.poll()
    assert observation.inventory_read


def test_tokens_that_are_always_refused_end_in_auth_failed_without_a_storm(
    genesys: StubGenesys, make_source: MakeSource
) -> None:
    genesys.fill(3)
    genesys.tokens_refused = {f"token-{number}" for number in range(1000)}
    source = make_source()
    for _ in range(5):
        observation = source.poll()
        assert not observation.inventory_read
        assert ProblemKind.AUTH_FAILED in {problem.kind for problem in observation.problems}
    assert len(genesys.asked(TOKEN)) <= 4


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(400, "invalid_client"), ProblemKind.AUTH_FAILED),
        (error(401, "invalid_client"), ProblemKind.AUTH_FAILED),
        (error(429, "x", Retry_After="30"), ProblemKind.RATE_LIMITED),
        (error(503, "x"), ProblemKind.UNAVAILABLE),
        (html(), ProblemKind.MALFORMED),
        (ok({}), ProblemKind.MALFORMED),
        (ok({"access_token": None}), ProblemKind.MALFORMED),
        (ok({"access_token": 5}), ProblemKind.MALFORMED),
        (ok([]), ProblemKind.MALFORMED),
        (Reply(200, b"[" * 200_000), ProblemKind.MALFORMED),
    ],
    ids=["400", "401", "429", "503", "html", "no token", "null token", "number", "list", "deep"],
)
def test_no_token_is_one_problem_and_one_request(
    genesys: StubGenesys, make_source: MakeSource, answer: Answer, kind: ProblemKind
) -> None:
    genesys.fill(3)
    genesys.on(TOKEN, answer)
    observation = make_source().poll()
    assert {problem.kind for problem in observation.problems} == {kind}
    assert len(genesys.asked(TOKEN)) == 1
    assert genesys.asked(CALLS) == []
    assert "s3cr3t" not in repr(observation)
