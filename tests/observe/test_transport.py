"""Nothing can hang: every request ends at its deadline, and closing ends all of them."""

from __future__ import annotations

import threading
import time
from concurrent.futures import CancelledError

import pytest

from nodescaler_tui.facts import Observation, Problem, ProblemKind
from tests.observe.answers import (
    CALLS,
    EDGES,
    METRICS,
    TOKEN,
    Drip,
    Hang,
    Reply,
)
from tests.observe.conftest import MakeSource
from tests.observe.stub_genesys import StubGenesys


def problem(observation: Observation, endpoint: str) -> Problem:
    found = [problem for problem in observation.problems if problem.endpoint == endpoint]
    assert found, observation.problems
    return found[0]


def test_one_hanging_endpoint_does_not_hold_the_others(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(3)
    genesys.on(CALLS, Hang())
    began = time.monotonic()
    observation = make_source(timeout_s=1).poll()
    assert time.monotonic() - began < 2.5
    assert problem(observation, "telephony/calls/metrics").kind is ProblemKind.TIMEOUT
    assert observation.groups[0].cpu.value == pytest.approx(0.5)


def test_when_all_hang_the_poll_ends_after_little_more_than_one_deadline(
    genesys: StubGenesys, make_source: MakeSource
) -> None:
    genesys.fill(3)
    source = make_source(timeout_s=1, deadline_s=1, status_page=genesys.address)
    genesys.on("*", lambda sent: None if sent.path == TOKEN else Hang())
    began = time.monotonic()
    observation = source.poll()
    assert not observation.inventory_read
    assert time.monotonic() - began < 3


def test_when_all_but_the_nodes_hang_the_poll_ends_after_few_deadlines(
    genesys: StubGenesys, make_source: MakeSource
) -> None:
    genesys.fill(3)
    source = make_source(timeout_s=1, deadline_s=1, status_page=genesys.address)
    genesys.on("*", lambda sent: None if sent.path in {TOKEN, EDGES} else Hang())
    began = time.monotonic()
    observation = source.poll()
    assert observation.groups[0].current_nodes.value == 3
    assert observation.groups[0].cpu.value is None
    assert time.monotonic() - began < 4.5


@pytest.mark.parametrize("in_headers", [True, False])
def test_an_answer_that_drips_ends_at_the_deadline(
    genesys: StubGenesys, make_source: MakeSource, in_headers: bool
) -> None:
    genesys.fill(1)
    genesys.on(CALLS, Drip(in_headers))
    source = make_source(timeout_s=1, deadline_s=2)
    observations: list[Observation] = []
    thread = threading.Thread(target=lambda: observations.append(source.poll()), daemon=True)
    thread.start()
    thread.join(5)
    assert observations, "the poll still waits"
    assert problem(observations[0], "telephony/calls/metrics").kind is ProblemKind.TIMEOUT


def test_an_endless_answer_is_cut_off(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(1)
    genesys.on(CALLS, Reply(200, b" " * (33 * 2**20)))
    found = problem(make_source(timeout_s=5, deadline_s=10).poll(), "telephony/calls/metrics")
    assert found.kind is ProblemKind.MALFORMED


def test_closing_ends_a_poll_that_hangs(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(1)
    genesys.on(METRICS, Hang())
    source = make_source(timeout_s=8)
    raised: list[BaseException] = []
    ended: list[Observation] = []

    def poll() -> None:
        try:
            ended.append(source.poll())
        except (RuntimeError, OSError, CancelledError) as error:
            raised.append(error)

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    while not genesys.asked(METRICS):
        time.sleep(0.01)
    source.close()
    thread.join(3)
    assert not thread.is_alive()
    assert raised == []
    assert len(ended) == 1
