"""The demo's past: it is there after the first poll, and from it the daily climb can be foreseen."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from nodescaler_tui.decide.forecast.load import LoadHistory, busy_nodes, forecast_groups
from nodescaler_tui.decide.forecast.outlook import Crossing, SignalForecast
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.engine import demo_past
from nodescaler_tui.engine.demo_past import SOURCE, DemoPast, NoPast
from nodescaler_tui.engine.history import SPANS_S, Series
from nodescaler_tui.intents import WatchGroup
from nodescaler_tui.record.history.contents import contents
from nodescaler_tui.record.history.figures import Figure
from nodescaler_tui.record.history.reader import reading_history
from nodescaler_tui.record.history.spans import Bin
from nodescaler_tui.record.history.tiers import DAY_S, FIVE_MINUTES, MINUTES, Retention
from nodescaler_tui.settings import load_settings
from nodescaler_tui.simulator.fleet import CPU_IDLE, Group
from nodescaler_tui.simulator.simulation import running_simulation
from nodescaler_tui.state import Severity
from tests.engine.demo_night import BEGINS, Night, night

CRITICAL = 0.90
CLIMBING, SURGING = "media-us-prod-02", "media-eu-prod-01"
FIGURES = (Figure.CPU, Figure.MEMORY, Figure.SESSIONS, Figure.NODES)
DAYS = 8


def group_named(there: Night, name: str) -> Group:
    return next(group for group in there.simulation.fleet.groups.values() if group.name == name)


def bins(there: Night, name: str) -> dict[Figure, list[Bin]]:
    """What a forecast reads: everything up to now, with the newest poll."""
    now_s = there.hands.now().timestamp() + 1
    with reading_history(there.history) as reader:
        return reader.finest(group_named(there, name).id, FIGURES, now_s - DAYS * DAY_S, now_s, FIVE_MINUTES)


def history_of(there: Night, name: str) -> LoadHistory:
    """CPU load in bars of five minutes, the newest of which ends now."""
    found, now_s = bins(there, name), there.hands.now().timestamp()
    cpu, nodes = (in_bars(found[figure], now_s) for figure in (Figure.CPU, Figure.NODES))
    return LoadHistory(name, SignalName.CPU, busy_nodes(np.array(cpu), np.array(nodes)))


def in_bars(found: Sequence[Bin], now_s: float) -> list[float]:
    means: dict[int, list[float]] = {}
    for entry in found:
        means.setdefault(int((now_s - entry.at_s) // 300), []).append(entry.mean)
    return [float(np.mean(means[ago])) if ago in means else math.nan for ago in range(max(means), -1, -1)]


def crossings(there: Night) -> dict[str, Crossing]:
    """Of every group: how likely and when its CPU is critical, as forecast from what the demo's history holds."""
    names = [group.name for group in there.simulation.fleet.groups.values()]
    found: dict[str, Crossing] = {}
    for forecast in forecast_groups([history_of(there, name) for name in names]):
        nodes = sum(bool(node.weight(0.0)) for node in group_named(there, forecast.group_id).nodes)
        cpu = forecast.utilization(SignalName.CPU, nodes)
        assert isinstance(cpu, SignalForecast), "there is enough history"
        found[forecast.group_id] = cpu.crossing(CRITICAL)
    return found


def turns_critical_s(there: Night) -> float:
    """When the load of the climbing group, before noise, makes its nodes critical: in seconds from the beginning."""
    group = group_named(there, CLIMBING)
    nodes = sum(bool(node.weight(0.0)) for node in group.nodes)
    cpus = ((at_s, CPU_IDLE + group.cpu_per_session * group.load.at(at_s) / nodes) for at_s in range(1800))
    return next(at_s for at_s, cpu in cpus if cpu >= CRITICAL)


@pytest.mark.parametrize(("seed", "into_the_bar_s"), [(1, 200), (7, 20), (4711, 290)])
def test_that_a_group_will_be_critical_is_foreseen_at_the_start_and_counts_down(seed: int, into_the_bar_s: int) -> None:
    async def foreseen() -> None:
        begins = BEGINS.replace(minute=0, second=0) + timedelta(seconds=into_the_bar_s)
        async with night(seed, begins) as there:
            await there.desk.bring_past()
            true_s = turns_critical_s(there)
            assert 600 <= true_s <= 840
            expected = []
            for passed_s in (58, 240):
                await there.let_pass(passed_s)
                found = crossings(there)
                assert severity(there, CLIMBING) is Severity.WARNING
                climb = found.pop(CLIMBING)
                assert climb.within[1] > 0.5
                assert climb.expected_s is not None
                passed = (there.hands.now() - begins).total_seconds()
                assert passed + climb.expected_s == pytest.approx(true_s, abs=240)
                expected.append(climb.expected_s)
                found.pop(SURGING)
                assert all(other.within[2] < 0.25 and other.expected_s is None for other in found.values())
            assert expected[1] < expected[0] - 120
            await there.let_pass(840 - 300, step_s=30)
            assert severity(there, CLIMBING) is Severity.CRITICAL

    asyncio.run(foreseen())


