"""The edge endpoints: node groups, nodes, and their metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from nodescaler_tui.simulator import endpoints, shapes
from nodescaler_tui.simulator.clock import WallClock
from nodescaler_tui.simulator.errors import bad_request, not_found
from nodescaler_tui.simulator.faults import Faults
from nodescaler_tui.simulator.fleet import Fleet, Group, Node, Placed
from nodescaler_tui.simulator.hostile import hostile
from nodescaler_tui.simulator.http import Answer, Request, json_answer
from nodescaler_tui.simulator.paging import MOST_IDS, ids_of, page

MOST_CACHED_PAGES: Final = 400
STALE_BY: Final = timedelta(minutes=10)


class EdgeEndpoints:
    """Answers for node groups and nodes from the fleet."""

    def __init__(self, fleet: Fleet, faults: Faults, clock: WallClock) -> None:
        self._fleet = fleet
        self._faults = faults
        self._clock = clock
        self._pages: dict[tuple[object, ...], Answer] = {}

    def routes(self) -> Mapping[tuple[str, str], Callable[[Request], Answer]]:
        """Method and path of each endpoint."""
        return {
            ("GET", endpoints.EDGE_GROUPS): self._groups,
            ("GET", endpoints.EDGES): self._edges,
            ("GET", endpoints.EDGE_METRICS): self._metrics,
        }

    def one_edge(self, request: Request) -> Answer:
        """`edges/{id}` and `edges/{id}/metrics`."""
        identity, _, rest = request.path.removeprefix(f"{endpoints.EDGES}/").partition("/")
        found = self._fleet.find(identity)
        if found is None or found[1].id != identity or rest not in {"", "metrics"}:
            return not_found(f"edge {identity}")
        group, node = found
        if rest == "metrics":
            return json_answer(200, self._metrics_of(group, node, stale=False))
        return json_answer(200, shapes.edge_document(group, node, self._fleet.now_s, node.name, group.name))

    def _groups(self, request: Request) -> Answer:
        managed, name = request.query.get("managed"), request.query.get("name", "")
        groups = [group for group in self._fleet.groups.values() if _fits(group, managed) and name in group.name]
        names = self._names(request.path)
        return page(groups, request, lambda group, _: shapes.group_document(group, names[group.id]))

    def _names(self, path: str) -> Mapping[str, str]:
        """The groups' names, as a fault may have it."""
        is_hostile = self._faults.is_on("hostile-names", path)
        groups = enumerate(self._fleet.groups.values())
        return {group.id: hostile(group.name, number) if is_hostile else group.name for number, group in groups}

    def _edges(self, request: Request) -> Answer:
        """The listing, cached until a node comes, goes or changes: at ten thousand nodes it is many megabytes."""
        is_hostile = self._faults.is_on("hostile-names", request.path)
        has_null = self._faults.is_on("null-enum", request.path)
        key = (self._fleet.version, is_hostile, has_null, *sorted(request.query.items()))
        if key not in self._pages:
            if len(self._pages) >= MOST_CACHED_PAGES:
                self._pages.clear()
            self._pages[key] = self._edge_page(request, is_hostile=is_hostile, has_null=has_null)
        return self._pages[key]

    def _edge_page(self, request: Request, *, is_hostile: bool, has_null: bool) -> Answer:
        def document(placed: Placed, place: int) -> dict[str, Any]:
            group, node = placed
            names = (hostile(node.name, place), hostile(group.name, place)) if is_hostile else (node.name, group.name)
            edge = shapes.edge_document(group, node, self._fleet.now_s, *names)
            if has_null and place == 0:
                edge["onlineStatus"] = None
            return edge

        return page(self._wanted(request), request, document)

    def _wanted(self, request: Request) -> Sequence[Placed]:
        """The nodes that the query's filters let through."""
        query = request.query
        group_id, managed, name = query.get("edgeGroup.id"), query.get("managed"), query.get("name", "")
        site = query.get("site.id")
        nodes = self._fleet.visible_nodes()
        if not (group_id or managed or name or site):
            return nodes
        return [
            (group, node)
            for group, node in nodes
            if group_id in {None, group.id}
            and site in {None, f"site-{group.site}"}
            and _fits(group, managed)
            and name in node.name
        ]

    def _metrics(self, request: Request) -> Answer:
        ids = ids_of(request, "edgeIds")
        if len(ids) > MOST_IDS:
            return bad_request(f"Maximum of {MOST_IDS} edge ids, {len(ids)} were given.")
        if ids and self._faults.is_on("vanished-edge", request.path):
            self._delete(ids[0])
        missing = self._missing(ids, request.path)
        if missing is not None:
            return bad_request(f"Referenced key '{missing}' on 'edgeId' does not exist")
        stale = self._faults.is_on("stale-metrics", request.path)
        placed = [self._fleet.find(identity) for identity in ids]
        return json_answer(200, [self._metrics_of(*one, stale=stale) for one in placed if one is not None])

    def _missing(self, ids: Sequence[str], path: str) -> str | None:
        """The first id that spoils the batch; an empty batch is spoiled by the empty id, as captured."""
        first = self._fleet.visible_nodes()[0][1].id if self._fleet.visible_nodes() else ""
        if first in ids and self._faults.is_on("refused-edge", path):
            return first
        return next((identity for identity in ids or [""] if not self._is_edge(identity)), None)

    def _is_edge(self, identity: str) -> bool:
        found = self._fleet.find(identity)
        return found is not None and found[1].id == identity

    def _delete(self, identity: str) -> None:
        found = self._fleet.find(identity)
        if found is not None:
            self._fleet.vanish(found[1])

    def _metrics_of(self, group: Group, node: Node, *, stale: bool) -> dict[str, Any]:
        sample = group.samples.get(node.id)
        at: datetime | None = None
        if sample is not None:
            at = self._clock.at(sample.at_s) - (STALE_BY if stale else timedelta())
        return shapes.metrics_document(node, sample, at, self._fleet.now_s - node.online_at_s)


def _fits(group: Group, managed: str | None) -> bool:
    return managed is None or group.managed == (managed.lower() == "true")
