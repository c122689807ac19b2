"""What really leaves the machine for each profile, byte for byte, and what its usual answers are taken for.

The files in `golden/` are read by people: `pytest tests/act/receivers --update-snapshots` writes them anew.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nodescaler_tui.act.outcome import Accepted, Outcome, Refused, Unknown
from nodescaler_tui.act.receiver import WebhookReceiver
from nodescaler_tui.act.receivers.authentication import needs_secret
from nodescaler_tui.act.receivers.catalogue import profile_names, shipped_profile
from nodescaler_tui.act.receivers.secret import SecretKind, SecretSource
from nodescaler_tui.act.webhook import Delivery, HttpSender
from nodescaler_tui.decide.payload import ScalingPayload

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
PAYLOAD = ScalingPayload("mgmt-media-prod-01", 10, 12, 0.9, 0.95)
KEY = "op-0123456789abcdef0123456789abcdef"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PARAMETERS = {"workspace_id": "ws-1", "region": "eu-central-1", "job": "scale"}
OF_THE_MOMENT = ("authorization: aws4", "x-amz-date:")


class Provider:
    """Answers one request, and keeps it as it came."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.request = b""

    def serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            while not self._is_whole():
                self.request += connection.recv(65536)
            connection.sendall(self._answer)

    def _is_whole(self) -> bool:
        head, found, body = self.request.partition(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        return bool(found) and len(body) == int(lengths[0].split(b":")[1])

    def close(self) -> None:
        self._listener.close()


@contextmanager
def provider(answer: bytes) -> Iterator[Provider]:
    serving = Provider(answer)
    thread = threading.Thread(target=serving.serve, daemon=True)
    thread.start()
    try:
        yield serving
    finally:
        thread.join(5)
        serving.close()


def answer(status: str, body: str = "", *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", *headers]
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


def sent(name: str, reply: bytes) -> tuple[Outcome, str]:
    profile = shipped_profile(name)
    with provider(reply) as serving:
        receiver = WebhookReceiver(
            name="golden",
            url=f"http://127.0.0.1:{serving.port}/hooks/scale",
            profile=profile,
            secrets=(SecretSource(SecretKind.VALUE, value=SECRET),) if needs_secret(profile.authentication) else (),
            parameters=tuple((each, PARAMETERS[each]) for each in profile.parameters),
        )
        body = receiver.wire_body(PAYLOAD.canonical_bytes())
        delivery = Delivery(body, "0" * 64, KEY, 1, f"7:{'ab' * 32}")
        outcome = HttpSender(receiver).send(delivery, NOW)
        return outcome, serving.request.decode().replace(f"127.0.0.1:{serving.port}", "receiver.example")


@pytest.fixture(autouse=True)
def _aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.parametrize("name", profile_names())
def test_the_request_is_the_golden_one(name: str, request: pytest.FixtureRequest) -> None:
    _, text = sent(name, answer("200 OK"))
    lines = [
        f"{line.split(':')[0]}: (of the moment)" if line.lower().startswith(OF_THE_MOMENT) else line
        for line in text.replace("\r\n", "\n").split("\n")
    ]
    golden = GOLDEN / f"{name}.http"
    if request.config.getoption("--update-snapshots"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert "\n".join(lines) + "\n" == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", profile_names())
def test_no_secret_is_in_what_is_kept_of_an_answer_that_echoes_it(name: str) -> None:
    outcome, _ = sent(name, answer("500 Internal Server Error", f'{{"you": "{SECRET}"}}'))
    assert SECRET not in repr(outcome)


@pytest.mark.parametrize(
    ("name", "reply", "expected"),
    [
        ("plain", answer("200 OK", '{"status": "accepted"}'), Accepted),
        ("plain", answer("204 No Content"), Accepted),
        ("github-repository-dispatch", answer("204 No Content"), Accepted),
        ("github-repository-dispatch", answer("200 OK", "{}"), Unknown),
        ("github-repository-dispatch", answer("404 Not Found", '{"message": "Not Found"}'), Refused),
        ("rundeck", answer("200 OK", '{"msg": "Webhook execution started"}'), Accepted),
        ("azure-automation", answer("202 Accepted", '{"JobIds": ["1"]}'), Accepted),
        ("azure-automation", answer("400 Bad Request", "expired"), Refused),
        ("jenkins-generic-trigger", answer("200 OK", '{"jobs": {"scale": {"triggered": true}}}'), Accepted),
        ("jenkins-generic-trigger", answer("200 OK", '{"jobs": {"scale": {"triggered": false}}}'), Unknown),
        ("jenkins-generic-trigger", answer("200 OK", '{"jobs": null}'), Unknown),
        ("argo-events", answer("200 OK", "success"), Accepted),
        ("argo-events", answer("201 Created"), Unknown),
        ("awx-job-launch", answer("201 Created", '{"job": 7, "url": "/api/v2/jobs/7/"}'), Accepted),
        ("hcp-terraform-run", answer("201 Created", '{"data": {"id": "run-1"}}'), Accepted),
        ("hcp-terraform-run", answer("422 Unprocessable Entity", "{}"), Refused),
        ("api-gateway-key", answer("403 Forbidden", '{"message": "Forbidden"}'), Refused),
        ("standard-webhooks", answer("410 Gone"), Refused),
    ],
)
def test_a_usual_answer_is_taken_for_what_it_means(name: str, reply: bytes, expected: type[Outcome]) -> None:
    outcome, _ = sent(name, reply)
    assert isinstance(outcome, expected), outcome


def test_where_the_job_can_be_followed_is_kept_and_stays_with_the_receiver() -> None:
    outcome, _ = sent("awx-job-launch", answer("201 Created", '{"job": 7, "url": "/api/v2/jobs/7/"}'))
    assert isinstance(outcome, Accepted)
    assert (outcome.receipt, outcome.status_url.endswith("/api/v2/jobs/7/")) == ("7", True)
    outcome, _ = sent("plain", answer("202 Accepted", "{}", "Location: https://elsewhere.example/jobs/7"))
    assert isinstance(outcome, Accepted)
    assert outcome.status_url == ""
