"""Metrics: over real HTTP, read by prometheus_client's own parser; what is not known has no sample."""

from __future__ import annotations

import asyncio
import gzip
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from nodescaler_tui.decide.signals import Level, SignalName
from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.attached import AttachedEngine
from nodescaler_tui.engine.metrics import LONGEST_LABEL, EngineCollector, Totals, label
from nodescaler_tui.engine.metrics_endpoint import NOT_INSTALLED, MetricsEndpoint
from nodescaler_tui.engine.metrics_text import metrics_text
from nodescaler_tui.engine.order import Order
from nodescaler_tui.settings.model import MetricsSettings
from nodescaler_tui.simulator.simulation import running_simulation
from nodescaler_tui.state import LinkStatus, State
from nodescaler_tui.views import Answer
from tests.engine.test_other_settings import settings
from tests.show.foreseen_states import FORESEEN, NO_HISTORY
from tests.show.states import BREACH, CRITICAL, HOSTILE, LOST, MISSING, NOW, OPERATING, fleet, signal

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@contextmanager
def serving(state: State) -> Iterator[MetricsEndpoint]:
    endpoint = MetricsEndpoint(lambda: state, lambda: (7, 42), lambda: NOW)
    assert endpoint.open("127.0.0.1:0") == ""
    try:
        yield endpoint
    finally:
        endpoint.close()


def scrape(address: str) -> Samples:
    request = urllib.request.Request(f"http://{address}/metrics", headers={"Accept": OPEN_METRICS})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
        text = answer.read().decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): float(sample.value)
        for family in text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
        for sample in family.samples
    }


def scraped(state: State) -> Samples:
    with serving(state) as endpoint:
        return scrape(endpoint.address)


def value(samples: Samples, name: str, **labels: str) -> float | None:
    found = [number for (its, has), number in samples.items() if its == name and labels.items() <= dict(has).items()]
    assert len(found) <= 1
    return found[0] if found else None


def test_what_is_known_of_a_group_is_there_with_its_limits_and_its_age() -> None:
    samples = scraped(fleet(CRITICAL))
    cpu = CRITICAL.signal(SignalName.CPU)
    assert cpu is not None
    assert value(samples, "nodescaler_group_utilization_ratio", group=CRITICAL.id, signal="cpu") == cpu.value
    assert value(samples, "nodescaler_group_worst_node_utilization_ratio", group=CRITICAL.id, signal="cpu") == cpu.worst
    assert value(samples, "nodescaler_group_threshold", signal="cpu", level="critical") == cpu.critical
    assert value(samples, "nodescaler_group_reading_age_seconds", signal="cpu") == 3
    assert value(samples, "nodescaler_group_nodes", lifecycle="in_service") == CRITICAL.counts.in_service
    assert value(samples, "nodescaler_group_severity", group=CRITICAL.id, nodescaler_group_severity="critical") == 1
    assert value(samples, "nodescaler_group_severity", group=CRITICAL.id, nodescaler_group_severity="ok") == 0


def test_what_the_engine_did_is_there() -> None:
    samples = scraped(OPERATING)
    assert value(samples, "nodescaler_polls_total") == 7
    assert value(samples, "nodescaler_requests_total") == 42
    assert sum(number for (name, _), number in samples.items() if name == "nodescaler_operations_open") == 1
    assert value(samples, "nodescaler_link_status", nodescaler_link_status=OPERATING.link.status.value) == 1


@pytest.mark.parametrize("level", [Level.STALE, Level.INVALID, Level.MISSING])
def test_what_is_not_known_now_has_no_sample_and_keeps_its_age(level: Level) -> None:
    known = None if level is Level.MISSING else 0.93
    group = msgspec.structs.replace(
        CRITICAL,
        signals=(signal(SignalName.CPU, level, known, age_s=500), signal(SignalName.SESSIONS, level, known)),
        counts=msgspec.structs.replace(CRITICAL.counts, in_service=None),
    )
    samples = scraped(fleet(group))
    for name in ("utilization_ratio", "worst_node_utilization_ratio", "sessions"):
        assert value(samples, f"nodescaler_group_{name}") is None
    assert value(samples, "nodescaler_group_nodes", lifecycle="in_service") is None
    assert value(samples, "nodescaler_group_reading_age_seconds", signal="cpu") == (None if known is None else 500)


def test_before_anything_was_read_nothing_is_claimed() -> None:
    samples = scraped(State.EMPTY)
    assert not [name for name, _ in samples if name.startswith("nodescaler_group")]
    assert value(samples, "nodescaler_poll_age_seconds") is None
    assert value(samples, "nodescaler_operations_open") is None
    assert value(samples, "nodescaler_link_status", nodescaler_link_status="connecting") == 1


@pytest.mark.parametrize("state", [BREACH, LOST, OPERATING, fleet(MISSING)])
def test_every_state_is_valid_open_metrics(state: State) -> None:
    assert scraped(state)


HOSTILE_GROUP = msgspec.structs.replace(CRITICAL, id='a"} 1\nb\\', name=display_text("media “é” 節点"))


@pytest.mark.parametrize("state", [BREACH, LOST, OPERATING, FORESEEN, NO_HISTORY, State.EMPTY, fleet(HOSTILE_GROUP)])
def test_the_answer_is_byte_for_byte_the_one_that_prometheus_client_would_give(state: State) -> None:
    collector = EngineCollector(lambda: state, lambda: Totals(7, 42), lambda: NOW)
    assert metrics_text(collector.collect()) == generate_latest(collector)  # type: ignore[no-untyped-call]


