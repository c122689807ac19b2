"""Rules of a team: thresholds, pauses and freezes by anybody's word hold on every host, and everybody sees whose."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from nodescaler_tui.act.conductor import Conductor
from nodescaler_tui.act.receiver import Repeats
from nodescaler_tui.act.surroundings import Surroundings
from nodescaler_tui.act.threshold_words import FOR_ALL
from nodescaler_tui.act.verification import VerificationPolicy
from nodescaler_tui.decide.freeze import DatedFreeze
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.order_desk import OrderDesk
from nodescaler_tui.engine.sampling import sample_for
from nodescaler_tui.engine.session_changes import SessionChanges
from nodescaler_tui.engine.threshold_desk import ThresholdDesk
from nodescaler_tui.events import Draft, EventKind
from nodescaler_tui.intents import (
    BreakGlass,
    DeclareFreeze,
    EndPause,
    LiftFreeze,
    PauseGroup,
    PreviewThresholds,
    SaveThresholds,
    UndoThresholds,
)
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.state import Severity
from tests.act.stage import Living, ToldReceiver
from tests.engine.rule_hosts import GROUP, NOW, Host

UNTIL = NOW + timedelta(hours=3)


@pytest.fixture
def journal(tmp_path: Path) -> SqliteJournal:
    return SqliteJournal.open(tmp_path / "journal.db", version="test")


@pytest.fixture
def ana(journal: SqliteJournal) -> Host:
    return Host(journal, "ana@laptop")


@pytest.fixture
def ben(journal: SqliteJournal) -> Host:
    return Host(journal, "ben@desk")


def orders(host: Host) -> OrderDesk:
    surroundings = Surroundings(
        journal=host.journal,
        sender=ToldReceiver(),
        repeats=Repeats.FIRES,
        sample=lambda operation: sample_for(host.mind, operation, host.now),
        holder=Living(host.operator, {host.operator}),
        policy=VerificationPolicy(),
        clock=host.clock,
        monotonic=lambda: 0.0,
        timeout_s=15.0,
    )
    conductor = Conductor(host.mind.ledger, surroundings)
    return OrderDesk(host.mind, host.journal, conductor.orders, clock=host.clock)


def test_a_change_decides_on_the_other_host_and_in_its_preview_and_says_whose_it_is(ana: Host, ben: Host) -> None:
    assert ben.group().severity is Severity.CRITICAL
    answer = ana.save(cpu_critical="95 %")
    assert (answer.done, answer.sentence) == (True, "Saved for all: cpu critical 90 % → 95 %.")
    seen = ben.group()
    assert (seen.severity, seen.plan) == (Severity.WARNING, None)
    assert (seen.matrix_by, seen.matrix_at) == ("ana@laptop", NOW)
    assert seen.matrix.cpu_critical == 0.95
    preview = ben.desk.preview(PreviewThresholds(GROUP, {"cpu_critical": "0.9"}), GROUP)
    assert any("would turn critical" in sentence for sentence in preview.what_if), preview.what_if


def test_an_engine_that_starts_later_knows_what_holds(journal: SqliteJournal, ana: Host) -> None:
    ana.save(cpu_critical="0.95")
    ana.save("", max_nodes="40")
    ana.desk.undo(UndoThresholds(), "ana@laptop")
    zoe = Host(journal, "zoe@late")
    assert zoe.group() == ana.group()
    assert zoe.state().rules == ana.state().rules


def test_a_host_that_is_alone_keeps_its_changes_to_itself_and_they_end_with_its_engine(
    journal: SqliteJournal, ana: Host
) -> None:
    alone = Host(journal, "joe@home")
    alone.mind.team_book = None
    changes = SessionChanges(alone.mind, journal, clock=alone.clock, keep=lambda *_: "config.toml")
    desk = ThresholdDesk(alone.mind, changes, hard_max_nodes=200, clock=alone.clock)
    ana.save(cpu_critical="0.95")
    assert alone.group().matrix.cpu_critical == 0.9
    answer = desk.save(SaveThresholds(GROUP, {"cpu_critical": "0.8"}, shown=ThresholdMatrix()), "joe@home")
    assert answer.sentence == "Saved for this session: cpu critical 90 % → 80 %."
    assert alone.group().matrix.cpu_critical == 0.8
    assert ana.group().matrix.cpu_critical == 0.95
    assert Host(journal, "ana@later").group().matrix.cpu_critical == 0.95
    assert alone.state().rules.last_change is None
    assert desk.undo(UndoThresholds(), "joe@home").sentence == "Taken back: cpu critical 80 % → 90 %."


def test_a_plan_that_was_proposed_by_the_old_matrix_is_void_and_proposed_anew(ana: Host, ben: Host) -> None:
    before = ben.plan_hash()
    ana.save(cpu_critical="0.92")
    after = ben.plan_hash()
    assert after != before
    assert "not the one that stands now" in ben.approve(before).sentence
    assert ben.approve(after).done


def test_a_change_that_has_not_arrived_yet_is_asked_for_by_the_approval_itself(ana: Host, ben: Host) -> None:
    plan_hash = ben.plan_hash()
    ana.save(cpu_critical="0.92")
    refused = ben.approve(plan_hash)
    assert not refused.done
    assert refused.sentence.startswith("ana@laptop has changed the thresholds meanwhile")


def test_a_change_of_another_group_is_no_reason_to_refuse(ana: Host, ben: Host) -> None:
    plan_hash = ben.plan_hash()
    ana.save("g-other", cpu_critical="0.92")
    assert ben.approve(plan_hash).done


def test_of_two_who_edit_at_once_the_second_is_told_and_saves_over_what_it_has_seen(ana: Host, ben: Host) -> None:
    shown = ben.group().matrix
    ana.save(shown=ana.group().matrix, cpu_critical="0.95")
    refused = ben.save(shown=shown, cpu_critical="0.85")
    assert not refused.done
    assert refused.sentence.startswith("Not saved: ana@laptop, at 03:12 UTC, has changed these meanwhile")
    assert refused.changes == ("cpu critical 90 % → 95 %",)
    assert ben.save(shown=ben.group().matrix, cpu_critical="0.85").done
    assert ana.group().matrix.cpu_critical == 0.85


def test_taking_back_takes_the_teams_last_change_back_and_says_whose_it_was(ana: Host, ben: Host) -> None:
    ana.save(cpu_critical="0.95")
    last = ben.state().rules.last_change
    assert last is not None
    assert (last.by, last.scope) == ("ana@laptop", "media one")
    answer = ben.desk.undo(UndoThresholds(last.seq), "ben@desk")
    assert answer.sentence == "Taken back the change of ana@laptop at 03:12 UTC: cpu critical 95 % → 90 %."
    assert (ana.group().severity, ana.group().matrix_by) == (Severity.CRITICAL, "")
    assert not ben.desk.undo(UndoThresholds(), "ben@desk").done
    told = str(ana.state().journal[0].sentence)
    assert told == "taken back, thresholds of g-1: cpu critical 95 % → 90 %"


def test_of_two_who_take_back_at_once_the_second_takes_nothing_else_back(ana: Host, ben: Host) -> None:
    for critical in ("0.95", "0.96"):
        ana.save(cpu_critical=critical)
    last = ana.state().rules.last_change
    assert last is not None
    assert ana.desk.undo(UndoThresholds(last.seq), "ana@laptop").done
    refused = ben.desk.undo(UndoThresholds(last.seq), "ben@desk")
    assert refused.sentence.startswith("Meanwhile the last change is another")
    assert ben.group().matrix.cpu_critical == 0.95


def test_keeping_writes_this_hosts_file_too_and_says_that_the_journal_goes_first(ana: Host, ben: Host) -> None:
    answer = ana.save(keep=True, cpu_critical="0.95")
    assert answer.sentence == (
        "Saved for all: cpu critical 90 % → 95 %. Written to config.toml too; the journal's word goes first."
    )
    assert ana.kept[GROUP].cpu_critical == 0.95
    assert ben.kept == {}
    ana.file_is_broken = True
    answer = ana.save(keep=True, cpu_critical="0.96")
    assert "This host's file was not written: it is not valid TOML." in answer.sentence
    assert ben.group().matrix.cpu_critical == 0.96


def test_a_hosts_own_hard_maximum_binds_and_is_not_spread_by_an_edit_of_something_else(
    journal: SqliteJournal, ana: Host
) -> None:
    small = Host(journal, "sue@small", hard_max_nodes=60)
    ana.save(max_nodes="150")
    assert small.group().matrix.max_nodes == 60
    assert not small.save(shown=small.group().matrix, max_nodes="61").done
    assert small.save(shown=small.group().matrix, cpu_critical="0.95").done
    assert (ana.group().matrix.max_nodes, ana.group().matrix.cpu_critical) == (150, 0.95)
    assert small.save(shown=small.group().matrix, max_nodes="50").done
    assert ana.group().matrix.max_nodes == 50


def test_an_event_that_cannot_be_used_is_a_problem_on_screen_and_gates_nothing(ana: Host, ben: Host) -> None:
    ana.save(cpu_critical="0.92")
    draft = Draft(EventKind.THRESHOLDS_CHANGED, NOW, "zoe@new", GROUP, fields={"scope": GROUP, FOR_ALL: True})
    with ben.journal.transaction() as transaction:
        transaction.append(draft)
    state = ben.state()
    assert state.groups[0].matrix.cpu_critical == 0.92
    (told,) = state.rules.problems
    assert told == "Thresholds set by zoe@new (event 3) cannot be used here: it holds no matrix. Those before hold."
    assert "nothing can be taken back from here" in ben.desk.undo(UndoThresholds(), "ben@desk").sentence
    assert ben.approve(ben.plan_hash()).done


def test_a_freeze_closes_the_gate_of_every_host_at_once_and_names_who_declared_it(ana: Host, ben: Host) -> None:
    before = ana.plan_hash()
    assert ben.freezes.declare(DeclareFreeze(UNTIL, "database move"), "ben@desk").done
    assert ana.approve(before).sentence.startswith("ben@desk has frozen all sending until Sun 06:12 UTC: database move")
    refused = ana.approve(ana.plan_hash())
    assert "“freeze window” is closed: by ben@desk until" in refused.sentence
    freeze = ana.state().rules.freeze
    assert freeze is not None
    assert (freeze.by, freeze.at, freeze.until, freeze.reason) == ("ben@desk", NOW, UNTIL, "database move")
    ana.pass_by(3 * 3600)
    assert ana.state().rules.freeze is None
    assert ana.approve(ana.plan_hash()).done


def test_anybody_lifts_a_freeze_with_a_reason_but_only_the_one_that_was_on_screen(ana: Host, ben: Host) -> None:
    ben.freezes.declare(DeclareFreeze(UNTIL, "database move"), "ben@desk")
    freeze = ana.state().rules.freeze
    assert freeze is not None
    assert "Lift that first" in ana.freezes.declare(DeclareFreeze(UNTIL, "mine"), "ana@laptop").sentence
    assert "Another freeze" in ana.freezes.lift(LiftFreeze(freeze.seq + 7, "over"), "ana@laptop").sentence
    assert "needs a reason" in ana.freezes.lift(LiftFreeze(freeze.seq, " "), "ana@laptop").sentence
    assert ana.freezes.lift(LiftFreeze(freeze.seq, "moved"), "ana@laptop").done
    assert "over already" in ben.freezes.lift(LiftFreeze(freeze.seq, "late"), "ben@desk").sentence
    state = ben.state()
    assert state.rules.freeze is None
    assert [str(entry.sentence) for entry in state.journal[:2]] == [
        "freeze of ben@desk lifted: “moved”",
        "all sending frozen until Sun 06:12 UTC: “database move”",
    ]
    assert ben.approve(ben.plan_hash()).done


def test_the_glass_is_broken_for_the_freeze_that_holds_and_not_for_one_that_comes_later(ana: Host, ben: Host) -> None:
    ben.freezes.declare(DeclareFreeze(UNTIL, "database move"), "ben@desk")
    ana.state()
    assert ana.gate.break_glass(BreakGlass(GROUP)).done
    plan = ana.group().plan
    assert plan is not None
    assert [str(gate.name) for gate in plan.gates if gate.overridden] == ["freeze window"]
    freeze = ben.state().rules.freeze
    assert freeze is not None
    ben.freezes.lift(LiftFreeze(freeze.seq, "moved"), "ben@desk")
    ben.freezes.declare(DeclareFreeze(UNTIL, "again"), "ben@desk")
    plan = ana.group().plan
    assert plan is not None
    assert [str(gate.name) for gate in plan.gates if not gate.passed] == ["freeze window"]


@pytest.mark.parametrize("frozen_by_file", [False, True])
def test_the_gate_says_from_where_each_freeze_comes(ana: Host, ben: Host, *, frozen_by_file: bool) -> None:
    if frozen_by_file:
        window = DatedFreeze("weekend", NOW, UNTIL)
        ana.mind.circumstances = replace(ana.mind.circumstances, freezes=(window,))
    ben.freezes.declare(DeclareFreeze(UNTIL, "database move"), "ben@desk")
    plan = ana.group().plan
    assert plan is not None
    (closed,) = [gate for gate in plan.gates if not gate.passed]
    assert "by ben@desk until" in closed.sentence
    assert ("“weekend” until" in closed.sentence) is frozen_by_file
    assert ("by this host's file" in closed.sentence) is frozen_by_file


def test_a_pause_shows_and_gates_on_both_hosts_and_another_operator_ends_it(ana: Host, ben: Host) -> None:
    plan_hash = ben.plan_hash()
    assert orders(ana).pause(PauseGroup(GROUP, 30, "migration"), "ana@laptop").done
    assert ben.approve(plan_hash).sentence == "ana@laptop has paused this group: migration"
    for host in (ana, ben):
        seen = host.group()
        assert (seen.pause, seen.paused_until) == ("by ana@laptop: migration", NOW + timedelta(minutes=30))
        assert seen.plan is not None
        assert any("by ana@laptop until" in gate.sentence for gate in seen.plan.gates if not gate.passed)
    assert orders(ben).end_pause(EndPause(GROUP, "over"), "ben@desk").done
    assert (ana.group().pause, ana.group().paused_until) == ("", None)
    assert (ana.state().journal[0].operator, ana.state().journal[0].at) == ("ben@desk", NOW)
    assert ana.approve(ana.plan_hash()).done
