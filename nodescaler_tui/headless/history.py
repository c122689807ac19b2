"""`nodescaler-tui history`: the readings that are kept: export, import, stats. Data on standard output only."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TextIO

from nodescaler_tui.display_text import display_text
from nodescaler_tui.headless.history_choice import OwnFile, TeamStore, configured, file_for_import, named_file
from nodescaler_tui.headless.history_import import UnusableMapping, add_import, import_file
from nodescaler_tui.record.history.connection import HistoryUnavailable
from nodescaler_tui.record.history.contents import Contents, TierContents
from nodescaler_tui.record.history.exporting import (
    COLUMNS,
    NODE_COLUMNS,
    TEXT_FORMATS,
    ExportRow,
    bin_rows,
    node_rows,
    write_parquet,
)
from nodescaler_tui.record.history.foreign import UnreadableImport
from nodescaler_tui.record.history.reader import Group, HistoryReader
from nodescaler_tui.record.history.tiers import COARSEST_FIRST
from nodescaler_tui.settings import SettingsError, Sources, load_settings
from nodescaler_tui.settings.places import make_private

NOTHING: Final = 1
UNREADABLE: Final = 2
LONGEST_SENTENCE: Final = 1000
PARQUET: Final = "parquet"
SECONDS_OF: Final = {"m": 60.0, "h": 3600.0, "d": 86_400.0}


@dataclass(slots=True)
class Counted:
    """Rows on their way, counted, so that it can be said how many there were."""

    rows: int = 0

    def through(self, rows: Iterator[ExportRow]) -> Iterator[ExportRow]:
        """The same rows."""
        for row in rows:
            self.rows += 1
            yield row


def main(arguments: list[str]) -> int:
    """Exit code 0; 1 when there was nothing to export or import; 2 when the history or a file cannot be used."""
    parser, commands = _parser()
    options = parser.parse_args(arguments)
    try:
        return commands[options.command](options, _chosen(options))
    except (HistoryUnavailable, SettingsError, UnreadableImport, UnusableMapping) as error:
        _say(str(error))
        return UNREADABLE


def _say(sentence: str) -> None:
    sys.stderr.write(f"{display_text(sentence, LONGEST_SENTENCE)}\n")


def _chosen(options: argparse.Namespace) -> Chosen:
    """What is configured, unless a file was named: that one is used whatever the configuration says."""
    if options.history is not None:
        return named_file(options.history)
    settings = load_settings(Sources(config_file=options.config))
    if options.command == "import":
        make_private(settings.paths.state_dir)
    return configured(settings)


Chosen = OwnFile | TeamStore
Commands = dict[str, Callable[[argparse.Namespace, Chosen], int]]


def _parser() -> tuple[argparse.ArgumentParser, Commands]:
    parser = argparse.ArgumentParser(prog="nodescaler-tui history", description="The readings that are kept.")
    parser.add_argument("--config", type=Path, help="another configuration file")
    parser.add_argument("--history", type=Path, help="a file, instead of the history that is configured")
    commands = parser.add_subparsers(dest="command", required=True)
    exported = commands.add_parser("export", help="every bin that is kept, the finest there is")
    exported.add_argument("--group", action="append", default=[], help="only this node group's id; may be repeated")
    exported.add_argument("--from", dest="begins", default="", help="2026-03-01T14:30, or 90m, 6h, 7d ago")
    exported.add_argument("--to", dest="ends", default="", help="until when, in the same ways; now when left out")
    exported.add_argument(
        "--resolution", choices=[tier.word for tier in reversed(COARSEST_FIRST)], default="raw", help="no finer than"
    )
    exported.add_argument("--nodes", action="store_true", help="the nodes of groups that were in trouble instead")
    exported.add_argument("--format", choices=(*TEXT_FORMATS, PARQUET), default="csv")
    exported.add_argument("--output", type=Path, help="a file; standard output when left out")
    add_import(commands)
    told = commands.add_parser("stats", help="what is kept, from when to when, and what it takes on disk")
    told.add_argument("--json", action="store_true", help="one JSON document")
    return parser, {"export": _export, "import": _import, "stats": _stats}


def _import(options: argparse.Namespace, chosen: Chosen) -> int:
    own = file_for_import(chosen)
    return import_file(options, own.stored.path, own.retention)


def _export(options: argparse.Namespace, chosen: Chosen) -> int:
    now_s, counted = time.time(), Counted()
    begins_s = _moment(options.begins, now_s) if options.begins else None
    ends_s = _moment(options.ends, now_s) if options.ends else now_s
    if options.output is not None and isinstance(chosen, OwnFile):
        _be_another(options.output, chosen.stored.path)
    with chosen.stored.reading() as reader:
        if begins_s is None:
            begins_s = chosen.begins_s(reader, now_s)
        groups = _groups(reader, options.group)
        if options.nodes:
            _write(options, counted.through(node_rows(reader, groups, begins_s, ends_s)), NODE_COLUMNS)
        else:
            wanted = next(tier for tier in COARSEST_FIRST if tier.word == options.resolution)
            _write(options, counted.through(bin_rows(reader, groups, begins_s, ends_s, wanted)), COLUMNS)
        damaged = reader.damaged_rows
    _say(f"{counted.rows} rows of {len(groups)} groups were exported.")
    if damaged:
        _say(f"{damaged} damaged rows were left out.")
    return 0 if counted.rows else NOTHING


def _groups(reader: HistoryReader, wanted: list[str]) -> list[Group]:
    if not wanted:
        return reader.groups()
    found = [reader.group(group_id) for group_id in wanted]
    for group_id, group in zip(wanted, found, strict=True):
        if group is None:
            _say(f"There is no group {group_id!r} in the history.")
    return [group for group in found if group is not None]


def _write(options: argparse.Namespace, rows: Iterator[ExportRow], columns: tuple[str, ...]) -> None:
    if options.format == PARQUET and options.output is None:
        raise HistoryUnavailable("Parquet is no text: give a file with --output.")
    try:
        if options.format == PARQUET:
            write_parquet(lambda: _private(options), rows, columns)
            return
        with _text_output(options) as output:
            output.writelines(TEXT_FORMATS[options.format](rows, columns))
    except OSError as error:
        if options.output is None:
            raise
        raise HistoryUnavailable(f"{options.output} cannot be written: {error.strerror or error}.") from error


@contextmanager
def _text_output(options: argparse.Namespace) -> Iterator[TextIO]:
    if options.output is None:
        yield sys.stdout
        return
    with _private(options).open("w", encoding="utf-8", newline="") as file:
        yield file


def _private(options: argparse.Namespace) -> Path:
    """The file that was named, empty and readable by this user only."""
    path: Path = options.output
    os.close(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
    return path


def _be_another(output: Path, history: Path) -> None:
    """Raises HistoryUnavailable when both are the same file."""
    if output.exists() and history.exists() and output.samefile(history):
        raise HistoryUnavailable("The export would overwrite the history itself. Name another file.")


def _moment(written: str, now_s: float) -> float:
    """A date and time, in this machine's zone when none is written, or so long ago. Raises HistoryUnavailable."""
    try:
        if written[-1] in SECONDS_OF:
            return now_s - float(written[:-1]) * SECONDS_OF[written[-1]]
        return datetime.fromisoformat(written).timestamp()
    except ValueError as error:
        raise HistoryUnavailable(f"{written!r} is no time such as 2026-03-01T14:30 or 6h.") from error


