"""How old what a replica shows is: in words that stand for a while, and unknown where it is not known."""

from __future__ import annotations

import pytest

from nodescaler_tui.record.postgres.replica import Replica


@pytest.mark.parametrize(
    ("newest_s", "said"),
    [
        (0.2, "within the last 10 s"),
        (-3.0, "within the last 10 s"),
        (10.0, "more than 10 s ago"),
        (59.9, "more than 50 s ago"),
        (120.0, "more than 2 min ago"),
        (7199.0, "more than 119 min ago"),
    ],
)
def test_its_age_is_told_coarsely(newest_s: float, said: str) -> None:
    assert Replica(newest_s).age == f"The newest in it was written {said}"


def test_an_age_that_is_not_known_is_not_taken_for_none() -> None:
    assert "not known" in Replica(None).age
