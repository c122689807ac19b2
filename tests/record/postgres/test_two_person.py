"""The database's own guard, with real logins: nobody speaks for another, and nobody is both of two people."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from nodescaler_tui.act.approval import Approval, ApprovalTerms, Approved, NotApproved, approve, operation_id_of
from nodescaler_tui.act.first_approvals import first_approved
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.plan_record import approved_fields
from nodescaler_tui.decide.approval import ConfirmationKind, required_confirmation
from nodescaler_tui.decide.plan import Plan
from nodescaler_tui.decide.two_person import NO_RULE, TwoPersonRule, rule_of
from nodescaler_tui.events import Draft, EventKind, FieldValue, JournalUnavailable
from nodescaler_tui.record.canonical import event_bytes
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.record.postgres.two_person import rule_at, set_rule
from tests.act.test_two_people import PLAN as OLD_PLAN
from tests.act.test_two_people import PLANS
from tests.postgresql.databases import Database
from tests.record.conftest import NOON

Fields = dict[str, FieldValue]
PLAN = replace(OLD_PLAN, created_at=datetime.now(UTC))
OPERATION = operation_id_of(PLAN.hash)
WORDS = [
    EventKind.PLAN_FIRST_APPROVED,
    EventKind.PLAN_APPROVED,
    EventKind.PLAN_REJECTED,
    EventKind.PLAN_REFUSED,
    EventKind.OPERATION_CANCELLED,
    EventKind.THRESHOLDS_CHANGED,
    EventKind.GROUP_PAUSED,
    EventKind.GROUP_UNPAUSED,
    EventKind.GROUP_AHEAD_SWITCHED,
    EventKind.GROUP_ACKNOWLEDGED,
    EventKind.JOURNAL_ACCEPTED,
]


def first_by(who: str, plan: Plan = PLAN) -> Draft:
    return first_approved(plan, NOON, who, typed="", reason="", holder="one", takes_back="")


def approved_by(who: str, plan: Plan = PLAN) -> Draft:
    operation_id = operation_id_of(plan.hash)
    return Draft(EventKind.PLAN_APPROVED, NOON, who, plan.group_id, operation_id, approved_fields(plan))


class People:
    """Each with a journal of a session of their own login."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.ana = PostgresJournal.open(database.url("ana"), version="1")
        self.ben = PostgresJournal.open(database.url("ben"), version="1")

    def rule(self, tier: str = "key", *groups: str) -> None:
        sessions = Sessions(self.database.url("postgres"))
        set_rule(sessions, rule_of(tier, groups), operator="root@db", version="1", at=NOON)
        sessions.close()


@pytest.fixture
def people(database: Database) -> People:
    return People(database)


def write(journal: PostgresJournal, *drafts: Draft) -> None:
    with journal.transaction() as transaction:
        for draft in drafts:
            transaction.append(draft)


def refused(journal: PostgresJournal, *drafts: Draft, match: str) -> None:
    before = journal.head()
    with pytest.raises(JournalUnavailable, match=match):
        write(journal, *drafts)
    assert journal.head() == before


@pytest.mark.parametrize("kind", WORDS)
def test_no_word_is_written_for_another_login(people: People, kind: EventKind) -> None:
    write(people.ana, approved_by("ana@laptop"))
    for name in ("ben@laptop", "", "ana@laptop@desk", "anastasia@laptop", "Ana@laptop"):
        operation = OPERATION if kind is EventKind.OPERATION_CANCELLED else "op-2"
        word = Draft(kind, NOON, name, "g-2", operation, {"plan_hash": "cd"})
        refused(people.ana, word, match="cannot be written by the login ana")
    by_engine = kind in {EventKind.GROUP_PAUSED, EventKind.OPERATION_CANCELLED}
    if not by_engine:
        refused(people.ana, Draft(kind, NOON, "engine", "g-2", "op-2"), match="in the name of engine")


def test_an_operator_is_whom_the_server_let_in_on_whichever_host(people: People) -> None:
    for host in ("laptop", "desk", ""):
        write(people.ben, Draft(EventKind.GROUP_PAUSED, NOON, f"ben@{host}", "g-1", "", {"until": NOON.isoformat()}))
    write(people.ben, Draft(EventKind.GROUP_PAUSED, NOON, "engine", "g-1", "", {"until": NOON.isoformat()}))


