"""A primary dies and a standby is promoted: what was confirmed is there, or nobody acts on what lacks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.headless import audit, store
from nodescaler_tui.record.postgres import lease as leases
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.record.witness import Witness
from tests.postgresql.pair import Pair, pair
from tests.record.conftest import draft


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Pair]:
    with pair(tmp_path / "servers") as servers:
        yield servers


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(tmp_path / "heads")


def write(journal: PostgresJournal, number: int) -> None:
    with journal.transaction() as transaction:
        transaction.append(draft(number))


def test_after_a_failover_everything_confirmed_is_there_and_the_old_primary_is_never_used_again(
    servers: Pair, witness: Witness
) -> None:
    journal = PostgresJournal.open(servers.url(), version="1", witness=witness)
    write(journal, 1)
    servers.caught_up()
    servers.primary.crash()
    with pytest.raises(JournalUnavailable, match="cannot be reached"):
        write(journal, 2)
    servers.promote()
    write(journal, 3)
    assert [event.fields["nodes"] for event in journal.read(after=1)] == [1, 3]
    servers.primary.start()
    journal.close()
    with pytest.raises(JournalUnavailable, match=r"another has replaced \(timeline 1, after 2\)"):
        write(journal, 4)
    servers.primary.crash()
    write(journal, 5)
    assert [event.fields["nodes"] for event in journal.read(after=1)] == [1, 3, 5]


def test_a_promoted_standby_that_lost_confirmed_events_is_noticed_until_it_is_accepted(
    servers: Pair, witness: Witness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader has written nothing, and has read what was lost."""
    writer = PostgresJournal.open(servers.url("ana"), version="1")
    reader = PostgresJournal.open(servers.url("ana"), version="1", witness=witness)
    write(writer, 1)
    servers.caught_up()
    servers.stop_following()
    write(writer, 2)
    assert len(reader.read()) == 3
    servers.primary.crash()
    servers.promote()
    with pytest.raises(JournalUnavailable, match=r"3 events were once confirmed.*accept"):
        reader.read(after=3)
    with pytest.raises(JournalUnavailable, match="3 events were once confirmed"):
        write(reader, 9)
    with pytest.raises(JournalUnavailable, match="3 events were once confirmed"):
        write(writer, 9)
    with pytest.raises(JournalUnavailable, match="3 events were once confirmed"):
        PostgresJournal.open(servers.url("ana"), version="1", witness=witness)
    monkeypatch.setenv("NODESCALER_STORE_URL", servers.url())
    assert audit.main(["--witness", str(tmp_path / "heads"), "accept", "--reason", "the standby was behind"]) == 0
    with pytest.raises(JournalUnavailable, match="still knows what it does not hold"):
        write(reader, 9)
    anew = PostgresJournal.open(servers.url("ana"), version="1", witness=witness)
    write(anew, 3)
    assert [event.fields.get("nodes") for event in anew.read(after=1)] == [1, None, 3]


def test_a_replica_is_looked_at_and_says_how_old_its_newest_is(
    servers: Pair, witness: Witness, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that is behind is no journal whose end was cut."""
    PostgresJournal.open(servers.primary.store.url(), version="1")
    servers.caught_up()
    servers.stop_following()
    write(PostgresJournal.open(servers.primary.store.url(), version="1", witness=witness), 1)
    people = {person: Sessions(servers.standby.store.url(person)) for person in ("ana", "vic")}
    for sessions in people.values():
        replica = PostgresJournal.open_over(sessions, version="1", witness=witness)
        assert len(replica.read()) == 1
        with pytest.raises(JournalUnavailable, match="it is a replica"):
            write(replica, 2)
        with pytest.raises(JournalUnavailable, match=r"is a replica: all is shown.*newest in it was written"):
            leases.take(sessions, "poller", "host", 5.0)
    assert store.main(["--url", servers.standby.store.url("vic"), "check"]) == 1
    told = {line.split()[1]: line for line in capsys.readouterr().out.splitlines()}
    assert told["server"].startswith("ok")
    assert "is a replica" in told["server"]
    assert "newest in it was written" in told["server"]
    assert store.main(["--url", servers.standby.store.url("ana"), "check"]) == 1
    assert "FAIL  server" in capsys.readouterr().out
