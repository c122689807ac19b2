"""The alert that tunes itself to a budget of false pages a day, with one number of state.

The bar is in log-odds. It sinks a little with time, and rises with every claim that did not come true, so that it
settles where about as many false claims are made each day as the operator allows. A probability alone cannot do that:
the same 60 % is rare on one group and daily on another.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

RISE: Final = 0.3
LOWEST: Final = -3.0
_HIGHEST: Final = 6.0
_SURE: Final = 0.998
HIGHEST_TOLD: Final = math.log(_SURE / (1 - _SURE))
"""The log-odds of certainty: no probability is taken for more."""

_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class AlertBar:
    """The bar of whatever shares one budget; `log_odds` is all that has to be stored. It starts at 50 %."""

    log_odds: float = 0.0

    @property
    def probability(self) -> float:
        """From this probability on an alert is raised."""
        return 1 / (1 + math.exp(-self.log_odds))

    def raises(self, p: float) -> bool:
        """Whether this breach probability is an alert. Unknown (NaN) is none."""
        if math.isnan(p):
            return False
        certain = min(max(p, 1 - _SURE), _SURE)
        return math.log(certain / (1 - certain)) >= self.log_odds

    def after(self, seconds: float, false_pages_a_day: float) -> AlertBar:
        """The bar after so much time: it sinks as the budget refills. A clock that went back changes nothing."""
        sunk = self.log_odds - RISE * max(0.0, false_pages_a_day) * max(0.0, seconds) / _DAY_S
        return AlertBar(max(LOWEST, sunk))

    def after_false_claim(self) -> AlertBar:
        """The bar once an alert's horizon has passed without a breach; called once for each such claim."""
        return AlertBar(min(_HIGHEST, self.log_odds + RISE))
