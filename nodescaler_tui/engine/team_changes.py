"""Team changes: thresholds that are edited where a store is shared. The journal's word holds on every host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

import msgspec

from nodescaler_tui.act.threshold_words import FOR_ALL, TAKES_BACK, ThresholdWord, ThresholdWords
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.session_changes import LONGEST_SENTENCE, change_fields, summary
from nodescaler_tui.engine.team_book import TeamBook
from nodescaler_tui.events import Draft, EventKind, FieldValue, Journal, Transaction
from nodescaler_tui.intents import SaveThresholds, UndoThresholds
from nodescaler_tui.settings import SettingsError
from nodescaler_tui.views import Answer

UNREAD: Final = "The team's last change cannot be used here, so nothing can be taken back from here."


class TeamChanges:
    """Writes changes that every engine folds into its book. What was on screen is compared in the same transaction."""

    def __init__(
        self,
        mind: Mind,
        book: TeamBook,
        journal: Journal,
        *,
        clock: Callable[[], datetime],
        keep: Callable[[str, ThresholdMatrix], str],
    ) -> None:
        self._mind = mind
        self._book = book
        self._journal = journal
        self._clock = clock
        self._keep = keep

    def save(self, intent: SaveThresholds, matrix: ThresholdMatrix, operator: str) -> Answer:
        """Use this matrix on every host from now on, unless somebody has changed what was on screen."""
        with self._journal.transaction() as transaction:
            self._follow(transaction)
            stands = self._mind.book.matrix(intent.scope)
            if intent.shown is not None and intent.shown != stands:
                return self._changed_meanwhile(intent.scope, summary(intent.shown, stands))
            before = self._said(intent.scope)
            after = self._as_meant(matrix, stands, before)
            fields = change_fields(intent.scope, before, after, intent.reason, kept=intent.keep)
            event = transaction.append(self._draft(operator, intent.scope, fields))
        self._mind.ledger.extend([event])
        changed = summary(before, after)
        if not intent.keep:
            return _answer(f"Saved for all: {changed}.", done=True)
        return self._written_too(intent.scope, after, changed)

    def _written_too(self, scope: str, matrix: ThresholdMatrix, changed: str) -> Answer:
        """The journal has it; the file is only for when this host has no shared store."""
        try:
            place = self._keep(scope, matrix)
        except SettingsError as error:
            return _answer(f"Saved for all: {changed}. This host's file was not written: {error}", done=False)
        return _answer(f"Saved for all: {changed}. Written to {place} too; the journal's word goes first.", done=True)

    def undo(self, intent: UndoThresholds, operator: str) -> Answer:
        """Take the team's last change back, whoever made it, if it is the one that was on screen."""
        with self._journal.transaction() as transaction:
            self._follow(transaction)
            words = self._mind.ledger.thresholds
            last = words.last
            if words.unread_after_last:
                return _answer(UNREAD, done=False)
            if last is None:
                return _answer("There is no change to take back.", done=False)
            if intent.last is not None and intent.last != last.seq:
                return _answer(f"Meanwhile the last change is another: {_whose(last)}; look at it first.", done=False)
            before, after = self._mind.book.matrix(last.scope), self._without(words, last)
            fields = change_fields(last.scope, before, after, f"takes back the change of {_whose(last)}", kept=False)
            event = transaction.append(self._draft(operator, last.scope, {**fields, TAKES_BACK: last.seq}))
        self._mind.ledger.extend([event])
        return _answer(f"Taken back the change of {_whose(last)}: {summary(before, after)}.", done=True)

    def _without(self, words: ThresholdWords, last: ThresholdWord) -> ThresholdMatrix:
        """What holds in the scope of the last change once that is taken back."""
        return self._book.under(replace(words, standing=words.standing[:-1])).matrix(last.scope)

    def _follow(self, transaction: Transaction) -> None:
        ledger = self._mind.ledger
        ledger.extend(transaction.read(after=ledger.seq))

    def _said(self, scope: str) -> ThresholdMatrix:
        """What holds by the journal's word, which may allow more nodes than this host's hard maximum."""
        word = self._mind.book.word(scope)
        return self._mind.book.matrix(scope) if word is None else word.matrix

    @staticmethod
    def _as_meant(matrix: ThresholdMatrix, stands: ThresholdMatrix, said: ThresholdMatrix) -> ThresholdMatrix:
        """Whoever left this host's hard maximum as it was shown did not mean to lower what the team allows."""
        return replace(matrix, max_nodes=said.max_nodes) if matrix.max_nodes == stands.max_nodes else matrix

    def _changed_meanwhile(self, scope: str, changed: str) -> Answer:
        touch = self._mind.ledger.thresholds.touch_on(scope)
        who = "Somebody" if touch is None else f"{touch.operator}, at {touch.at:%H:%M} UTC,"
        sentence = f"Not saved: {who} has changed these meanwhile ({changed}). They are shown now."
        return msgspec.structs.replace(_answer(sentence, done=False), changes=(display_text(changed),))

    def _draft(self, operator: str, scope: str, fields: dict[str, FieldValue]) -> Draft:
        shared: dict[str, FieldValue] = {**fields, FOR_ALL: True}
        return Draft(EventKind.THRESHOLDS_CHANGED, self._clock(), operator, scope, fields=shared)


def _whose(word: ThresholdWord) -> str:
    return f"{word.operator} at {word.at:%H:%M} UTC"


def _answer(sentence: str, *, done: bool) -> Answer:
    return Answer(0, done=done, sentence=display_text(sentence, LONGEST_SENTENCE))
