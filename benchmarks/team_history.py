"""What the shared history costs: 1,000 groups polled every 10 s for a day into a real PostgreSQL, after a week before.

python -m benchmarks.team_history            # about a quarter of an hour
python -m benchmarks.team_history --week 60  # the week before polled every 60 s, and not every 300 s
python -m benchmarks.team_history --write    # and write the table into docs/team.md
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.history import BEGIN, COLUMNS, END, Figures, Fleet
from nodescaler_tui.record.history.figures import Figure, Poll
from nodescaler_tui.record.history.tiers import DAY_S, READINGS, ROLLED, Retention, Tier
from nodescaler_tui.record.postgres import lease
from nodescaler_tui.record.postgres.connection import Session, Sessions
from nodescaler_tui.record.postgres.history import SharedHistory, SharedHistoryWriter, history_session
from nodescaler_tui.record.postgres.history_rows import all_of, table_of
from tests.postgresql.databases import Database, fresh_database, prepare
from tests.postgresql.server import AS_IT_COMES, shared_server

REPORT = Path(__file__).parents[1] / "docs" / "team.md"
LEASE_S = 86_400.0
GOAL_MS = 50.0
HELD = "SELECT count(*) FROM history_table, history_days(name)"
SPANS = {"1 hour": 3600.0, "a day": DAY_S, "7 days": 7 * DAY_S}


@contextmanager
def store() -> Iterator[Database]:
    """A store on a server with its default settings, its data on a disk; nothing goes while it is measured."""
    with tempfile.TemporaryDirectory() as name, shared_server(Path(name), settings=AS_IT_COMES) as server:
        prepare(server, Path(name))
        with fresh_database(server) as database:
            database.run("UPDATE history_retention SET days = 10 WHERE tier IN ('raw', '1m')")
            yield database


def writer_under_a_lease(sessions: Sessions) -> SharedHistoryWriter:
    """As the one poller of a team has it."""
    held = lease.take(sessions, "poller", f"process {os.getpid()}", LEASE_S)
    assert held is not None
    return SharedHistoryWriter(sessions, lambda session: lease.require(session, held))


def stored(writer: SharedHistoryWriter, polls: Iterable[Poll]) -> list[tuple[float, float]]:
    """Milliseconds that each poll took, and those of them that were this process's CPU."""
    taken = []
    for poll in polls:
        begun, cpu_begun = time.perf_counter(), time.thread_time()
        writer.add(poll)
        taken.append(((time.perf_counter() - begun) * 1000, (time.thread_time() - cpu_begun) * 1000))
    return taken


def middle_and_p99(values: Iterable[float]) -> tuple[float, float]:
    """The median, and the value that one in a hundred is above."""
    ordered = sorted(values)
    return statistics.median(ordered), ordered[max(int(len(ordered) * 0.99) - 1, 0)]


def written(sessions: Sessions, fleet: Fleet, week: Fleet, days: float, ends_s: float) -> list[Figures]:
    """The week before, and then the polls that are measured; with what they add to the write-ahead log."""
    writer = writer_under_a_lease(sessions)
    stored(writer, week.polls(7.0, ends_s - days * DAY_S))
    begins = wal_position(sessions)
    taken = stored(writer, fleet.polls(days, ends_s))
    wal_kb = (wal_position(sessions) - begins) / len(taken) / 1000
    whole = middle_and_p99(wall for wall, _ in taken)
    cpu = middle_and_p99(used for _, used in taken)
    rest = middle_and_p99(wall - used for wall, used in taken)
    most = max(wall for wall, _ in taken)
    words = f"p50 {whole[0]:.1f}, p99 {whole[1]:.1f}, most {most:.0f} ms ({len(taken):,} polls)"
    return [
        Figures("storing one poll, confirmed on the disk", words, f"p99 < {GOAL_MS:.0f} ms", whole[1] < GOAL_MS),
        Figures("of that, CPU of the program that polls", f"p50 {cpu[0]:.1f}, p99 {cpu[1]:.1f} ms", "–", None),
        Figures("the rest: server, disk, waiting for a core", f"p50 {rest[0]:.1f}, p99 {rest[1]:.1f} ms", "–", None),
        Figures("write-ahead log for one poll", f"{wal_kb:.1f} kB", "–", None),
    ]


def wal_position(sessions: Sessions) -> int:
    """How many bytes of log the server has written so far."""
    with history_session(sessions) as session:
        ((position,),) = all_of(session, "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint")
    return int(position)


