"""The threshold book: which matrix holds for which group in this session, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from nodescaler_tui.act.threshold_words import DEFAULT_SCOPE, ThresholdWord
from nodescaler_tui.decide.thresholds import ThresholdMatrix


@dataclass(frozen=True, slots=True)
class ThresholdChange:
    """One change that can be taken back: its scope, what held before (None: the default did), and what holds now."""

    scope: str
    before: ThresholdMatrix | None
    after: ThresholdMatrix


@dataclass(frozen=True, slots=True)
class ThresholdBook:
    """Matrices by scope: "" is the default of all groups, every other scope is a group's id.

    `words` says of which scopes the journal of a team speaks, and by whose word.
    """

    matrices: Mapping[str, ThresholdMatrix]
    edited: frozenset[str] = frozenset()
    history: tuple[ThresholdChange, ...] = ()
    words: Mapping[str, ThresholdWord] = field(default_factory=dict)

    def matrix(self, scope: str) -> ThresholdMatrix:
        """The matrix that holds for this group, or the default."""
        return self.matrices.get(scope) or self.matrices.get(DEFAULT_SCOPE) or ThresholdMatrix()

    def origin(self, scope: str) -> str:
        """Where the matrix of this group is from, in words."""
        if self.word(scope) is not None:
            return "this group, the journal" if scope in self.matrices else "default, the journal"
        if scope in self.matrices:
            return "this group, edited in this session" if scope in self.edited else "this group, configuration"
        return "default, edited in this session" if DEFAULT_SCOPE in self.edited else "default"

    def word(self, scope: str) -> ThresholdWord | None:
        """Whose word in a team the matrix of this group is; None where it is from a file or from this session."""
        return self.words.get(scope if scope in self.matrices else DEFAULT_SCOPE)

    def changed(self, scope: str, matrix: ThresholdMatrix) -> ThresholdBook:
        """The book with this matrix for this scope."""
        change = ThresholdChange(scope, self.matrices.get(scope), matrix)
        return replace(
            self,
            matrices={**self.matrices, scope: matrix},
            edited=self.edited | {scope},
            history=(*self.history, change),
        )

    def undone(self) -> ThresholdBook:
        """The book before the last change; the same book when there was none."""
        if not self.history:
            return self
        last = self.history[-1]
        matrices = {scope: matrix for scope, matrix in self.matrices.items() if scope != last.scope}
        if last.before is not None:
            matrices[last.scope] = last.before
        earlier = self.history[:-1]
        return ThresholdBook(matrices, frozenset(change.scope for change in earlier), earlier)
