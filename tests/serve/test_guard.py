"""The guard: nothing is answered without the token, and nothing is started by a page from elsewhere."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.serve.guard import COOKIE, Guard

GUARD = Guard("right-token", 8123)
HOST = {"Host": "127.0.0.1:8123"}
OURS = {**HOST, "Origin": "http://127.0.0.1:8123"}
KNOWN = {COOKIE: "right-token"}


def test_the_printed_address_opens_it_and_the_cookie_keeps_it_open() -> None:
    assert GUARD.judge("/", HOST, {}, "right-token") is None
    assert GUARD.judge("/", HOST, KNOWN, "") is None
    assert GUARD.judge("/static/js/textual.js", HOST, KNOWN, "") is None
    assert GUARD.judge("/ws", OURS, KNOWN, "") is None


@given(st.text(max_size=40), st.sampled_from(["/", "/ws", "/static/x", "/download/1"]))
def test_without_the_token_nothing_is_answered(token: str, path: str) -> None:
    if token != GUARD.token:
        assert GUARD.judge(path, OURS, {COOKIE: token}, token) is not None


def test_the_token_in_an_address_starts_nothing() -> None:
    assert GUARD.judge("/ws", OURS, {}, "right-token") is not None


@given(
    st.one_of(st.just(""), st.text(max_size=40), st.sampled_from(["http://evil.example", "null", "http://localhost"]))
)
def test_a_page_from_elsewhere_starts_nothing_even_with_the_cookie(origin: str) -> None:
    if origin not in {"http://127.0.0.1:8123", "http://localhost:8123"}:
        assert GUARD.judge("/ws", {**HOST, "Origin": origin}, KNOWN, "") is not None


def test_a_name_that_only_resolves_to_this_machine_is_refused() -> None:
    assert GUARD.judge("/", {"Host": "rebound.example:8123"}, KNOWN, "") is not None
    assert GUARD.judge("/", {}, KNOWN, "") is not None
