"""Two approvals on a real journal: the second reads the very plan of the first, and only then there is an operation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.act.approval import (
    Approval,
    ApprovalTerms,
    Approved,
    FirstApproved,
    NotApproved,
    approve,
    end_first_approvals,
    note,
)
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.operation import IllegalTransition
from nodescaler_tui.act.plan_record import plan_in, whole_plan_fields
from nodescaler_tui.decide.approval import ConfirmationKind
from nodescaler_tui.decide.payload import payload_for
from nodescaler_tui.decide.plan import Evidence, Override, Plan, Receiver
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.decide.two_person import FirstApproval, TwoPersonRule
from nodescaler_tui.events import Draft, Event, EventKind
from nodescaler_tui.record.canonical import event_bytes, event_from
from nodescaler_tui.record.sqlite import SqliteJournal

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EVERYTHING = TwoPersonRule(ConfirmationKind.KEY)
TERMS = ApprovalTerms(0.0, 1000, {"cpu": "0.9"}, None, "one", rule=EVERYTHING)
FRACTIONS = st.floats(0.01, 1.0)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
MOMENTS = st.integers(0, 10**9).map(lambda seconds: NOON + timedelta(microseconds=seconds * 1001))


def plan_of(
    matrix: ThresholdMatrix, nodes: tuple[int, int], words: list[str], at: datetime | None, overrides: set[Override]
) -> Plan:
    payload = payload_for("g-1", *nodes, matrix)
    reason, code, value, name, blind = words
    return Plan(
        group_id="g-1",
        group_name=name,
        payload=payload,
        body=payload.canonical_bytes(),
        matrix=matrix,
        reasons=(reason,),
        codes=(code,),
        projection=reason,
        gates=(),
        receiver=Receiver(name, "receiver.example", code, reason, value),
        evidence=(Evidence("cpu", value, reason, at),),
        overrides=tuple(sorted(overrides)),
        blind=(blind,) if blind else (),
        created_at=at or NOON,
        on_forecast=bool(blind),
    )


MATRICES = st.builds(
    lambda cpu, memory, most, factor: ThresholdMatrix(
        min(cpu), max(cpu), min(memory), max(memory), most, Decimal(factor) / 10, factor
    ),
    st.tuples(FRACTIONS, FRACTIONS),
    st.tuples(FRACTIONS, FRACTIONS),
    st.integers(1, 500),
    st.integers(1, 99),
)
PLANS = st.builds(
    plan_of,
    MATRICES,
    st.tuples(st.integers(0, 50), st.integers(51, 99)),
    st.lists(TEXTS, min_size=5, max_size=5),
    st.none() | MOMENTS,
    st.sets(st.sampled_from(Override)),
)
PLAN = plan_of(ThresholdMatrix(), (10, 12), ["CPU 93 %", "CPU_CRITICAL", "0.93", "media", ""], NOON, set())


def written(plan: Plan) -> Event:
    """As it comes back from a journal."""
    draft = Draft(EventKind.PLAN_FIRST_APPROVED, NOON, "ana@laptop", plan.group_id, fields=whole_plan_fields(plan))
    return event_from(event_bytes(1, draft), "aa")


@given(PLANS)
def test_a_plan_comes_back_from_the_journal_exactly(plan: Plan) -> None:
    assert plan_in(written(plan)) == plan


@pytest.mark.parametrize("name", ["body", "payload", "codes", "matrix", "evidence", "created_at", "receiver_version"])
def test_a_plan_that_is_not_what_its_hash_names_is_none(name: str) -> None:
    event = written(PLAN)
    other = written(
        replace(
            PLAN,
            payload=replace(PLAN.payload, requested_nodes=13),
            body=b"{}",
            codes=("MEM",),
            matrix=ThresholdMatrix(max_nodes=99),
            evidence=(),
            created_at=NOON + timedelta(1),
            receiver=replace(PLAN.receiver, version="v2"),
        )
    )
    with pytest.raises(IllegalTransition, match="is not the one that its hash names"):
        plan_in(replace(event, fields={**event.fields, name: other.fields[name]}))


class Engine:
    """One process's view of a shared journal."""

    def __init__(self, folder: Path) -> None:
        self.journal = SqliteJournal.open(folder / "journal.db", version="1")
        self.ledger = Ledger()

    def approve(
        self, operator: str, plan: Plan = PLAN, *, minutes: float = 1
    ) -> Approved | FirstApproved | NotApproved:
        approval = Approval(operator, "", "", NOON + timedelta(minutes=minutes))
        return approve(self.journal, self.ledger, plan, approval, TERMS)

    def first(self) -> FirstApproval:
        self.ledger.extend(self.journal.read(after=self.ledger.seq))
        first = self.ledger.first_approvals.of("g-1")
        assert first is not None
        return first

    def kinds(self) -> list[str]:
        return [event.kind.value for event in self.journal.read(after=1)]


@pytest.fixture
def ana(tmp_path: Path) -> Engine:
    return Engine(tmp_path)


