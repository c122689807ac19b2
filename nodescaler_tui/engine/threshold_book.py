"""The threshold book: which matrix holds for which group in this session, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nodescaler_tui.decide.thresholds import ThresholdMatrix

DEFAULT_SCOPE = ""


@dataclass(frozen=True, slots=True)
class ThresholdChange:
    """One change that can be taken back: its scope, what held before (None: the default did), and what holds now."""

    scope: str
    before: ThresholdMatrix | None
    after: ThresholdMatrix


@dataclass(frozen=True, slots=True)
class ThresholdBook:
    """Matrices by scope: "" is the default of all groups, every other scope is a group's id."""

    matrices: Mapping[str, ThresholdMatrix]
    edited: frozenset[str] = frozenset()
    history: tuple[ThresholdChange, ...] = ()

    def matrix(self, scope: str) -> ThresholdMatrix:
        """The matrix that holds for this group, or the default."""
        return self.matrices.get(scope) or self.matrices.get(DEFAULT_SCOPE) or ThresholdMatrix()

    def origin(self, scope: str) -> str:
        """Where the matrix of this group is from, in words."""
        if scope in self.matrices:
            return "this group, edited in this session" if scope in self.edited else "this group, configuration"
        return "default, edited in this session" if DEFAULT_SCOPE in self.edited else "default"

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
