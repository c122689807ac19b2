"""`nodescaler-tui check`: a preflight. One line for each thing that is needed, with what to do when it is not there."""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from nodescaler_tui.decide.clock_skew import clock_gate
from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.ahead_book import AheadBook, no_such_group
from nodescaler_tui.engine.assembly import belief_from, connection_from, declared_from, receiver_from
from nodescaler_tui.engine.journal_opening import open_journal
from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.facts import GroupKind, Observation, Problem
from nodescaler_tui.observe.connection import UnusableAddress
from nodescaler_tui.observe.genesys import GenesysSource
from nodescaler_tui.observe.sdk import load_sdk
from nodescaler_tui.record.shared import needing_the_driver, open_shared_for_reading
from nodescaler_tui.record.signing import UnusableKey
from nodescaler_tui.settings import Settings, SettingsError, Sources, load_settings
from nodescaler_tui.settings.places import make_private

MOST_SKEW_S: Final = 5.0
CONNECT_WITHIN_S: Final = 5.0
FAILED: Final = 1
MISCONFIGURED: Final = 2


class Mark(StrEnum):
    """How a check came out; only FAIL makes the command fail."""

    OK = "ok"
    NOTE = "note"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, how it came out, and what to do."""

    mark: Mark
    name: str
    sentence: str


def main(arguments: list[str]) -> int:
    """Print a line for each check; 0 when everything that is needed is there."""
    parser = argparse.ArgumentParser(prog="nodescaler-tui check", description="Try everything without acting.")
    parser.add_argument("--config", type=Path, help="another configuration file")
    options = parser.parse_args(arguments)
    try:
        settings = load_settings(Sources(config_file=options.config))
    except SettingsError as error:
        sys.stdout.write(_line(Finding(Mark.FAIL, "configuration", str(error))))
        return MISCONFIGURED
    failed = False
    for finding in findings(settings):
        sys.stdout.write(_line(finding))
        sys.stdout.flush()
        failed = failed or finding.mark is Mark.FAIL
    return FAILED if failed else 0


def _line(finding: Finding) -> str:
    return f"{finding.mark.value:<5} {finding.name:<16} {finding.sentence}\n"


def findings(settings: Settings) -> Iterator[Finding]:
    """Every check in turn; what depends on something that failed is left out."""
    yield _configuration(settings)
    yield _store(settings)
    if settings.store.url:
        yield from _shared_clock(settings.store.url)
    yield _receiver(settings)
    if settings.missing():
        for name, purpose in settings.missing():
            yield Finding(Mark.FAIL, "credentials", f"{name} is not set: {purpose}.")
        return
    try:
        observation = _observed(settings)
    except UnusableAddress as error:
        yield Finding(Mark.FAIL, "address", str(error))
        return
    yield from _genesys(observation)
    if observation.inventory_read:
        yield from _ahead(settings, observation)


def _ahead(settings: Settings, observation: Observation) -> Iterator[Finding]:
    """Ids for which plans ahead are switched on, and that no group has."""
    book = AheadBook(settings.forecast.propose_ahead)
    for group_id in book.strangers(group.id for group in observation.groups):
        yield Finding(Mark.FAIL, "propose ahead", no_such_group(display_text(group_id)))


def _configuration(settings: Settings) -> Finding:
    path = settings.paths.config_file
    origin = f"{path}" if path.exists() else f"environment and defaults; {path} is not there"
    return Finding(Mark.OK, "configuration", f"from {origin}. Region {settings.genesys.region}.")


def _store(settings: Settings) -> Finding:
    """A team's store is only looked at: trying to write would begin a journal in it."""
    if settings.store.url:
        return _shared_store(settings.store.url)
    try:
        make_private(settings.paths.state_dir)
        journal = open_journal(settings)
        head = journal.head()
        with journal.transaction():
            pass
    except (SettingsError, JournalUnavailable, UnusableKey) as error:
        return Finding(Mark.FAIL, "journal", str(error))
    return Finding(Mark.OK, "journal", f"{settings.paths.journal} can be written, {head.seq} events.")


