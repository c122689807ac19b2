"""The report of a backtest: a sentence, a table and a plot for people, one JSON document for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from textwrap import fill
from typing import Any, Final

from rich.cells import cell_len, set_cell_size

from nodescaler_tui.decide.forecast.backtest import FALSE_PAGES_A_DAY, LEAD_S, Outcome, Tally, together
from nodescaler_tui.decide.signals import Level, SignalName
from nodescaler_tui.headless.backtest_history import Span
from nodescaler_tui.headless.backtest_plot import MINUTES, ahead_plot

OURS: Final = "this forecast"
LINEAR: Final = "predict_linear[1h]"
NARROWEST, WIDEST, WIDEST_PLOT = 80, 200, 120
MOST_ROWS: Final = 20
MOST_NAMES: Final = 5
BESIDE_GROUP: Final = 67
"""Columns that everything but the group's name takes."""

HEADS: Final = ("any", "≥15m", "lead", "f/d")

LEGEND: Final = (
    "A breach is the first five minutes (mean) at or over a threshold after 15 quiet minutes. any: the share that was "
    "warned of within the hour before. ≥15m: at least 15 minutes before. lead: the median time from the first warning "
    "to the end of the breach's first five minutes. f/d: false pages a day; after them the hour stayed below the "
    "threshold, and would have with the nodes of that moment. Both forecasters drive the same alert, which tunes "
    "itself to one false page a day for each row, and both see load: nothing but five minutes that were over by then. "
    "The live alert is held tighter: one budget for the whole fleet, and critical limits only. "
    "This forecast is asked every 15 minutes while a threshold is near, and every 5 while it gives a breach 10 % or "
    "more; the straight line every 5. Thresholds are those of the configuration as it is now, not as it was."
)


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A signal of which nothing can be told, and why."""

    group_id: str
    signal: SignalName
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a backtest; `names` are the groups' names by their ids, safe to be shown."""

    span: Span
    names: Mapping[str, str]
    outcomes: tuple[Outcome, ...]
    unjudged: tuple[Unjudged, ...]
    without_nodes: tuple[str, ...]
    damaged_rows: int


def as_text(report: Report, width: int) -> str:
    """For people, as wide as their terminal."""
    width = min(max(width, NARROWEST), WIDEST)
    parts = [_headline(report)]
    if report.outcomes:
        parts += [_table(report, width), _plot(report.outcomes, width), LEGEND]
    parts += _notes(report)
    return "\n".join(part if part.endswith("\n") else f"{fill(part, width)}\n" for part in parts if part)


def _headline(report: Report) -> str:
    span = report.span
    begins, ends = (_clock(at_s) for at_s in (span.first_s, span.ends_s))
    days = f"{span.days} days" if span.days > 1 else "the last day"
    head = f"Backtest of {days}, {begins} to {ends}"
    if not report.outcomes:
        return f"{head}: nothing can be told."
    head += f"; {_days_judged([one.days for one in report.outcomes])} judged:"
    ours, linear = (together(tallies) for tallies in _both(report.outcomes))
    if not ours.breaches:
        return f"{head} no breach. {OURS}: {_pages(ours)} false pages a day; {LINEAR}: {_pages(linear)}."
    return (
        f"{head} {ours.breaches} breaches. At least 15 minutes before, {_early(OURS, ours)}; {_early(LINEAR, linear)}."
    )


def _days_judged(days: Sequence[float]) -> str:
    """Only when a forecast could be made and the hour after it is known; not all signals are equally long known."""
    least, most = (f"{some:.1f}" if some >= 1 else f"{some:.2g}" for some in (min(days), max(days)))
    return f"{most} days were" if least == most else f"{least} to {most} days of each signal were"


def _early(name: str, tally: Tally) -> str:
    share = tally.share_ahead(LEAD_S) or 0.0
    count = round(share * tally.breaches)
    return f"{name} warned of {count} ({share * 100:.0f} %) at {_pages(tally)} false pages a day"


def _table(report: Report, width: int) -> str:
    rows = sorted(report.outcomes, key=lambda one: (-one.ours.breaches, report.names[one.group_id], one.signal))
    told = [one for one in rows if one.ours.breaches or one.ours.false_pages_a_day or one.linear.false_pages_a_day]
    longest = max(len("group"), *(cell_len(report.names[one.group_id]) for one in told), 0)
    group = min(longest, width - BESIDE_GROUP)
    lines = [
        f"{'':{group + 27}}{OURS:^19}  {LINEAR:^19}",
        _row(("group", "signal", "level", "breach"), [HEADS] * 2, group),
    ]
    for one in told[:MOST_ROWS]:
        labels = report.names[one.group_id], one.signal.value, one.limit.level.lower(), str(one.ours.breaches)
        lines.append(_row(labels, [_cells(one.ours), _cells(one.linear)], group))
    lines += _left_out(len(told) - MOST_ROWS, len(rows) - len(told))
    for name, level in (("warning", Level.WARNING), ("critical", Level.CRITICAL), ("", None)):
        ours, linear = (together(tallies) for tallies in _both(rows, level))
        lines.append(_row(("all", "", name, str(ours.breaches)), [_cells(ours), _cells(linear)], group))
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _row(labels: tuple[str, str, str, str], blocks: Sequence[Sequence[str]], width: int) -> str:
    """Labels are group, signal, level and breaches; a block is what is told of one forecaster."""
    group, signal, level, breaches = labels
    told = "".join(f"  {' '.join(f'{cell:>4}' for cell in block)}" for block in blocks)
    fitting = group if cell_len(group) <= width else f"{set_cell_size(group, width - 1)}…"
    return f"{set_cell_size(fitting, width)} {signal:8} {level:8} {breaches:>6}{told}"


