"""The command line: light to ask for help, plain about mistakes, and never a heavy import before it is needed."""

from __future__ import annotations

import json
import resource
import subprocess
import sys

import pytest

HEAVY = ("PureCloudPlatformClientV2", "httpx", "pydantic", "plotext")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nodescaler_tui", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def loaded_after(statement: str) -> set[str]:
    """The heavy packages that a fresh interpreter holds after this statement."""
    program = f"{statement}\nimport sys, json\nprint(json.dumps([n for n in {HEAVY!r} if n in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.strip().splitlines()[-1]))


def test_help_names_every_command_and_the_exit_codes() -> None:
    done = run("--help")
    assert done.returncode == 0
    for word in ("demo", "once", "check", "explain", "audit", "where", "simulate", "exit codes"):
        assert word in done.stdout


def test_version_is_one_line() -> None:
    assert run("--version").stdout.startswith("nodescaler-tui ")


def test_a_mistyped_command_names_the_nearest() -> None:
    done = run("onec")
    assert done.returncode == 2
    assert "'once'" in done.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "from nodescaler_tui.cli import main; main(['--help'])",
        "from nodescaler_tui.cli import main; main(['where'])",
        "import nodescaler_tui.show.run, nodescaler_tui.engine.attached",
        "import nodescaler_tui.show.app, nodescaler_tui.engine.attached, nodescaler_tui.terminal",
        "import nodescaler_tui.show.first_run_app, nodescaler_tui.first_run.setup, nodescaler_tui.terminal",
    ],
)
def test_neither_help_nor_the_terminal_imports_anything_heavy(statement: str) -> None:
    assert loaded_after(statement) == set()


def cpu_seconds(command: list[str], runs: int = 5) -> float:
    """The least CPU time of several runs, which is what the work itself costs."""
    times = []
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def test_help_costs_less_than_150_ms_more_than_bare_python() -> None:
    bare = cpu_seconds([sys.executable, "-c", "pass"])
    assert cpu_seconds([sys.executable, "-m", "nodescaler_tui", "--help"]) - bare < 0.150


def test_the_dashboard_without_a_terminal_is_a_sentence() -> None:
    done = run("demo")
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
    assert "Traceback" not in done.stderr
