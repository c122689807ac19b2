"""Never more than our share of the organisation's limit in any minute."""

from __future__ import annotations

from nodescaler_tui.facts import ProblemKind
from tests.observe.answers import EDGES, GROUPS, LIMITS, STATUS, TOKEN, error
from tests.observe.conftest import MakeSource
from tests.observe.stub_genesys import StubGenesys


def test_requests_stop_at_the_share_of_the_live_limit_and_say_when_they_go_on(
    genesys: StubGenesys, make_source: MakeSource
) -> None:
    genesys.fill(5)
    genesys.rate_limit = 40
    source = make_source()
    observations = [source.poll() for _ in range(10)]
    api = [sent for sent in genesys.sent if sent.path not in {TOKEN, STATUS}]
    assert len(api) <= 20
    last = [found for found in observations[-1].problems if found.kind is ProblemKind.RATE_LIMITED]
    assert last
    assert all(found.retry_at is not None for found in last)
    assert observations[-1].budget.used_last_minute <= 20


def test_the_interval_grows_with_what_a_poll_costs(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(900)
    source = make_source()
    source.poll()
    second = source.poll()
    assert source.least_interval_s >= second.requests * 60 / 150


def test_an_approval_can_still_count_when_polls_have_used_the_share_up(
    genesys: StubGenesys, make_source: MakeSource
) -> None:
    genesys.fill(5)
    genesys.rate_limit = 40
    source = make_source()
    for _ in range(10):
        source.poll()
    assert source.live_count("g1").value == 5


def test_a_flapping_listing_does_not_repeat_the_warm_requests(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(5)
    source = make_source()
    source.poll()
    genesys.on(EDGES, error(404, "not.found"), times=1)
    source.poll()
    source.poll()
    assert len(genesys.asked(GROUPS)) == 1


def test_the_status_page_is_asked_at_most_once_a_minute(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(5)
    source = make_source(status_page=genesys.address)
    for number in range(3):
        source.poll()
        genesys.fill(1, f"extra{number}")
    assert len(genesys.asked(STATUS)) == 1


def test_the_first_poll_of_a_large_organisation_fits_into_its_live_limit(
    genesys: StubGenesys, make_source: MakeSource
) -> None:
    genesys.fill(8000)
    genesys.rate_limit = 30_000
    observation = make_source().poll()
    assert observation.problems == ()
    assert observation.groups[0].current_nodes.value == 8000
    assert len(genesys.asked(LIMITS)) == 1
