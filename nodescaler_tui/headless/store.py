"""`nodescaler-tui store`: make a team's shared store, migrate it, look at it, and copy a journal into it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nodescaler_tui.decide.two_person import OFF, TIERS
from nodescaler_tui.display_text import display_text
from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.shared import needing_the_driver
from nodescaler_tui.settings import SettingsError, Sources, load_settings

if TYPE_CHECKING:
    from nodescaler_tui.record.postgres.connection import Sessions
    from nodescaler_tui.record.postgres.schema import Migration

UNUSABLE: Final = 2
LONGEST_SENTENCE: Final = 1000
NO_STORE: Final = 'No store is named. Give --url, or set [store] url = "postgresql://host/database".'
NEXT_STEP: Final = (
    "Let people in, each with a login of their own:\n"
    "  GRANT nodescaler_operator TO ana;    who approves\n"
    "  GRANT nodescaler_viewer TO vic;      who looks\n"
)


def main(arguments: list[str]) -> int:
    """Exit code 0; 1 when `check` found something that must be put right; 2 when the store cannot be used."""
    parser, commands = _parser()
    options = parser.parse_args(arguments)
    try:
        return commands[options.command](options)
    except (JournalUnavailable, SettingsError) as error:
        sys.stderr.write(f"{display_text(str(error), LONGEST_SENTENCE)}\n")
        return UNUSABLE


Commands = dict[str, Callable[[argparse.Namespace], int]]


def _parser() -> tuple[argparse.ArgumentParser, Commands]:
    parser = argparse.ArgumentParser(prog="nodescaler-tui store", description="A team's shared store on PostgreSQL.")
    parser.add_argument("--config", type=Path, help="another configuration file")
    parser.add_argument("--url", help="another store than the configured one; as its owner: postgresql://OWNER@host/db")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("init", help="make the roles, the schema and its tables, as far as they are not there")
    commands.add_parser("migrate", help="bring the schema up to this program's, all or nothing")
    commands.add_parser("check", help="look at the server, our rights, the schema, the clock and the journal")
    two = commands.add_parser("two-person", help="look at the two-person rule, or set it as the store's owner")
    two.add_argument("--from-tier", choices=(OFF, *TIERS), help="two people for plans of this tier and riskier ones")
    two.add_argument("--group", action="append", default=[], help="two people for every plan of this group, by its id")
    copied = commands.add_parser("copy", help="copy a journal's file into a store that has no journal yet")
    copied.add_argument("journal", nargs="?", type=Path, help="this user's own journal when left out")
    return parser, {"init": _init, "migrate": _migrate, "check": _check, "copy": _copy, "two-person": _two_person}


def _sessions(options: argparse.Namespace) -> Sessions:
    """Sessions for what an owner does: such a statement may take minutes. Raises SettingsError, JournalUnavailable."""
    overrides = {} if options.url is None else {"store.url": options.url}
    url = load_settings(Sources(config_file=options.config, overrides=overrides)).store.url
    if not url:
        raise SettingsError(NO_STORE)
    with needing_the_driver():
        from nodescaler_tui.record.postgres.address import Timeouts  # noqa: PLC0415 - an extra
        from nodescaler_tui.record.postgres.connection import Sessions  # noqa: PLC0415 - an extra
    return Sessions(url, Timeouts(lock_s=10.0, statement_s=600.0, idle_in_transaction_s=600.0))


def _init(options: argparse.Namespace) -> int:
    sessions = _sessions(options)
    from nodescaler_tui.record.postgres.installation import init_store  # noqa: PLC0415 - an extra

    _tell_of(init_store(sessions), sessions.place)
    sys.stdout.write(NEXT_STEP)
    return 0


def _migrate(options: argparse.Namespace) -> int:
    sessions = _sessions(options)
    from nodescaler_tui.record.postgres.installation import migrate_store  # noqa: PLC0415 - an extra

    _tell_of(migrate_store(sessions), sessions.place)
    return 0


def _tell_of(applied: tuple[Migration, ...], place: str) -> None:
    for migration in applied:
        sys.stdout.write(f"Migration {migration.version} ({migration.name}) is applied.\n")
    sys.stdout.write(display_text(f"{place} is up to date.", LONGEST_SENTENCE) + "\n")


def _check(options: argparse.Namespace) -> int:
    sessions = _sessions(options)
    from nodescaler_tui.headless.store_check import findings  # noqa: PLC0415 - an extra

    failed = False
    for finding in findings(sessions):
        failed = failed or not finding.good
        mark = "ok" if finding.good else "FAIL"
        sys.stdout.write(f"{mark:<5} {finding.name:<10} {display_text(finding.sentence, LONGEST_SENTENCE)}\n")
    return 1 if failed else 0


def _two_person(options: argparse.Namespace) -> int:
    sessions = _sessions(options)
    from nodescaler_tui.headless.store_two_person import run  # noqa: PLC0415 - an extra

    return run(sessions, options)


def _copy(options: argparse.Namespace) -> int:
    sessions = _sessions(options)
    from nodescaler_tui.record.postgres.copying import copy_journal  # noqa: PLC0415 - an extra
    from nodescaler_tui.record.sqlite import SqliteJournal  # noqa: PLC0415 - only for this command

    path = options.journal or load_settings(Sources(config_file=options.config)).paths.journal
    outcome = copy_journal(SqliteJournal.open_for_reading(path), sessions)
    said = f"Copied to {sessions.place} and verified there. {outcome.sentences[0]}"
    sys.stdout.write(display_text(said, LONGEST_SENTENCE) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
