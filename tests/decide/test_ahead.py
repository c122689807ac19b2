"""Looking ahead: its own vectors, and what always holds of a plan that no breach called for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nodescaler_tui.decide.ahead import Ahead, BootTime, DatedForecast, decide_ahead
from nodescaler_tui.decide.decision import Situation, Verdict, decide, step_target
from nodescaler_tui.decide.forecast.outlook import LIKELY, POSSIBLE, GroupForecast, NotEnoughHistory
from nodescaler_tui.decide.forecast.track import Track
from nodescaler_tui.decide.signals import Level, Sample, SignalName, Signals
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from tests.decide.forecasts import SOON, dated_forecast, dated_forecast_of, forecast_of
from tests.decide.test_decision import anything, situation_of

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "ahead_vectors.json").read_text(encoding="utf-8"))
BOOT = BootTime(250.0, 3)
CALM = Situation(10, Signals(Sample(0.7), Sample(0.1), Sample(0)), ThresholdMatrix())


def look(situation: Situation, dated: DatedForecast | None, boot: BootTime = BOOT, *, on: bool = True) -> Ahead:
    return decide_ahead(decide(situation), situation, dated, boot, on=on)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['id']} {vector['name']}")
def test_each_vector_is_decided_as_it_says(vector: dict[str, Any]) -> None:
    ahead = vector["ahead"]
    boot = BootTime(ahead["boot"], ahead["timed"])
    decision = look(situation_of(vector), dated_forecast_of(vector), boot, on=ahead["on"]).decision
    assert {
        "verdict": decision.verdict.value,
        "requested": decision.requested_nodes,
        "breach": decision.breach,
        "dispatchable": decision.dispatchable,
        "reasons": [str(reason) for reason in decision.reasons],
    } == vector["expect"]


def test_there_are_44_vectors() -> None:
    assert len({vector["id"] for vector in VECTORS}) == 44


def test_what_is_not_acted_on_is_told_with_the_reason_of_each_signal() -> None:
    tracks = {SignalName.SESSIONS: Track(1.4, 40)}
    dated = dated_forecast(cpu=NotEnoughHistory(2400, 7200), sessions=SOON, tracks=tracks)
    doubts = {doubt.signal: type(doubt.because).__name__ for doubt in look(CALM, dated).doubts}
    assert doubts == {
        SignalName.CPU: "NotEnoughHistory",
        SignalName.MEMORY: "NotForecast",
        SignalName.SESSIONS: "Track",
    }


odds = st.lists(st.floats(0, 1), min_size=6, max_size=6)
counts = st.one_of(st.none(), st.integers(-2, 320))
calm = st.builds(Sample, st.floats(0, 0.95), st.one_of(st.none(), st.floats(-10, 100)))
sessions = st.builds(Sample, st.integers(0, 400))
either = st.one_of(calm, st.builds(Sample, anything))
situations = st.builds(
    Situation,
    current_nodes=counts,
    signals=st.builds(Signals, cpu=either, memory=either, sessions=st.one_of(sessions, st.builds(Sample, anything))),
    matrix=st.builds(ThresholdMatrix, max_nodes=st.integers(1, 300)),
    pending_nodes=st.integers(0, 2),
    cooldown_remaining_s=st.one_of(st.just(0.0), st.floats(0, 300)),
)
boots = st.builds(BootTime, st.floats(0, 4000), st.integers(0, 5))
tracks = st.dictionaries(st.sampled_from(SignalName), st.builds(Track, st.floats(0, 3), st.integers(12, 96)))
forecasts = st.one_of(
    st.none(),
    st.builds(
        lambda age_s, tracks, given_odds: dated_forecast(age_s, tracks, **given_odds),
        st.floats(-900, 900),
        tracks,
        st.dictionaries(
            st.sampled_from([name.value for name in SignalName]),
            st.one_of(odds, st.just(SOON), st.builds(NotEnoughHistory, st.floats(0, 7000), st.just(7200.0))),
        ),
    ),
)


believable = st.builds(
    lambda age_s, name, track: dated_forecast(age_s, track, **{name: SOON}),
    st.floats(-300, 600),
    st.sampled_from([name.value for name in SignalName]),
    st.sampled_from([{}, {SignalName.CPU: Track(0.7, 40)}]),
)


def likely(nodes: int = 10, most: int = 50, **rest: float) -> Situation:
    """A situation that the strategies seldom meet: everything known, nothing critical, nothing in the way."""
    return replace(CALM, current_nodes=nodes, matrix=ThresholdMatrix(max_nodes=most), **rest)  # type: ignore[arg-type]


ready = st.builds(lambda nodes, room: likely(nodes, nodes + room), st.integers(1, 300), st.integers(1, 90))


@given(st.one_of(situations, ready), st.one_of(forecasts, believable), boots)
def test_switched_off_it_says_what_the_table_says_and_nothing_more(
    situation: Situation, dated: DatedForecast | None, boot: BootTime
) -> None:
    ahead = look(situation, dated, boot, on=False)
    assert repr(ahead.decision) == repr(decide(situation))
    assert (ahead.looked, ahead.expected, ahead.doubts) == (False, (), ())


@given(st.one_of(situations, ready), st.one_of(forecasts, believable), boots)
def test_it_proposes_only_where_the_table_holds_and_never_against_any_of_its_rows(
    situation: Situation, dated: DatedForecast | None, boot: BootTime
) -> None:
    ordinary, decision = decide(situation), look(situation, dated, boot).decision
    if decision.verdict is not Verdict.PROPOSE_AHEAD:
        assert repr(decision) == repr(ordinary)
        return
    count, most = situation.current_nodes, situation.matrix.max_nodes
    assert isinstance(count, int)
    assert ordinary.verdict is Verdict.HOLD
    assert not decision.breach
    assert not any(judgement.level.unknown for judgement in decision.judgements)
    assert situation.pending_nodes == 0
    assert situation.cooldown_remaining_s == 0
    assert decision.requested_nodes == step_target(count, most)
    assert count < decision.requested_nodes <= most


@given(ready, st.one_of(forecasts, believable), boots)
def test_a_proposal_always_carries_its_reason(
    situation: Situation, dated: DatedForecast | None, boot: BootTime
) -> None:
    ahead = look(situation, dated, boot)
    codes = [str(reason) for reason in ahead.decision.reasons if reason.endswith("_CRITICAL_AHEAD")]
    assert codes == ([each.judgement.code_ahead for each in ahead.expected] if ahead.proposes else [])
    assert ahead.proposes == bool(codes) == ahead.decision.dispatchable
    for each in ahead.expected:
        assert each.judgement.level is not Level.CRITICAL
        assert each.crossing.expected_s is not None
        assert each.crossing.within[-1] >= LIKELY
        assert each.shown.chance(each.judgement.critical, boot.lead_s + each.age_s) >= POSSIBLE
        assert each.track is None or each.track.relative <= 1


def one_forecast(nodes: int, given_odds: list[float], age_s: float, track: float | None) -> DatedForecast:
    group = GroupForecast("g-1", ((SignalName.CPU, forecast_of(SignalName.CPU, given_odds, nodes=nodes)),))
    return DatedForecast(group, age_s, {} if track is None else {SignalName.CPU: Track(track, 40)})


@given(
    nodes=st.integers(1, 49),
    series=st.tuples(odds, odds),
    belief=st.tuples(st.floats(0, 700), st.one_of(st.none(), st.floats(0, 1.5))),
    boot_s=st.floats(0, 2000),
    later_s=st.floats(0, 3600),
)
def test_a_worse_forecast_and_a_longer_lead_time_never_take_a_proposal_back(
    nodes: int,
    series: tuple[list[float], list[float]],
    belief: tuple[float, float | None],
    boot_s: float,
    later_s: float,
) -> None:
    milder = one_forecast(nodes, series[0], *belief)
    worse = one_forecast(nodes, [max(pair) for pair in zip(*series, strict=True)], *belief)
    situation, boot = likely(nodes), BootTime(boot_s)
    proposed = look(situation, milder, boot)
    assume(proposed.proposes)
    assert look(situation, worse, boot).proposes
    assert look(situation, worse, boot).decision.requested_nodes == proposed.decision.requested_nodes
    assert look(situation, milder, BootTime(boot_s + later_s)).proposes