@pytest.fixture
def bob(tmp_path: Path) -> Engine:
    return Engine(tmp_path)


def test_the_second_finds_the_plan_of_the_first_and_makes_it_an_operation_with_both_names(
    ana: Engine, bob: Engine
) -> None:
    assert ana.approve("ana@laptop") == FirstApproved(PLAN.expires_at)
    assert ana.ledger.operations() == ()
    outcome = bob.approve("bob@desk", bob.first().plan)
    assert isinstance(outcome, Approved)
    operation = bob.ledger.operation(outcome.operation_id)
    assert operation is not None
    assert (operation.first_operator, operation.operator) == ("ana@laptop", "bob@desk")
    assert operation.plan.body == PLAN.body.decode()
    assert bob.kinds() == ["plan.first_approved", "plan.approved"]


def test_the_same_person_sends_nothing_however_often_and_from_wherever(ana: Engine, bob: Engine) -> None:
    ana.approve("ana@laptop")
    for host in ("laptop", "desk"):
        outcome = bob.approve(f"ana@{host}", bob.first().plan)
        assert isinstance(outcome, NotApproved)
        assert "must be somebody else" in outcome.sentence
    assert bob.kinds() == ["plan.first_approved"]


def test_of_several_seconds_at_the_same_instant_one_sends(tmp_path: Path, ana: Engine) -> None:
    ana.approve("ana@laptop")
    people = [f"person{number}@desk" for number in range(6)]
    engines = [Engine(tmp_path) for _ in people]
    plan = engines[0].first().plan
    with ThreadPoolExecutor(len(people)) as pool:
        outcomes = list(pool.map(lambda engine, who: engine.approve(who, plan), engines, people))
    assert sum(isinstance(outcome, Approved) for outcome in outcomes) == 1
    assert all("used already" in outcome.sentence for outcome in outcomes if isinstance(outcome, NotApproved))
    assert ana.kinds() == ["plan.first_approved", "plan.approved"]


def test_of_two_firsts_at_the_same_instant_one_is_the_first_and_the_other_reads_it(tmp_path: Path) -> None:
    engines = [Engine(tmp_path), Engine(tmp_path)]
    plans = [PLAN, replace(PLAN, created_at=NOON + timedelta(seconds=1))]
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda engine, who, plan: engine.approve(who, plan), engines, ("a@x", "b@x"), plans))
    assert sum(isinstance(outcome, FirstApproved) for outcome in outcomes) == 1
    assert (
        sum(isinstance(outcome, NotApproved) and "approved the same first" in outcome.sentence for outcome in outcomes)
        == 1
    )
    assert engines[0].kinds() == ["plan.first_approved"]


def test_a_first_approval_ends_with_its_plan(ana: Engine, bob: Engine) -> None:
    ana.approve("ana@laptop")
    outcome = bob.approve("bob@desk", bob.first().plan, minutes=10)
    assert isinstance(outcome, NotApproved)
    assert "expired" in outcome.sentence


def test_whoever_rejects_takes_the_first_approval_back(ana: Engine, bob: Engine) -> None:
    ana.approve("ana@laptop")
    plan = bob.first().plan
    note(
        ana.journal,
        ana.ledger,
        Draft(EventKind.PLAN_REJECTED, NOON, "ana@laptop", "g-1", fields={"plan_hash": plan.hash}),
    )
    assert isinstance(bob.approve("bob@desk", plan), NotApproved)
    assert bob.first().why_void(NOON) == "ana@laptop rejected the plan at 12:00 UTC"


def test_a_first_approval_that_was_ended_must_be_given_anew(ana: Engine, bob: Engine) -> None:
    ana.approve("ana@laptop")
    first = bob.first()
    end_first_approvals(ana.journal, ana.ledger, [(first, "current nodes: 10 → 11")], NOON)
    assert bob.first().void == "current nodes: 10 → 11"
    assert isinstance(bob.approve("bob@desk", first.plan), FirstApproved)
    assert isinstance(ana.approve("ana@laptop", first.plan), Approved)


def test_what_somebody_has_followed_meanwhile_is_not_ended(ana: Engine, bob: Engine) -> None:
    ana.approve("ana@laptop")
    first = ana.first()
    bob.approve("bob@desk", bob.first().plan)
    end_first_approvals(ana.journal, ana.ledger, [(first, "too late")], NOON)
    assert ana.kinds() == ["plan.first_approved", "plan.approved"]


def test_a_rule_in_the_journal_holds_beside_ones_own(ana: Engine) -> None:
    fields = {"from_tier": "off", "groups": ["g-1"]}
    note(ana.journal, ana.ledger, Draft(EventKind.TWO_PERSON_CHANGED, NOON, "owner@db", fields=fields))
    approval = Approval("ana@laptop", "", "", NOON)
    outcome = approve(ana.journal, ana.ledger, PLAN, approval, replace(TERMS, rule=TwoPersonRule()))
    assert isinstance(outcome, FirstApproved)
