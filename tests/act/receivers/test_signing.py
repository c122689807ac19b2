"""Our signature is the one of the specification: by its own vector, and by a verifier that somebody else wrote."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from nodescaler_tui.act.receivers.signing import hub_signature, standard_webhooks_headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
AT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_specifications_own_vector() -> None:
    headers = standard_webhooks_headers((SECRET,), MESSAGE, AT, BODY)
    assert headers["webhook-id"] == MESSAGE
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == SIGNATURE


def test_while_secrets_are_rotated_each_has_its_signature() -> None:
    signatures = standard_webhooks_headers((SECRET, OLD_SECRET), MESSAGE, AT, BODY)["webhook-signature"].split(" ")
    assert len(signatures) == 2
    assert signatures[0] == SIGNATURE


@given(amount=st.integers(1, 10_000), key=st.from_regex(r"op-[0-9a-f]{32}", fullmatch=True))
def test_the_official_library_takes_what_we_sign_with_either_secret(amount: int, key: str) -> None:
    body = json.dumps({"requested_nodes": amount}).encode()
    headers = dict(standard_webhooks_headers((SECRET, OLD_SECRET), key, datetime.now(UTC), body))
    for secret in (SECRET, OLD_SECRET):
        assert Webhook(secret).verify(body, headers) == {"requested_nodes": amount}


@pytest.mark.parametrize("change", ["body", "webhook-id", "webhook-timestamp"])
def test_the_official_library_refuses_what_was_changed(change: str) -> None:
    now = datetime.now(UTC)
    headers = dict(standard_webhooks_headers((SECRET,), "op-1", now, BODY))
    body = BODY + b" " if change == "body" else BODY
    if change != "body":
        headers[change] = str(int(now.timestamp()) - 1) if change == "webhook-timestamp" else "op-2"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body, headers)


def test_githubs_own_example_of_a_body_signature() -> None:
    assert hub_signature("It's a Secret to Everybody", b"Hello, World!") == (
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    )
