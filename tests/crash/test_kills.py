"""Exactly once, for real: a child with a real journal and a real provider, killed or stopped, and one that cleans up.

The command runs in a process of its own, because forking wants one that has no threads.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def proof(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.reliability", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)


def test_no_kill_and_no_pause_makes_it_happen_twice_or_get_lost() -> None:
    done = proof("kills", "--count", "60", "--first", "7000")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "| kills at random times | 60 |" in done.stdout


def test_of_two_who_approve_the_same_plan_one_wins_every_time() -> None:
    done = proof("race", "--plans", "150")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "150 with exactly one winner | 0 |" in done.stdout
