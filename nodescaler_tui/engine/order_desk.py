"""The order desk: what operators decide about operations under way, pauses and looking ahead. It sends nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from nodescaler_tui.act import approval as approving
from nodescaler_tui.act.orders import Answer as DoubtAnswer
from nodescaler_tui.act.orders import NotOrdered, Order, Orders
from nodescaler_tui.act.pause import InvalidPause, pause_draft, unpause_draft
from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.ahead_book import out_of_reach
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.events import Draft, EventKind, Fields, Journal
from nodescaler_tui.intents import Acknowledge, AnswerDoubt, CancelOperation, EndPause, PauseGroup, ProposeAhead
from nodescaler_tui.state import Severity
from nodescaler_tui.views import Answer

DONE_IN_WORDS = {
    DoubtAnswer.RESEND: "It is sent once more.",
    DoubtAnswer.ACTED: "Taken as accepted; the live figures decide now.",
    DoubtAnswer.CLOSE: "Closed; its outcome stays unknown.",
}


class OrderDesk:
    """Takes orders and says what came of them. Every method blocks on the journal and raises JournalUnavailable."""

    def __init__(self, mind: Mind, journal: Journal, orders: Orders, *, clock: Callable[[], datetime]) -> None:
        self._mind = mind
        self._journal = journal
        self._orders = orders
        self._clock = clock

    def cancel(self, intent: CancelOperation, operator: str) -> Answer:
        """Stop an operation while nothing is under way."""
        refused = self._orders.cancel(intent.operation_id, operator, intent.reason)
        return _answer(refused, "Cancelled; nothing more will be sent.", intent.operation_id)

    def answer_doubt(self, intent: AnswerDoubt, operator: str) -> Answer:
        """What became of an attempt whose outcome nobody knows."""
        answer = DoubtAnswer(intent.answer)
        if answer is DoubtAnswer.RESEND and self._mind.circumstances.dry_run:
            return _answer(NotOrdered("Dry run: nothing is sent."), "")
        order = Order(intent.operation_id, intent.attempt, answer, operator, intent.typed, intent.reason)
        return _answer(self._orders.answer(order), DONE_IN_WORDS[answer], intent.operation_id)

    def pause(self, intent: PauseGroup, operator: str) -> Answer:
        """Approve nothing for a group for a while."""
        try:
            draft = pause_draft(intent.group_id, self._clock(), operator, minutes=intent.minutes, reason=intent.reason)
        except InvalidPause as error:
            return _answer(NotOrdered(str(error)), "")
        approving.note(self._journal, self._mind.ledger, draft)
        return _answer(None, f"Paused for {intent.minutes} minutes.")

    def end_pause(self, intent: EndPause, operator: str) -> Answer:
        """End a pause early."""
        if self._mind.ledger.pause(intent.group_id, self._clock()) is None:
            return _answer(NotOrdered("This group is not paused."), "")
        draft = unpause_draft(intent.group_id, self._clock(), operator, intent.reason)
        approving.note(self._journal, self._mind.ledger, draft)
        return _answer(None, "The pause is over.")

    def propose_ahead(self, intent: ProposeAhead, operator: str) -> Answer:
        """Switch plans on a forecast alone on or off for a group, until this engine ends."""
        refused = self._no_look_ahead(intent)
        if refused is not None:
            return _answer(refused, "")
        fields: Fields = {"on": intent.on, "reason": intent.reason.strip()}
        draft = Draft(EventKind.GROUP_AHEAD_SWITCHED, self._clock(), operator, intent.group_id, fields=fields)
        approving.note(self._journal, self._mind.ledger, draft)
        self._mind.ahead.switch(intent.group_id, on=intent.on)
        done = "From now on plans are made on a forecast too" if intent.on else "Plans are made on a breach only"
        return _answer(None, f"{done}, for this session.")

    def _no_look_ahead(self, intent: ProposeAhead) -> NotOrdered | None:
        reading = self._mind.knowledge.groups.get(intent.group_id)
        if reading is None:
            return NotOrdered("This group is not known.")
        if intent.on and out_of_reach(reading):
            return NotOrdered(out_of_reach(reading))
        if intent.on is self._mind.ahead.is_on(intent.group_id):
            return NotOrdered(f"That is {'on' if intent.on else 'off'} already.")
        if intent.on and not intent.reason.strip():
            return NotOrdered("A reason is needed; it is kept in the journal.")
        return None

    def acknowledge(self, intent: Acknowledge, operator: str) -> Answer:
        """Somebody has seen that a group is in trouble."""
        severity = self._mind.troubles.severity(intent.group_id)
        if severity in {None, Severity.OK}:
            return _answer(NotOrdered("This group is not in trouble."), "")
        now = self._clock()
        draft = Draft(
            EventKind.GROUP_ACKNOWLEDGED, now, operator, intent.group_id, fields={"severity": str(severity).lower()}
        )
        approving.note(self._journal, self._mind.ledger, draft)
        self._mind.troubles.acknowledge(intent.group_id, display_text(f"by {operator} at {now:%H:%M} UTC"))
        return _answer(None, "Seen; it is quiet until it gets worse.")


def _answer(refused: NotOrdered | None, done: str, operation_id: str = "") -> Answer:
    if refused is not None:
        return Answer(0, done=False, sentence=display_text(refused.sentence))
    return Answer(0, done=True, sentence=display_text(done), operation_id=operation_id)
