"""Retrospect: what forecasters would have said at each past moment, from nothing but the bars that were complete then.

Forecasts are made of load, as always, and held against thresholds with the nodes that were in service at that moment.
A gap is bridged by a straight line between bars that were both known by then; nobody is asked while the newest bar is
unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from nodescaler_tui.decide.forecast.bars import BAR_S, BARS_A_DAY, BARS_AHEAD, HORIZON_S, MOST_BARS, Floats, Indices
from nodescaler_tui.decide.forecast.batch import forecast_many
from nodescaler_tui.decide.forecast.linear import breach_of_band, predict_linear
from nodescaler_tui.decide.forecast.load import NEEDED_S, busy_nodes
from nodescaler_tui.decide.signals import Level, SignalName

Flags: TypeAlias = npt.NDArray[np.bool_]

QUIET_BARS: Final = 3
EVERY_BARS: Final = 3
ASK_AGAIN_P: Final = 0.1
"""Our forecast is asked every 15 minutes, and every five while its last answer gave a breach at least 10 %.

On the benchmark's traces that takes two thirds of the time of asking every five minutes, and gives the same figures to
a percentage point.
"""

RARE_SHARE: Final = 0.01
"""What fewer hours than this share of them did is not worth asking a forecast for."""

_NEEDED_BARS: Final = int(NEEDED_S / BAR_S)
_HALF_A_DAY: Final = BARS_A_DAY // 2
_CHUNK: Final = 768


@dataclass(frozen=True, slots=True)
class Limit:
    """One threshold for each node: a utilization from 0 to 1, or sessions."""

    level: Level
    value: float


@dataclass(frozen=True, slots=True)
class Recorded:
    """One signal of one group in bars of five minutes, oldest first, one for each five minutes; NaN is unknown.

    `value` is what the limits are about (a utilization, or sessions for each node), `nodes` how many were in service.
    """

    group_id: str
    signal: SignalName
    value: Floats
    nodes: Floats
    limits: tuple[Limit, ...]

    @property
    def load(self) -> Floats:
        """What is forecast: unknown where the nodes are."""
        return busy_nodes(self.value, self.nodes)


@dataclass(frozen=True, slots=True)
class Said:
    """One signal with P(breach within the hour) by limit and bar, as two forecasters would have said it.

    `asked` says at which bars a forecast was possible and its hour is over; `quiet` (limits, bars) at which of them a
    breach was not there already. Everywhere else a probability is NaN.
    """

    recorded: Recorded
    asked: Flags
    quiet: Flags
    ours: Floats
    linear: Floats


def retrospect(recorded: Sequence[Recorded], first: int) -> tuple[Said, ...]:
    """What would have been said from the bar `first` on, of all signals together."""
    said = [_unasked(one, first) for one in recorded]
    bridged = [_bridged(one.load) for one in recorded]
    worth = [_worth_asking(one, line) for one, line in zip(said, bridged, strict=True)]
    _ask_ours(said, bridged, [_regularly(one) for one in worth])
    _ask_ours(said, bridged, [_between(one, its.ours) for one, its in zip(worth, said, strict=True)])
    return tuple(replace(one, linear=_linear(one, line)) for one, line in zip(said, bridged, strict=True))


def askable(load: Floats, first: int) -> Flags:
    """At which bars a forecast was possible: known, enough history before it, and the hour after it is over."""
    known = np.isfinite(load)
    if not known.any():
        return known
    at = np.arange(len(load))
    within = np.cumsum(known) - np.append(np.zeros(_NEEDED_BARS + 1), np.cumsum(known))[: len(load)]
    enough = (at - at[known][0] + 1 >= _NEEDED_BARS) & (within >= _NEEDED_BARS / 2)
    return np.asarray(known & enough & (at >= first) & (at < len(load) - BARS_AHEAD))


def quiet_before(value: Floats, limit: float) -> Flags:
    """Where the last 15 minutes are all known and below the limit, this bar included."""
    found = np.zeros(len(value), bool)
    if len(value) >= QUIET_BARS:
        found[QUIET_BARS - 1 :] = (sliding_window_view(value, QUIET_BARS) < limit).all(1)
    return found


def _unasked(recorded: Recorded, first: int) -> Said:
    asked = askable(recorded.load, first)
    quiet = np.stack([quiet_before(recorded.value, limit.value) & asked for limit in recorded.limits])
    nothing = np.full(quiet.shape, np.nan)
    return Said(recorded, asked, quiet, nothing, nothing.copy())


def _worth_asking(said: Said, bridged: Floats) -> Flags:
    """Where our forecast is asked: quiet, and a limit so near that one in a hundred hours rose by as much.

    That is told from the hours before, once there is a day of them. Of the forecasts that it leaves out on the
    benchmark's traces one in a hundred would have given a breach 10 %.
    """
    if not said.asked.any():
        return said.quiet
    begin = int(np.flatnonzero(np.isfinite(said.recorded.load))[0])
    hours = sliding_window_view(bridged[begin:], BARS_AHEAD + 1)
    risen, usual = hours.max(1) - hours[:, 0], np.full(len(bridged), np.inf)
    for day in range(begin + BARS_A_DAY, len(bridged), BARS_A_DAY):
        usual[day : day + BARS_A_DAY] = np.quantile(risen[: day - begin - BARS_AHEAD], 1 - RARE_SHARE)
    limits = np.array([[limit.value] for limit in said.recorded.limits])
    return said.quiet & (limits * said.recorded.nodes - bridged <= usual)


def _bridged(load: Floats) -> Floats:
    """Gaps as straight lines; before the first known bar and after the last one nobody is asked."""
    known = np.flatnonzero(np.isfinite(load))
    return np.interp(np.arange(len(load)), known, load[known]) if len(known) else load


def _regularly(worth: Flags) -> Indices:
    bars = np.flatnonzero(worth.any(0))
    return np.asarray(bars[bars % EVERY_BARS == 0])


def _between(worth: Flags, ours: Floats) -> Indices:
    """The bars between, where the last answer was not small, or there was none."""
    bars = np.flatnonzero(worth.any(0))
    between = bars[bars % EVERY_BARS != 0]
    last = ours[:, between - between % EVERY_BARS]
    return np.asarray(between[(np.isnan(last) | (last >= ASK_AGAIN_P)).any(0)])


def _ask_ours(said: Sequence[Said], bridged: Sequence[Floats], wanted: Sequence[Indices]) -> None:
    """Fill in what our forecast says at these bars, equally long histories together."""
    begins = [int(np.flatnonzero(np.isfinite(one.recorded.load))[0]) if one.asked.any() else 0 for one in said]
    picks = [
        (_length(bar - begin + 1), series, bar)
        for series, (begin, bars) in enumerate(zip(begins, wanted, strict=True))
        for bar in bars.tolist()
    ]
    for length, members in groupby(sorted(picks), key=lambda pick: pick[0]):
        for chunk in _chunks([(series, bar) for _, series, bar in members]):
            seen = np.stack([bridged[series][bar - length + 1 : bar + 1] for series, bar in chunk])
            _answer([said[series] for series, _ in chunk], np.array([bar for _, bar in chunk]), seen)


def _length(bars: int) -> int:
    """As much history as a live forecast uses, cut to half days so that few lengths are left."""
    bars = min(bars, MOST_BARS)
    return bars if bars < BARS_A_DAY else bars // _HALF_A_DAY * _HALF_A_DAY


def _chunks(picks: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    for begin in range(0, len(picks), _CHUNK):
        yield picks[begin : begin + _CHUNK]


def _answer(said: Sequence[Said], bars: Indices, seen: Floats) -> None:
    times = np.broadcast_to(np.arange(seen.shape[1]) * BAR_S, seen.shape)
    many = forecast_many(times, seen, HORIZON_S, BAR_S)
    nodes = np.array([one.recorded.nodes[bar] for one, bar in zip(said, bars, strict=True)])
    for place in range(max(len(one.recorded.limits) for one in said)):
        limits = np.array([one.recorded.limits[min(place, len(one.recorded.limits) - 1)].value for one in said])
        p = many.breach(limits * nodes, HORIZON_S)
        for one, bar, answer in zip(said, bars.tolist(), p.tolist(), strict=True):
            one.ours[min(place, len(one.recorded.limits) - 1), bar] = answer


def _linear(said: Said, bridged: Floats) -> Floats:
    """What the straight line says: every five minutes, it costs nothing."""
    found = np.full(said.quiet.shape, np.nan)
    bars = np.flatnonzero(said.quiet.any(0))
    if len(bars):
        hours = sliding_window_view(bridged, BARS_AHEAD)[bars - BARS_AHEAD + 1]
        band = predict_linear(hours, BARS_AHEAD)
        for place, limit in enumerate(said.recorded.limits):
            found[place, bars] = breach_of_band(*band, (limit.value * said.recorded.nodes[bars])[:, None])
    return found
