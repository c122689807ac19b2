"""`nodescaler-tui receiver`: what is configured, what would be sent, and a test that does not act."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nodescaler_tui.headless.receiver import main

Captured = pytest.CaptureFixture[str]


class Receiver(BaseHTTPRequestHandler):
    """Counts what is posted, and takes it."""

    posted: list[dict[str, str]]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.posted.append({name.lower(): value for name, value in self.headers.items()})
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Be quiet."""


@pytest.fixture
def receiver() -> Iterator[ThreadingHTTPServer]:
    Receiver.posted = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield server
    server.shutdown()
    server.server_close()
    serving.join()


@pytest.fixture
def config(tmp_path: Path, receiver: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOOK_SECRET", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    port = receiver.server_address[1]
    path = tmp_path / "config.toml"
    path.write_text(
        f"""
[receivers.plain]
url = "http://127.0.0.1:{port}/scale?token=s3cr3t"

[receivers.signed]
profile = "standard-webhooks"
url = "http://127.0.0.1:{port}/hook"
secrets = [{{ env = "HOOK_SECRET" }}]

[receivers.nobody]
url = "http://127.0.0.1:9/scale"
"""
    )
    return path


def run(config: Path, *arguments: str) -> int:
    return main(["--config", str(config), *arguments])


def test_list_names_each_receiver_and_no_secret(config: Path, capsys: Captured) -> None:
    assert run(config, "list") == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in ("plain", "signed", "nobody"))
    assert "s3cr3t" not in printed
    assert "MfKQ" not in printed


def test_show_tells_what_would_be_sent_and_no_secret(config: Path, capsys: Captured) -> None:
    assert run(config, "show", "plain") == 0
    printed = capsys.readouterr().out
    assert '"requested_nodes":12' in printed
    assert "s3cr3t" not in printed


def test_a_plain_receiver_is_only_connected_to(config: Path, capsys: Captured) -> None:
    assert run(config, "test", "plain") == 4
    assert Receiver.posted == []
    assert "Nothing was sent" in capsys.readouterr().out


def test_a_receiver_that_knows_test_events_gets_a_signed_one(config: Path, capsys: Captured) -> None:
    assert run(config, "test", "signed") == 0
    assert [sorted(name for name in headers if name.startswith("webhook-")) for headers in Receiver.posted] == [
        ["webhook-id", "webhook-signature", "webhook-timestamp"]
    ]
    assert "answered 202" in capsys.readouterr().out


def test_one_that_cannot_be_reached_is_exit_code_6(config: Path, capsys: Captured) -> None:
    assert run(config, "test", "nobody") == 6
    assert capsys.readouterr().out


@pytest.mark.parametrize("command", ["show", "test"])
def test_an_unknown_name_is_answered_with_those_that_there_are(config: Path, capsys: Captured, command: str) -> None:
    assert run(config, command, "nowhere") == 2
    assert "plain" in capsys.readouterr().err
