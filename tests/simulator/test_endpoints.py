"""Which path an endpoint's short name means, and which permission a path needs."""

from __future__ import annotations

from nodescaler_tui.simulator.endpoints import EDGE_METRICS, EDGES, PATHS, TRUNK_METRICS, is_meant, permission_for


def test_an_endpoint_means_the_path_that_ends_with_it_or_all_below_it() -> None:
    assert [path for path in PATHS if is_meant("edges", path)] == [EDGES]
    assert [path for path in PATHS if is_meant("trunks/metrics", path)] == [TRUNK_METRICS]
    assert [path for path in PATHS if is_meant("edges/metrics", path)] == [EDGE_METRICS]
    assert len([path for path in PATHS if is_meant("analytics", path)]) == 2
    assert [path for path in PATHS if is_meant("", path)] == list(PATHS)
    assert not [path for path in PATHS if is_meant("nowhere", path)]


def test_every_edge_endpoint_needs_the_one_permission_that_there_is_for_edges() -> None:
    assert {permission_for(path) for path in PATHS if path.startswith(EDGES)} == {"telephony:plugin:all"}
    assert permission_for("/api/v2/date") == ""
