"""Two engines on one journal: everybody is shown the very plan that somebody approved first, as long as it holds."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from nodescaler_tui.act.holder import LockHolder
from nodescaler_tui.decide.approval import ConfirmationKind
from nodescaler_tui.decide.two_person import TwoPersonRule
from nodescaler_tui.engine.following import Following
from nodescaler_tui.engine.picture import Pace
from nodescaler_tui.engine.recording_desk import RecordingDesk
from nodescaler_tui.events import EventKind
from nodescaler_tui.intents import ApprovePlan, BreakGlass, PauseGroup, RejectPlan, Replan
from nodescaler_tui.settings import SettingsError, Sources, load_settings
from nodescaler_tui.state import GroupState
from nodescaler_tui.views import Answer
from tests.engine.test_proposing_ahead import GROUP, Stage

EVERYTHING = TwoPersonRule(ConfirmationKind.KEY)


class Host(Stage):
    """One engine under the rule, with somebody at it, in a breach."""

    def __init__(self, folder: Path, who: str) -> None:
        super().__init__(folder, on=False, two_person=EVERYTHING)
        self.who = who
        self.cpu = 0.93
        self.holder = LockHolder(folder / who, "one")

    def says_yes(self, typed: str = "", reason: str = "") -> Answer:
        return self.gate.approve(ApprovePlan(GROUP, self.plan().hash, typed, reason), self.who)

    def polls(self) -> GroupState:
        recording = RecordingDesk(self.mind, self.journal, Path("/nowhere"), poll_every_s=10.0, clock=lambda: self.now)
        following = Following(
            self.mind, self.journal, self.holder, self.conductor, recording=recording, clock=lambda: self.now
        )
        self.look()
        asyncio.run(following.end_outdated())
        return self.look()


@pytest.fixture
def ana(tmp_path: Path) -> Host:
    return Host(tmp_path, "ana@laptop")


@pytest.fixture
def ben(tmp_path: Path) -> Host:
    """At an engine that made a plan of its own a second later."""
    host = Host(tmp_path, "ben@laptop")
    host.clocks.pass_by(1.0)
    return host


def test_the_other_engine_puts_its_own_plan_aside_for_the_one_that_was_approved_first(ana: Host, ben: Host) -> None:
    assert ana.plan().hash != ben.plan().hash
    answer = ana.says_yes()
    assert answer.done
    assert answer.operation_id == ""
    shown = ben.look().plan
    assert shown is not None
    assert shown.two_person is not None
    assert (shown.hash, shown.two_person.first_operator) == (ana.plan().hash, "ana@laptop")
    assert shown.two_person.on_honour
    assert ben.says_yes().operation_id
    assert [operation.first_operator for operation in ben.mind.ledger.operations()] == ["ana@laptop"]


def test_while_it_stands_no_other_plan_is_made_from_here(ana: Host, ben: Host) -> None:
    ana.says_yes()
    ben.look()
    for answer in (ben.gate.replan(Replan(GROUP)), ana.gate.replan(Replan(GROUP))):
        assert not answer.done
        assert "ana@laptop approved this plan first" in answer.sentence


def test_a_broken_glass_is_judged_as_such_on_the_other_engine(ana: Host, ben: Host) -> None:
    ana.desk.pause(PauseGroup(GROUP, 30, "maintenance"), "ana@laptop")
    ana.look()
    assert ana.gate.break_glass(BreakGlass(GROUP)).done
    assert ana.says_yes("media one", "it burns").done
    assert ben.look().plan is not None
    assert not ben.says_yes("", "").done, "the second person confirms as the tier asks"
    assert ben.says_yes("media one", "it burns").operation_id


def test_whoever_rejects_it_makes_it_void_for_all(ana: Host, ben: Host) -> None:
    ana.says_yes()
    first = ana.plan().hash
    ben.look()
    assert ben.gate.reject(RejectPlan(GROUP, first, "not now"), "ben@laptop").done
    ana.clocks.pass_by(2.0)
    seen = ana.look()
    assert "is void: ben@laptop rejected the plan" in seen.first_approval
    assert seen.plan is not None
    assert seen.plan.hash != first
    assert seen.plan.two_person is not None
    assert seen.plan.two_person.first_at is None


def test_a_plan_that_changed_is_void_and_the_journal_says_why(ana: Host, ben: Host) -> None:
    ana.says_yes()
    for host in (ana, ben):
        host.nodes = host.live_nodes = 11
    assert "does not hold here: current nodes: 10 → 11" in ben.look().first_approval
    assert "is void: current nodes: 10 → 11" in ana.polls().first_approval
    told = ana.last(EventKind.PLAN_FIRST_APPROVAL_VOID)
    assert (told.operator, told.fields["first_operator"]) == ("engine", "ana@laptop")
    assert ben.says_yes().operation_id == "", "whoever approves now is the first"
    assert ana.mind.state(ana.now, Pace(10.0, None)).notices[-1].sentence.startswith("The first approval by ana@laptop")


def test_a_breach_that_is_over_takes_the_first_approval_along(ana: Host, ben: Host) -> None:
    ana.says_yes()
    ana.cpu = ben.cpu = 0.2
    assert "does not hold here: nothing would be proposed now" in ben.look().first_approval
    assert "is void: nothing would be proposed any more" in ana.polls().first_approval


def test_what_nobody_followed_expires_and_is_told_for_a_while(ana: Host, ben: Host) -> None:
    ana.says_yes()
    ben.clocks.pass_by(600)
    seen = ben.look()
    assert "is void: nobody followed before the plan expired" in seen.first_approval
    ben.clocks.pass_by(601)
    assert ben.look().first_approval == ""


def test_a_dry_run_keeps_no_first_approval(tmp_path: Path) -> None:
    host = Stage(tmp_path, on=False, two_person=EVERYTHING, dry_run=True)
    host.cpu = 0.93
    assert not host.approve(host.plan()).done
    assert host.mind.ledger.first_approvals.of(GROUP) is None


def test_without_a_store_the_rule_is_set_in_the_file_and_with_one_it_is_refused_there(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[two_person]\nfrom_tier = "number"\ngroups = ["g-1"]\n')
    found = load_settings(Sources(environment={}, config_file=file)).two_person
    assert (found.from_tier, found.groups) == ("number", ("g-1",))
    shared = {"store.url": "postgresql://ana@db.example/ops"}
    with pytest.raises(SettingsError, match=r"\[two_person\] does not count where a store is shared"):
        load_settings(Sources(environment={}, config_file=file, overrides=shared))
