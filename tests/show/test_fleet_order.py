"""The order of the fleet: worst first, unknown before everything that can be compared, pinned first, sites together."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.show.widgets.fleet_order import Arrangement, SiteHeading, Sort, arranged, ordered
from nodescaler_tui.state import GroupState, Severity
from tests.show.states import CALM, CRITICAL, MISSING, WARNING

FLEET = (CALM, WARNING, CRITICAL, MISSING)
SEVERITIES = st.lists(st.sampled_from(list(Severity)), max_size=30)


def names(groups: list[GroupState]) -> list[str]:
    return [str(group.name) for group in groups]


def of(number: int, severity: Severity) -> GroupState:
    return msgspec.structs.replace(CALM, id=f"g-{number:02}", name=DisplayText(f"group {number:02}"), severity=severity)


@given(SEVERITIES)
def test_worst_first_puts_unknown_between_warning_and_ok(severities: list[Severity]) -> None:
    found = ordered([of(number, severity) for number, severity in enumerate(severities)], Arrangement())
    ranks = [list(Severity).index(group.severity) for group in found]
    assert ranks == sorted(ranks)


@given(SEVERITIES, st.sampled_from(list(Sort)), st.booleans())
def test_no_group_is_lost_or_shown_twice_however_it_is_sorted(
    severities: list[Severity], sort: Sort, reverse: bool
) -> None:
    groups = [of(number, severity) for number, severity in enumerate(severities)]
    found = ordered(groups, Arrangement(sort=sort, reverse=reverse))
    assert sorted(group.id for group in found) == [group.id for group in groups]


@pytest.mark.parametrize("sort", [Sort.NODES])
def test_what_is_not_counted_comes_before_what_is(sort: Sort) -> None:
    assert ordered(FLEET, Arrangement(sort=sort))[0] is MISSING


def test_a_pinned_group_is_on_top_even_when_it_is_well() -> None:
    assert ordered(FLEET, Arrangement(pinned=frozenset({CALM.id})))[0] is CALM


def test_the_filter_inverts_with_an_exclamation_mark() -> None:
    kept = names(ordered(FLEET, Arrangement(wanted="stage")))
    rest = names(ordered(FLEET, Arrangement(wanted="!stage")))
    assert kept == ["media-sa-stage"]
    assert sorted(kept + rest) == sorted(names(list(FLEET)))


def test_by_site_the_site_with_the_worst_group_comes_first_with_all_its_groups_under_it() -> None:
    elsewhere = msgspec.structs.replace(WARNING, site=DisplayText("Oregon"))
    lines = arranged((CALM, elsewhere, CRITICAL), Arrangement(by_site=True))
    heads = [line.site for line in lines if isinstance(line, SiteHeading)]
    assert heads == ["Dublin", "Oregon"]
    assert [line.id for line in lines if not isinstance(line, SiteHeading)] == [CRITICAL.id, CALM.id, elsewhere.id]
