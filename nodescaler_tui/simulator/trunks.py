"""The call endpoints: trunks, the calls on them, and the gauges of the whole organisation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nodescaler_tui.simulator import endpoints, shapes
from nodescaler_tui.simulator.clock import WallClock
from nodescaler_tui.simulator.errors import bad_request, invalid_value
from nodescaler_tui.simulator.fleet import Fleet, Group, Node
from nodescaler_tui.simulator.http import Answer, Request, json_answer
from nodescaler_tui.simulator.paging import MOST_IDS, ids_of, page


class TrunkEndpoints:
    """Answers for the calls that the fleet carries."""

    def __init__(self, fleet: Fleet, clock: WallClock) -> None:
        self._fleet = fleet
        self._clock = clock

    def routes(self) -> Mapping[tuple[str, str], Callable[[Request], Answer]]:
        """Method and path of each endpoint."""
        return {
            ("GET", endpoints.TRUNKS): self._trunks,
            ("GET", endpoints.TRUNK_METRICS): self._trunk_metrics,
            ("GET", endpoints.CALL_METRICS): self._call_metrics,
        }

    def _trunks(self, request: Request) -> Answer:
        """Every node has one trunk, an EXTERNAL one."""
        kind, edge = request.query.get("trunkType", "EXTERNAL"), request.query.get("edge.id")
        nodes = self._fleet.visible_nodes() if kind == "EXTERNAL" else []
        wanted = nodes if edge is None else [(group, node) for group, node in nodes if node.id == edge]
        return page(wanted, request, lambda placed, _: shapes.trunk_document(*placed, self._fleet.now_s))

    def _trunk_metrics(self, request: Request) -> Answer:
        ids = ids_of(request, "trunkIds")
        if len(ids) > MOST_IDS:
            return bad_request(f"Maximum of {MOST_IDS} trunk ids, {len(ids)} were given.")
        placed = [self._fleet.find(identity) for identity in ids]
        return json_answer(200, [self._trunk_metrics_of(*one) for one in placed if one is not None])

    def _trunk_metrics_of(self, group: Group, node: Node) -> dict[str, Any]:
        sample = group.samples.get(node.id)
        at = self._clock.at(sample.at_s if sample is not None else self._fleet.sampled_at_s)
        return shapes.trunk_metrics_document(node, sample, at)

    def _call_metrics(self, request: Request) -> Answer:
        """Cloud media are the groups that Genesys runs, premises the others."""
        kind = request.query.get("metricType", "cloud")
        if kind not in {"cloud", "premises"}:
            return invalid_value(kind, "MetricType", "cloud, premises")
        groups = [group for group in self._fleet.groups.values() if group.managed == (kind == "cloud")]
        return json_answer(200, shapes.call_metrics_document(groups))