def _shared_store(url: str) -> Finding:
    try:
        head = open_shared_for_reading(url).head()
    except JournalUnavailable as error:
        return Finding(Mark.FAIL, "journal", str(error))
    return Finding(Mark.OK, "journal", f"{url} can be read, {head.seq} events; `store check` tells more.")


def _shared_clock(url: str) -> Iterator[Finding]:
    """How this machine's clock stands to the store's, by which it is judged whether anything may be approved from here.

    A store that cannot be reached was told already.
    """
    try:
        with needing_the_driver():
            from nodescaler_tui.record.postgres.connection import Sessions  # noqa: PLC0415 - an extra
            from nodescaler_tui.record.postgres.server_clock import compared_clock  # noqa: PLC0415 - an extra
        sessions = Sessions(url)
        gate = clock_gate(compared_clock(sessions))
        sessions.close()
    except JournalUnavailable:
        return
    yield Finding(Mark.OK if gate.passed else Mark.FAIL, "store's clock", f"{gate.sentence}.")


def _receiver(settings: Settings) -> Finding:
    """Whether the receiver can be connected to; nothing is sent."""
    receiver, problem = receiver_from(settings)
    if receiver is None:
        return Finding(Mark.NOTE, "receiver", f"{problem}. Watching works without; approving does not.")
    parts = urlsplit(receiver.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((str(parts.hostname), port), CONNECT_WITHIN_S).close()
    except OSError as error:
        why = error.strerror or type(error).__name__
        return Finding(Mark.FAIL, "receiver", f"{receiver.host} cannot be reached: {why}. Check the address.")
    return Finding(Mark.OK, "receiver", f"{receiver.host} accepts connections; nothing was sent.")


def _observed(settings: Settings) -> Observation:
    source = GenesysSource(
        connection_from(settings),
        belief_from(settings),
        load_sdk(),
        declared=declared_from(settings),
        declared_nodes=lambda: settings.declared.current_nodes,
    )
    try:
        return source.poll()
    finally:
        source.close()


def _genesys(observation: Observation) -> Iterator[Finding]:
    """What one poll says about credentials, permissions, groups, limits and the clock."""
    for problem in observation.problems:
        yield Finding(Mark.FAIL if _is_needed(problem, observation) else Mark.NOTE, problem.endpoint, problem.sentence)
    if not observation.inventory_read:
        return
    yield Finding(Mark.OK, "credentials", "Genesys gave a token and listed the nodes.")
    yield from _groups(observation)
    budget = observation.budget
    live = "as Genesys tells it" if budget.limit_is_live else "assumed; the real one could not be read"
    yield Finding(
        Mark.OK, "request limit", f"{budget.limit_per_minute} a minute, {live}; this poll made {observation.requests}."
    )
    yield _clock(observation.clock_skew_s)


def _is_needed(problem: Problem, observation: Observation) -> bool:
    """Without nodes, CPU and memory there is nothing to decide on; everything else is context."""
    return not observation.inventory_read or problem.endpoint in {"edges", "edges/metrics", "oauth/token"}


def _groups(observation: Observation) -> Iterator[Finding]:
    mine = [group for group in observation.groups if not group.managed]
    managed = len(observation.groups) - len(mine)
    nodes = sum(int(group.current_nodes.value or 0) for group in mine)
    if not mine:
        yield Finding(
            Mark.FAIL, "node groups", "None that you could scale was found. Set MEDIA_QUEUE_ID for a declared one."
        )
        return
    yield Finding(Mark.OK, "node groups", f"{len(mine)} with {nodes} nodes; {managed} more are scaled by Genesys.")
    for group in mine:
        if group.kind is GroupKind.DECLARED:
            yield Finding(
                Mark.NOTE,
                "declared group",
                f"{group.id}: {group.current_nodes.value} nodes are declared, not measured.",
            )


def _clock(skew_s: float | None) -> Finding:
    if skew_s is None:
        return Finding(Mark.NOTE, "clock", "Genesys's clock could not be read.")
    if abs(skew_s) > MOST_SKEW_S:
        return Finding(
            Mark.FAIL, "clock", f"This machine is {skew_s:+.1f} s off Genesys's clock. Ages would be wrong; use NTP."
        )
    return Finding(Mark.OK, "clock", f"within {abs(skew_s):.1f} s of Genesys's.")