def _stats(options: argparse.Namespace, chosen: Chosen) -> int:
    found, place = chosen.stored.contents(), chosen.stored.place
    if options.json:
        where = "file" if isinstance(chosen, OwnFile) else "store"
        sys.stdout.write(json.dumps({where: place, **_document(found)}, indent=2) + "\n")
        return 0
    lines = [f"{place}: {found.file_bytes / 1e6:.1f} MB, {found.groups} groups, {found.nodes} nodes"]
    lines += [f"{'tier':<6}{'rows':>9}{'MB':>9}  {'from':<21}to", *map(_tier_line, found.tiers)]
    lines += [f"imported from {display_text(name)}: {bins} bins" for name, bins in found.sources]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _tier_line(tier: TierContents) -> str:
    begins, ends = (_clock(at_s) for at_s in (tier.begins_s, tier.ends_s))
    return f"{tier.tier.word:<6}{tier.rows:>9}{tier.row_bytes / 1e6:>9.1f}  {begins:<21}{ends}"


def _clock(at_s: float | None) -> str:
    return "–" if at_s is None else f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d %H:%M:%S}Z"


def _document(found: Contents) -> dict[str, Any]:
    return {
        "bytes": found.file_bytes,
        "groups": found.groups,
        "nodes": found.nodes,
        "node_readings": found.node_readings,
        "imported": [{"source": name, "bins": bins} for name, bins in found.sources],
        "tiers": {tier.tier.word: _tier_document(tier) for tier in found.tiers},
    }


def _tier_document(tier: TierContents) -> dict[str, Any]:
    moments = {"from": tier.begins_s, "to": tier.ends_s}
    said = {
        name: None if at_s is None else datetime.fromtimestamp(at_s, UTC).isoformat() for name, at_s in moments.items()
    }
    return {"rows": tier.rows, "bytes": tier.row_bytes, "resolution_s": tier.tier.bin_s, **said}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
