"""What can be told of a typed value without asking anybody: pure rules, each with one plain sentence.

The client's secret is sent to the region's host, so a host is only taken when it is known to be Genesys Cloud's: a
mistyped one may belong to somebody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final
from urllib.parse import urlsplit

from nodescaler_tui.act.receivers.address import is_this_machine, parsed, refusal
from nodescaler_tui.act.receivers.url import UnsafeReceiver, check_url
from nodescaler_tui.display_text import display_text
from nodescaler_tui.observe.connection import REGION_HOSTS
from nodescaler_tui.settings.table import BY_KEY
from nodescaler_tui.show.setup import Mark, Verdict

REGIONS_BY_HOST: Final = {host: region for region, host in REGION_HOSTS.items()}
LONGEST_HOST: Final = 253
LONGEST_SENTENCE: Final = 400
_GENESYS_HOST: Final = re.compile(r"([a-z0-9-]+\.)+(us-gov-pure|eusc-pure|pure)\.cloud")
_AROUND_A_HOST: Final = re.compile(r"^(https?://)?((api|apps|login|www)\.)?|[/:?#].*$", re.DOTALL)
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def cleaned(key: str, typed: str) -> str:
    """A typed value without what pasting leaves around it; a region as its host or name is written."""
    text = typed.strip()
    if key != "genesys.region":
        return text
    lower = text.lower()
    name = lower.replace("_", "-")
    return name if name in REGION_HOSTS else lower


def ok(sentence: str) -> Verdict:
    """It can be used."""
    return Verdict(Mark.OK, display_text(sentence, LONGEST_SENTENCE))


def note(sentence: str) -> Verdict:
    """It can be used, and something should be known about it."""
    return Verdict(Mark.NOTE, display_text(sentence, LONGEST_SENTENCE))


def wrong(sentence: str) -> Verdict:
    """It cannot be used, or is still needed."""
    return Verdict(Mark.WRONG, display_text(sentence, LONGEST_SENTENCE))


def judge_region(region: str) -> Verdict:
    """A region by its name or host, as `cleaned` gives it."""
    host = region.removeprefix("api.")
    if region in REGION_HOSTS:
        return ok(f"{region} is api.{REGION_HOSTS[region]}.")
    if host in REGIONS_BY_HOST:
        return ok(f"api.{host} is the region {REGIONS_BY_HOST[host]}.")
    bare = _AROUND_A_HOST.sub("", region[: LONGEST_HOST * 2])
    if bare in REGIONS_BY_HOST:
        return wrong(f"Only the region's host is needed: {bare}.")
    nearest = next(iter(get_close_matches(bare[:LONGEST_HOST], [*REGION_HOSTS, *REGIONS_BY_HOST], 1, 0.6)), "")
    if len(host) <= LONGEST_HOST and _GENESYS_HOST.fullmatch(host):
        like = f", the nearest is {nearest}" if nearest else ""
        return note(f"A host of Genesys Cloud, but of no region known here{like}.")
    if nearest:
        return wrong(f"No such region of Genesys Cloud; the nearest is {nearest}.")
    return wrong("No such region. One is called eu-west-1, its host mypurecloud.ie.")


def judge_client_id(client_id: str) -> Verdict:
    """The OAuth client's id."""
    problem = _unusable(client_id)
    if problem:
        return wrong(problem)
    if not _UUID.fullmatch(client_id):
        return note("Unusual: Genesys Cloud's client ids are UUIDs.")
    return ok("It looks like a client id.")


def judge_secret(secret: str) -> Verdict:
    """The OAuth client's secret. Nothing of it is in the sentence."""
    if _unusable(secret) or not secret.isascii():
        return wrong("A space or another character that no secret has is in it.")
    return ok("For this session only: never shown, never put on disk.")


def judge_webhook(url: str, receiver: str, allow_hosts: Sequence[str]) -> Verdict:
    """The receiver's URL, by what is written. Names are resolved only when it is tried."""
    try:
        check_url(receiver, url)
    except UnsafeReceiver as error:
        return wrong(str(error))
    host = str(urlsplit(url).hostname)
    address = parsed(host)
    refused = refusal(host, address, allow_hosts) if address is not None else ""
    if refused:
        return wrong(refused)
    where = f"{host}, which is this machine" if is_this_machine(host) else host
    return ok(f"{where}; only what you approve is sent there.")


def judge_queue(queue_id: str) -> Verdict:
    """The queue that feeds a declared group."""
    problem = _unusable(queue_id)
    if problem:
        return wrong(problem)
    if not _UUID.fullmatch(queue_id):
        return note("Unusual: Genesys Cloud's queue ids are UUIDs.")
    return ok("Its sessions are shown for the declared node group.")


def judge_node_group(node_group_id: str) -> Verdict:
    """The name of a declared group, which goes into every payload for it."""
    problem = _unusable(node_group_id)
    return wrong(problem) if problem else ok("This id goes into the payload.")


def judge_current_nodes(nodes: str) -> Verdict:
    """How many nodes a declared group has now."""
    try:
        BY_KEY["declared.current_nodes"].read(nodes)
    except ValueError as error:
        return wrong(f"It {error}.")
    return ok("Declared, not measured: Genesys Cloud does not count them.")


def _unusable(text: str) -> str:
    """Why this is no id, empty when it may be one."""
    if not text.isprintable():
        return "It has a control character in it."
    return "It has a space in it." if any(map(str.isspace, text)) else ""
