"""The alert of a whole fleet: what may be announced, so that all series together keep to one budget of false pages.

An alert is a claim that a limit will be reached within the hour. It is raised where its probability is over two bars:
the fleet's (`AlertBar`), which each false claim of any series raises by the same step, and the series' own, which only
what that series promised and did not hold raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from nodescaler_tui.decide.forecast.alert import HIGHEST_TOLD, LOWEST, RISE, AlertBar
from nodescaler_tui.decide.forecast.outlook import HORIZONS_S, STEP_S

CLAIMED_FOR_S: Final = HORIZONS_S[-1]
BARS_CLAIMED: Final = CLAIMED_FOR_S // STEP_S

LEAST_MEASURED: Final = BARS_CLAIMED - 1
"""With so many of its bars known an hour was measured: one lost request is no hole, a breach is longer than that."""

OWN_SHARE: Final = 1 / 7
"""How much of the fleet's budget one series may use up alone.

A series that never holds what it promises takes a seventh and leaves the others the rest. With one false page a day,
one broken promise is forgiven within a week, and a series that was shut out is heard again after days.
"""

_OWN_RISE: Final = 3.0
_OWN_HIGHEST: Final = HIGHEST_TOLD + _OWN_RISE


class Verdict(StrEnum):
    """What came of a claim."""

    CAME = "came"
    NEVER_CAME = "never came"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Claim:
    """An announced breach: when (Unix time), how likely, and from which load on the nodes of that moment breach."""

    at_s: float
    p: float
    limit_load: float

    @property
    def ends_s(self) -> float:
        """When it is known what came of it."""
        return self.at_s + CLAIMED_FOR_S

    @property
    def bars(self) -> range:
        """The bars of its hour, counted from the Unix epoch: those that a forecast of that moment was about."""
        first = int(self.at_s / STEP_S + 0.5)
        return range(first, first + BARS_CLAIMED)

    def verdict(self, loads: Sequence[float], *, breached: bool) -> Verdict:
        """What came of it, from the known loads of its hour and whether the limit was reached in it.

        New nodes that came in time do not make it false: the load counts as the nodes of its moment would have felt
        it. An hour with a hole proves nothing. The rule is the backtest's.
        """
        if breached or any(load >= self.limit_load for load in loads):
            return Verdict.CAME
        return Verdict.NEVER_CAME if len(loads) >= LEAST_MEASURED else Verdict.NOT_MEASURED


@dataclass(frozen=True, slots=True)
class OwnBar:
    """The bar of one series: how much less it held than it promised. At its lowest it holds nothing back.

    A claim moves it by its probability less what came of it. So a series that keeps to its probabilities stays where
    it is, however often it is in danger, and one that cries wolf is shut out after two or three claims. It can rise so
    far that even certainty has to wait.
    """

    log_odds: float = LOWEST

    def raises(self, p: float) -> bool:
        """Whether this series may say so. Unknown (NaN) is nothing to say."""
        return AlertBar(self.log_odds).raises(p)

    def after(self, seconds: float, false_pages_a_day: float, series: int) -> OwnBar:
        """The bar after so much time, in a fleet of so many series with this budget; few series share it evenly."""
        share = max(OWN_SHARE, 1 / max(series, 1))
        sunk = _OWN_RISE * share * max(0.0, false_pages_a_day) * max(0.0, seconds) / 86_400
        return OwnBar(max(LOWEST, self.log_odds - sunk))

    def after_verdict(self, p: float, verdict: Verdict) -> OwnBar:
        """The bar once it is known what came of a claim; what was not measured changes nothing."""
        if verdict is Verdict.NOT_MEASURED:
            return self
        promised = p - (verdict is Verdict.CAME)
        return OwnBar(min(_OWN_HIGHEST, max(LOWEST, self.log_odds + _OWN_RISE * promised)))


def is_raised(p: float, fleet: AlertBar, own: OwnBar, open_claims: Iterable[Claim]) -> bool:
    """Whether this breach probability is an alert.

    Claims whose hour is not over raise the fleet's bar meanwhile by as much as they will on average: otherwise a
    hundred series could spend the budget of a hundred days before the first claim is known to be false.
    """
    if not (fleet.raises(p) and own.raises(p)):
        return False
    false_to_come = sum(1 - claim.p for claim in open_claims)
    return AlertBar(fleet.log_odds + RISE * false_to_come).raises(p)
