"""The circuit breaker for Genesys: open after a failure, one request when it is due, kept across restarts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nodescaler_tui.facts import Problem, ProblemKind
from nodescaler_tui.observe.endpoints import CALL_METRICS, TOKEN
from nodescaler_tui.observe.waits import FIRST_BACKOFF, LONGEST_BACKOFF, LONGEST_KEPT, Waits


class Monotonic:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def unavailable(kind: ProblemKind = ProblemKind.UNAVAILABLE, retry_at: datetime | None = None) -> Problem:
    return Problem(CALL_METRICS.name, kind, "Genesys Cloud is not available (503).", retry_at)


def now() -> datetime:
    return datetime.now(UTC)


def test_after_a_failure_it_is_left_alone_and_then_asked_once() -> None:
    clock = Monotonic()
    waits = Waits(clock)
    waits.failed(unavailable(), now())
    assert waits.waiting(CALL_METRICS) is not None
    clock.now_s += FIRST_BACKOFF.total_seconds()
    assert waits.waiting(CALL_METRICS) is None
    waits.failed(unavailable(), now())
    clock.now_s += FIRST_BACKOFF.total_seconds()
    assert waits.waiting(CALL_METRICS) is not None, "the second wait is longer than the first"


def test_failures_of_requests_that_were_under_way_together_are_one() -> None:
    clock = Monotonic()
    waits = Waits(clock)
    first = waits.failed(unavailable(), now())
    assert waits.failed(unavailable(), now()) == first


def test_the_wait_never_grows_beyond_its_longest() -> None:
    clock = Monotonic()
    waits = Waits(clock)
    for _ in range(40):
        waits.failed(unavailable(), now())
        clock.now_s += LONGEST_BACKOFF.total_seconds()
        assert waits.waiting(CALL_METRICS) is None


def test_an_engine_that_starts_again_still_waits(tmp_path: Path) -> None:
    file = tmp_path / "waits.json"
    due = now() + timedelta(seconds=40)
    Waits(Monotonic(), file).failed(unavailable(ProblemKind.RATE_LIMITED, due), now())
    clock = Monotonic()
    waits = Waits(clock, file)
    waiting = waits.waiting(CALL_METRICS)
    assert waiting is not None
    assert waiting.retry_at == due
    clock.now_s += 41
    assert waits.waiting(CALL_METRICS) is None
    waits.succeeded(CALL_METRICS)
    assert Waits(Monotonic(), file).waiting(CALL_METRICS) is None


def test_refused_credentials_are_tried_at_once_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "waits.json"
    refused = Problem(TOKEN.name, ProblemKind.AUTH_FAILED, "The credentials were refused.")
    Waits(Monotonic(), file).failed(refused, now())
    assert Waits(Monotonic(), file).waiting(TOKEN) is None


def test_a_clock_that_was_set_back_meanwhile_cannot_hold_it_back_for_long(tmp_path: Path) -> None:
    file = tmp_path / "waits.json"
    Waits(Monotonic(), file).failed(unavailable(ProblemKind.RATE_LIMITED, now() + timedelta(days=3)), now())
    clock = Monotonic()
    waits = Waits(clock, file)
    clock.now_s += LONGEST_KEPT.total_seconds()
    assert waits.waiting(CALL_METRICS) is None


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"endpoint": "x"}]', '{"a": 1}', "\x00\xff"])
def test_a_file_that_cannot_be_read_holds_nothing_back(tmp_path: Path, text: str) -> None:
    file = tmp_path / "waits.json"
    file.write_bytes(text.encode("latin-1"))
    assert Waits(Monotonic(), file).waiting(CALL_METRICS) is None