def _cells(tally: Tally) -> tuple[str, str, str, str]:
    lead_s = tally.median_lead_s
    lead = "–" if lead_s is None else f"{lead_s / 60:.0f}m"
    return _share(tally.share_ahead(0)), _share(tally.share_ahead(LEAD_S)), lead, _pages(tally)


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.0f}%"


def _pages(tally: Tally) -> str:
    pages = tally.false_pages_a_day
    return f"{pages:.2f}" if pages < 9.995 else f"{pages:.1f}" if pages < 99.95 else f"{pages:.0f}"


def _left_out(more: int, quiet: int) -> list[str]:
    said = [f"({more} more with fewer breaches; --json has all)"] if more > 0 else []
    return said + ([f"({quiet} more without a breach and without a false page)"] if quiet else [])


def _plot(outcomes: Sequence[Outcome], width: int) -> str:
    ours, linear = (together(tallies) for tallies in _both(outcomes))
    if not ours.breaches:
        return ""
    curves = [
        (name, marker, [tally.share_ahead(60 * minutes) or 0.0 for minutes in MINUTES])
        for name, marker, tally in ((OURS, "●", ours), (LINEAR, "x", linear))
    ]
    title = "Share of all breaches that was warned of at least so long before:\n"
    return title + ahead_plot(curves, min(width, WIDEST_PLOT))


def _both(outcomes: Iterable[Outcome], level: Level | None = None) -> tuple[list[Tally], list[Tally]]:
    wanted = [one for one in outcomes if level in {None, one.limit.level}]
    return [one.ours for one in wanted], [one.linear for one in wanted]


def _notes(report: Report) -> list[str]:
    notes = []
    if report.without_nodes:
        named = _some([report.names[group_id] for group_id in report.without_nodes])
        notes.append(f"Nodes in service were never recorded, so utilization itself was forecast and not load: {named}.")
    by_reason = Counter(one.reason for one in report.unjudged)
    for reason, _ in by_reason.most_common():
        which = [f"{report.names[one.group_id]} {one.signal.value}" for one in report.unjudged if one.reason == reason]
        notes.append(f"Not told, {reason}: {_some(which)}.")
    if report.damaged_rows:
        notes.append(f"{report.damaged_rows} damaged rows of the history were left out.")
    return notes


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMES])
    return shown if len(names) <= MOST_NAMES else f"{shown} and {len(names) - MOST_NAMES} more"


def _clock(at_s: float) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d %H:%M}Z"


def as_json(report: Report) -> str:
    """The same for a program; null is unknown, never zero."""
    ours, linear = (together(tallies) for tallies in _both(report.outcomes))
    document = {
        "from": datetime.fromtimestamp(report.span.first_s, UTC).isoformat(),
        "to": datetime.fromtimestamp(report.span.ends_s, UTC).isoformat(),
        "days": report.span.days,
        "thresholds": "configuration, as it is now",
        "false_pages_a_day_allowed": FALSE_PAGES_A_DAY,
        "early_s": LEAD_S,
        "total": _tallies(ours, linear) if report.outcomes else None,
        "outcomes": [_outcome(report, one) for one in report.outcomes],
        "groups_without_nodes": list(report.without_nodes),
        "not_told": [
            {"group": one.group_id, "signal": one.signal.value, "reason": one.reason} for one in report.unjudged
        ],
        "damaged_rows": report.damaged_rows,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _outcome(report: Report, one: Outcome) -> dict[str, Any]:
    return {
        "group": one.group_id,
        "name": report.names[one.group_id],
        "signal": one.signal.value,
        "level": one.limit.level.lower(),
        "threshold": one.limit.value,
        "days_judged": round(one.days, 3),
        **_tallies(one.ours, one.linear),
    }


def _tallies(ours: Tally, linear: Tally) -> dict[str, Any]:
    return {"breaches": ours.breaches, "forecast": _tally(ours), "predict_linear_1h": _tally(linear)}


def _tally(tally: Tally) -> dict[str, float | None]:
    return {
        "warned_share": tally.share_ahead(0),
        "early_share": tally.share_ahead(LEAD_S),
        "median_lead_s": tally.median_lead_s,
        "false_pages_a_day": round(tally.false_pages_a_day, 4),
    }
