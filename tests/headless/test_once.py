"""`nodescaler-tui once`: which proposal is taken, and what a script may approve."""

from __future__ import annotations

import argparse

import msgspec
import pytest

from nodescaler_tui.headless.iteration import chosen
from nodescaler_tui.headless.once import _Prompt
from nodescaler_tui.state import GroupState
from tests.show.doubtful_states import AHEAD
from tests.show.states import CALM, CRITICAL, fleet

SCRIPT = argparse.Namespace(approve=True, reason="load test", group="", json=False)
EXPECTED: GroupState = AHEAD.groups[0]


def test_a_breach_is_answered_before_one_that_is_only_expected() -> None:
    first = msgspec.structs.replace(EXPECTED, id="a")
    assert chosen(fleet(first, CRITICAL), "") == CRITICAL
    assert chosen(fleet(CALM, first), "") == first
    assert chosen(fleet(CALM), "") is None
    assert chosen(fleet(first, CRITICAL), "a") == first


def test_a_script_approves_what_a_breach_calls_for_and_nothing_on_a_forecast(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _Prompt(SCRIPT)(CRITICAL).approves
    assert not _Prompt(SCRIPT)(EXPECTED).approves
    assert "nothing is critical yet" in capsys.readouterr().err
