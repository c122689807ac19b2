"""Rules of a team between real engines on PostgreSQL: what one decides is at work on the others at once."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from nodescaler_tui.intents import DeclareFreeze, SaveThresholds, UndoThresholds
from nodescaler_tui.simulator.simulation import running_simulation
from tests.engine.teams import follows, polls, teammate
from tests.postgresql.databases import Database

BEGUN_WITHIN_S: Final = 120.0
"""A program that starts on a busy machine takes its time; what it does once it runs is judged as everywhere."""


def test_thresholds_and_a_freeze_hold_on_every_host_and_on_one_that_starts_later(
    database: Database, tmp_path: Path
) -> None:
    with running_simulation("calm", speed=16) as simulation, ExitStack() as stack:
        ana = stack.enter_context(teammate(simulation, database.url("ana"), tmp_path, "ana"))
        ana.until(lambda seen: polls(seen) and seen["plans"] == 0, BEGUN_WITHIN_S)
        ben = stack.enter_context(teammate(simulation, database.url("ben"), tmp_path, "ben"))
        ben.until(lambda seen: follows(seen) and seen["cpu_critical"] == 0.9 and seen["plans"] == 0, BEGUN_WITHIN_S)

        low = {"cpu_warning": "0.05", "cpu_critical": "0.06"}
        assert ana.asked(SaveThresholds("", low, "drill"))["done"]
        decided = ben.until(lambda seen: seen.get("cpu_critical") == 0.06 and bool(seen["plans"]))
        assert decided["thresholds_by"] == "ana@ana"

        until = datetime.now(UTC) + timedelta(hours=1)
        assert ben.asked(DeclareFreeze(until, "database move"))["done"]
        ana.told("approve")
        refused = ana.until(lambda seen: "answer" in seen and "Saved" not in seen["answer"])
        assert not refused["done"]
        assert "ben" in refused["answer"]
        assert simulation.provider.deliveries == []

        zoe = stack.enter_context(teammate(simulation, database.url("ana"), tmp_path, "zoe"))
        late = zoe.until(lambda seen: follows(seen) and seen["frozen_by"] == "ben@ben", BEGUN_WITHIN_S)
        assert (late["cpu_critical"], late["thresholds_by"]) == (0.06, "ana@ana")

        taken_back = ben.asked(UndoThresholds())
        assert taken_back["answer"].startswith("Taken back the change of ana@ana at ")
        for engine in (ana, zoe):
            engine.until(lambda seen: seen.get("cpu_critical") == 0.9 and seen["plans"] == 0)
