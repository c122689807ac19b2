"""A team's one history among real engines: whoever polls keeps it, the next one goes on, and a newcomer sees it all."""

from __future__ import annotations

import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from nodescaler_tui.record.history.figures import Figure
from nodescaler_tui.record.history.reader import Group
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.history import SharedHistory
from nodescaler_tui.simulator.simulation import running_simulation
from tests.engine.teams import WITHIN_S, Teammate, follows, polls, teammate
from tests.postgresql.databases import Database

POLLS = 4


def stored(history: SharedHistory) -> list[float]:
    """The moments of the readings of the first group, as a reader finds them."""
    with history.reading() as reader:
        group: Group | None = next(iter(reader.groups()), None)
        if group is None:
            return []
        return [entry.at_s for entry in reader.finest(group.id, [Figure.CPU], 0.0, 2e9)[Figure.CPU]]


def polled(engine: Teammate) -> list[float]:
    """The moments of some polls that an engine shows while it polls, oldest first."""
    shown = engine.first_shown(lambda shown: len(shown) > POLLS)
    return sorted(round(datetime.fromisoformat(str(at)).timestamp(), 3) for at in shown)


def until_stored(history: SharedHistory, moment: float) -> list[float]:
    give_up_at = time.monotonic() + WITHIN_S
    while not (found := stored(history)) or found[-1] < moment:
        assert time.monotonic() < give_up_at
        time.sleep(0.1)
    return found


def test_the_next_poller_goes_on_with_one_history_and_a_newcomer_sees_what_was_before_it(
    database: Database, tmp_path: Path
) -> None:
    sessions = Sessions(database.url("vic"))
    history = SharedHistory(sessions)
    with running_simulation("calm") as simulation, teammate(simulation, database.url("ana"), tmp_path, "ana") as ana:
        ana.until(polls)
        with teammate(simulation, database.url("ben"), tmp_path, "ben") as ben:
            ben.until(follows)
            of_ana = polled(ana)
            until_stored(history, of_ana[-1])
            ana.killed()
            ben.until(polls)
            of_ben = polled(ben)
            found = until_stored(history, of_ben[-1])
            assert {*of_ana, *of_ben} <= set(found)
            assert all(earlier < later for earlier, later in pairwise(found)), "in order, and none twice"
            began_s = time.time()
            with teammate(simulation, database.url("vic"), tmp_path, "vic") as vic:
                vic.until(follows)
                vic.told("look")
                while not (curve := vic.until(lambda seen: "curve" in seen)["curve"]) or curve[0] > began_s:
                    vic.last = {}
                    vic.told("look")
            assert curve[0] <= of_ana[0], "what was measured before it began, by either"
    sessions.close()
    assert not list(tmp_path.rglob("history.db")), "no host keeps one of its own"
