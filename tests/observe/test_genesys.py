"""The count that an approval is held against is read anew, and is unknown rather than wrong."""

from __future__ import annotations

from tests.observe.conftest import MakeSource
from tests.observe.stub_genesys import StubGenesys


def test_the_live_count_is_read_anew(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(3)
    source = make_source()
    source.poll()
    genesys.fill(2, "x")
    for node in genesys.edges[-2:]:
        node["edgeGroup"] = {"id": "g1", "name": "group g1"}
    assert source.live_count("g1").value == 5


def test_the_live_count_of_a_group_that_nobody_knows_is_unknown_not_zero(
    genesys: StubGenesys, make_source: MakeSource
) -> None:
    genesys.fill(3)
    source = make_source()
    source.poll()
    assert source.live_count("no-such-group").value is None
