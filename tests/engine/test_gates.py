"""Every gate: open, closed with its reason, or overridden; and how the caps shape the step."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nodescaler_tui.act.pause import Pause
from nodescaler_tui.act.receiver import WebhookReceiver
from nodescaler_tui.decide.decision import Situation
from nodescaler_tui.decide.freeze import Freeze
from nodescaler_tui.decide.plan import Gate, Override
from nodescaler_tui.decide.signals import Sample, Signals
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.gates import Caps, Circumstances, Standing, gates, obstacles, requested_nodes

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
SIGNALS = Signals(cpu=Sample(0.95, 1.0), memory=Sample(0.5, 1.0), sessions=Sample(5, 1.0))
SITUATION = Situation(current_nodes=20, signals=SIGNALS, matrix=ThresholdMatrix(max_nodes=50))
CIRCUMSTANCES = Circumstances(
    receiver=WebhookReceiver("hook", "https://receiver.example/scale"),
    receiver_problem="",
    store_problem="",
    read_only=False,
    dry_run=False,
    caps=Caps(nodes_per_step=50, nodes_per_hour=200),
)
STANDING = Standing(pause=None, freeze=None, nodes_last_hour=0, circuit_opens_for_s=0.0)
PAUSED = replace(STANDING, pause=Pause("bob", NOW + timedelta(hours=1), "migration"))
FROZEN = replace(STANDING, freeze=Freeze("weekend", NOW + timedelta(hours=9)))


def gate(name: str, found: tuple[Gate, ...]) -> Gate:
    return next(each for each in found if each.name == name)


def asked(
    situation: Situation = SITUATION,
    circumstances: Circumstances = CIRCUMSTANCES,
    standing: Standing = STANDING,
    step: tuple[int, int] = (20, 25),
    overrides: frozenset[Override] = frozenset(),
) -> tuple[Gate, ...]:
    return gates(situation, circumstances, standing, step, overrides)


def test_when_nothing_is_in_the_way_every_gate_is_open() -> None:
    assert all(each.passed and not each.overridden for each in asked())
    assert obstacles(SITUATION, CIRCUMSTANCES, STANDING, 20) == frozenset()


CLOSED: list[tuple[Override, dict[str, object], str]] = [
    (Override.COOLDOWN, {"situation": replace(SITUATION, cooldown_remaining_s=90.0)}, "1 m 30 s left"),
    (Override.PAUSE, {"standing": PAUSED}, "bob"),
    (Override.FREEZE, {"standing": FROZEN}, "weekend"),
    (Override.HOURLY_CAP, {"standing": replace(STANDING, nodes_last_hour=198)}, "198 nodes"),
    (
        Override.STEP_CAP,
        {"step": (20, 80), "situation": replace(SITUATION, matrix=ThresholdMatrix(max_nodes=90))},
        "60",
    ),
    (Override.MAXIMUM, {"step": (50, 62)}, "at most 50"),
]


@pytest.mark.parametrize(("override", "change", "words"), CLOSED)
def test_a_closed_gate_says_why_and_opens_only_by_its_own_override(
    override: Override, change: dict[str, object], words: str
) -> None:
    closed = gate(override.value, asked(**change))  # type: ignore[arg-type]
    assert (closed.passed, closed.overridden) == (False, False)
    assert words in closed.sentence
    others = frozenset(Override) - {override}
    assert not gate(override.value, asked(**change, overrides=others)).passed  # type: ignore[arg-type]
    opened = gate(override.value, asked(**change, overrides=frozenset({override})))  # type: ignore[arg-type]
    assert (opened.passed, opened.overridden) == (True, True)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("in flight", {"situation": replace(SITUATION, pending_nodes=2)}),
        ("receiver", {"circumstances": replace(CIRCUMSTANCES, receiver=None, receiver_problem="there is none")}),
        ("circuit breaker", {"standing": replace(STANDING, circuit_opens_for_s=12.0)}),
        ("journal", {"circumstances": replace(CIRCUMSTANCES, store_problem="The disk is full.")}),
        ("journal", {"standing": replace(STANDING, journal_problem="The journal cannot be true.")}),
        ("mode", {"circumstances": replace(CIRCUMSTANCES, read_only=True)}),
    ],
)
def test_some_gates_have_no_glass_to_break(name: str, change: dict[str, object]) -> None:
    assert not gate(name, asked(**change, overrides=frozenset(Override))).passed  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("count", "cap", "overrides", "requested"),
    [
        (20, 50, frozenset(), 25),
        (48, 50, frozenset(), 50),
        (48, 50, frozenset({Override.MAXIMUM}), 60),
        (40, 3, frozenset(), 43),
        (40, 3, frozenset({Override.STEP_CAP}), 50),
        (50, 50, frozenset(), 50),
    ],
)
def test_the_step_is_cut_to_cap_and_maximum_unless_they_are_overridden(
    count: int, cap: int, overrides: frozenset[Override], requested: int
) -> None:
    assert requested_nodes(SITUATION, count, Caps(cap, 200), overrides) == requested


def test_breaking_the_glass_names_everything_that_is_in_the_way_now() -> None:
    both = replace(PAUSED, freeze=FROZEN.freeze)
    assert obstacles(SITUATION, CIRCUMSTANCES, both, 20) == {Override.PAUSE, Override.FREEZE}
