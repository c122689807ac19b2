"""The team's book: the thresholds of this host's file, and over them what the journal says for all."""

from __future__ import annotations

from dataclasses import replace

from nodescaler_tui.act.threshold_words import ThresholdWords
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.threshold_book import ThresholdBook


class TeamBook:
    """Makes one book of both. This host's hard maximum binds whatever the others may allow."""

    def __init__(self, own: ThresholdBook, hard_max_nodes: int) -> None:
        self._own = own
        self._hard_max_nodes = hard_max_nodes
        self._last: tuple[ThresholdWords, ThresholdBook] = (ThresholdWords(), own)

    def under(self, words: ThresholdWords) -> ThresholdBook:
        """The book as it stands by these words. Safe from any thread; the same words are not worked out twice."""
        known, book = self._last
        if known is not words:
            said = words.latest
            bound = {scope: self._bound(word.matrix) for scope, word in said.items()}
            book = ThresholdBook({**self._own.matrices, **bound}, words=said)
            self._last = (words, book)
        return book

    def _bound(self, matrix: ThresholdMatrix) -> ThresholdMatrix:
        return replace(matrix, max_nodes=min(matrix.max_nodes, self._hard_max_nodes))
