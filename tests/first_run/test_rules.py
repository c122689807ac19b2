"""What is said about a typed value: right ones pass, mistyped ones name the nearest, and nothing typed is obeyed."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nodescaler_tui.act.receiver import UnsafeReceiver, WebhookReceiver
from nodescaler_tui.first_run import rules
from nodescaler_tui.observe.connection import REGION_HOSTS, Connection
from nodescaler_tui.show.setup import Mark

KNOWN = sorted([*REGION_HOSTS, *REGION_HOSTS.values()])


def region(typed: str) -> tuple[Mark, str]:
    verdict = rules.judge_region(rules.cleaned("genesys.region", typed))
    return verdict.mark, verdict.sentence


@pytest.mark.parametrize("name", KNOWN)
def test_every_known_region_is_right_by_name_and_by_host_however_it_is_written(name: str) -> None:
    for typed in (name, f"  {name.upper()} ", name.replace("-", "_") if "." not in name else f"api.{name}"):
        assert region(typed)[0] is Mark.OK


@given(st.sampled_from(KNOWN), st.integers(0, 30), st.sampled_from(["drop", "double", "swap"]))
def test_a_slip_of_the_finger_is_never_right_and_names_a_region(name: str, place: int, slip: str) -> None:
    at = place % (len(name) - 1)
    mistyped = {
        "drop": name[:at] + name[at + 1 :],
        "double": name[:at] + name[at] + name[at:],
        "swap": name[:at] + name[at + 1] + name[at] + name[at + 2 :],
    }[slip]
    assume(mistyped not in KNOWN and mistyped.removeprefix("api.") not in KNOWN)
    mark, sentence = region(mistyped)
    assert mark is not Mark.OK
    assert any(known in sentence for known in KNOWN)


@given(st.one_of(st.text(), st.from_regex(r"[a-z0-9.-]{1,80}", fullmatch=True), st.sampled_from(KNOWN)))
def test_what_is_taken_leads_over_https_to_a_host_of_genesys_cloud(typed: str) -> None:
    cleaned = rules.cleaned("genesys.region", typed)
    verdict = rules.judge_region(cleaned)
    assert verdict.sentence.isprintable()
    if verdict.mark is not Mark.WRONG:
        host = Connection(cleaned, "id", "secret").api_address.removeprefix("https://api.")
        assert host in REGION_HOSTS.values() or host.endswith(("pure.cloud",))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("eu-wst-1", "nearest is eu-west-1"),
        ("eu-west-9", "nearest is eu-west"),
        ("mypurecloud.i", "nearest is mypurecloud.ie"),
        ("https://apps.mypurecloud.ie/directory", "Only the region's host is needed: mypurecloud.ie"),
        ("login.mypurecloud.de", "Only the region's host is needed: mypurecloud.de"),
        ("mypurecloud.ie.evil.example", "No such region"),
        ("evil.example", "No such region"),
        ("xpure.cloud", "No such region"),
    ],
)
def test_a_region_that_cannot_be_used_says_what_to_type(typed: str, words: str) -> None:
    mark, sentence = region(typed)
    assert mark is Mark.WRONG
    assert words in sentence


def test_a_new_host_of_genesys_cloud_is_taken_with_a_note() -> None:
    mark, sentence = region("xyz9.pure.cloud")
    assert mark is Mark.NOTE
    assert sentence.startswith("A host of Genesys Cloud, but of no region known here")


@given(st.text(min_size=1))
def test_the_sentence_about_a_secret_holds_nothing_of_it(secret: str) -> None:
    said = {rules.judge_secret(secret).sentence, rules.judge_secret("x" * 43).sentence}
    assert said <= {
        "For this session only: never shown, never put on disk.",
        "A space or another character that no secret has is in it.",
    }


@pytest.mark.parametrize("secret", ["with space", "tab\t", "esc\x1b[2J", "nul\0", "ünicode"])
def test_a_secret_that_no_header_can_carry_is_refused(secret: str) -> None:
    assert rules.judge_secret(secret).mark is Mark.WRONG


def test_ids_are_uuids_and_others_are_taken_with_a_note() -> None:
    uuid = "8f0f9a6e-7b9e-4f5c-9a53-0a3b6d1f2c11"
    assert rules.judge_client_id(uuid).mark is rules.judge_queue(uuid).mark is Mark.OK
    assert rules.judge_client_id("demo").mark is rules.judge_queue("demo").mark is Mark.NOTE
    for judge in (rules.judge_client_id, rules.judge_queue, rules.judge_node_group):
        assert judge("two words").mark is judge("esc\x1b").mark is Mark.WRONG


@pytest.mark.parametrize(
    ("url", "mark", "words"),
    [
        ("https://scaler.example/hook", Mark.OK, "scaler.example; only what you approve"),
        ("http://127.0.0.1:9000/x", Mark.OK, "this machine"),
        ("http://localhost/x", Mark.OK, "this machine"),
        ("http://scaler.example/hook", Mark.WRONG, "use https://"),
        ("ftp://scaler.example", Mark.WRONG, "begins with https://"),
        ("scaler.example", Mark.WRONG, "begins with https://"),
        ("https://user:pw@scaler.example", Mark.WRONG, "user or a fragment"),
        ("https://scaler.example/a b", Mark.WRONG, "spaces"),
        ("https://169.254.169.254/latest", Mark.WRONG, "metadata service"),
        ("https://10.0.0.7/hook", Mark.WRONG, "allow_hosts"),
        ("https://[::ffff:169.254.169.254]/", Mark.WRONG, "metadata service"),
        ("https://[::1", Mark.WRONG, "begins with https://"),
    ],
)
def test_a_webhook_is_judged_by_what_is_written(url: str, mark: Mark, words: str) -> None:
    verdict = rules.judge_webhook(url, "webhook", ())
    assert verdict.mark is mark
    assert words in verdict.sentence


def test_a_private_address_that_is_meant_is_taken() -> None:
    assert rules.judge_webhook("https://10.0.0.7/hook", "webhook", ("10.0.0.7",)).mark is Mark.OK


@given(st.one_of(st.text(), st.text().map(lambda rest: f"https://{rest}")))
def test_a_webhook_that_is_taken_can_be_made_into_a_receiver(url: str) -> None:
    verdict = rules.judge_webhook(url, "webhook", ())
    assert verdict.sentence.isprintable()
    if verdict.mark is Mark.OK:
        WebhookReceiver(name="webhook", url=url)
    else:
        try:
            host = WebhookReceiver(name="webhook", url=url).host
        except UnsafeReceiver:
            return
        assert host, "only an address that may not be reached is refused beyond that"
        assert "which is" in verdict.sentence


@pytest.mark.parametrize(("typed", "mark"), [("0", Mark.OK), ("12", Mark.OK), ("-1", Mark.WRONG), ("1.5", Mark.WRONG)])
def test_nodes_are_a_whole_number(typed: str, mark: Mark) -> None:
    assert rules.judge_current_nodes(typed).mark is mark
    assert "measured" in rules.judge_current_nodes("12").sentence
