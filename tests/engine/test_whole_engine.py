"""The whole engine against the simulation, over real HTTP: from breach to a verified scale-up and its audit record."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nodescaler_tui.decide.decision import Verdict
from nodescaler_tui.decide.forecast.outlook import STEP_S, GroupForecast
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.engine.assembly import assemble
from nodescaler_tui.engine.core import Engine
from nodescaler_tui.engine.judging import READ_ONLY
from nodescaler_tui.engine.outlook_book import GroupOutlook
from nodescaler_tui.engine.simulation import settings_for
from nodescaler_tui.events import EventKind, OperationPhase
from nodescaler_tui.facts import GroupKind
from nodescaler_tui.headless.report import AUDIT_FIELDS
from nodescaler_tui.intents import (
    Acknowledge,
    AnswerDoubt,
    ApprovePlan,
    CancelOperation,
    DeclareFreeze,
    EndPause,
    LiftFreeze,
    PauseGroup,
    ProposeAhead,
    RejectPlan,
    Replan,
    SaveThresholds,
    UndoThresholds,
)
from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.settings import Settings, load_settings
from nodescaler_tui.settings.places import make_private
from nodescaler_tui.simulator.addresses import described
from nodescaler_tui.simulator.simulation import Simulation, running_simulation
from nodescaler_tui.state import GroupState, OperationState
from nodescaler_tui.terminal import demo_settings
from tests.decide.forecasts import forecast_of


def settings_at(simulation: Simulation, *, repeats: str = "deduplicates") -> Settings:
    settings = settings_for(demo_settings(load_settings()), described(simulation.addresses))
    make_private(settings.paths.state_dir)
    return dataclasses.replace(
        settings,
        observe=dataclasses.replace(settings.observe, poll_every_s=0.4, budget_share=1.0),
        verify=dataclasses.replace(settings.verify, deadline_s=40.0, interval_s=0.3),
        receiver=dataclasses.replace(settings.receiver, repeats=repeats, timeout_s=2.0),
    )


async def until(engine: Engine, holds: Callable[[], bool]) -> None:
    changed = engine.listen()
    while not holds():
        await changed.wait()
        changed.clear()
    engine.stop_listening(changed)


def breaching(engine: Engine) -> GroupState | None:
    return next((group for group in engine.state.groups if group.plan is not None), None)


def play(settings: Settings, script: Callable[[Engine], Awaitable[None]]) -> None:
    async def run() -> None:
        engine = await asyncio.to_thread(assemble, settings)
        polling = asyncio.create_task(engine.run())
        try:
            async with asyncio.timeout(60):
                await script(engine)
        finally:
            polling.cancel()
            await engine.close()

    asyncio.run(run())


async def approved_and_settled(engine: Engine) -> OperationState:
    """Approve the first plan that is proposed, as the operator would, and wait for its operation's end."""
    await until(engine, lambda: breaching(engine) is not None)
    group = breaching(engine)
    assert group is not None
    assert group.plan is not None
    answer = await engine.ask(ApprovePlan(group.id, group.plan.hash), "jane@laptop")
    assert answer.done, answer.sentence
    await engine.settled(answer.operation_id)
    operation = engine.state.operation(answer.operation_id)
    assert operation is not None
    return operation


def journal_of(settings: Settings) -> SqliteJournal:
    return SqliteJournal(Path(settings.paths.journal))


@pytest.mark.parametrize("fault", [None, "list-body", "act-then-drop"])
def test_an_approved_scale_up_happens_once_and_is_verified_and_recorded(fault: str | None) -> None:
    with running_simulation("surge", speed=16) as simulation:
        if fault:
            simulation.faults.switch_on({"fault": fault, "count": 1})
        settings = settings_at(simulation)
        phases: list[OperationPhase] = []

        async def script(engine: Engine) -> None:
            phases.append((await approved_and_settled(engine)).phase)

        play(settings, script)
        deliveries = simulation.provider.deliveries
        assert phases == [OperationPhase.VERIFIED]
        assert sum(1 for delivery in deliveries if delivery.effect) == 1
        assert len({delivery.key for delivery in deliveries}) == 1
        assert len({delivery.body for delivery in deliveries}) == 1
    events = list(journal_of(settings).read())
    record = next(event for event in events if event.kind is EventKind.AUDIT_RECORDED)
    assert set(record.fields) == set(AUDIT_FIELDS)
    sent = [event for event in events if event.kind is EventKind.OPERATION_SENDING]
    assert len(sent) == len(deliveries)
    assert verify_journal(journal_of(settings)).intact


def test_a_receiver_that_refuses_changes_nothing_and_the_failure_is_journaled() -> None:
    with running_simulation("surge", speed=16) as simulation:
        simulation.faults.switch_on({"fault": "reject-4xx"})
        settings = settings_at(simulation)

        async def script(engine: Engine) -> None:
            operation = await approved_and_settled(engine)
            assert operation.phase is OperationPhase.FAILED

        play(settings, script)
        assert [delivery.effect for delivery in simulation.provider.deliveries] == [0]
    kinds = [event.kind for event in journal_of(settings).read()]
    assert kinds[-2:] == [EventKind.OPERATION_SETTLED, EventKind.AUDIT_RECORDED]


