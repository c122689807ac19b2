"""The decision table: 58 vectors, the eight deviations from the tutorial and no ninth, and what always holds."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.decide.decision import Decision, Situation, Verdict, decide, step_target
from nodescaler_tui.decide.signals import Sample, Signals
from nodescaler_tui.decide.thresholds import ThresholdMatrix

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
NOT_A_NUMBER = {"nan": math.nan, "inf": math.inf}


def number(value: object) -> object:
    return NOT_A_NUMBER.get(value, value) if isinstance(value, str) else value


def situation_of(vector: dict[str, Any]) -> Situation:
    matrix, context = vector["matrix"], vector["context"]
    return Situation(
        current_nodes=vector["current_nodes"],
        signals=Signals(
            Sample(number(vector["cpu"]), context.get("cpu_age")),
            Sample(number(vector["memory"]), context.get("mem_age")),
            Sample(number(vector["sessions"]), context.get("sess_age")),
        ),
        matrix=ThresholdMatrix(matrix["cw"], matrix["cc"], matrix["mw"], matrix["mc"], matrix["max"]),
        pending_nodes=context.get("pending", 0),
        cooldown_remaining_s=context.get("cooldown", 0),
    )


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['id']} {vector['name']}")
def test_each_vector_of_the_reference_is_decided_as_it_says(vector: dict[str, Any]) -> None:
    decision = decide(situation_of(vector))
    assert {
        "verdict": decision.verdict.value,
        "requested": decision.requested_nodes,
        "breach": decision.breach,
        "dispatchable": decision.dispatchable,
        "reasons": [str(reason) for reason in decision.reasons],
    } == vector["expect"]


def test_there_are_58_vectors() -> None:
    assert len({vector["id"] for vector in VECTORS}) == 58


def situation(
    nodes: object = 10,
    cpu: object = 0.1,
    memory: object = 0.1,
    sessions: object = 0,
    matrix: ThresholdMatrix | None = None,
    **rest: float,
) -> Situation:
    signals = Signals(Sample(cpu), Sample(memory), Sample(sessions))
    return Situation(nodes, signals, matrix or ThresholdMatrix(), **rest)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given_situation", "verdict"),
    [
        (situation(nodes=50, cpu=0.95), Verdict.AT_MAX),
        (situation(nodes=51), Verdict.HOLD),
        (situation(nodes=48, cpu=0.95, matrix=ThresholdMatrix(max_nodes=60)), Verdict.PROPOSE),
        (situation(memory=0.95), Verdict.PROPOSE),
        (situation(nodes=0, cpu=0.0, memory=0.0), Verdict.EMPTY_GROUP),
        (situation(nodes=-1), Verdict.COUNT_INVALID),
        (situation(cpu=None, memory=None, sessions=None), Verdict.NO_DATA),
        (situation(cpu=45.0), Verdict.DEGRADED),
    ],
    ids=["D1 at max", "D2 over max", "D2' above 50", "D3 memory", "D4 empty", "D5 negative", "D6 unknown", "D7 units"],
)
def test_each_documented_deviation_from_the_tutorial(given_situation: Situation, verdict: Verdict) -> None:
    assert decide(given_situation).verdict is verdict


def test_on_its_valid_domain_the_rule_is_the_tutorials() -> None:
    """From the table: a quarter more, at least one, clipped, when CPU is critical or sessions reach 1.2 a node."""
    cases = 0
    for most in (1, 5, 10, 40, 49, 50):
        matrix = ThresholdMatrix(max_nodes=most)
        for nodes in range(1, most):
            for cpu in (0.0, 0.5, 0.75, 0.85, 0.9, 0.95, 1.0):
                for sessions in range(2 * nodes + 2):
                    scales = cpu >= 0.9 or sessions >= nodes * 1.2
                    expected = min(nodes + max(1, nodes * 25 // 100), most) if scales else nodes
                    decision = decide(situation(nodes, cpu, 0.1, sessions, matrix))
                    assert (decision.requested_nodes, decision.dispatchable) == (expected, scales)
                    cases += 1
    assert cases > 35_000


fractions = st.floats(0, 1, allow_nan=False)
anything = st.one_of(st.none(), st.booleans(), st.floats(), st.integers(-5, 200), st.text(max_size=3))
matrices = st.builds(ThresholdMatrix, max_nodes=st.integers(1, 300))
situations = st.builds(
    Situation,
    current_nodes=st.one_of(st.none(), st.integers(-2, 320)),
    signals=st.builds(
        Signals,
        cpu=st.builds(Sample, anything, st.one_of(st.none(), st.floats(-10, 200))),
        memory=st.builds(Sample, anything),
        sessions=st.builds(Sample, anything),
    ),
    matrix=matrices,
    pending_nodes=st.integers(0, 3),
    cooldown_remaining_s=st.floats(0, 300),
)


@given(situations)
def test_a_decision_never_asks_for_less_than_there_is_nor_for_more_than_the_maximum(given_one: Situation) -> None:
    decision = decide(given_one)
    count = given_one.current_nodes
    if decision.requested_nodes is None:
        assert not decision.dispatchable
        return
    assert isinstance(count, int)
    assert count <= decision.requested_nodes <= max(count, given_one.matrix.max_nodes)
    assert decision.dispatchable == (decision.requested_nodes > count)


@given(situations)
def test_the_same_situation_is_always_decided_alike(given_one: Situation) -> None:
    assert decide(given_one) == decide(given_one) or repr(decide(given_one)) == repr(decide(given_one))


@given(nodes=st.integers(0, 60), low=fractions, high=fractions, memory=fractions, sessions=st.integers(0, 200))
def test_more_load_never_asks_for_fewer_nodes(
    nodes: int, low: float, high: float, memory: float, sessions: int
) -> None:
    low, high = sorted((low, high))

    def requested(decision: Decision) -> int:
        return decision.requested_nodes or 0

    calmer = decide(situation(nodes, low, memory, sessions))
    fuller = decide(situation(nodes, high, memory, sessions))
    assert requested(fuller) >= requested(calmer)
    busier = decide(situation(nodes, low, memory, sessions + 5))
    assert requested(busier) >= requested(calmer)


@given(nodes=st.integers(1, 49), cpu=fractions, memory=fractions)
def test_a_missing_signal_never_takes_a_proposal_away(nodes: int, cpu: float, memory: float) -> None:
    breached = decide(situation(nodes, 0.95, memory, 0))
    assert decide(situation(nodes, 0.95, None, None)).requested_nodes == breached.requested_nodes
    assert not decide(situation(nodes, min(cpu, 0.5), None, 0)).dispatchable


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_a_step_is_a_quarter_at_least_one_and_within_the_maximum(nodes: int, most: int) -> None:
    target = step_target(nodes, most)
    assert nodes <= target <= max(nodes, most)
    if nodes < most:
        assert target > nodes


@pytest.mark.parametrize("nodes", range(1, 400))
def test_an_editable_session_factor_is_compared_exactly(nodes: int) -> None:
    matrix = ThresholdMatrix(sessions_per_node=Decimal("1.1"), max_nodes=1000)
    limit = -(-11 * nodes // 10)
    assert decide(situation(nodes, sessions=limit, matrix=matrix)).breach
    assert not decide(situation(nodes, sessions=limit - 1, matrix=matrix)).breach
