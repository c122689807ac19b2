"""`python -m benchmarks.audit`: how fast a long journal is verified, and that honest ones raise no alarm.

    python -m benchmarks.audit speed --events 1000000
    python -m benchmarks.audit honest --events 100000 [--seed N]

`honest` lets child processes write real transactions and kills them at random moments; after each kill the journal
must verify, and must hold everything that was confirmed.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from nodescaler_tui.events import Draft, EventKind, Fields, JournalUnavailable
from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.record.witness import Witness

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONGEST_LIFE_S = 0.8
EVENTS_A_TRANSACTION = 1000


def main() -> int:
    """0 when every journal verified."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit")
    parts = parser.add_subparsers(dest="part", required=True)
    speed = parts.add_parser("speed", help="verify one long journal")
    speed.add_argument("--events", type=int, default=1_000_000)
    honest = parts.add_parser("honest", help="write, kill, verify, again and again")
    honest.add_argument("--events", type=int, default=100_000)
    honest.add_argument("--seed", type=int, default=0)
    write = parts.add_parser("write", help="what the killed children do")
    write.add_argument("folder", type=Path)
    options = parser.parse_args()
    if options.part == "write":
        return _write(options.folder)
    with tempfile.TemporaryDirectory() as folder:
        if options.part == "speed":
            return _speed(Path(folder), options.events)
        return _honest(Path(folder), options.events, random.Random(options.seed))


def _journal(folder: Path) -> SqliteJournal:
    witness = Witness(folder / "witness" / "heads")
    return SqliteJournal.open(folder / "state" / "journal.db", version="1", clock=lambda: NOON, witness=witness)


def _draft(number: int) -> Draft:
    fields: Fields = {"attempt": number, "status": 503, "answer": "x" * 120, "retry_in_ms": 2000}
    return Draft(EventKind.PLAN_REFUSED, NOON, "ana@ops", "media-eu-1", "", fields)


def _speed(folder: Path, events: int) -> int:
    journal = _journal(folder)
    while journal.head().seq < events:
        with journal.transaction() as transaction:
            for number in range(min(EVENTS_A_TRANSACTION, events - transaction.head.seq)):
                transaction.append(_draft(number))
    began = time.perf_counter()
    outcome = verify_journal(journal)
    took = time.perf_counter() - began
    print(f"{outcome.events:,} events verified in {took:.1f} s ({outcome.events / took:,.0f} a second)")
    return 0 if outcome.intact else 1


def _write(folder: Path) -> int:
    """Write until killed; each confirmed position is told."""
    journal, number = _journal(folder), 0
    while True:
        with journal.transaction() as transaction:
            for _ in range(1 + number % 7):
                number = transaction.append(_draft(number)).seq
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


def _honest(folder: Path, events: int, chance: random.Random) -> int:
    kills, confirmed = 0, 0
    while confirmed < events:
        told = _until_killed(folder, chance.uniform(0.1, LONGEST_LIFE_S))
        confirmed, kills = max(confirmed, told), kills + 1
        alarm = _alarm(folder, confirmed)
        if alarm:
            print(f"after {kills} kills: {alarm}")
            return 1
    print(f"{confirmed:,} confirmed events, {kills} kills, verified after each: no alarm, nothing lost")
    return 0


def _until_killed(folder: Path, life_s: float) -> int:
    command = [sys.executable, "-m", "benchmarks.audit", "write", str(folder)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    first = child.stdout.readline()
    time.sleep(life_s)
    child.kill()
    rest, _ = child.communicate()
    whole = [line for line in (first + rest).split("\n")[:-1] if line]
    return int(whole[-1]) if whole else 0


def _alarm(folder: Path, confirmed: int) -> str:
    try:
        journal = _journal(folder)
    except JournalUnavailable as error:
        return str(error)
    outcome = verify_journal(journal)
    if not outcome.intact:
        return outcome.sentences[0]
    return "" if outcome.events >= confirmed else f"{confirmed - outcome.events} confirmed events are lost"


if __name__ == "__main__":
    sys.exit(main())