def test_who_carries_on_takes_steps_for_whoever_approved_and_says_by_whom(people: People) -> None:
    write(people.ana, approved_by("ana@laptop"))
    step = Draft(EventKind.OPERATION_SENDING, NOON, "ana@laptop", "g-1", OPERATION, {"attempt": 1})
    resumed = replace(step, kind=EventKind.OPERATION_RESUMED, fields={"holder": "two"})
    refused(people.ben, resumed, match="cannot be written by the login ben")
    refused(people.ben, replace(resumed, fields={"by": "ana@laptop"}), match="cannot be written by the login ben")
    write(people.ben, replace(resumed, fields={"by": "ben@desk"}), step)
    refused(
        people.ben, replace(step, operator="vic@desk", kind=EventKind.OPERATION_IN_DOUBT), match="in the name of vic"
    )
    refused(people.ben, replace(step, operator="", kind=EventKind.OPERATION_IN_DOUBT), match="in the name of nobody")


@pytest.mark.parametrize("order", ["stop", "acted", "close"])
def test_an_answer_to_a_doubt_is_a_word_too(people: People, order: str) -> None:
    write(people.ana, approved_by("ana@laptop"))
    sent = Draft(EventKind.OPERATION_SENDING, NOON, "ana@laptop", "g-1", OPERATION, {"attempt": 1})
    write(people.ana, sent, replace(sent, kind=EventKind.OPERATION_IN_DOUBT))
    word = replace(sent, kind=EventKind.OPERATION_ACCEPTED, fields={"order": order})
    refused(people.ben, word, match="in the name of ana@laptop cannot be written by the login ben")
    ordered = replace(word, kind=EventKind.OPERATION_RESEND_ORDERED, fields={})
    refused(people.ben, ordered, match="in the name of ana@laptop cannot be written by the login ben")
    write(people.ben, replace(word, operator="ben@desk"))


def test_only_an_owner_sets_the_rule_and_the_journal_says_so(people: People) -> None:
    changed = Draft(EventKind.TWO_PERSON_CHANGED, NOON, "ana@laptop", fields={"from_tier": "off", "groups": []})
    refused(people.ana, changed, match="only an owner of the store sets the two-person rule")
    people.rule("number", "g-1")
    sessions = Sessions(people.database.url("ana"))
    assert rule_at(sessions) == TwoPersonRule(ConfirmationKind.TYPE_REQUESTED_NODES, frozenset({"g-1"}))
    told = people.ana.read()[-1]
    assert (told.kind, told.operator) == (EventKind.TWO_PERSON_CHANGED, "postgres@db")
    assert told.fields == {"from_tier": "number", "groups": ["g-1"], "was_from_tier": "off", "was_groups": []}
    people.rule("off")
    assert rule_at(sessions) == NO_RULE
    sessions.close()


@pytest.mark.parametrize("rule", [("key",), ("off", "g-1")])
def test_under_the_rule_no_host_can_leave_the_first_approval_out(people: People, rule: tuple[str, ...]) -> None:
    write(people.ben, approved_by("ben@desk"))
    write(people.ben, Draft(EventKind.OPERATION_CANCELLED, NOON, "ben@desk", "g-1", OPERATION))
    people.rule(*rule)
    other = replace(PLAN, codes=("MEM_CRITICAL",))
    refused(people.ben, approved_by("ben@desk", other), match="nobody has approved it first")
    write(people.ana, first_by("ana@laptop", other))
    refused(
        people.ana, approved_by("ana@laptop", other), match="ana approved this plan first; the second must be somebody"
    )
    refused(
        people.ana, approved_by("ana@desk", other), match="ana approved this plan first; the second must be somebody"
    )
    write(people.ben, approved_by("ben@desk", other))


@pytest.mark.parametrize("name", ["body", "payload", "requested_nodes", "receiver_host", "evidence", "overrides"])
def test_what_is_sent_is_what_both_have_approved(people: People, name: str) -> None:
    people.rule()
    write(people.ana, first_by("ana@laptop"))
    others: Fields = {"requested_nodes": 13, "overrides": ["cooldown"]}
    approved = approved_by("ben@desk")
    changed = replace(approved, fields={**(approved.fields or {}), name: others.get(name, "something else")})
    refused(people.ben, changed, match="not the plan that was approved first")
    write(people.ben, approved_by("ben@desk"))


