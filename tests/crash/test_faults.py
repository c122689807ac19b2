"""Each fault of a receiver or of the network is taken for the one outcome that is right: acted, not, or may have."""

from __future__ import annotations

import pytest

from benchmarks.reliability.faults import (
    FAULTS,
    outcome_of_fault,
    outcome_of_no_listener,
    outcome_of_plain_port_with_tls,
)
from nodescaler_tui.act.outcome import NotProcessed


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_taken_for_what_it_is(name: str) -> None:
    behaviour, expected = FAULTS[name]
    assert isinstance(outcome_of_fault(behaviour), expected)


def test_where_nobody_listens_nothing_was_done() -> None:
    assert isinstance(outcome_of_no_listener(), NotProcessed)


def test_where_no_tls_is_spoken_nothing_was_done() -> None:
    assert isinstance(outcome_of_plain_port_with_tls(), NotProcessed)
