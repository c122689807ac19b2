"""While the store is away everything known stays on screen, nothing can be approved, and it comes back by itself."""

from __future__ import annotations

from pathlib import Path

from nodescaler_tui.simulator.simulation import running_simulation
from tests.engine.teams import Seen, polls, settled, teammate
from tests.postgresql.own_server import own_server


def proposes(seen: Seen) -> bool:
    return polls(seen) and bool(seen["plans"])


def test_a_store_that_is_stopped_and_started_costs_nothing_but_the_time_in_between(tmp_path: Path) -> None:
    with running_simulation("surge", speed=16) as simulation, own_server(tmp_path / "server") as server:
        with teammate(simulation, server.store.url("ana"), tmp_path, "ana") as ana:
            before = ana.until(proposes)
            server.stop()
            away = ana.until(lambda seen: not seen.get("writable", True) and seen["poller"] == "nobody polls")
            assert away["groups"] == before["groups"]
            assert away["polled_at"] >= before["polled_at"]
            assert "cannot be reached" in away["why"]
            ana.told("approve")
            refused = ana.until(lambda seen: "answer" in seen)
            assert not refused["done"]
            assert refused["answer"].startswith("Nothing was done")
            assert simulation.provider.deliveries == []

            server.start()
            ana.until(
                lambda seen: bool(seen.get("writable")) and proposes(seen) and seen["polled_at"] > away["polled_at"]
            )
            ana.told("approve")
            assert ana.until(lambda seen: "answer" in seen and seen != refused)["done"]
            ana.until(settled)
        assert sum(1 for delivery in simulation.provider.deliveries if delivery.effect) == 1


def test_an_engine_that_begins_while_the_store_is_away_finds_it_once_it_is_there(tmp_path: Path) -> None:
    with running_simulation("surge", speed=16) as simulation, own_server(tmp_path / "server") as server:
        server.stop()
        with teammate(simulation, server.store.url("ana"), tmp_path, "ana") as ana:
            away = ana.until(lambda seen: "writable" in seen)
            assert not away["writable"]
            assert "cannot be reached" in away["why"]
            server.start()
            assert ana.until(lambda seen: polls(seen) and seen["writable"])["groups"] > 0