def test_a_plan_without_a_hash_is_nobodys_second(people: People) -> None:
    people.rule()
    bare = Draft(EventKind.PLAN_APPROVED, NOON, "ben@desk", "g-1", "op-1", {})
    refused(people.ben, bare, match="nobody has approved it first")


@pytest.mark.parametrize(
    "ends",
    [
        Draft(EventKind.PLAN_REJECTED, NOON, "ana@laptop", "g-1", fields={"plan_hash": PLAN.hash}),
        Draft(EventKind.PLAN_FIRST_APPROVAL_VOID, NOON, "engine", "g-1", fields={"plan_hash": PLAN.hash}),
        first_by("ana@laptop", replace(PLAN, codes=("MEM_CRITICAL",))),
    ],
    ids=["rejected", "void", "superseded"],
)
def test_a_first_approval_that_is_over_is_followed_by_nobody(people: People, ends: Draft) -> None:
    people.rule()
    write(people.ana, first_by("ana@laptop"), ends)
    refused(people.ben, approved_by("ben@desk"), match="nobody has approved it first")


def test_a_plan_that_has_expired_by_the_servers_clock_is_approved_by_nobody(people: People) -> None:
    people.rule()
    for made in (datetime.now(UTC) - timedelta(minutes=11), datetime.now(UTC) - timedelta(days=1)):
        old = replace(PLAN, created_at=made)
        write(people.ana, first_by("ana@laptop", old))
        refused(people.ben, approved_by("ben@desk", old), match="has expired")


def test_a_plan_that_claims_to_live_longer_does_not(people: People) -> None:
    write(people.ana, first_by("ana@laptop", replace(PLAN, created_at=datetime.now(UTC) + timedelta(days=1))))
    left = people.database.ask("SELECT until <= clock_timestamp() + interval '10 minutes' FROM first_approval")
    assert left == (True,)


def test_of_two_seconds_at_the_same_instant_one_approves_and_the_other_is_told(people: People) -> None:
    people.rule()
    write(people.ana, first_by("ana@laptop"))
    cem = PostgresJournal.open(people.database.url("cem"), version="1")
    ledgers = [Ledger(people.ana.read()), Ledger(people.ana.read())]
    terms = ApprovalTerms(0.0, 1000, {"cpu": "0.9"}, None, "one")
    together = Barrier(2)

    def second(journal: PostgresJournal, ledger: Ledger, who: str) -> object:
        together.wait()
        return approve(journal, ledger, PLAN, Approval(who, "", "", PLAN.created_at), terms)

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(second, (people.ben, cem), ledgers, ("ben@desk", "cem@phone")))
    (refusal,) = (outcome for outcome in outcomes if isinstance(outcome, NotApproved))
    assert "used already: approved by" in refusal.sentence
    assert sum(isinstance(outcome, Approved) for outcome in outcomes) == 1
    assert [event.kind for event in people.ana.read()].count(EventKind.PLAN_APPROVED) == 1


def test_below_the_tier_one_person_is_enough(people: People) -> None:
    people.rule("number", "g-2")
    write(people.ben, approved_by("ben@desk"))


def test_the_database_and_the_code_find_the_same_tier(database: Database) -> None:
    with database.connect() as opened:

        def tier_there(fields: Fields) -> int:
            canonical = event_bytes(1, Draft(EventKind.PLAN_APPROVED, NOON, fields=fields))
            row = opened.execute("SELECT approval_tier(document_of(%s) -> 'fields')", (canonical,)).fetchone()
            assert row is not None
            assert isinstance(row[0], int)
            return row[0]

        agree(tier_there)
        assert tier_there({}) == 3


def agree(tier_there: Callable[[Fields], int]) -> None:
    @hypothesis_settings(max_examples=150, deadline=None)
    @given(PLANS, st.integers(1, 120), st.integers(1, 120), st.integers(1, 120), st.booleans())
    def same(plan: Plan, current: int, requested: int, most: int, bare: bool) -> None:
        payload = replace(
            plan.payload,
            current_nodes=current,
            requested_nodes=requested + (requested == current),
            auto_provision=requested + (requested == current) > current,
        )
        kept = {"overrides": (), "blind": (), "on_forecast": False} if bare else {}
        other = replace(plan, payload=payload, matrix=replace(plan.matrix, max_nodes=most), **kept)  # type: ignore[arg-type]
        assert tier_there(approved_fields(other)) == list(ConfirmationKind).index(required_confirmation(other).kind) + 1

    same()
