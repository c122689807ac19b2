"""What `nodescaler-tui store check` looks at, one finding each; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nodescaler_tui.decide.clock_skew import clock_gate
from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.inspection import Condition, Rights, condition_of
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.record.postgres.schema import SCHEMA_VERSION
from nodescaler_tui.record.postgres.server_clock import compared_clock


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, whether it is as it must be, and a sentence."""

    good: bool
    name: str
    sentence: str


def findings(sessions: Sessions) -> Iterator[Finding]:
    """Every check in turn. Raises JournalUnavailable when the store cannot be reached at all."""
    condition = condition_of(sessions)
    yield _server(condition, sessions.place)
    yield _durability(condition)
    yield _clock(sessions)
    yield _rights(condition)
    yield _schema(condition)
    if condition.schema and condition.rights is not Rights.NOTHING:
        yield _journal(sessions)


def _server(condition: Condition, place: str) -> Finding:
    about = f"PostgreSQL {condition.server} at {place}"
    if condition.replica is not None:
        said = f"{about} is a replica: it can be looked at, not acted on. {condition.replica.age}."
        return Finding(good=condition.rights is Rights.VIEWER, name="server", sentence=said)
    if not condition.encrypted and not condition.on_this_host:
        return Finding(good=False, name="server", sentence=f"{about}, and the way there is not encrypted.")
    way = "encrypted" if condition.encrypted else "on this host"
    return Finding(good=True, name="server", sentence=f"{about}, {way}.")


def _durability(condition: Condition) -> Finding:
    if condition.durable:
        return Finding(good=True, name="durability", sentence="What is confirmed is on the server's disk.")
    said = "fsync or full_page_writes is off: a power cut may take confirmed events along. Switch both on."
    return Finding(good=False, name="durability", sentence=said)


def _clock(sessions: Sessions) -> Finding:
    gate = clock_gate(compared_clock(sessions))
    return Finding(good=gate.passed, name="clock", sentence=f"{gate.sentence}.")


def _rights(condition: Condition) -> Finding:
    user = condition.user
    told = {
        Rights.NOTHING: f"{user} may do nothing here: make it a member of nodescaler_operator or nodescaler_viewer.",
        Rights.VIEWER: f"{user} may look.",
        Rights.OPERATOR: f"{user} may look and act.",
        Rights.OWNER: f"{user} may migrate. Nobody runs the dashboard with such rights.",
    }
    return Finding(good=condition.rights is not Rights.NOTHING, name="rights", sentence=told[condition.rights])


def _schema(condition: Condition) -> Finding:
    if condition.schema == SCHEMA_VERSION:
        return Finding(good=True, name="schema", sentence=f"{SCHEMA_VERSION}, as this program needs it.")
    if condition.schema == 0:
        said = "there is none that we may read. Its owner runs `nodescaler-tui store init`."
    elif condition.schema > SCHEMA_VERSION:
        said = f"{condition.schema}, and this program knows {SCHEMA_VERSION}: it can look and not act. Upgrade it."
    else:
        said = f"{condition.schema}, and this program needs {SCHEMA_VERSION}. Its owner runs `store migrate`."
    return Finding(good=False, name="schema", sentence=said)


def _journal(sessions: Sessions) -> Finding:
    journal = PostgresJournal(sessions)
    try:
        journal.check()
        outcome = verify_journal(journal)
    except JournalUnavailable as error:
        return Finding(good=False, name="journal", sentence=str(error))
    return Finding(good=outcome.intact, name="journal", sentence=outcome.sentences[0])
