"""Broken glass: what an operator overrides for a group, and against which declared freeze. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from nodescaler_tui.act.freeze import DeclaredFreeze
from nodescaler_tui.decide.plan import Override


@dataclass(frozen=True, slots=True)
class BrokenGlass:
    """What was in the way when the glass was broken; `freeze` is the position of the freeze that was, 0 for none."""

    overrides: frozenset[Override] = frozenset()
    freeze: int = 0

    def against(self, freeze: DeclaredFreeze | None) -> frozenset[Override]:
        """What is still overridden: no freeze that somebody declared later."""
        later = freeze is not None and freeze.seq != self.freeze
        return self.overrides - {Override.FREEZE} if later else self.overrides


WHOLE = BrokenGlass()
"""A glass that nobody broke."""
