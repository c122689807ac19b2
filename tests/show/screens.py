"""Every screen that is kept as a picture: by which State it is shown, and by which keys it is reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

from nodescaler_tui.display_text import EMPTY, DisplayText
from nodescaler_tui.engine.client import EngineAway, Update
from nodescaler_tui.show.app import NodescalerApp
from nodescaler_tui.show.screens.approval import ApprovalScreen
from nodescaler_tui.state import (
    ContextState,
    GateState,
    LinkStatus,
    OperationPhase,
    ReplayState,
    Scope,
    State,
    StepState,
)
from nodescaler_tui.views import Answer
from tests.show.doubtful_states import AHEAD, BROKEN_GLASS, DOUBTFUL, IN_DOUBT, PAUSED, STILL_UNDER_WAY, VERIFIED
from tests.show.foreseen_states import DOUBTED, FORESEEN, NO_HISTORY, PROPOSED
from tests.show.states import (
    BEYOND_POLICY,
    BREACH,
    CALM,
    CRITICAL,
    FROZEN,
    LINK,
    LOST,
    NO_STORE,
    NOW,
    OPERATING,
    PLAN,
    RUNNING,
    SHARED,
    WARNING,
    ago,
    fleet,
)

Opened = Callable[[NodescalerApp], None]


@dataclass(frozen=True, slots=True)
class Shown:
    """A screen: the State behind it, the keys to it, what the engine says then, or how else it is opened."""

    state: State
    keys: tuple[str, ...] = ()
    says: tuple[Update, ...] = ()
    opened: Opened | None = None
    refusal: Answer | None = None


def _beyond_policy(app: NodescalerApp) -> None:
    app.push_screen(ApprovalScreen(app.desk, CRITICAL, BEYOND_POLICY))


def _linked(status: LinkStatus, *problems: str) -> State:
    told = tuple(DisplayText(problem) for problem in problems)
    link = msgspec.structs.replace(LINK, status=status, since=ago(130), polled_at=ago(133), problems=told)
    return msgspec.structs.replace(BREACH, link=link)


def _operated(phase: OperationPhase, advice: str, *steps: StepState) -> State:
    operation = msgspec.structs.replace(
        RUNNING, phase=phase, advice=DisplayText(advice), steps=(*RUNNING.steps[:2], *steps)
    )
    return msgspec.structs.replace(OPERATING, operations=(operation,))


def _gated(name: str, sentence: str) -> State:
    gates = (*PLAN.gates, GateState(DisplayText(name), passed=False, sentence=DisplayText(sentence)))
    plan = msgspec.structs.replace(PLAN, gates=gates)
    return fleet(msgspec.structs.replace(CRITICAL, plan=plan), WARNING, CALM)


def _scoped(**scope: object) -> State:
    return msgspec.structs.replace(BREACH, scope=msgspec.structs.replace(BREACH.scope, **scope))


MANAGED: Final = msgspec.structs.replace(
    fleet(
        msgspec.structs.replace(
            CALM,
            name=DisplayText("genesys-cloud-media"),
            managed=True,
            sentence=DisplayText("Genesys scales this group by itself; it is never proposed."),
        )
    ),
    context=ContextState(
        organization_calls=DisplayText("cloud media 61 % used, Genesys scales at 80 %, auto-scaling Up"),
        organization_calls_at=ago(12),
        vendor_status=DisplayText("Partially degraded service (minor)"),
        vendor_status_at=ago(40),
    ),
)
REFUSAL: Final = Answer(
    0,
    done=False,
    sentence=DisplayText("The plan went stale."),
    changes=(DisplayText("current nodes: 10 → 11"), DisplayText("CPU critical: 0.9 → 0.95")),
)
AWAY: Final = EngineAway(DisplayText("The engine does not answer."), LINK.next_poll_at)

UNUSABLE_RULE: Final = msgspec.structs.replace(
    SHARED,
    rules=msgspec.structs.replace(
        SHARED.rules,
        problems=(
            DisplayText(
                "Thresholds set by zoe@new (event 12) cannot be used here: disk_warning is not known. "
                "Those before hold."
            ),
        ),
    ),
)

SCREENS: Final[dict[str, Shown]] = {
    "dashboard": Shown(BREACH),
    "replay": Shown(
        msgspec.structs.replace(
            BREACH,
            scope=Scope(region=DisplayText("eu-west-1"), source=EMPTY, read_only=True),
            replay=ReplayState(NOW, ago(3600), NOW, speed=4, playing=True),
        )
    ),
    "group": Shown(BREACH, ("enter",)),
    "plan": Shown(BREACH, ("a",)),
    "plan-to-be-typed": Shown(BREACH, opened=_beyond_policy),
    "operation": Shown(OPERATING, ("a",)),
    "doubt": Shown(IN_DOUBT, ("a",)),
    "doubt-resend": Shown(IN_DOUBT, ("a", "s")),
    "pause": Shown(BREACH, ("p",)),
    "freeze": Shown(BREACH, ("Z",)),
    "dashboard-frozen": Shown(FROZEN),
    "thresholds-edited": Shown(BREACH, ("t", "end", "backspace", "9", "end", "left", "backspace", "8")),
    "journal": Shown(BREACH, ("l",)),
    "journal-story": Shown(BREACH, ("l", "enter")),
    "help": Shown(BREACH, ("question_mark",)),
    "commands": Shown(BREACH, ("ctrl+p",)),
}
"""One picture of each screen, kept at three sizes in four looks."""

CONDITIONS: Final[dict[str, Shown]] = {
    "dashboard-calm": Shown(fleet(CALM)),
    "dashboard-lost": Shown(LOST),
    "dashboard-partial": Shown(_linked(LinkStatus.PARTIAL, "Genesys refused the queues: no routing:queue:view.")),
    "dashboard-refused": Shown(_linked(LinkStatus.LOST, "Genesys refused the client: check its id and secret.")),
    "dashboard-engine-away": Shown(BREACH, says=(AWAY,)),
    "dashboard-no-store": Shown(NO_STORE),
    "dashboard-no-receiver": Shown(_gated("receiver", "no webhook is configured")),
    "dashboard-breaker": Shown(_gated("circuit breaker", "the receiver failed 5 times; one try in 21 s")),
    "dashboard-empty": Shown(State.EMPTY),
    "dashboard-operating": Shown(OPERATING),
    "dashboard-paused": Shown(PAUSED),
    "dashboard-ahead": Shown(AHEAD),
    "plan-ahead": Shown(AHEAD, ("a",)),
    "ahead": Shown(BREACH, ("F",)),
    "dashboard-filtered": Shown(BREACH, ("slash", "e", "u")),
    "dashboard-by-site": Shown(BREACH, ("b",)),
    "dashboard-foreseen": Shown(FORESEEN),
    "dashboard-forecast-wrong-lately": Shown(DOUBTED),
    "dashboard-no-history": Shown(NO_HISTORY),
    "dashboard-proposed-with-outlook": Shown(PROPOSED),
    "plan-with-outlook": Shown(PROPOSED, ("a",)),
    "dashboard-cursor": Shown(BREACH, ("left", "left")),
    "dashboard-read-only": Shown(_scoped(read_only=True)),
    "dashboard-dry-run": Shown(_scoped(dry_run=True)),
    "dashboard-recording": Shown(msgspec.structs.replace(BREACH, recording=DisplayText("session.jsonl"))),
    "group-operated": Shown(VERIFIED, ("enter",)),
    "group-foreseen": Shown(FORESEEN, ("enter",)),
    "group-similar-hours": Shown(FORESEEN, ("enter", "h")),
    "group-managed": Shown(MANAGED, ("enter",)),
    "plan-gone": Shown(BREACH, ("a",), says=(fleet(WARNING, CALM),)),
    "plan-refused": Shown(BREACH, ("a", "y"), refusal=REFUSAL),
    "broken-glass": Shown(BROKEN_GLASS, ("a",)),
    "operation-retrying": Shown(
        msgspec.structs.replace(
            OPERATING,
            operations=(msgspec.structs.replace(RUNNING, next_step_at=LINK.next_poll_at, can_cancel=True),),
        ),
        ("a",),
    ),
    "operation-verified": Shown(VERIFIED, ("o",)),
    "operation-failed": Shown(
        _operated(
            OperationPhase.FAILED,
            "The receiver refused the payload; nothing was started. Correct the receiver, then press r.",
            StepState(ago(28), DisplayText("refused"), DisplayText("HTTP 422, status “unknown group”"), failed=True),
        ),
        ("o",),
    ),
    "operation-partial": Shown(
        _operated(
            OperationPhase.PARTIAL,
            "1 of 2 nodes came. A new plan counts what is there now.",
            StepState(ago(5), DisplayText("settled"), DisplayText("1 of 2 nodes took up work"), failed=True),
        ),
        ("o",),
    ),
    "doubt-under-way": Shown(STILL_UNDER_WAY, ("a",)),
    "doubt-close": Shown(
        msgspec.structs.replace(IN_DOUBT, operations=(msgspec.structs.replace(DOUBTFUL, can_close=True),)), ("a", "x")
    ),
    "thresholds": Shown(BREACH, ("t",)),
    "thresholds-wrong": Shown(BREACH, ("t", "end", "backspace", "backspace", "9", "5")),
    "thresholds-of-all": Shown(BREACH, ("T",)),
    "thresholds-of-a-team": Shown(SHARED, ("t",)),
    "group-of-a-team": Shown(SHARED, ("enter",)),
    "group-frozen": Shown(FROZEN, ("enter",)),
    "freeze-lift": Shown(FROZEN, ("Z",)),
    "dashboard-unusable-rule": Shown(UNUSABLE_RULE),
    "journal-verified": Shown(BREACH, ("l", "v")),
    "journal-export": Shown(BREACH, ("l", "e")),
}
"""What else a screen can have to say: every trouble with link, store, receiver and operation."""
