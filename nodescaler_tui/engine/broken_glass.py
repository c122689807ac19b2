"""Broken glass: what an operator overrides for a group, and against which declared freeze. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from nodescaler_tui.act.freeze import DeclaredFreeze
from nodescaler_tui.decide.plan import Override
from nodescaler_tui.decide.two_person import FirstApproval


@dataclass(frozen=True, slots=True)
class BrokenGlass:
    """What was in the way when the glass was broken; `freeze` is the position of the freeze that was, 0 for none."""

    overrides: frozenset[Override] = frozenset()
    freeze: int = 0

    def against(self, freeze: DeclaredFreeze | None) -> frozenset[Override]:
        """What is still overridden: no freeze that somebody declared later."""
        later = freeze is not None and freeze.seq != self.freeze
        return self.overrides - {Override.FREEZE} if later else self.overrides


def glass_of(first: FirstApproval, freeze: DeclaredFreeze | None) -> BrokenGlass:
    """The glass that the first of two people broke, as far as it was broken when they approved."""
    known = freeze is not None and freeze.seq < first.seq
    return BrokenGlass(frozenset(first.plan.overrides), freeze.seq if freeze is not None and known else 0)


WHOLE = BrokenGlass()
"""A glass that nobody broke."""