def test_a_receiver_that_fires_on_every_call_is_never_called_twice_after_an_unknown_outcome() -> None:
    with running_simulation("surge", speed=16) as simulation:
        simulation.faults.switch_on({"fault": "act-then-drop", "count": 1})
        settings = settings_at(simulation, repeats="fires")

        async def script(engine: Engine) -> None:
            operation = await approved_and_settled(engine)
            assert operation.phase is OperationPhase.VERIFIED, "the nodes that came are the evidence"

        play(settings, script)
        assert len(simulation.provider.deliveries) == 1


def calm_group(engine: Engine) -> GroupState | None:
    """A group that could be proposed for if anything called for it."""
    holding = [group for group in engine.state.groups if group.verdict is Verdict.HOLD and not group.managed]
    return next((group for group in holding if group.kind is GroupKind.EDGE), None)


def expect_a_breach(engine: Engine, group: GroupState) -> bool:
    """Tell the engine what a forecast would; whether it proposes now."""
    nodes, now = group.counts.in_service or 0, datetime.now(UTC)
    expected = GroupForecast(group.id, ((SignalName.CPU, forecast_of(SignalName.CPU, (0.9,) * 12, nodes=nodes)),))
    engine._parts.mind.outlooks.put([GroupOutlook(now - timedelta(seconds=STEP_S), expected)])
    engine.publish()
    return breaching(engine) is not None


def test_a_plan_on_a_forecast_adds_nodes_while_nothing_is_critical_and_is_verified_by_the_live_figures() -> None:
    with running_simulation("calm", speed=16) as simulation:
        settings = settings_at(simulation)

        async def script(engine: Engine) -> None:
            await until(engine, lambda: calm_group(engine) is not None)
            group = calm_group(engine)
            assert group is not None
            assert not expect_a_breach(engine, group), "off by default"
            assert (await engine.ask(ProposeAhead(group.id, on=True, reason="match night"), "jane@laptop")).done
            assert expect_a_breach(engine, group)
            plan = engine.state.group(group.id).plan  # type: ignore[union-attr]  # it is there
            assert plan is not None
            assert plan.on_forecast
            assert not (await engine.ask(ApprovePlan(group.id, plan.hash), "jane@laptop")).done, "one key is too little"
            word = ApprovePlan(group.id, plan.hash, str(plan.requested_nodes), "match night")
            answer = await engine.ask(word, "jane@laptop")
            assert answer.done, answer.sentence
            await engine.settled(answer.operation_id)
            operation = engine.state.operation(answer.operation_id)
            assert operation is not None
            assert operation.phase is OperationPhase.VERIFIED

        play(settings, script)
        assert sum(delivery.effect for delivery in simulation.provider.deliveries) > 0
    events = list(journal_of(settings).read())
    kinds = [event.kind for event in events]
    assert kinds.index(EventKind.GROUP_AHEAD_SWITCHED) < kinds.index(EventKind.PLAN_APPROVED)
    assert next(event for event in events if event.kind is EventKind.PLAN_APPROVED).fields["on_forecast"] is True
    assert EventKind.AUDIT_RECORDED in kinds


def test_a_read_only_engine_sends_nothing() -> None:
    with running_simulation("surge", speed=16) as simulation:
        settings = settings_at(simulation)
        settings = dataclasses.replace(settings, engine=dataclasses.replace(settings.engine, read_only=True))

        async def script(engine: Engine) -> None:
            await until(engine, lambda: breaching(engine) is not None)
            group = breaching(engine)
            assert group is not None
            assert group.plan is not None
            answer = await engine.ask(ApprovePlan(group.id, group.plan.hash), "jane@laptop")
            assert not answer.done
            assert "read-only" in answer.sentence

        play(settings, script)
        assert simulation.provider.deliveries == []


def test_a_read_only_engine_writes_down_nothing_that_anybody_asks_for() -> None:
    until_then = datetime.now(UTC) + timedelta(hours=1)
    with running_simulation("surge", speed=16) as simulation:
        settings = settings_at(simulation)
        settings = dataclasses.replace(settings, engine=dataclasses.replace(settings.engine, read_only=True))

        async def script(engine: Engine) -> None:
            await until(engine, lambda: breaching(engine) is not None)
            group = breaching(engine)
            assert group is not None
            assert group.plan is not None
            for intent in (
                RejectPlan(group.id, group.plan.hash),
                PauseGroup(group.id, 60, "why"),
                EndPause(group.id),
                DeclareFreeze(until_then, "why"),
                LiftFreeze(1, "why"),
                ProposeAhead(group.id, on=True, reason="why"),
                Acknowledge(group.id),
                CancelOperation("op-1"),
                AnswerDoubt("op-1", 1, "close", "1", "why"),
                SaveThresholds("", {"cpu_critical": "0.5"}, "why"),
                UndoThresholds(),
            ):
                answer = await engine.ask(intent, "jane@laptop")
                assert (answer.done, str(answer.sentence)) == (False, READ_ONLY), intent
            assert (await engine.ask(Replan(group.id), "jane@laptop")).done

        play(settings, script)
        assert not [event for event in journal_of(settings).read() if event.operator == "jane@laptop"]
