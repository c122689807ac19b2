"""`serve` for real: what is started, by whom, and that what is started can change nothing."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest


@dataclass(frozen=True, slots=True)
class Served:
    port: int
    token: str
    process: psutil.Process

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """The status, and the cookie that was set."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("GET", path, headers=headers)
            with connection.getresponse() as answer:
                return answer.status, answer.headers.get("Set-Cookie", "")

    def open_socket(self, **headers: str) -> int:
        key = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
        return self.get("/ws", **key, **{"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}, **headers)[0]

    def started(self) -> list[str]:
        return [" ".join(child.cmdline()) for child in self.process.children(recursive=True)]


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    environment = {**os.environ, **{f"NODESCALER_{name}_DIR": str(folder) for name in ("STATE", "CONFIG", "RUNTIME")}}
    process = subprocess.Popen(
        [sys.executable, "-m", "nodescaler_tui", "serve", "--demo"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    address = re.search(r"http://127\.0\.0\.1:(\d+)/\?token=(\S+)", process.stdout.readline())
    assert address is not None
    try:
        served = Served(int(address[1]), address[2], psutil.Process(process.pid))
        _until_it_listens(served)
        yield served
    finally:
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        process.wait(15)
        process.stdout.close()
        for child in children:
            if child.is_running():
                child.kill()
        psutil.wait_procs(children, 10)


def _until_it_listens(served: Served) -> None:
    for _ in range(200):
        try:
            served.get("/")
        except ConnectionRefusedError:
            served.process.cpu_percent(0.05)
        else:
            return
    raise AssertionError("it does not listen")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running


def test_without_the_token_nothing_starts(served: Served) -> None:
    assert served.get("/")[0] == 403
    assert served.get("/?token=guessed")[0] == 403
    assert served.open_socket(Origin=f"http://127.0.0.1:{served.port}") == 403
    assert served.started() == []


def test_a_page_from_elsewhere_starts_nothing(served: Served) -> None:
    cookie = f"nodescaler={served.token}"
    assert served.open_socket(Origin="http://evil.example", Cookie=cookie) == 403
    assert served.open_socket(Cookie=cookie) == 403
    assert served.started() == []


def test_it_listens_on_this_machine_only(served: Served) -> None:
    listening = [each.laddr for each in served.process.net_connections() if each.status == psutil.CONN_LISTEN]
    assert {address.ip for address in listening} == {"127.0.0.1"}


def test_the_token_becomes_a_cookie_that_no_page_can_read(served: Served) -> None:
    status, cookie = served.get(f"/?token={served.token}")
    assert status == 303
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_what_is_started_is_read_only(served: Served) -> None:
    headers = {
        "Origin": f"http://127.0.0.1:{served.port}",
        "Cookie": f"nodescaler={served.token}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    with closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)) as connection:
        connection.request("GET", "/ws?width=100&height=30", headers=headers)
        with connection.getresponse() as answer:
            assert answer.status == 101
            for _ in range(100):
                windows = [command for command in served.started() if "nodescaler_tui demo" in command]
                if windows:
                    break
                served.process.cpu_percent(0.05)
    assert windows
    assert all("--read-only" in command for command in windows)
