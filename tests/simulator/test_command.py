"""`simulate` as a process: one line, and an end that comes when it should."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

COMMAND = (sys.executable, "-m", "nodescaler_tui.simulator.command")
PROMISED = {"gateway", "client_id", "client_secret", "webhook", "status_page", "control"}


@contextmanager
def started(*arguments: str, stdin: int = subprocess.DEVNULL) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    document: dict[str, Any] = json.loads(process.stdout.readline())
    return document


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_one_line_serves_and_ends_at_once_when_told_to(number: signal.Signals) -> None:
    with started("--seed", "3") as process:
        addresses = line(process)
        assert set(addresses) >= PROMISED
        assert httpx.get(f"{addresses['control']}/state", trust_env=False).status_code == 200
        begun = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=5)
        assert (process.returncode, out, err) == (0, "", "")
        assert time.monotonic() - begun < 2


def test_it_ends_with_its_parent_when_asked_to() -> None:
    with started("--exit-with-parent", stdin=subprocess.PIPE) as process:
        line(process)
        assert process.poll() is None
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(5) == 0


def test_it_outlives_a_closed_standard_input_unless_asked_to() -> None:
    with started() as process:
        addresses = line(process)
        assert httpx.get(f"{addresses['control']}/state", trust_env=False).status_code == 200
        assert process.poll() is None


def test_a_parent_that_is_killed_takes_it_along() -> None:
    parent = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([*{COMMAND!r}, '--exit-with-parent'], stdin=subprocess.PIPE)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as process:
        control = line(process)["control"]
        process.kill()
        assert process.stdout is not None
        assert process.stdout.read() == "", "the child's end of the pipe closes when it ends"
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{control}/state", trust_env=False)


def test_options_reach_the_simulation() -> None:
    with started("--scenario", "calm", "--seed", "11", "--speed", "100", "--start", "0.25") as process:
        addresses = line(process)
        time.sleep(0.5)
        state = httpx.get(f"{addresses['control']}/state", trust_env=False).json()
    assert (addresses["scenario"], addresses["seed"]) == ("calm", 11)
    assert state["now_s"] >= 25


def test_a_port_that_is_taken_is_an_error_with_a_sentence() -> None:
    with started() as first:
        port = httpx.URL(line(first)["gateway"]).port
        with started("--port", str(port)) as second:
            _, err = second.communicate(timeout=10)
    assert second.returncode == 1
    assert err.startswith(f"Cannot listen on port {port}")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [["--scenario", "apocalypse"], ["--speed", "0"], ["--start", "2"], ["--seed", "x"]]
)
def test_arguments_that_make_no_sense_are_refused(arguments: list[str]) -> None:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=20)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_the_help_tells_every_scenarios_story() -> None:
    done = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, check=True, timeout=20)
    for name in ("calm", "surge", "memory-leak", "node-failure", "flapping", "big", "provider-down", "outage"):
        assert name in done.stdout


def test_it_shares_no_code_with_the_product() -> None:
    script = "import nodescaler_tui.simulator.command, sys; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=20)
    modules = set(done.stdout.split())
    ours = {name for name in modules if name.startswith("nodescaler_tui.")}
    assert {name for name in ours if not name.startswith("nodescaler_tui.simulator")} == set()
    assert not modules & {"httpx", "pydantic", "msgspec", "textual", "PureCloudPlatformClientV2"}
