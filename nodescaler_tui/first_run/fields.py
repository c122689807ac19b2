"""The fields of the first-run screen: what is set for each, where that came from, and what is to be said about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from nodescaler_tui.act.receivers.catalogue import UnusableProfile, find_profile
from nodescaler_tui.display_text import EMPTY, DisplayText, display_text
from nodescaler_tui.first_run import rules
from nodescaler_tui.observe.connection import REGION_HOSTS
from nodescaler_tui.settings import Settings
from nodescaler_tui.settings.receivers import in_words
from nodescaler_tui.show.setup import Field, Mark, Typed, Verdict

REGION: Final = "genesys.region"
CLIENT_ID: Final = "genesys.client_id"
SECRET: Final = "genesys.client_secret"  # noqa: S105 - the setting's key
WEBHOOK: Final = "receiver.url"
QUEUE: Final = "declared.queue_id"
NODE_GROUP: Final = "declared.node_group_id"
NODES: Final = "declared.current_nodes"
LABELS: Final = {
    REGION: "region",
    CLIENT_ID: "client id",
    SECRET: "client secret",
    WEBHOOK: "webhook URL",
    QUEUE: "queue id",
    NODE_GROUP: "node group",
    NODES: "current nodes",
}
NEEDED: Final = (CLIENT_ID, SECRET)
DECLARED: Final = (QUEUE, NODE_GROUP, NODES)
UNSET: Final = {
    CLIENT_ID: rules.wrong("Needed: the OAuth client's id."),
    SECRET: rules.wrong("Needed: the OAuth client's secret, never put on disk."),
    WEBHOOK: rules.note("Needed only to approve: https://, or http:// on loopback."),
    QUEUE: rules.note("The queue that feeds it; empty when there is none."),
    NODE_GROUP: rules.note("Used only together with a queue id."),
    NODES: rules.note("Used only together with a queue id."),
}
_JUDGES: Final[Mapping[str, Callable[[str], Verdict]]] = {
    REGION: rules.judge_region,
    CLIENT_ID: rules.judge_client_id,
    SECRET: rules.judge_secret,
    QUEUE: rules.judge_queue,
    NODE_GROUP: rules.judge_node_group,
    NODES: rules.judge_current_nodes,
}


def given(typed: Typed) -> dict[str, str]:
    """What was really typed, without what pasting leaves around it."""
    return {key: value for key in LABELS if (value := rules.cleaned(key, typed.get(key, "")))}


def field(settings: Settings, key: str, *, locked: bool) -> Field:
    """The field as it is set now. What the environment or the command line says cannot be overtyped: it would win."""
    elsewhere = key == WEBHOOK and (
        settings.receiver.url_from is not None or _origin(settings, "receiver.use") != "default"
    )
    return Field(
        key,
        LABELS[key],
        present=present(settings, key),
        fixed=locked or elsewhere or _origin(settings, key).startswith(("environment ", "command line")),
        secret=key == SECRET,
        optional=key in DECLARED,
        choices=tuple(REGION_HOSTS) if key == REGION else (),
    )


def present(settings: Settings, key: str) -> DisplayText:
    """What is set already, as it may be shown: of a secret that it is set, of a URL its host."""
    receiver = settings.receiver
    if key == WEBHOOK:
        return display_text(in_words(receiver)) if receiver.url or receiver.url_from is not None else EMPTY
    shown = next(origin.shown for origin in settings.origins if origin.key == key)
    return EMPTY if shown in {"–", "not set"} else display_text(shown)


def verdict(settings: Settings, key: str, typed: Mapping[str, str]) -> Verdict:
    """What is to be said about a field, from what is typed in it or else from what is set."""
    if key in typed:
        return _of_typed(settings, key, typed[key])
    if key == REGION and settings.genesys.gateway:
        return rules.note(f"Not used: {_gateway(settings)} answers instead ({_origin(settings, 'genesys.gateway')}).")
    origin = _origin(settings, key)
    unused = key in {NODE_GROUP, NODES} and origin == "default" and not (settings.declared.queue_id or QUEUE in typed)
    if unused or not present(settings, key):
        return UNSET[key]
    return _of_present(settings, key, origin)


def url_holds_secret(settings: Settings) -> bool:
    """Whether this kind of receiver has its secret in its URL, which the file may then not hold."""
    try:
        return find_profile(settings.receiver.profile).url_holds_secret
    except UnusableProfile:
        return True


def _of_typed(settings: Settings, key: str, value: str) -> Verdict:
    found = _judged(settings, key, value)
    if key == WEBHOOK and found.mark is Mark.OK and url_holds_secret(settings):
        return rules.ok(f"For this session only, because it holds a secret. {found.sentence}")
    return found


def _of_present(settings: Settings, key: str, origin: str) -> Verdict:
    """What is set: where it came from, and what is wrong with it."""
    genesys = settings.genesys
    values = {REGION: genesys.region, CLIENT_ID: genesys.client_id, WEBHOOK: settings.receiver.url}
    value = rules.cleaned(key, values.get(key, ""))
    if value and (found := _judged(settings, key, value)).mark is Mark.WRONG:
        return rules.wrong(f"From {origin}: {found.sentence}")
    if origin == "default":
        return rules.note(f"{present(settings, key)}, unless another is typed.")
    return rules.ok(f"Set, from {origin}." if key == SECRET else f"{present(settings, key)}, from {origin}.")


def _judged(settings: Settings, key: str, value: str) -> Verdict:
    if key == WEBHOOK:
        return rules.judge_webhook(value, settings.receiver.name, settings.receiver.allow_hosts)
    return _JUDGES[key](value)


def _origin(settings: Settings, key: str) -> str:
    return next(origin.origin for origin in settings.origins if origin.key == key)


def _gateway(settings: Settings) -> str:
    """The gateway's host, which may be shown."""
    try:
        return urlsplit(settings.genesys.gateway).netloc.rpartition("@")[2] or "an address without a host"
    except ValueError:
        return "an unreadable address"