def severity(there: Night, name: str) -> Severity:
    return next(group.severity for group in there.engine.state.groups if group.name == name)


def test_the_past_and_the_first_polls_are_one_curve_without_a_gap() -> None:
    async def read() -> None:
        async with night() as there:
            await there.desk.bring_past()
            for passed_s in (0, 30, 70, 120):
                await there.let_pass(passed_s)
                for curve in bins(there, CLIMBING).values():
                    ends = [(entry.at_s - entry.bin_s / 2, entry.at_s + entry.bin_s / 2) for entry in curve]
                    assert max(begin - end for (_, end), (begin, _) in pairwise(ends)) <= 10
                    assert ends[0][0] <= there.hands.now().timestamp() - DAYS * DAY_S + 900
                    assert {entry.source for entry in curve} == {"", SOURCE}

    asyncio.run(read())


def test_a_group_that_somebody_looked_at_before_is_drawn_with_its_past_once_it_has_arrived() -> None:
    async def looked_at() -> None:
        async with night() as there:
            group_id = group_named(there, CLIMBING).id
            await there.engine.look(WatchGroup(group_id, SPANS_S[0], ()), group_id)
            history = there.engine._parts.mind.history
            assert not there.desk.past_arrived.is_set()
            assert history.of(group_id).began_s == pytest.approx(BEGINS.timestamp(), abs=10)
            await there.desk.bring_past()
            assert there.desk.past_arrived.is_set()
            await there.engine.look(WatchGroup(group_id, SPANS_S[0], ()), group_id)
            for span_s in SPANS_S:
                tier, since_s = history.of(group_id).tier_for(span_s), there.hands.now().timestamp() - span_s
                drawn = list(tier.bins(Series.CPU, since_s))
                assert len(drawn) >= 238, "every column of the plot has a value"
                assert all(entry.low is not None for entry in drawn)

    asyncio.run(looked_at())


def test_the_engine_brings_the_past_by_itself_while_it_polls_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_past, "STRETCHES", ((0.1, 0.0, MINUTES),))

    async def run() -> None:
        async with night() as there:
            running = asyncio.create_task(there.engine.run())
            await asyncio.wait_for(there.desk.past_arrived.wait(), 30)
            running.cancel()
            assert contents(there.history).sources[0][0] == SOURCE

    asyncio.run(run())


def test_each_demo_begins_anew_and_leaves_the_operators_own_history_alone() -> None:
    own = load_settings().paths.history
    own.parent.mkdir(parents=True)
    own.write_bytes(b"what was measured at night")
    beside = []

    async def twice() -> None:
        for _ in range(2):
            async with night() as there:
                beside.append(there.history)
                assert contents(there.history).tiers[0].rows == 1
                await there.let_pass(50)

    asyncio.run(twice())
    assert own.read_bytes() == b"what was measured at night"
    assert own not in beside


def test_a_second_demo_keeps_nothing_while_the_first_one_does() -> None:
    async def both() -> None:
        async with night() as first:
            await first.let_pass(20)
            async with night() as second:
                await second.let_pass(20)
                assert second.desk.past_arrived.is_set()
            assert contents(first.history).tiers[0].rows == 3

    asyncio.run(both())


def test_a_simulation_that_tells_no_past_is_worth_a_sentence_and_holds_nothing_up() -> None:
    async def without() -> None:
        async with night() as there:
            there.desk._past = partial(DemoPast("http://127.0.0.1:9").bring_into, there.history, Retention())
            await there.desk.bring_past()
            assert there.desk.past_arrived.is_set()
            await there.let_pass(10)
            sentences = [str(notice.sentence) for notice in there.engine.state.notices]
            assert sentences == ["The demo begins without a past: the simulation does not answer (ConnectError)."]

    asyncio.run(without())


@pytest.mark.parametrize(
    ("scenario", "folder", "why"), [("big", "", "more than 500,000 values"), ("calm", "nowhere", "cannot be opened")]
)
def test_what_cannot_be_told_or_kept_is_no_past(tmp_path: Path, scenario: str, folder: str, why: str) -> None:
    with running_simulation(scenario) as simulation:
        past = DemoPast(simulation.addresses.control)
        with pytest.raises(NoPast, match=why):
            past.bring_into(tmp_path / folder / "history.db", Retention(), BEGINS.timestamp())
