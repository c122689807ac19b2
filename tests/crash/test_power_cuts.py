"""Power cuts: whatever was not synced is dropped or torn, and nothing that was confirmed is lost.

`python -m benchmarks.power_cuts --states 100000` tries as many more as one likes.
"""

from __future__ import annotations

import pytest

from benchmarks.power_cuts import tried


def test_no_power_cut_loses_what_was_confirmed_or_breaks_the_chain() -> None:
    assert tried(2000, seed=11).problems == ()


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_with_fewer_syncs_it_would_be_noticed(synchronous: str) -> None:
    assert tried(400, synchronous=synchronous).problems != ()
