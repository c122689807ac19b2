"""The clock of durations: it goes on while the machine sleeps."""

from __future__ import annotations

import sys
import time

import pytest

from nodescaler_tui.clock import MACHINE_CLOCK


def test_durations_count_the_time_that_a_machine_slept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's clock that does so: CLOCK_BOOTTIME on Linux, CLOCK_MONOTONIC where it counts a sleep itself."""
    monkeypatch.setattr(time, "clock_gettime", float)
    assert MACHINE_CLOCK.monotonic() == (time.CLOCK_BOOTTIME if sys.platform == "linux" else time.CLOCK_MONOTONIC)


def test_durations_only_grow() -> None:
    told = [MACHINE_CLOCK.monotonic() for _ in range(100)]
    assert told == sorted(told)
