"""A server that fails or only follows, as engines see it: they look on, act on the right one, and come back alone."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.simulator.simulation import running_simulation
from tests.engine.teams import Seen, follows, polls, settled, teammate
from tests.postgresql.databases import Database
from tests.postgresql.network import network
from tests.postgresql.pair import pair

APPROVAL_ANSWERED_WITHIN_S = 15.0
"""As docs/team.md says."""


def proposes(seen: Seen) -> bool:
    return (polls(seen) or follows(seen)) and bool(seen["plans"])


def test_a_replica_shows_all_and_acts_on_nothing_and_its_promotion_is_followed_by_whoever_names_both(
    tmp_path: Path,
) -> None:
    with running_simulation("surge", speed=16) as simulation, pair(tmp_path / "pair") as servers, ExitStack() as stack:
        ana = stack.enter_context(teammate(simulation, servers.url("ana"), tmp_path, "ana"))
        ana.until(proposes)
        ben = stack.enter_context(teammate(simulation, servers.standby.store.url("ben"), tmp_path, "ben"))
        seen = ben.until(lambda seen: follows(seen) and "is a replica" in seen["why"])
        assert "ana@" in seen["poller"]
        assert "newest in it was written" in seen["why"]
        assert seen["polls"] == 0
        ben.told("approve")
        assert not ben.until(lambda seen: "answer" in seen)["done"]
        assert simulation.provider.deliveries == []

        servers.primary.crash()
        ana.until(lambda seen: not seen.get("writable", True) and seen["poller"] == "nobody polls")
        servers.promote()
        ana.until(lambda seen: bool(seen.get("writable")) and proposes(seen))
        ana.told("approve")
        assert ana.until(lambda seen: "answer" in seen)["done"]
        ana.until(settled)
        ben.until(lambda seen: bool(seen.get("writable")) and settled(seen))
        assert verify_journal(PostgresJournal.open_for_reading(servers.url("vic"))).intact
        assert sum(1 for delivery in simulation.provider.deliveries if delivery.effect) == 1


def test_while_the_network_swallows_everything_an_approval_is_refused_in_time_and_nothing_is_sent(
    database: Database, tmp_path: Path
) -> None:
    with (
        running_simulation("surge", speed=16) as simulation,
        network(database.server.socket) as between,
        ExitStack() as stack,
    ):
        url = f"postgresql://ana@127.0.0.1:{between.port}/{database.name}?sslmode=disable"
        ana = stack.enter_context(teammate(simulation, url, tmp_path, "ana"))
        ana.until(proposes)
        between.fall_silent()
        asked_at = time.time()
        ana.told("approve")
        refused = ana.until(lambda seen: "answer" in seen)
        assert not refused["done"]
        assert refused["answer"].startswith("Nothing was done")
        assert refused["at"] - asked_at <= APPROVAL_ANSWERED_WITHIN_S
        between.mend()
        ana.until(lambda seen: bool(seen.get("writable")) and proposes(seen))
        assert simulation.provider.deliveries == []
