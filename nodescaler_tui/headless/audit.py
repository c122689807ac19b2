"""`nodescaler-tui audit`: the journal from the command line: list, show, export, and what proves it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.operations import sentence_of
from nodescaler_tui.events import Event, EventKind, Fields, JournalUnavailable
from nodescaler_tui.headless.audit_proof import add_commands
from nodescaler_tui.headless.audited_journal import audited_journal
from nodescaler_tui.record.audit import AuditRecord, NotAnAuditRecord
from nodescaler_tui.record.formats import FORMATS
from nodescaler_tui.record.signing import UnusableKey
from nodescaler_tui.settings import SettingsError, load_settings

BROKEN: Final = 1
UNREADABLE: Final = 2
LONGEST_SENTENCE: Final = 1000
Commands = dict[str, Callable[[argparse.Namespace], int]]


def main(arguments: list[str]) -> int:
    """Exit code 0; 1 when the journal is not intact or nothing was found; 2 when it cannot be read, or exported to."""
    parser, commands = _parser()
    options = parser.parse_args(arguments)
    try:
        if options.journal is None:
            _use_this_store(options)
        return commands[options.command](options)
    except (JournalUnavailable, SettingsError, UnusableKey) as error:
        sys.stderr.write(f"{display_text(str(error), LONGEST_SENTENCE)}\n")
        return UNREADABLE


def _use_this_store(options: argparse.Namespace) -> None:
    """This store's journal, or the team's, with witness and keys. One that was named is looked at whatever is set."""
    settings = load_settings()
    options.journal = settings.paths.journal
    options.store = settings.store.url
    options.witness = options.witness or settings.paths.witness
    options.signing_key = options.signing_key or settings.audit.signing_key_file
    options.key_folder = settings.paths.config_file.parent


def _parser() -> tuple[argparse.ArgumentParser, Commands]:
    parser = argparse.ArgumentParser(prog="nodescaler-tui audit", description="The journal of what was done.")
    parser.add_argument("--journal", type=Path, help="another journal than this store's")
    parser.add_argument("--witness", type=Path, help="the file of witnessed heads that goes with it")
    parser.add_argument("--signing-key", default="", help="the file of the key that signs heads")
    parser.set_defaults(key_folder=None, store="")
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="one line an event, newest first")
    listing.add_argument("--group", default="", help="only this node group's id")
    listing.add_argument("--operator", default="", help="only this operator")
    listing.add_argument("--kind", default="", help="only this kind, such as operation.settled")
    listing.add_argument("--limit", type=int, default=50)
    listing.add_argument("--json", action="store_true", help="one JSON object a line")
    shown = commands.add_parser("show", help="one event by its number, or one operation by its id")
    shown.add_argument("what", help="a position in the journal, or an operation's id")
    exported = commands.add_parser("export", help="everything, for another program")
    exported.add_argument("--format", choices=tuple(FORMATS), default="jsonl")
    exported.add_argument("file", nargs="?", type=Path, help="standard output when left out")
    proving = add_commands(commands)
    return parser, {"list": _list, "show": _show, "export": _export, **proving}


def _list(options: argparse.Namespace) -> int:
    journal = audited_journal(options)
    newest = deque((event for event in journal.read() if _wanted(event, options)), maxlen=max(options.limit, 0))
    for event in reversed(newest):
        sys.stdout.write(_json_line(event) if options.json else _line(event))
    return 0


def _wanted(event: Event, options: argparse.Namespace) -> bool:
    return (
        options.group in {"", event.group_id}
        and options.operator in {"", event.operator}
        and options.kind in {"", event.kind.value}
    )


def _line(event: Event) -> str:
    who = display_text(f"{event.operator or '–'}")
    group = display_text(event.group_id or "–", 36)
    what = f"{event.kind.value:<22} {group:<36}  {who}  {sentence_of(event)}"
    return f"{event.seq:>6}  {event.at:%Y-%m-%d %H:%M:%S}Z  {what}\n"


def _document(event: Event) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "at": event.at.isoformat(),
        "kind": event.kind.value,
        "operator": event.operator,
        "group_id": event.group_id,
        "operation_id": event.operation_id,
        "fields": _fields(event),
        "hash": event.hash,
    }


def _fields(event: Event) -> Fields:
    """An audit record in the tutorial's order; everything else, and a record that is damaged, as it was written."""
    if event.kind is not EventKind.AUDIT_RECORDED:
        return event.fields
    try:
        record = AuditRecord.from_event(event).as_fields()
        return {**record, **{name: value for name, value in event.fields.items() if name not in record}}
    except NotAnAuditRecord:
        return event.fields


def _json_line(event: Event) -> str:
    return json.dumps(_document(event)) + "\n"


def _show(options: argparse.Namespace) -> int:
    journal = audited_journal(options)
    found = [event for event in journal.read() if options.what in {str(event.seq), event.operation_id}]
    for event in found:
        sys.stdout.write(json.dumps(_document(event), indent=2) + "\n")
    if not found:
        sys.stderr.write(f"There is no event and no operation {display_text(options.what)!r}.\n")
    return 0 if found else BROKEN


def _export(options: argparse.Namespace) -> int:
    lines = FORMATS[options.format](audited_journal(options).stored())
    if options.file is None:
        sys.stdout.writelines(lines)
        return 0
    try:
        if options.file.exists() and options.file.samefile(options.journal):
            raise JournalUnavailable("The export would overwrite the journal itself. Name another file.")
        _write(options.file, lines)
    except OSError as error:
        raise JournalUnavailable(f"{options.file} cannot be written: {error.strerror}.") from error
    return 0


def _write(path: Path, lines: Iterable[str]) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        file.writelines(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
