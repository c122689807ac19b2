"""Questions: what is asked before a doubt is decided, an operation closed, a group paused, or plans are made ahead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from nodescaler_tui.intents import (
    AnswerDoubt,
    DeclareFreeze,
    EndPause,
    ExportJournal,
    Intent,
    LiftFreeze,
    PauseGroup,
    ProposeAhead,
)
from nodescaler_tui.show.freeze_end import FORMS, freeze_end
from nodescaler_tui.show.screens.asking import Question
from nodescaler_tui.show.words import near_moment
from nodescaler_tui.state import FreezeState, GroupState, OperationState

WHY = "why (kept in the journal)"


def resend_question(operation: OperationState) -> Question:
    """Send the same again, although the receiver may have acted already."""
    sentences = (
        str(operation.advice),
        "",
        f"Sending again may change the group by {operation.requested_nodes - operation.from_nodes:+d} nodes once more.",
        "Do it only if the provider shows that the request never arrived.",
    )
    fields = (f"type the group's name: {operation.group_name}", WHY)
    return Question("Send the same again", sentences, fields, "Send again", _answered(operation, "resend"))


def acted_question(operation: OperationState) -> Question:
    """The receiver acted, by what the provider shows."""
    sentences = (
        str(operation.advice),
        "",
        "If the provider shows that it acted, the operation is verified by the live figures from now on.",
    )
    return Question("The receiver acted", sentences, (WHY,), "It acted", _answered(operation, "acted"))


def close_question(operation: OperationState) -> Question:
    """Stop watching; the outcome stays unknown."""
    sentences = (
        str(operation.advice) or "This operation is still being verified.",
        "",
        "Closing it ends the watch. Its outcome is recorded as INCONCLUSIVE, and the group's cooldown begins.",
    )
    fields = (f"type the group's name: {operation.group_name}", WHY)
    return Question("Close this operation", sentences, fields, "Close it", _answered(operation, "close"))


def _answered(operation: OperationState, answer: str) -> Callable[[tuple[str, ...]], Intent]:
    """The intent names the attempt that was on screen, so that it cannot be taken for a word on another."""

    def intent(values: tuple[str, ...]) -> Intent:
        typed = values[0] if len(values) > 1 else ""
        return AnswerDoubt(operation.id, operation.attempt, answer, typed, values[-1])

    return intent


def pause_question(group: GroupState) -> Question:
    """For how long nothing may be approved."""
    sentences = (f"Nothing can be approved for {group.name} while it is paused; it is watched all the same.",)
    fields = ("minutes, such as 30 (7 days at most)", WHY)
    return Question("Pause this group", sentences, fields, "Pause it", lambda values: _pause(group, values))


def _pause(group: GroupState, values: tuple[str, ...]) -> Intent | None:
    minutes, reason = values
    return PauseGroup(group.id, int(minutes), reason) if minutes.strip().isdecimal() and len(minutes) < 9 else None


def freeze_question(clock: Callable[[], datetime]) -> Question:
    """Until when nothing may be approved, for any group and by anybody."""
    sentences = (
        "Nothing can be approved for any group until then, on every host that shares this journal.",
        "What was approved already goes on. R breaks the glass for one group.",
    )

    def intent(values: tuple[str, ...]) -> Intent | None:
        until = freeze_end(values[0], clock())
        return None if until is None else DeclareFreeze(until, values[1])

    fields = ("until, within 7 days, such as 06:00 or fri 06:00", WHY)
    return Question("Freeze all sending", sentences, fields, "Freeze", intent, f"Until when? {FORMS}.")


def lift_question(freeze: FreezeState, now: datetime) -> Question:
    """End a freeze before its time, whoever declared it."""
    since = near_moment(freeze.at, now)
    sentences = (
        f"All sending is frozen until {near_moment(freeze.until, now)} by {freeze.by}, since {since}.",
        f"Why: {freeze.reason}",
    )
    return Question("Lift the freeze", sentences, (WHY,), "Lift it", lambda values: LiftFreeze(freeze.seq, values[0]))


def ahead_question(group: GroupState) -> Question:
    """Whether plans may be made on a forecast alone, from now on in this session."""
    on = not group.looks_ahead
    sentences = (
        (
            f"From now on a plan is made for {group.name} too when a critical limit is only expected to be crossed.",
            "It is made so early that new nodes come in time, it says so, and approving it takes its number.",
            "It says so, and approving it takes its number.",
        )
        if on
        else (f"From now on a plan is made for {group.name} only when a critical limit is crossed.",)
    )
    title = "Propose ahead of a breach" if on else "Propose on a breach only"
    button = "Propose ahead" if on else "Stop that"
    return Question(title, sentences, (WHY,), button, lambda values: ProposeAhead(group.id, on, values[0]))


def export_question() -> Question:
    """In which format the journal is written to a file."""
    sentences = (
        "The whole journal is written to a file in the state folder; its name is said afterwards.",
        "",
        "jsonl can be verified on its own; csv is for a spreadsheet, cloudevents and ocsf are for other programs.",
    )
    fields = ("jsonl, csv, cloudevents or ocsf",)
    return Question("Export the journal", sentences, fields, "Export", lambda values: ExportJournal(values[0]))


def end_pause_question(group: GroupState) -> Question:
    """End a pause before its time."""
    sentences = (f"{group.name} is paused {group.pause}.",)
    return Question("End the pause", sentences, (WHY,), "End it", lambda values: EndPause(group.id, values[0]))
