"""Cuts: an approval with its send is broken off at each message of the protocol, in both directions, one by one.

Each cut has a group of its own. What was broken off is then carried on with by whoever approved, as an engine does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, product
from pathlib import Path
from typing import Final

from benchmarks.team_proof.checker import violations
from benchmarks.team_proof.contender import Contender, receiver_at
from benchmarks.team_proof.evidence import Evidence, delivered_in, notes_in
from benchmarks.team_proof.instances import PEOPLE
from benchmarks.team_proof.network import Cut, Link, Network
from benchmarks.team_proof.server import ProofServer
from nodescaler_tui.events import EventKind, JournalUnavailable
from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.postgres.journal import PostgresJournal

STORE: Final = "cuts"
GOES_ON_WITHIN_S: Final = 20.0
PAST_THE_END: Final = 3
"""So many approvals in a row were over before their cut was due: renewals of the lease are among the messages, too."""


@dataclass
class BrokenOff:
    """How many cuts there were, and what the approvals came to."""

    cuts: int = 0
    told_approved: int = 0
    told_unknown: int = 0
    approved: int = 0
    problems: list[str] = field(default_factory=list)


def broken_off(server: ProofServer, network: Network, receiver: str, notebook: Path, most: int) -> BrokenOff:
    """At most so many cuts in each direction, before and after the message was passed on."""
    result, told = BrokenOff(), []
    before = sum(1 for _ in notes_in(notebook))
    store, link = server.new_store(STORE), network.link()
    url = f"postgresql://{PEOPLE[0]}@127.0.0.1:{link.port}/{STORE}?sslmode=disable&gssencmode=disable"
    contender = Contender(PEOPLE[0], url, receiver_at(receiver))
    for to_server, delivered in product((True, False), repeat=2):
        past_the_end = 0
        for number in range(1, most + 1) if most else count(1):
            cut = Cut(to_server, by_bytes=False, number=number, delivered=delivered)
            was_cut, approved = _one(contender, link, cut, result)
            told += approved
            past_the_end = 0 if was_cut else past_the_end + 1
            if past_the_end == PAST_THE_END:
                break
    contender.close()
    journal = PostgresJournal.open_for_reading(store.url("postgres"))
    verified, events = verify_journal(journal), tuple(journal.read())
    journal.close()
    sent = delivered_in(list(notes_in(notebook))[before:])
    flaw = "" if verified.flaw is None else verified.flaw.sentence
    result.approved = sum(event.kind is EventKind.PLAN_APPROVED for event in events)
    evidence = Evidence(events, flaw, confirmed=(), told=told, delivered=sent, record=())
    result.problems += [str(each) for each in violations(evidence, faults_are_over=False)]
    return result


def _one(contender: Contender, link: Link, cut: Cut, result: BrokenOff) -> tuple[bool, list[str]]:
    """One approval that is broken off there; whether it was, and what its operator was told is approved."""
    group_id = f"cut-{cut.to_server:d}{cut.delivered:d}-{cut.number}"
    before, told = link.cuts, []
    link.cut_at(cut, and_stay_cut=False)
    try:
        answer = contender.approves(group_id)
        told = [answer.operation_id] if answer.done else []
        result.told_approved += answer.done
    except JournalUnavailable:
        result.told_unknown += 1
    link.mend()
    was_cut = link.cuts > before
    result.cuts += was_cut
    for problem in _carried_on(contender, group_id):
        result.problems.append(problem)
    return was_cut, told


def _carried_on(contender: Contender, group_id: str) -> Iterator[str]:
    """Until the journal has taken it: the lease, too, may have to be taken anew first."""
    give_up_at = time.monotonic() + GOES_ON_WITHIN_S
    while True:
        try:
            contender.goes_on(group_id)
        except JournalUnavailable as error:
            if time.monotonic() > give_up_at:
                yield f"{group_id} cannot be carried on with: {error}"
                return
            time.sleep(0.1)
        else:
            return
