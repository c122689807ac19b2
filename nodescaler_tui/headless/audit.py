"""`nodescaler-tui audit`: the journal from the command line: list, show, verify, export, accept."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.operations import sentence_of
from nodescaler_tui.events import Draft, Event, EventKind, Fields, JournalUnavailable
from nodescaler_tui.identity import operator_name
from nodescaler_tui.record.audit import AuditRecord, NotAnAuditRecord
from nodescaler_tui.record.chain import Verification, verify_journal
from nodescaler_tui.record.events_abroad import cloud_events, ocsf
from nodescaler_tui.record.export import csv_lines, json_lines
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.record.witness import Disagreement, Testimony, Witness
from nodescaler_tui.settings import SettingsError, load_settings

BROKEN: Final = 1
UNREADABLE: Final = 2
LONGEST_SENTENCE: Final = 1000
FORMATS: Final = {"jsonl": json_lines, "csv": csv_lines, "cloudevents": cloud_events, "ocsf": ocsf}


def main(arguments: list[str]) -> int:
    """Exit code 0; 1 when the journal is not intact or nothing was found; 2 when it cannot be read, or exported to."""
    options = _parser().parse_args(arguments)
    try:
        if options.journal is None:
            paths = load_settings().paths
            options.journal, options.witness = paths.journal, options.witness or paths.witness
        journal = SqliteJournal.open_for_reading(options.journal)
        commands = {"list": _list, "show": _show, "verify": _verify, "export": _export, "accept": _accept}
        return commands[options.command](journal, options)
    except (JournalUnavailable, SettingsError) as error:
        sys.stderr.write(f"{display_text(str(error), LONGEST_SENTENCE)}\n")
        return UNREADABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nodescaler-tui audit", description="The journal of what was done.")
    parser.add_argument("--journal", type=Path, help="another journal than this store's")
    parser.add_argument("--witness", type=Path, help="the file of witnessed heads that goes with it")
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="one line an event, newest first")
    listing.add_argument("--group", default="", help="only this node group's id")
    listing.add_argument("--operator", default="", help="only this operator")
    listing.add_argument("--kind", default="", help="only this kind, such as operation.settled")
    listing.add_argument("--limit", type=int, default=50)
    listing.add_argument("--json", action="store_true", help="one JSON object a line")
    shown = commands.add_parser("show", help="one event by its number, or one operation by its id")
    shown.add_argument("what", help="a position in the journal, or an operation's id")
    verified = commands.add_parser("verify", help="recompute every hash")
    verified.add_argument("--installation", default="", help="the installation that the journal must belong to")
    verified.add_argument("--head", default="", help="SIZE:HASH that you know from elsewhere, such as a receiver's log")
    verified.add_argument("--json", action="store_true", help="one JSON document")
    exported = commands.add_parser("export", help="everything, for another program")
    exported.add_argument("--format", choices=tuple(FORMATS), default="jsonl")
    exported.add_argument("file", nargs="?", type=Path, help="standard output when left out")
    accepted = commands.add_parser("accept", help="act on this journal although another was witnessed")
    accepted.add_argument("--reason", required=True, help="why; it is kept in the journal")
    return parser


def _list(journal: SqliteJournal, options: argparse.Namespace) -> int:
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
        return AuditRecord.from_event(event).as_fields()
    except NotAnAuditRecord:
        return event.fields


def _json_line(event: Event) -> str:
    return json.dumps(_document(event)) + "\n"


def _show(journal: SqliteJournal, options: argparse.Namespace) -> int:
    found = [event for event in journal.read() if options.what in {str(event.seq), event.operation_id}]
    for event in found:
        sys.stdout.write(json.dumps(_document(event), indent=2) + "\n")
    if not found:
        sys.stderr.write(f"There is no event and no operation {display_text(options.what)!r}.\n")
    return 0 if found else BROKEN


def _verify(journal: SqliteJournal, options: argparse.Namespace) -> int:
    outcome, against = verify_journal(journal, installation=options.installation), _testimony(journal, options)
    sentences = outcome.sentences if against is None else (*outcome.sentences, against.sentence)
    intact = outcome.intact and against is None
    if options.json:
        document = {"intact": intact, "events": outcome.events, "head": outcome.head, "flaw": _flaw(outcome, against)}
        sys.stdout.write(json.dumps({**document, "sentences": sentences}, indent=2) + "\n")
    else:
        sys.stdout.write("".join(f"{display_text(sentence, LONGEST_SENTENCE)}\n" for sentence in sentences))
    return 0 if intact else BROKEN


def _flaw(outcome: Verification, against: Testimony | None) -> dict[str, str | int] | None:
    if outcome.flaw is not None:
        return {"finding": outcome.flaw.finding.value, "seq": outcome.flaw.seq}
    return None if against is None else {"finding": against.disagreement.value, "seq": outcome.events}


def _testimony(journal: SqliteJournal, options: argparse.Namespace) -> Testimony | None:
    """What a head from elsewhere says against the journal: the one that was given, then the witness's."""
    if options.head and not _holds(journal, options.head):
        return Testimony(Disagreement.FORKED, f"The head {options.head} is not in this journal.")
    return None if options.witness is None else Witness(options.witness).against(journal.hash_at)


def _holds(journal: SqliteJournal, head: str) -> bool:
    size, _, digest = head.partition(":")
    return size.isdecimal() and len(size) < 19 and journal.hash_at(int(size)) == digest


def _accept(journal: SqliteJournal, options: argparse.Namespace) -> int:
    """Begin to witness anew, and say so in the journal itself."""
    witness = Witness(options.witness or options.journal.with_name("heads"))
    last = witness.last()
    witnessed = "nothing" if last is None else f"{last.seq}:{last.hash}"
    fields = {"witnessed": witnessed, "reason": options.reason}
    with journal.transaction() as transaction:
        transaction.append(Draft(EventKind.JOURNAL_ACCEPTED, datetime.now(UTC), operator_name(), fields=fields))
    witness.begin_anew(journal.head())
    sys.stdout.write("This journal is the right one from now on. The journal says so, too.\n")
    return 0


def _export(journal: SqliteJournal, options: argparse.Namespace) -> int:
    lines = FORMATS[options.format](journal.stored())
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
