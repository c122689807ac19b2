"""A plan is exact: its hash covers what matters, an approval is measured against it, and what changed is named."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nodescaler_tui.decide.approval import ConfirmationKind, judge_approval, required_confirmation
from nodescaler_tui.decide.payload import InvalidPayload, ScalingPayload
from nodescaler_tui.decide.plan import Evidence, Override, Plan, Receiver, changes
from nodescaler_tui.decide.thresholds import ThresholdMatrix

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
PAYLOAD = ScalingPayload("g-1", 10, 12, 0.9, 0.95)
PLAN = Plan(
    group_id="g-1",
    group_name="media-eu",
    payload=PAYLOAD,
    body=PAYLOAD.canonical_bytes(),
    matrix=ThresholdMatrix(),
    reasons=("CPU 93 % ≥ 90 % critical",),
    codes=("CPU_CRITICAL",),
    projection="CPU ≈ 78 %",
    gates=(),
    receiver=Receiver("webhook", "scaler.example", "none", "every call acts", "v1"),
    evidence=(Evidence("cpu", "0.93", "edge metrics", NOW),),
    overrides=(),
    blind=(),
    created_at=NOW,
)


def test_the_bytes_that_are_sent_are_the_bytes_that_are_hashed() -> None:
    body = PAYLOAD.canonical_bytes()
    assert body == (
        b'{"auto_provision":true,"cpu_threshold":0.9,"current_nodes":10,"load_balancer_reconfigure":true,'
        b'"memory_threshold":0.95,"node_group_id":"g-1","requested_nodes":12}'
    )
    assert PAYLOAD.sha256() == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        {"node_group_id": ""},
        {"node_group_id": "g\x1b[2J"},
        {"requested_nodes": 10},
        {"requested_nodes": 9},
        {"requested_nodes": 0, "auto_provision": False},
        {"current_nodes": -1},
        {"cpu_threshold": float("nan")},
        {"memory_threshold": 9.0},
        {"auto_provision": False},
    ],
)
def test_a_payload_that_must_not_leave_cannot_be_made(change: dict[str, object]) -> None:
    with pytest.raises(InvalidPayload):
        ScalingPayload(**{**dataclasses.asdict(PAYLOAD), **change})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"payload": replace(PAYLOAD, requested_nodes=13)}, "requested nodes"),
        ({"payload": replace(PAYLOAD, current_nodes=11)}, "current nodes"),
        ({"matrix": ThresholdMatrix(cpu_warning=0.7)}, "cpu warning"),
        ({"matrix": ThresholdMatrix(max_nodes=40)}, "max nodes"),
        ({"receiver": replace(PLAN.receiver, version="v2")}, "receiver"),
        ({"overrides": (Override.COOLDOWN,)}, "overrides"),
        ({"blind": ("memory",)}, "signals that are blind"),
        ({"on_forecast": True}, "called for by"),
    ],
)
def test_whatever_matters_changes_the_plan_and_is_named(change: dict[str, object], field: str) -> None:
    other = replace(PLAN, **change)  # type: ignore[arg-type]
    assert field in [each.field for each in changes(PLAN, other)]
    refused = judge_approval(PLAN, other, typed="", reason="", now=NOW)
    assert refused is not None
    assert field in [each.field for each in refused.changes]


@pytest.mark.parametrize(
    "change",
    [
        {"payload": replace(PAYLOAD, requested_nodes=13)},
        {"matrix": ThresholdMatrix(cpu_critical=0.85)},
        {"receiver": replace(PLAN.receiver, version="v2")},
        {"evidence": (Evidence("cpu", "0.94", "edge metrics", NOW),)},
        {"overrides": (Override.COOLDOWN,)},
        {"created_at": NOW + timedelta(seconds=1)},
        {"on_forecast": True},
        {"codes": ("CPU_CRITICAL_AHEAD",)},
    ],
)
def test_the_hash_covers_each_input(change: dict[str, object]) -> None:
    assert replace(PLAN, **change).hash != PLAN.hash  # type: ignore[arg-type]


def test_a_metric_that_moved_makes_no_plan_stale() -> None:
    moved = replace(PLAN, evidence=(Evidence("cpu", "0.97", "edge metrics", NOW + timedelta(seconds=10)),))
    assert judge_approval(PLAN, moved, typed="", reason="", now=NOW) is None


def test_a_plan_expires_after_ten_minutes_and_not_before() -> None:
    last = NOW + timedelta(minutes=10)
    assert judge_approval(PLAN, PLAN, typed="", reason="", now=last - timedelta(microseconds=1)) is None
    assert judge_approval(PLAN, PLAN, typed="", reason="", now=last) is not None


def test_a_plan_that_would_not_be_made_any_more_is_refused() -> None:
    assert judge_approval(PLAN, None, typed="", reason="", now=NOW) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"overrides": (Override.COOLDOWN,)},
        {"blind": ("memory",)},
        {"on_forecast": True},
        {"matrix": ThresholdMatrix(max_nodes=14)},
        {"payload": replace(PAYLOAD, requested_nodes=14)},
    ],
)
def test_beyond_policy_the_number_is_typed_and_a_reason_given(change: dict[str, object]) -> None:
    plan = replace(PLAN, **change)  # type: ignore[arg-type]
    wanted = str(plan.payload.requested_nodes)
    assert required_confirmation(plan).kind is ConfirmationKind.TYPE_REQUESTED_NODES
    assert judge_approval(plan, plan, typed="", reason="load", now=NOW) is not None
    assert judge_approval(plan, plan, typed=wanted, reason=" ", now=NOW) is not None
    assert judge_approval(plan, plan, typed=wanted, reason="load", now=NOW) is None


def test_in_policy_one_key_is_enough() -> None:
    assert required_confirmation(PLAN).kind is ConfirmationKind.KEY


def test_a_forecast_never_asks_for_less_than_the_same_plan_would_without_it() -> None:
    tiers = list(ConfirmationKind)
    for overrides in [(), (Override.COOLDOWN,), (Override.FREEZE,), (Override.MAXIMUM, Override.PAUSE)]:
        plan = replace(PLAN, overrides=overrides)
        ahead = required_confirmation(replace(plan, on_forecast=True))
        assert tiers.index(ahead.kind) >= tiers.index(required_confirmation(plan).kind)
        assert "nothing is critical yet, a breach is only expected" in ahead.because
