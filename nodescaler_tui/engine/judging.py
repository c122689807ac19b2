"""Judging: who decides about each kind of intent, and which intents only look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.engine.freeze_desk import FreezeDesk
from nodescaler_tui.engine.gate import Gate
from nodescaler_tui.engine.order_desk import OrderDesk
from nodescaler_tui.engine.threshold_desk import ThresholdDesk
from nodescaler_tui.intents import (
    Acknowledge,
    AnswerDoubt,
    ApprovePlan,
    BreakGlass,
    CancelOperation,
    DeclareFreeze,
    EndPause,
    Intent,
    LiftFreeze,
    PauseGroup,
    PreviewThresholds,
    ProposeAhead,
    ProposeInverse,
    ReadJournal,
    ReadStory,
    RejectPlan,
    Replan,
    SaveThresholds,
    UndoThresholds,
    VerifyJournal,
    WatchGroup,
)
from nodescaler_tui.views import Answer

Judges = Mapping[type[Intent], Callable[[Any, str], Answer]]

READ_ONLY: Final = DisplayText("This engine is read-only: it looks at everything and changes nothing.")
LOOKS: Final = (WatchGroup, PreviewThresholds, ReadJournal, ReadStory, VerifyJournal)


def judges_of(
    gate: Gate,
    orders: OrderDesk,
    desk: ThresholdDesk,
    freezes: FreezeDesk,
    *,
    signed: Callable[[str], str],
    read_only: bool,
) -> Judges:
    """Who judges each kind of intent that asks for something to be done.

    What is written down names the operator as the store knows it, which `signed` says. An engine that is `read_only`
    writes down nothing but that its gate refused an approval.
    """
    written = _written(gate, orders, desk, freezes)
    return {
        **{kind: _refused if read_only else _signing(judge, signed) for kind, judge in written.items()},
        ApprovePlan: _signing(gate.approve, signed),
        Replan: lambda intent, _: gate.replan(intent),
        BreakGlass: lambda intent, _: gate.break_glass(intent),
        ProposeInverse: lambda intent, _: gate.propose_inverse(intent),
    }


def _refused(_: Intent, __: str) -> Answer:
    return Answer(0, done=False, sentence=READ_ONLY)


def _signing(judge: Callable[[Any, str], Answer], signed: Callable[[str], str]) -> Callable[[Any, str], Answer]:
    return lambda intent, operator: judge(intent, signed(operator))


def _written(gate: Gate, orders: OrderDesk, desk: ThresholdDesk, freezes: FreezeDesk) -> Judges:
    return {
        RejectPlan: gate.reject,
        CancelOperation: orders.cancel,
        AnswerDoubt: orders.answer_doubt,
        PauseGroup: orders.pause,
        EndPause: orders.end_pause,
        ProposeAhead: orders.propose_ahead,
        Acknowledge: orders.acknowledge,
        SaveThresholds: desk.save,
        UndoThresholds: desk.undo,
        DeclareFreeze: freezes.declare,
        LiftFreeze: freezes.lift,
    }
