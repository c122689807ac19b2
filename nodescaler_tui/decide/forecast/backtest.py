"""Backtest: how a forecast would have done as an alert. Which breaches it was early for, and which pages were false.

A breach is the first moment at or over a threshold after a quiet one; quiet is when everything of the last 15 minutes
is known and below. Only at quiet moments is a forecaster asked: an alert about what is there already helps nobody.
Every forecaster's probability of a breach within the hour drives the same alert, which tunes itself to one false page a
day for each series and limit. The live alert (`fleet_alert`) has one budget for the whole fleet, critical limits only.
`benchmarks.forecast_scoring` counts with the same rules as this.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from nodescaler_tui.decide.forecast.alert import AlertBar
from nodescaler_tui.decide.forecast.bars import BAR_S, BARS_A_DAY, BARS_AHEAD, Floats
from nodescaler_tui.decide.forecast.retrospect import QUIET_BARS, Limit, Recorded, Said
from nodescaler_tui.decide.signals import SignalName

Flags: TypeAlias = npt.NDArray[np.bool_]
Moments: TypeAlias = npt.NDArray[np.signedinteger]

LEAD_S: Final = 900
"""A warning counts as early when it came so long before the breach: new nodes need about as long."""

QUIET_S: Final = 900
FALSE_PAGES_A_DAY: Final = 1.0

_CLAIM_ENDS_AFTER: Final = 3


def raised(p: Floats, quiet: Flags, false: Flags, horizon: int, apart_s: float) -> Flags:
    """When the alert is up, at moments `apart_s` seconds apart with these breach probabilities; NaN is no alert.

    `false` says where a claim did not come true within its `horizon` moments. The alert learns of it when the horizon
    has passed, not earlier.
    """
    bar, up, claim, pending = AlertBar(), np.zeros(len(p), bool), -1, list[int]()
    for moment in range(len(p)):
        bar = bar.after(apart_s, FALSE_PAGES_A_DAY)
        if quiet[moment] and bar.raises(float(p[moment])):
            up[moment] = True
            if claim < 0 or moment - claim >= horizon:
                claim = moment
                pending.append(moment)
        elif claim >= 0 and moment - claim > _CLAIM_ENDS_AFTER:
            claim = -1
        while pending and moment - pending[0] >= horizon:
            if false[pending.pop(0)]:
                bar = bar.after_false_claim()
    return up


def lead(alerts: Moments, breaches: Moments, horizon: int) -> Moments:
    """How many steps before each breach the first alert of the horizon before it was raised; 0 without one."""
    if not len(alerts):
        return np.zeros(len(breaches), np.intp)
    first = np.searchsorted(alerts, breaches - horizon)
    early = alerts[np.minimum(first, len(alerts) - 1)]
    return np.asarray(np.where(first < len(alerts), np.maximum(breaches - early, 0), 0))


def false_pages(alerts: Moments, horizon: int, apart: int) -> int:
    """Runs of false alerts, those at most `apart` steps apart being one.

    One that stands counts again with each horizon, so that "always on" does not come cheap.
    """
    if not len(alerts):
        return 0
    breaks = np.flatnonzero(np.diff(alerts) > apart)
    begin, end = alerts[np.append(0, breaks + 1)], alerts[np.append(breaks, len(alerts) - 1)]
    return int(np.ceil((end - begin + 1) / horizon).sum())


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of one forecaster's alerts: the lead before each breach in seconds, 0 where it did not warn."""

    leads_s: tuple[float, ...]
    false_pages_a_day: float

    @property
    def breaches(self) -> int:
        """How many there were, whoever warned."""
        return len(self.leads_s)

    @property
    def median_lead_s(self) -> float | None:
        """Over the breaches that it warned of; None when there was none."""
        warned = [lead_s for lead_s in self.leads_s if lead_s > 0]
        return median(warned) if warned else None

    def share_ahead(self, seconds: float) -> float | None:
        """The share of breaches that it warned of, at least so long before; None without a breach."""
        if not self.leads_s:
            return None
        return sum(lead_s >= max(seconds, 1) for lead_s in self.leads_s) / len(self.leads_s)


def together(tallies: Iterable[Tally]) -> Tally:
    """All breaches in one, and the false pages of a day with all of these alerts."""
    found = list(tallies)
    leads = tuple(lead_s for tally in found for lead_s in tally.leads_s)
    return Tally(leads, math.fsum(tally.false_pages_a_day for tally in found))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How both forecasters did on one limit of one signal of one group, over so many days of asking."""

    group_id: str
    signal: SignalName
    limit: Limit
    days: float
    ours: Tally
    linear: Tally


def outcomes(said: Said) -> tuple[Outcome, ...]:
    """One for each limit of the signal; none where nobody could be asked."""
    days = said.asked.sum() / BARS_A_DAY
    if not days:
        return ()
    recorded = said.recorded
    return tuple(
        Outcome(recorded.group_id, recorded.signal, limit, float(days), *_judged(said, place, limit.value))
        for place, limit in enumerate(recorded.limits)
    )


def _judged(said: Said, place: int, limit: float) -> tuple[Tally, Tally]:
    quiet, false = said.quiet[place], _never_came(said.recorded, limit)
    breaches = np.flatnonzero(quiet[:-1] & (said.recorded.value[1:] >= limit)) + 1
    days = said.asked.sum() / BARS_A_DAY

    def tally(p: Floats) -> Tally:
        up = raised(p, quiet, false, BARS_AHEAD, BAR_S)
        pages = false_pages(np.flatnonzero(up & false), BARS_AHEAD, QUIET_BARS)
        return Tally(tuple((lead(np.flatnonzero(up), breaches, BARS_AHEAD) * BAR_S).tolist()), float(pages / days))

    return tally(said.ours[place]), tally(said.linear[place])


def _never_came(recorded: Recorded, limit: float) -> Flags:
    """Where a claim would be false: the whole hour after is known, and nothing in it reached the limit.

    Neither would the load have with the nodes of that moment: a scale-up meanwhile does not make a warning wrong.
    """
    value, load = (sliding_window_view(part[1:], BARS_AHEAD) for part in (recorded.value, recorded.load))
    nodes = recorded.nodes[: len(value), None]
    below = np.zeros(len(recorded.value), bool)
    below[: len(value)] = (value < limit).all(1) & (load < limit * nodes).all(1)
    return below