@given(st.text(), st.floats())
def test_any_label_and_any_number_are_written_as_prometheus_client_writes_them(text: str, number: float) -> None:
    family = GaugeMetricFamily("some", text, labels=["b", "a"])
    family.add_metric([text, "x"], number)
    try:
        expected = generate_latest(Collected(family))  # type: ignore[no-untyped-call]
    except UnicodeEncodeError:
        return
    assert metrics_text([family]) == expected


class Collected:
    """Something that collects one family."""

    def __init__(self, family: Metric) -> None:
        self.family = family

    def collect(self) -> list[Metric]:
        return [self.family]


def answered(address: str, path: str = "/metrics", **headers: str) -> tuple[str, bytes]:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    with urllib.request.urlopen(urllib.request.Request(f"http://{address}{path}", headers=named), timeout=10) as answer:
        return answer.headers["Content-Type"], answer.read()


def test_a_scraper_that_takes_compressed_text_gets_the_same() -> None:
    with serving(FORESEEN) as endpoint:
        plain = answered(endpoint.address, Accept=OPEN_METRICS)
        kind, packed = answered(endpoint.address, Accept=OPEN_METRICS, Accept_Encoding="gzip")
    assert (kind, gzip.decompress(packed)) == plain
    assert len(packed) < len(plain[1]) / 4


def test_whoever_takes_the_older_format_only_gets_that() -> None:
    with serving(FORESEEN) as endpoint:
        kind, text = answered(endpoint.address, Accept="text/plain")
    assert kind.startswith("text/plain")
    assert b"\n# TYPE nodescaler_polls_total counter\n" in text
    assert b"stateset" not in text


def test_label_values_are_data() -> None:
    hostile = [HOSTILE, 'a"} 1\nnodescaler_fake 1', "x" * 5000, "x" * 5001, "\\", ""]
    groups = [msgspec.structs.replace(CRITICAL, id=text, name=display_text(text, 300)) for text in hostile]
    samples = scraped(fleet(*groups))
    found = {dict(labels)["group"] for name, labels in samples if name == "nodescaler_group_sessions"}
    assert len(found) == len(hostile)
    assert all(len(text) <= LONGEST_LABEL + 13 and text.isprintable() for text in found)
    assert all(name.startswith("nodescaler_") and "fake" not in name for name, _ in samples)


def test_a_harmless_label_stays_as_it_is() -> None:
    assert label("media-eu-prod-01") == "media-eu-prod-01"


def test_a_second_terminal_gets_the_same_endpoint_and_another_address_is_answered() -> None:
    with serving(BREACH) as endpoint:
        assert endpoint.open("127.0.0.1:0") == ""
        assert endpoint.open(endpoint.address) == ""
        assert endpoint.open("127.0.0.1:1") == f"This engine serves its metrics at {endpoint.address} already."


def test_a_port_that_is_taken_is_said() -> None:
    with serving(BREACH) as endpoint:
        other = MetricsEndpoint(lambda: BREACH, lambda: (0, 0), lambda: NOW)
        assert (
            other.open(endpoint.address) == f"Metrics cannot be served at {endpoint.address}: Address already in use."
        )


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    assert MetricsEndpoint(lambda: BREACH, lambda: (0, 0), lambda: NOW).open("127.0.0.1:0") == NOT_INSTALLED


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


async def once_it_answers(check: Callable[[], Samples]) -> Samples:
    """The endpoint opens beside the first State; whoever waits for it is cancelled when it never does."""
    while True:
        try:
            return await asyncio.to_thread(check)
        except urllib.error.URLError:
            await asyncio.sleep(0.1)


def test_the_engines_process_serves_what_a_terminal_asks_for(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"

    async def attached(check: Callable[[], Samples]) -> tuple[Samples, list[str]]:
        with running_simulation("calm") as simulation:
            loaded = replace(settings(simulation, tmp_path, "mypurecloud.ie"), metrics=MetricsSettings(address))
            engine, told = AttachedEngine(Order(loaded), operator="anna@laptop", terminal=""), list[str]()
            async with aclosing(engine.updates()) as updates:
                async for update in updates:
                    if isinstance(update, Answer):
                        told.append(str(update.sentence))
                    if isinstance(update, State) and update.link.status is LinkStatus.OK:
                        return await once_it_answers(check), told
        raise AssertionError("the updates ended")

    samples, told = asyncio.run(asyncio.wait_for(attached(lambda: scrape(address)), 40))
    assert told == []
    polls = value(samples, "nodescaler_polls_total")
    assert polls is not None
    assert polls >= 1
    assert [name for name, _ in samples if name == "nodescaler_group_utilization_ratio"]


def test_what_is_foreseen_can_be_alerted_on() -> None:
    found = scraped(FORESEEN)
    cpu = {"group": "g-us", "name": "media-us-prod-02", "signal": "cpu"}

    def value(family: str, **labels: str) -> float:
        return found[(f"nodescaler_group_{family}", tuple(sorted({**cpu, **labels}.items())))]

    assert value("forecast", seconds_ahead="1800") == 0.91
    assert value("breach_probability_ratio", level="critical", seconds_ahead="3600") == 0.78
    assert value("critical_expected_seconds") == 18 * 60
    assert (value("breach_announced"), value("breach_announced", signal="memory")) == (1, 0)


def test_what_is_not_forecast_has_no_sample() -> None:
    names = {name for name, _ in scraped(NO_HISTORY)}
    assert "nodescaler_group_forecast_age_seconds" in names
    assert not names & {"nodescaler_group_forecast", "nodescaler_group_breach_probability_ratio"}
    assert not names & {"nodescaler_group_critical_expected_seconds", "nodescaler_group_breach_announced"}
