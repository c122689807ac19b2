"""`nodescaler-tui history import`: readings of another program, and how its series become figures of groups."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from nodescaler_tui.display_text import display_text
from nodescaler_tui.record.history.figures import FIGURES_BY_WORD, Figure
from nodescaler_tui.record.history.foreign import (
    ForeignReading,
    Refused,
    Selector,
    SeriesMapping,
    UnreadableImport,
    from_csv,
    from_prometheus,
)
from nodescaler_tui.record.history.importing import import_readings
from nodescaler_tui.record.history.tiers import Retention

NOTHING: Final = 1
_SERIES: Final = re.compile(r"(?P<metric>[a-zA-Z_:][\w:]*)?(?:\{(?P<labels>.*)\})?=(?P<signal>\w+)")
_LABEL: Final = re.compile(r'\s*(?P<name>[a-zA-Z_]\w*)\s*=\s*"(?P<value>[^"]*)"\s*(?:,|$)')

EXPLAINED: Final = f"""\
signals: {", ".join(FIGURES_BY_WORD)}
  cpu, memory and occupancy are fractions from 0 to 1: import percentages with --scale 0.01.

Prometheus: the answer of /api/v1/query_range as JSON. Each series needs a group and a signal:
  history import cpu.json --group-label edge_group --signal cpu --scale 0.01
  history import all.json --group g-1 --series 'edge_cpu{{mode="total"}}=cpu' --series 'edge_calls=sessions'
CSV with a heading: an export of ours needs no option; another file names its columns:
  history import old.csv --time-column ts --group-column pool --signal cpu --value-column busy

What is imported fills what was not measured here and never stands for it; an export names its source.
Importing again under the same name (--source, or the file's name) replaces all that it brought before.
A team's store takes no imports; a file does.
"""


class UnusableMapping(Exception):  # noqa: N818 - the name is the sentence that the operator reads first
    """Options that say no mapping: which, and how it is written."""


def add_import(commands: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Add the command and its options to the parser's."""
    parser = commands.add_parser(
        "import",
        help="readings of another program, from Prometheus or CSV",
        epilog=EXPLAINED,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--source", default="", help="what these readings are called; the file's name when left out")
    parser.add_argument("--format", choices=("csv", "prometheus"), help="by the file's name when left out")
    parser.add_argument("--group", default="", help="the id of the group that all of it belongs to")
    parser.add_argument("--group-label", "--group-column", dest="group_column", default="group", help="what holds it")
    parser.add_argument("--signal", choices=tuple(FIGURES_BY_WORD), help="the signal that all of it is")
    parser.add_argument(
        "--series", action="append", default=[], metavar="SELECTOR=SIGNAL", help="the signal of some series"
    )
    parser.add_argument("--signal-column", default="signal")
    parser.add_argument("--time-column", default="at", help="Unix seconds or milliseconds, or ISO 8601")
    parser.add_argument("--value-column", default="value")
    parser.add_argument("--scale", type=float, default=1.0, help="by what every value is multiplied")
    parser.add_argument(
        "--resolution",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="for how long each value stands, such as a mean",
    )


def import_file(options: argparse.Namespace, history: Path, retention: Retention) -> int:
    """Exit code 0; 1 when nothing could be taken. Raises UnusableMapping, UnreadableImport, HistoryUnavailable."""
    refused, path = Refused(), options.file
    outcome = import_readings(
        history,
        _readings(options, mapping_from(options), refused),
        source=options.source or path.name,
        retention=retention,
        now_s=time.time(),
        refused=refused,
    )
    said = f"{outcome.readings} readings of {outcome.groups} groups were imported into {outcome.bins} bins"
    said += f", instead of {outcome.replaced} that were there under this name" if outcome.replaced else ""
    left_out = "".join(f"; {count} {reason} were left out" for reason, count in refused.counts.items())
    sys.stderr.write(f"{display_text(said + left_out, 1000)}.\n")
    return 0 if outcome.readings else NOTHING


def _readings(options: argparse.Namespace, mapping: SeriesMapping, refused: Refused) -> Iterator[ForeignReading]:
    kind = options.format or ("prometheus" if options.file.suffix == ".json" else "csv")
    try:
        with options.file.open(encoding="utf-8", newline="") as file:
            if kind == "csv":
                yield from from_csv(file, mapping, refused)
            else:
                yield from from_prometheus(file.read(), mapping, refused)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise UnreadableImport(f"{options.file} cannot be read: {reason}.") from error


def mapping_from(options: argparse.Namespace) -> SeriesMapping:
    """What the options say. Raises UnusableMapping."""
    return SeriesMapping(
        group=options.group,
        group_column=options.group_column,
        figure=None if options.signal is None else FIGURES_BY_WORD[options.signal],
        series=tuple(_series(written) for written in options.series),
        signal_column=options.signal_column,
        time_column=options.time_column,
        value_column=options.value_column,
        scale=options.scale,
        resolution_s=options.resolution,
    )


def _series(written: str) -> tuple[Selector, Figure]:
    match = _SERIES.fullmatch(written)
    figure = None if match is None else FIGURES_BY_WORD.get(match["signal"])
    labels = [] if match is None else list(_LABEL.finditer(match["labels"] or ""))
    whole = match is not None and "".join(label[0] for label in labels) == (match["labels"] or "")
    if match is None or figure is None or not whole:
        raise UnusableMapping(
            f"--series {written} is no mapping such as 'edge_cpu{{mode=\"total\"}}=cpu'; "
            f"signals are {', '.join(FIGURES_BY_WORD)}."
        )
    return Selector(match["metric"] or "", tuple((label["name"], label["value"]) for label in labels)), figure
