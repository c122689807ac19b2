"""The freeze desk: declares a freeze of all sending and lifts it; one at a time, for all who share the journal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from nodescaler_tui.act.freeze import InvalidFreeze, freeze_draft, lift_draft
from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.events import Journal
from nodescaler_tui.intents import DeclareFreeze, LiftFreeze
from nodescaler_tui.views import Answer


class FreezeDesk:
    """Every method blocks on the journal and raises JournalUnavailable; then nothing was changed."""

    def __init__(self, mind: Mind, journal: Journal, *, clock: Callable[[], datetime]) -> None:
        self._mind = mind
        self._journal = journal
        self._clock = clock

    def declare(self, intent: DeclareFreeze, operator: str) -> Answer:
        """Approve nothing for any group until then. Whoever comes second is told whose freeze holds already."""
        now, ledger = self._clock(), self._mind.ledger
        try:
            draft = freeze_draft(now, operator, intent.until, intent.reason)
        except InvalidFreeze as error:
            return _answer(str(error), done=False)
        with self._journal.transaction() as transaction:
            ledger.extend(transaction.read(after=ledger.seq))
            standing = ledger.freeze(now)
            if standing is not None:
                return _answer(f"{standing.sentence}. Lift that first.", done=False)
            event = transaction.append(draft)
        ledger.extend([event])
        return _answer(f"Frozen until {intent.until.astimezone():%a %H:%M}: nothing can be approved.", done=True)

    def lift(self, intent: LiftFreeze, operator: str) -> Answer:
        """End the freeze early that was on screen, whoever declared it."""
        now, ledger = self._clock(), self._mind.ledger
        with self._journal.transaction() as transaction:
            ledger.extend(transaction.read(after=ledger.seq))
            standing = ledger.freeze(now)
            if standing is None:
                return _answer("That freeze is over already.", done=False)
            if standing.seq != intent.declared:
                return _answer(f"Another freeze holds by now: {standing.sentence}.", done=False)
            try:
                event = transaction.append(lift_draft(standing, now, operator, intent.reason))
            except InvalidFreeze as error:
                return _answer(str(error), done=False)
        ledger.extend([event])
        return _answer(f"The freeze of {standing.operator} is lifted.", done=True)


def _answer(sentence: str, *, done: bool) -> Answer:
    return Answer(0, done=done, sentence=display_text(sentence))