def on_disk(sessions: Sessions, ends_s: float) -> list[Figures]:
    """What the last whole day takes, with its indexes; the tables of a tier that were full of it."""
    day = int(ends_s // DAY_S) - 1
    with history_session(sessions) as session:
        raw = size_of(session, day, "history_poll") + size_of(session, day, table_of(READINGS))
        ((polls,),) = all_of(
            session,
            "SELECT count(*) FROM history_poll WHERE at_ms >= %s AND at_ms < %s",
            (day * 86_400_000, (day + 1) * 86_400_000),
        )
        rolled = {tier: size_of(session, day, table_of(tier)) for tier in ROLLED}
    each = ", ".join(f"{tier.word} {size / 1e6:.1f}" for tier, size in rolled.items())
    a_poll = raw / polls
    thirty = 30 * DAY_S / 10 * a_poll
    kept = sum(kept_days(tier) * size for tier, size in {**rolled, READINGS: a_poll * DAY_S / 10}.items())
    return [
        Figures("one poll on the disk", f"{a_poll / 1000:.1f} kB, of {polls:,} polls of one day", "–", None),
        Figures("a day of each rolled tier", f"{each} MB", "–", None),
        Figures("30 days of every poll, from that", f"{thirty / 1e9:.2f} GB", "stated", None),
        Figures("all tiers as they are kept by default, from that", f"{kept / 1e9:.2f} GB", "stated", None),
    ]


def kept_days(tier: Tier) -> float:
    """How many days of a tier are there at most: the whole day in which the oldest kept moment lies, and today."""
    return Retention().of(tier) / DAY_S + 1


def size_of(session: Session, day: int, table: str) -> int:
    """Bytes of one day's partition, with its indexes."""
    ((size,),) = all_of(session, "SELECT pg_total_relation_size(%s::regclass)", (f"{table}_{day}",))
    return int(size)


def read(sessions: Sessions, group_id: str, ends_s: float) -> list[Figures]:
    """One curve of one group, from taking a session to the finished columns; and the five that are drawn."""
    found = []
    for words, span_s in SPANS.items():
        one = median_and_most(lambda span_s=span_s: span(sessions, group_id, [Figure.CPU], ends_s, span_s))  # type: ignore[misc]
        five = median_and_most(lambda span_s=span_s: span(sessions, group_id, list(Figure)[:5], ends_s, span_s))  # type: ignore[misc]
        said = f"{one[0]:.1f}, most {one[1]:.1f} ms (five curves: {five[0]:.1f}, most {five[1]:.1f} ms)"
        found.append(Figures(f"reading {words} of one group, {COLUMNS} columns", said, "< 50 ms", one[0] < GOAL_MS))
    return found


def span(sessions: Sessions, group_id: str, figures: Sequence[Figure], ends_s: float, span_s: float) -> None:
    """One look at one group."""
    with SharedHistory(sessions).reading() as reader:
        found = reader.span(group_id, figures, ends_s - span_s, ends_s, COLUMNS)
    assert all(found[figure] for figure in figures)


def median_and_most(measure: Callable[[], object], times: int = 25) -> tuple[float, float]:
    """Milliseconds."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        measure()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken), max(taken)


def taken_over(sessions: Sessions, fleet: Fleet, ends_s: float) -> Figures:
    """The first poll of a poller that knows nothing: it works out anew what was not rolled up."""
    writer = writer_under_a_lease(sessions)
    poll, begun = fleet.poll(0, ends_s + fleet.every_s), time.perf_counter()
    writer.add(poll)
    taken = (time.perf_counter() - begun) * 1000
    return Figures("first poll after a takeover", f"{taken:.0f} ms", "–", None)


def let_go(database: Database, sessions: Sessions) -> Figures:
    """All days of readings and minutes but the newest, dropped in one go."""
    database.run("UPDATE history_retention SET days = 1 WHERE tier IN ('raw', '1m')")
    with history_session(sessions) as session:
        ((before,),) = all_of(session, HELD)
        begun = time.perf_counter()
        session.execute("SELECT let_history_days_go()")
        taken = (time.perf_counter() - begun) * 1000
        ((after,),) = all_of(session, HELD)
    gone = before - after
    return Figures("letting old days go", f"{taken / gone:.1f} ms for each of {gone} partitions", "–", None)


def table(figures: Sequence[Figures], options: argparse.Namespace, load: float, server: str) -> str:
    """The figures as Markdown."""
    marks = {True: "yes", False: "**no**", None: "–"}
    rows = [f"| {figure.what} | {figure.measured} | {figure.goal} | {marks[figure.met]} |" for figure in figures]
    head = (
        f"Measured on {time.strftime('%Y-%m-%d')}: {options.groups:,} groups, {options.days:g} simulated days of a "
        f"poll every 10 s after 7 days of a poll every {options.week:g} s. {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, PostgreSQL {server} on the same machine with its default settings, over a "
        f"socket; niceness {os.nice(0)}, load {load:.1f} before and {os.getloadavg()[0]:.1f} after."
    )
    return "\n".join([head, "", "| figure | measured | goal | met |", "| --- | --- | --- | --- |", *rows]) + "\n"


def measure(options: argparse.Namespace) -> tuple[list[Figures], str]:
    """Everything, in the order of the table, and the server's version."""
    ends_s = float(int(time.time() // DAY_S) * DAY_S)
    fleet, week = Fleet(options.groups, 10.0), Fleet(options.groups, options.week)
    with store() as database:
        sessions = Sessions(database.url())
        figures = written(sessions, fleet, week, options.days, ends_s)
        figures += on_disk(sessions, ends_s)
        figures += read(sessions, f"group-{options.groups // 2:04d}", ends_s)
        figures.append(taken_over(sessions, fleet, ends_s))
        figures.append(let_go(database, sessions))
        version = database.ask("SHOW server_version")
        sessions.close()
    return figures, str(version[0] if version else "")


def main() -> None:
    """Measure, print, and write the report where that is wanted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--groups", type=int, default=1000)
    parser.add_argument("--days", type=float, default=1.0, help="simulated days of a poll every 10 s")
    parser.add_argument("--week", type=float, default=300.0, help="seconds between two polls of the week before")
    parser.add_argument("--write", action="store_true", help="write the table into docs/team.md")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    figures, server = measure(options)
    text = table(figures, options, load, server)
    print(text)
    if options.write:
        before, _, rest = REPORT.read_text(encoding="utf-8").partition(BEGIN)
        REPORT.write_text(f"{before}{BEGIN}\n{text}{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
