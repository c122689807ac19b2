"""The inventory: which groups, nodes and trunks there are, and what each node last reported."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from nodescaler_tui.facts import Lifecycle, Problem, ProblemKind
from nodescaler_tui.observe import endpoints
from nodescaler_tui.observe.asking import Asker
from nodescaler_tui.observe.endpoints import Endpoint
from nodescaler_tui.observe.wire import Edge, EdgeGroup, EdgeMetrics, Page, Trunk, TrunkMetrics

PAGE_SIZE: Final = 100
MOST_IDS: Final = 100
THREADS: Final = 6
MOST_SEARCHES: Final = 16
"""Extra requests that one read may spend on finding bad ids: enough for one among a hundred (2 × log2 100 = 14)."""
REFUSED_FOR_S: Final = 60.0

Item = TypeVar("Item")
Found = tuple[list[Item], list[Problem]]


class Searches:
    """How many extra requests may still be spent on finding bad ids. Safe from any thread."""

    def __init__(self, allowed: int) -> None:
        self._left = allowed
        self._lock = threading.Lock()

    def take(self, requests: int) -> bool:
        """Spend so many, or say that they are used up: then it is not one id, but all of them."""
        with self._lock:
            if self._left < requests:
                return False
            self._left -= requests
            return True


class Inventory:
    """Reads listings page by page and metrics in batches, several at a time."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="genesys")
        self._refused: dict[str, tuple[float, Problem]] = {}

    def groups(self) -> Found[EdgeGroup]:
        """All node groups."""
        listing = self._asker.edges.get_telephony_providers_edges_edgegroups
        return self._pages(
            endpoints.EDGE_GROUPS, lambda number: listing(page_size=PAGE_SIZE, page_number=number), Page[EdgeGroup]
        )

    def edges(self, group_id: str = "", *, urgent: bool = False) -> Found[Edge]:
        """All nodes that are not deleted, or those of one group."""
        listing = self._asker.edges.get_telephony_providers_edges
        narrowed = {"edge_group_id": group_id} if group_id else {}
        found, problems = self._pages(
            endpoints.EDGES,
            lambda number: listing(page_size=PAGE_SIZE, page_number=number, **narrowed),
            Page[Edge],
            urgent=urgent,
        )
        return [edge for edge in found if edge.state != "deleted"], problems

    def trunks(self) -> Found[Trunk]:
        """All EXTERNAL trunks: PHONE trunks would count the legs of a call twice."""
        listing = self._asker.edges.get_telephony_providers_edges_trunks
        found, problems = self._pages(
            endpoints.TRUNKS,
            lambda number: listing(page_size=PAGE_SIZE, page_number=number, trunk_type="EXTERNAL"),
            Page[Trunk],
        )
        return [trunk for trunk in found if trunk.trunk_type == "EXTERNAL"], problems

    def edge_metrics(self, edge_ids: Sequence[str]) -> Found[EdgeMetrics]:
        """The last sample of each node; one bad id spoils a batch, so a refused batch is halved until it is found."""
        read = self._asker.edges.get_telephony_providers_edges_metrics
        return self._batches(
            endpoints.EDGE_METRICS, edge_ids, lambda ids: read(edge_ids=",".join(ids)), list[EdgeMetrics]
        )

    def trunk_metrics(self, trunk_ids: Sequence[str]) -> Found[TrunkMetrics]:
        """The calls on each trunk."""
        read = self._asker.edges.get_telephony_providers_edges_trunks_metrics
        return self._batches(
            endpoints.TRUNK_METRICS, trunk_ids, lambda ids: read(trunk_ids=",".join(ids)), list[TrunkMetrics]
        )

    def _pages(
        self, endpoint: Endpoint, read: Callable[[int], str], shape: type[Page[Item]], *, urgent: bool = False
    ) -> Found[Item]:
        first = self._asker.ask(endpoint, lambda: read(1), shape, urgent=urgent)
        if isinstance(first, Problem):
            return [], [first]
        rest = self._pool.map(
            lambda number: self._asker.ask(endpoint, lambda: read(number), shape, urgent=urgent),
            range(2, (first.page_count or 1) + 1),
        )
        items, problems = list(first.entities), []
        for page in rest:
            if isinstance(page, Problem):
                problems.append(page)
            else:
                items.extend(page.entities)
        return items, _distinct(problems)

    def _batches(
        self, endpoint: Endpoint, ids: Sequence[str], read: Callable[[Sequence[str]], str], shape: type[list[Item]]
    ) -> Found[Item]:
        asked, refused = self._without_refused(ids)
        batches = [asked[start : start + MOST_IDS] for start in range(0, len(asked), MOST_IDS)]
        searches = Searches(MOST_SEARCHES)
        answers = list(self._pool.map(lambda batch: self._batch(endpoint, batch, read, shape, searches), batches))
        items = [item for found, _ in answers for item in found]
        return items, _distinct([*refused, *(problem for _, problems in answers for problem in problems)])

    def _without_refused(self, ids: Sequence[str]) -> tuple[Sequence[str], list[Problem]]:
        """Without the ids that were found to spoil a batch a moment ago; their problem is still there."""
        now = self._asker.clock.monotonic()
        self._refused = {identity: entry for identity, entry in self._refused.items() if now < entry[0]}
        refused = [self._refused[identity][1] for identity in ids if identity in self._refused]
        return [identity for identity in ids if identity not in self._refused], refused

    def _batch(
        self,
        endpoint: Endpoint,
        ids: Sequence[str],
        read: Callable[[Sequence[str]], str],
        shape: type[list[Item]],
        searches: Searches,
    ) -> Found[Item]:
        answer = self._asker.ask(endpoint, lambda: read(ids), shape)
        if not isinstance(answer, Problem):
            return answer, []
        if answer.kind not in {ProblemKind.BAD_REQUEST, ProblemKind.NOT_FOUND}:
            return [], [answer]
        if len(ids) == 1:
            self._refused[ids[0]] = (self._asker.clock.monotonic() + REFUSED_FOR_S, answer)
            return [], [answer]
        if not searches.take(2):
            return [], [answer]
        middle = len(ids) // 2
        left, right = (self._batch(endpoint, half, read, shape, searches) for half in (ids[:middle], ids[middle:]))
        return left[0] + right[0], left[1] + right[1]

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def lifecycle(edge: Edge) -> Lifecycle | None:
    """What a node is doing. Only an active, online node that is not draining is in service.

    None when Genesys does not say, or says a word that is new: taken for offline, it would make a count too small, and
    a scale-up to an absolute number could then take nodes away.
    """
    if edge.status_code in _BOOTING:
        return Lifecycle.BOOTING
    if edge.state == "inactive" or edge.online_status == "OFFLINE" or edge.status_code not in {None, "ACTIVE"}:
        return Lifecycle.OFFLINE
    if edge.state not in {None, "active"} or edge.online_status != "ONLINE":
        return None
    return Lifecycle.IN_SERVICE if edge.call_draining_state in {None, "NONE"} else Lifecycle.DRAINING


_BOOTING: Final = frozenset(
    {
        "NEW",
        "AWAITING_CONNECTION",
        "AWAITING_FINGERPRINT",
        "AWAITING_FINGERPRINT_VERIFICATION",
        "FINGERPRINT_VERIFIED",
        "AWAITING_BOOTSTRAP",
        "INITIALIZING",
    }
)


def _distinct(problems: Iterable[Problem]) -> list[Problem]:
    """One problem for each thing that went wrong, however many requests it hit."""
    kept: dict[tuple[Any, ...], Problem] = {}
    for problem in problems:
        kept.setdefault((problem.endpoint, problem.kind), problem)
    return list(kept.values())
