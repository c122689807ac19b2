"""`nodescaler-tui backtest`: what the forecast would have warned of, replayed on this installation's own history."""

from __future__ import annotations

import argparse
import difflib
import shutil
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from nodescaler_tui.decide.forecast.backtest import Outcome, outcomes
from nodescaler_tui.decide.forecast.retrospect import Recorded, retrospect
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.display_text import display_text
from nodescaler_tui.headless.backtest_history import FINE_ENOUGH, Span, days_held, read_groups, why_not
from nodescaler_tui.headless.backtest_report import Report, Unjudged, as_json, as_text
from nodescaler_tui.headless.history_choice import configured, named_file
from nodescaler_tui.record.history.connection import HistoryUnavailable
from nodescaler_tui.record.history.reader import Group, HistoryReader
from nodescaler_tui.settings import Settings, SettingsError, Sources, load_settings
from nodescaler_tui.settings.thresholds import DEFAULT_SCOPE

NOTHING: Final = 1
UNREADABLE: Final = 2
DEFAULT_DAYS: Final = 7
MOST_DAYS: Final = 90
GROUPS_AT_ONCE: Final = 64
LONGEST_SENTENCE: Final = 1000
FALLBACK_SIZE: Final = (80, 24)
CLEAR_LINE: Final = "\r\x1b[K"


def main(arguments: list[str]) -> int:
    """Exit code 0; 1 when nothing can be told; 2 when the history or the configuration cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings(Sources(config_file=options.config))
        chosen = named_file(options.history) if options.history is not None else configured(settings)
        with chosen.stored.reading() as reader:
            groups = _groups(reader, options.group)
            if not groups:
                return NOTHING
            report = replayed(reader, groups, settings, _span(reader, options.days))
    except (HistoryUnavailable, SettingsError) as error:
        _say(str(error))
        return UNREADABLE
    width = shutil.get_terminal_size(FALLBACK_SIZE).columns
    sys.stdout.write(as_json(report) if options.json else as_text(report, width))
    return 0 if report.outcomes else NOTHING


def _say(sentence: str) -> None:
    sys.stderr.write(f"{display_text(sentence, LONGEST_SENTENCE)}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nodescaler-tui backtest",
        description="What the forecast would have warned of on the own history, next to predict_linear[1h].",
        epilog="exit codes: 0 told, 1 nothing can be told, 2 the history or the configuration cannot be used",
    )
    parser.add_argument("--group", action="append", default=[], help="only this node group; may be repeated")
    parser.add_argument("--days", type=_days, default=DEFAULT_DAYS, help=f"the last so many days ({DEFAULT_DAYS})")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--config", type=Path, help="another configuration file: its thresholds are used")
    parser.add_argument("--history", type=Path, help="a file, instead of the history that is configured")
    return parser


def _days(written: str) -> int:
    if not written.isascii() or not written.isdigit() or not 1 <= int(written) <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {MOST_DAYS}")
    return int(written)


def _span(reader: HistoryReader, days: int) -> Span:
    """The last so many days, or as many as can be replayed; said where that is fewer."""
    now_s = time.time()
    held = days_held(reader.begins_s(FINE_ENOUGH), now_s)
    if held < days:
        are = "day is" if held == 1 else f"{held} days are"
        _say(f"Bars of five minutes or finer reach back no further: the last {are} replayed, not {days}.")
    return Span.ending(now_s, min(days, held))


def _groups(reader: HistoryReader, wanted: Sequence[str]) -> list[Group]:
    known = reader.groups()
    if not known:
        _say("The history knows no node group yet.")
    if not wanted:
        return known
    found = dict[str, Group]()
    for name in wanted:
        named = [group for group in known if group.id == name] or [group for group in known if group.name == name]
        if not named and known:
            _say(_unknown(name, known))
        found |= {group.id: group for group in named}
    return list(found.values())


def _unknown(name: str, known: Sequence[Group]) -> str:
    names = list(dict.fromkeys(word for group in known for word in (group.name, group.id)))
    near = " or ".join(map(repr, difflib.get_close_matches(name, names, n=3)))
    return f"There is no group {name!r} in the history.{f' Did you mean {near}?' if near else ''}"


def replayed(reader: HistoryReader, groups: Sequence[Group], settings: Settings, span: Span) -> Report:
    """The report on these groups, by the thresholds of these settings. Raises HistoryUnavailable."""
    found, unjudged, without_nodes = list[Outcome](), list[Unjudged](), list[str]()
    for first in range(0, len(groups), GROUPS_AT_ONCE):
        _progress(first, len(groups))
        recorded = list[Recorded]()
        some = groups[first : first + GROUPS_AT_ONCE]
        for group, history in read_groups(reader, some, partial(_matrix, settings), span):
            recorded += history.recorded
            unjudged += [Unjudged(group.id, signal, reason) for signal, reason in history.lacking]
            without_nodes += [] if history.nodes_known or not history.recorded else [group.id]
        for said in retrospect(recorded, span.first_bar):
            judged = outcomes(said)
            found += judged
            if not judged:
                one = said.recorded
                unjudged.append(Unjudged(one.group_id, one.signal, why_not(one, span)))
    _progress(0, 0)
    names = {group.id: str(display_text(group.name or group.id)) for group in groups}
    return Report(span, names, tuple(found), tuple(unjudged), tuple(without_nodes), reader.damaged_rows)


def _matrix(settings: Settings, group_id: str) -> ThresholdMatrix:
    return settings.thresholds.get(group_id) or settings.thresholds[DEFAULT_SCOPE]


def _progress(done: int, groups: int) -> None:
    """How far it is, on a terminal only; gone when it is done."""
    if sys.stderr.isatty():
        sys.stderr.write(f"{CLEAR_LINE}{f'replaying: {done} of {groups} groups are done' if groups else ''}")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
