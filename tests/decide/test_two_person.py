"""Two people for what is riskiest: one person is never both, and both approve the same plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.decide.approval import ConfirmationKind, Refused, required_confirmation
from nodescaler_tui.decide.plan import Override, Plan
from nodescaler_tui.decide.two_person import (
    NO_RULE,
    TIERS,
    FirstApproval,
    Turn,
    TwoPersonRule,
    login_of,
    rule_of,
    turn_of,
)
from tests.decide.test_plan_and_approval import NOW, PAYLOAD, PLAN

EVERYTHING = TwoPersonRule(ConfirmationKind.KEY)
LOGINS = st.sampled_from(("ana", "bob", "ana@corp.example"))
OPERATORS = st.builds("{}@{}".format, LOGINS, st.sampled_from(("laptop", "desk", "")))
PLANS = st.builds(
    lambda requested, overrides, blind, ahead: replace(
        PLAN,
        payload=replace(PAYLOAD, requested_nodes=requested, auto_provision=requested > 10),
        overrides=tuple(sorted(overrides)),
        blind=blind,
        on_forecast=ahead,
    ),
    st.integers(1, 60).filter(lambda requested: requested != 10),
    st.sets(st.sampled_from(Override)),
    st.sampled_from(((), ("memory",))),
    st.booleans(),
)
RULES = st.builds(
    TwoPersonRule, st.sampled_from((None, *ConfirmationKind)), st.frozensets(st.sampled_from(("g-1", "g-2")))
)
FIRSTS = st.none() | st.builds(
    lambda plan, operator, age_s, void: FirstApproval(plan, operator, NOW - timedelta(seconds=age_s), void=void),
    st.just(PLAN) | PLANS,
    OPERATORS,
    st.integers(0, 30),
    st.sampled_from(("", "bob rejected it")),
)


@given(PLANS, OPERATORS, FIRSTS, RULES, st.integers(0, 1200))
def test_under_the_rule_nothing_is_sent_but_what_somebody_else_approved_first(
    plan: Plan, operator: str, first: FirstApproval | None, rule: TwoPersonRule, seconds: int
) -> None:
    now = NOW + timedelta(seconds=seconds)
    turn = turn_of(plan, operator, first, rule, now)
    if rule.covers(plan) and turn in {Turn.ONLY, Turn.SECOND}:
        assert turn is Turn.SECOND
        assert first is not None
        assert first.plan.hash == plan.hash
        assert login_of(first.operator) != login_of(operator)
        assert not first.void
        assert now < first.plan.expires_at


@given(PLANS, OPERATORS, RULES)
def test_where_the_rule_asks_for_nothing_one_person_is_enough(plan: Plan, operator: str, rule: TwoPersonRule) -> None:
    expected = Turn.FIRST if rule.covers(plan) else Turn.ONLY
    assert turn_of(plan, operator, None, rule, NOW) is expected
    assert turn_of(plan, operator, None, NO_RULE, NOW) is Turn.ONLY


@given(PLANS, RULES, RULES)
def test_joined_rules_cover_what_either_covers(plan: Plan, one: TwoPersonRule, other: TwoPersonRule) -> None:
    assert one.joined(other).covers(plan) is (one.covers(plan) or other.covers(plan))


@given(PLANS, st.sampled_from(tuple(TIERS)))
def test_a_tier_covers_itself_and_whatever_is_riskier(plan: Plan, name: str) -> None:
    tiers = list(ConfirmationKind)
    riskier = tiers.index(required_confirmation(plan).kind) >= tiers.index(TIERS[name])
    assert rule_of(name, ()).covers(plan) is riskier


@given(RULES)
def test_a_rule_is_read_as_it_was_written(rule: TwoPersonRule) -> None:
    assert rule_of(rule.tier_name, tuple(rule.groups)) == rule


@pytest.mark.parametrize(
    ("operator", "login"),
    [("ana@laptop", "ana"), ("ana@corp.example@laptop", "ana@corp.example"), ("ana", "ana"), ("@laptop", "")],
)
def test_the_login_is_what_counts_and_not_the_host(operator: str, login: str) -> None:
    assert login_of(operator) == login


def test_nobody_is_the_second_to_himself_on_any_host() -> None:
    first = FirstApproval(PLAN, "ana@laptop", NOW)
    refused = turn_of(PLAN, "ana@desk", first, EVERYTHING, NOW)
    assert isinstance(refused, Refused)
    assert refused.sentence.startswith("You approved this plan first, as ana; the second must be somebody else")


def test_the_same_in_another_plan_is_read_in_the_plan_that_was_approved_first() -> None:
    first = FirstApproval(PLAN, "ana@laptop", NOW)
    refused = turn_of(replace(PLAN, created_at=NOW + timedelta(seconds=1)), "bob@desk", first, EVERYTHING, NOW)
    assert isinstance(refused, Refused)
    assert "ana@laptop approved the same first" in refused.sentence


def test_a_plan_that_asks_for_something_else_begins_anew() -> None:
    first = FirstApproval(PLAN, "ana@laptop", NOW)
    other = replace(PLAN, payload=replace(PAYLOAD, requested_nodes=13))
    assert turn_of(other, "bob@desk", first, EVERYTHING, NOW) is Turn.FIRST


def test_a_first_approval_counts_until_the_plan_expires() -> None:
    first = FirstApproval(PLAN, "ana@laptop", NOW)
    last = PLAN.expires_at - timedelta(microseconds=1)
    assert turn_of(PLAN, "bob@desk", first, EVERYTHING, last) is Turn.SECOND
    assert turn_of(PLAN, "bob@desk", first, EVERYTHING, PLAN.expires_at) is Turn.FIRST
    assert first.why_void(last) == ""
    assert first.why_void(PLAN.expires_at) == "nobody followed before the plan expired"


def test_when_the_rule_is_taken_away_meanwhile_one_person_is_enough() -> None:
    first = FirstApproval(PLAN, "ana@laptop", NOW)
    assert turn_of(PLAN, "ana@laptop", first, NO_RULE, NOW) is Turn.ONLY
    assert turn_of(PLAN, "bob@desk", first, NO_RULE, NOW) is Turn.SECOND
