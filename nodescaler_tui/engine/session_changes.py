"""Session changes: thresholds that are edited where no store is shared. They end with the engine, unless kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from nodescaler_tui.act import approval as approving
from nodescaler_tui.decide.plan import matrix_fields
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.story_words import change_words
from nodescaler_tui.events import Draft, EventKind, FieldValue, Journal
from nodescaler_tui.intents import SaveThresholds, UndoThresholds
from nodescaler_tui.settings import SettingsError
from nodescaler_tui.views import Answer

LONGEST_SENTENCE: Final = 400


class SessionChanges:
    """Edits the book of one engine."""

    def __init__(
        self,
        mind: Mind,
        journal: Journal,
        *,
        clock: Callable[[], datetime],
        keep: Callable[[str, ThresholdMatrix], str],
    ) -> None:
        self._mind = mind
        self._journal = journal
        self._clock = clock
        self._keep = keep

    def save(self, intent: SaveThresholds, matrix: ThresholdMatrix, operator: str) -> Answer:
        """Use this matrix from now on. Raises JournalUnavailable; then nothing was changed."""
        before = self._mind.book.matrix(intent.scope)
        self._record(intent.scope, operator, before, matrix, intent.reason, kept=intent.keep)
        self._mind.book = self._mind.book.changed(intent.scope, matrix)
        changed = summary(before, matrix)
        if not intent.keep:
            return Answer(0, done=True, sentence=display_text(f"Saved for this session: {changed}."))
        try:
            place = self._keep(intent.scope, matrix)
        except SettingsError as error:
            sentence = f"Saved for this session only: {error}"
            return Answer(0, done=False, sentence=display_text(sentence, LONGEST_SENTENCE))
        return Answer(0, done=True, sentence=display_text(f"Saved to {place}: {changed}.", LONGEST_SENTENCE))

    def undo(self, _: UndoThresholds, operator: str) -> Answer:
        """Take the last change of this session back. Raises JournalUnavailable; then nothing was changed."""
        book = self._mind.book
        if not book.history:
            return Answer(0, done=False, sentence=display_text("There is no change to take back."))
        scope, earlier = book.history[-1].scope, book.undone()
        before, after = book.matrix(scope), earlier.matrix(scope)
        self._record(scope, operator, before, after, "undone", kept=False)
        self._mind.book = earlier
        return Answer(0, done=True, sentence=display_text(f"Taken back: {summary(before, after)}."))

    def _record(
        self, scope: str, operator: str, before: ThresholdMatrix, after: ThresholdMatrix, reason: str, *, kept: bool
    ) -> None:
        fields = change_fields(scope, before, after, reason, kept=kept)
        draft = Draft(EventKind.THRESHOLDS_CHANGED, self._clock(), operator, scope, fields=fields)
        approving.note(self._journal, self._mind.ledger, draft)


def change_fields(
    scope: str, before: ThresholdMatrix, after: ThresholdMatrix, reason: str, *, kept: bool
) -> dict[str, FieldValue]:
    """What every change records: its scope, old and new, what differs, and why."""
    return {
        "scope": scope,
        "old": matrix_fields(before),
        "new": matrix_fields(after),
        "summary": summary(before, after),
        "reason": reason,
        "to_keep_in_file": kept,
    }


def summary(before: ThresholdMatrix, after: ThresholdMatrix) -> str:
    """What differs, old to new."""
    return change_words(matrix_fields(before), matrix_fields(after)) or "nothing"
