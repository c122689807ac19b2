"""State literals that the screens are tested with: a breach with its plan, a fleet in every condition, hostile text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from nodescaler_tui.decide.decision import Verdict
from nodescaler_tui.decide.signals import Level, SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.display_text import EMPTY, DisplayText, display_text
from nodescaler_tui.events import OperationPhase
from nodescaler_tui.facts import GroupKind
from nodescaler_tui.state import (
    ConfirmationKind,
    ContextState,
    FreezeState,
    GateState,
    GroupState,
    JournalEntry,
    LastChange,
    LinkState,
    LinkStatus,
    MatrixState,
    NodeCounts,
    OperationState,
    PlanState,
    ReceiverState,
    RulesState,
    Scope,
    Severity,
    SignalState,
    State,
    StepState,
    StoreState,
)

NOW: Final = datetime(2026, 3, 1, 3, 4, 5, tzinfo=UTC)
HOSTILE: Final = "\x1b]0;PWNED\x07\x1b[31m[/][@click=app.quit]x[/]\u202eevil\u200b\x9b2J"


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def signal(
    name: SignalName, level: Level, value: float | None, *, age_s: float = 3, missing: str = "not measured"
) -> SignalState:
    limits = {SignalName.CPU: (0.75, 0.9), SignalName.MEMORY: (0.8, 0.95), SignalName.SESSIONS: (None, 12.0)}[name]
    return SignalState(
        name=name,
        level=level,
        value=value,
        warning=limits[0],
        critical=limits[1],
        source=DisplayText("edge metrics"),
        sampled_at=None if value is None else ago(age_s),
        worst=None if value is None or name is SignalName.SESSIONS else min(value + 0.03, 1.0),
        worst_node=EMPTY if value is None else DisplayText("i-09"),
        missing=DisplayText(missing) if value is None else EMPTY,
        trend=() if value is None else (0.6, 0.7, None, 0.85, 0.93),
    )


PLAN: Final = PlanState(
    hash="a" * 64,
    current_nodes=10,
    requested_nodes=12,
    max_nodes=50,
    reasons=(DisplayText("CPU 93 % ≥ 90 % critical"),),
    projection=DisplayText("CPU ≈ 78 % (below critical, above warning); memory ≈ 59 % (below warning)"),
    gates=tuple(
        GateState(DisplayText(name), passed=True, sentence=DisplayText("fine"))
        for name in ("in flight", "cooldown", "receiver", "journal", "mode")
    ),
    receiver=ReceiverState(
        DisplayText("webhook"),
        DisplayText("scaler.example"),
        DisplayText("bearer token"),
        DisplayText("every call acts"),
    ),
    payload=DisplayText(
        '{"auto_provision":true,"cpu_threshold":0.9,"current_nodes":10,"load_balancer_reconfigure":true,'
        '"memory_threshold":0.95,"node_group_id":"g-eu","requested_nodes":12}'
    ),
    body=DisplayText(
        '{"auto_provision":true,"cpu_threshold":0.9,"current_nodes":10,"load_balancer_reconfigure":true,'
        '"memory_threshold":0.95,"node_group_id":"g-eu","requested_nodes":12}'
    ),
    body_sha256="4dfcd81ca779385ca590134eb5058e508f18253067e3f8fb39a23f0b9a4f1a2c",
    payload_sha256="4dfcd81ca779385ca590134eb5058e508f18253067e3f8fb39a23f0b9a4f1a2c",
    confirmation=ConfirmationKind.KEY,
    confirmation_why=EMPTY,
    created_at=ago(19),
    expires_at=NOW + timedelta(minutes=9, seconds=41),
)
BEYOND_POLICY: Final = msgspec.structs.replace(
    PLAN,
    hash="b" * 64,
    confirmation=ConfirmationKind.TYPE_REQUESTED_NODES,
    confirmation_why=DisplayText("the cooldown is overridden"),
)


def group(
    name: str,
    severity: Severity,
    *,
    cpu: SignalState,
    nodes: int | None = 10,
    verdict: Verdict = Verdict.HOLD,
    sentence: str = "All signals are below their limits; nothing to do.",
    plan: PlanState | None = None,
) -> GroupState:
    return GroupState(
        id=f"g-{name.split('-')[1] if '-' in name else name}",
        name=display_text(name),
        site=DisplayText("Dublin"),
        kind=GroupKind.EDGE,
        managed=False,
        severity=severity,
        counts=NodeCounts(nodes, booting=0, draining=1, offline=0, fresh=nodes or 0, declared=False),
        signals=(
            cpu,
            signal(SignalName.MEMORY, Level.OK, 0.71),
            signal(SignalName.SESSIONS, Level.OK, 11),
        ),
        verdict=verdict,
        sentence=display_text(sentence),
        matrix=ThresholdMatrix(),
        matrix_origin=DisplayText("default"),
        read_at=ago(3),
        plan=plan,
    )


CRITICAL: Final = group(
    "media-eu-prod-01",
    Severity.CRITICAL,
    cpu=signal(SignalName.CPU, Level.CRITICAL, 0.93),
    verdict=Verdict.PROPOSE,
    sentence="10 → 12 nodes: CPU 93 % ≥ 90 % critical.",
    plan=PLAN,
)
WARNING: Final = group(
    "media-us-prod-02",
    Severity.WARNING,
    cpu=signal(SignalName.CPU, Level.WARNING, 0.81),
    nodes=24,
    sentence="CPU 81 % is above warning 75 %, below critical 90 %.",
)
CALM: Final = group("media-ap-prod-01", Severity.OK, cpu=signal(SignalName.CPU, Level.OK, 0.4), nodes=12)
FROZEN_RULES: Final = RulesState(
    freeze=FreezeState(
        7, DisplayText("ben@desk"), ago(600), NOW + timedelta(hours=3), DisplayText("database move, see the change")
    )
)
TEAM_RULES: Final = RulesState(
    shared=True,
    default=MatrixState(ThresholdMatrix(), DisplayText("ana@laptop"), ago(86_000)),
    last_change=LastChange(9, DisplayText("ana@laptop"), ago(2_400), DisplayText("media-eu-prod-01")),
)
STALE: Final = group(
    "media-uk-stage",
    Severity.UNKNOWN,
    cpu=signal(SignalName.CPU, Level.STALE, 0.25, age_s=130),
    verdict=Verdict.DEGRADED,
    sentence="A breach cannot be ruled out: CPU 25 % is too old to act on (2 m 10 s).",
)
MISSING: Final = group(
    "media-sa-stage",
    Severity.UNKNOWN,
    cpu=signal(SignalName.CPU, Level.MISSING, None),
    nodes=None,
    verdict=Verdict.COUNT_UNKNOWN,
    sentence="The number of nodes is not known, so nothing can be proposed.",
)
HOSTILE_GROUP: Final = msgspec.structs.replace(CALM, id="g-hostile", name=display_text(f"node{HOSTILE}"))

LINK: Final = LinkState(LinkStatus.OK, ago(600), ago(3), 10.0, NOW + timedelta(seconds=7), 5, 0.11, ())
ENTRIES: Final = (
    JournalEntry(
        seq=2,
        at=ago(60),
        kind="thresholds.changed",
        group_id="g-eu",
        group_name=DisplayText("media-eu-prod-01"),
        operator=DisplayText("jane@laptop"),
        operation_id="",
        sentence=DisplayText("thresholds of g-eu: cpu_critical 0.9 → 0.85"),
    ),
    JournalEntry(
        seq=1,
        at=ago(3600),
        kind="journal.opened",
        group_id="",
        group_name=EMPTY,
        operator=EMPTY,
        operation_id="",
        sentence=DisplayText("journal opened by version 0.1.0"),
    ),
)


def fleet(*groups: GroupState) -> State:
    return State(
        revision=1,
        scope=Scope(region=DisplayText("eu-west-1"), source=DisplayText("eu-west-1")),
        link=LINK,
        context=ContextState(),
        store=StoreState(writable=True, sentence=DisplayText("The journal can be written."), events=2, head="ab" * 32),
        groups=groups,
        operations=(),
        journal=ENTRIES,
        notices=(),
    )


BREACH: Final = fleet(CRITICAL, WARNING, CALM, STALE, MISSING)
FROZEN: Final = msgspec.structs.replace(
    BREACH,
    rules=FROZEN_RULES,
    groups=(
        msgspec.structs.replace(
            CRITICAL,
            plan=msgspec.structs.replace(
                PLAN,
                gates=(
                    *PLAN.gates,
                    GateState(
                        DisplayText("freeze window"),
                        passed=False,
                        sentence=DisplayText("by ben@desk until Sun 06:04: database move, see the change"),
                    ),
                ),
            ),
        ),
        *BREACH.groups[1:],
    ),
)
SHARED: Final = msgspec.structs.replace(
    BREACH,
    rules=TEAM_RULES,
    groups=(
        msgspec.structs.replace(CRITICAL, matrix_by=DisplayText("ana@laptop"), matrix_at=ago(2_400)),
        *BREACH.groups[1:],
    ),
)
LOST: Final = msgspec.structs.replace(
    BREACH,
    link=msgspec.structs.replace(
        LINK,
        status=LinkStatus.LOST,
        since=ago(130),
        polled_at=ago(133),
        problems=(DisplayText("Genesys answered 429 (the nodes). Next try at 03:04:47 UTC."),),
    ),
)
NO_STORE: Final = msgspec.structs.replace(
    BREACH,
    store=StoreState(writable=False, sentence=DisplayText("The disk is full. Free some space."), events=2, head=""),
)
RUNNING: Final = OperationState(
    id="op-1",
    group_id="g-eu",
    group_name=DisplayText("media-eu-prod-01"),
    phase=OperationPhase.VERIFYING,
    from_nodes=10,
    requested_nodes=12,
    nodes_now=11,
    operator=DisplayText("jane@laptop"),
    reason=EMPTY,
    steps=(
        StepState(ago(30), DisplayText("approved")),
        StepState(ago(30), DisplayText("sent"), DisplayText("attempt 1")),
        StepState(ago(29), DisplayText("accepted"), DisplayText("HTTP 202, status “accepted”")),
        StepState(ago(5), DisplayText("nodes joining"), DisplayText("nodes in service 11 of 12")),
        StepState(None, DisplayText("settled")),
        StepState(None, DisplayText("recorded")),
    ),
    approved_at=ago(30),
    next_step_at=None,
    advice=EMPTY,
    can_cancel=False,
)
OPERATING: Final = msgspec.structs.replace(
    BREACH,
    groups=(
        msgspec.structs.replace(CRITICAL, plan=None, operation_id="op-1", verdict=Verdict.IN_FLIGHT),
        *BREACH.groups[1:],
    ),
    operations=(RUNNING,),
)
