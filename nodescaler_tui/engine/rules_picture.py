"""The rules picture: what holds for all groups, for the screens. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from nodescaler_tui.act.freeze import DeclaredFreeze
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.threshold_words import DEFAULT_SCOPE, ThresholdWord
from nodescaler_tui.display_text import EMPTY, display_text
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.rules_state import FreezeState, LastChange, MatrixState, RulesState

LONGEST_PROBLEM: Final = 400


def rules_state(
    book: ThresholdBook, ledger: Ledger, now: datetime, names: Mapping[str, str], *, shared: bool
) -> RulesState:
    """The default thresholds, and in a team whose they are; the freeze that holds; what could not be used."""
    words, freeze = ledger.thresholds, ledger.freeze(now)
    return RulesState(
        shared=shared,
        default=_default(book),
        last_change=_last_change(words.last, names) if shared else None,
        freeze=None if freeze is None else _freeze_state(freeze),
        problems=tuple(display_text(told, LONGEST_PROBLEM) for told in words.problems.values()) if shared else (),
    )


def _default(book: ThresholdBook) -> MatrixState:
    word = book.word(DEFAULT_SCOPE)
    by, at = (EMPTY, None) if word is None else (display_text(word.operator), word.at)
    return MatrixState(book.matrix(DEFAULT_SCOPE), by, at)


def _last_change(word: ThresholdWord | None, names: Mapping[str, str]) -> LastChange | None:
    if word is None:
        return None
    scope = names.get(word.scope, word.scope) or "all groups"
    return LastChange(word.seq, display_text(word.operator), word.at, display_text(scope))


def _freeze_state(freeze: DeclaredFreeze) -> FreezeState:
    return FreezeState(freeze.seq, display_text(freeze.operator), freeze.at, freeze.until, display_text(freeze.reason))
