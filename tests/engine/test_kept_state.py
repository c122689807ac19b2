"""What the last engine knew is shown until this one has read something: with its age, and never as healthy."""

from __future__ import annotations

from pathlib import Path

import msgspec

from nodescaler_tui.decide.signals import Level
from nodescaler_tui.engine.assessment import Rules
from nodescaler_tui.engine.gates import Caps, Circumstances
from nodescaler_tui.engine.kept_state import last_state, recalled
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.picture import Pace
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.facts import Observation, RequestBudget
from nodescaler_tui.state import Scope, Severity, State
from tests.show.states import BREACH, NOW

PACE = Pace(10.0, None)


def mind() -> Mind:
    return Mind(
        scope=BREACH.scope,
        rules=Rules(staleness_limit_s=90.0, cooldown_s=60.0),
        book=ThresholdBook({}),
        circumstances=Circumstances(None, "", "", read_only=False, dry_run=False, caps=Caps(50, 200)),
    )


def poll(*, inventory_read: bool) -> Observation:
    return Observation(
        taken_at=NOW,
        requests=1,
        inventory_read=inventory_read,
        groups=(),
        problems=(),
        budget=RequestBudget(1, 300, limit_is_live=True),
    )


def test_old_values_keep_their_age_and_are_judged_by_nobody() -> None:
    groups = recalled(BREACH, BREACH.scope)
    assert [group.id for group in groups] == [group.id for group in BREACH.groups]
    for before, now in zip(BREACH.groups, groups, strict=True):
        assert (now.severity, now.plan, now.read_at) == (Severity.UNKNOWN, None, before.read_at)
        for old, new in zip(before.signals, now.signals, strict=True):
            assert (new.value, new.sampled_at) == (old.value, old.sampled_at)
            assert new.level not in {Level.OK, Level.WARNING, Level.CRITICAL}


def test_what_was_known_of_another_region_is_not_shown() -> None:
    assert recalled(BREACH, Scope()) == ()


def test_it_is_shown_while_genesys_cannot_be_read_and_gone_once_it_was() -> None:
    engine = mind()
    engine.recalled = recalled(BREACH, BREACH.scope)
    engine.observe(poll(inventory_read=False))
    assert engine.state(NOW, PACE).groups == engine.recalled
    engine.observe(poll(inventory_read=True))
    assert engine.state(NOW, PACE).groups == ()


def test_a_file_that_is_not_there_or_damaged_is_an_empty_state(tmp_path: Path) -> None:
    path = tmp_path / "last-state.json"
    assert last_state(path) == State.EMPTY
    path.write_bytes(b"{")
    assert last_state(path) == State.EMPTY
    path.write_bytes(msgspec.json.encode(BREACH))
    assert last_state(path) == BREACH
