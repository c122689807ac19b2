"""The queue endpoints: the list of queues, what they do now, and what they did over an interval."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from nodescaler_tui.simulator import endpoints
from nodescaler_tui.simulator.clock import iso
from nodescaler_tui.simulator.errors import bad_request, invalid_value
from nodescaler_tui.simulator.faults import Faults
from nodescaler_tui.simulator.fleet import Fleet
from nodescaler_tui.simulator.hostile import hostile
from nodescaler_tui.simulator.http import Answer, Request, json_answer
from nodescaler_tui.simulator.paging import page
from nodescaler_tui.simulator.queues import MEDIA_SHARES, Queue, QueueBook

MOST_PREDICATES: Final = 200
OFF_QUEUE: Final = 4
ON_QUEUE_PRESENCE: Final = "e08eaf1b-ee47-4fa9-a231-1200e284798f"
SHARES_OF_HANDLE_TIME: Final = {"tHandle": 1.0, "tTalk": 0.8, "tAcw": 0.2}

Json = dict[str, Any]


class InvalidQueryError(ValueError):
    """A query that Genesys answers with 400; carries that answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("invalid query")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Query:
    """What an analytics query asks for; None where it does not narrow anything."""

    queue_ids: frozenset[str] | None
    media: frozenset[str] | None
    metrics: frozenset[str] | None

    def asks_for(self, metric: str) -> bool:
        """Whether this metric is wanted."""
        return self.metrics is None or metric in self.metrics


class AnalyticsEndpoints:
    """Answers for the queues."""

    def __init__(self, fleet: Fleet, queues: QueueBook, faults: Faults) -> None:
        self._fleet = fleet
        self._queues = queues
        self._faults = faults

    def routes(self) -> Mapping[tuple[str, str], Callable[[Request], Answer]]:
        """Method and path of each endpoint."""
        return {
            ("GET", endpoints.QUEUES): self._list,
            ("POST", endpoints.OBSERVATIONS): self._observations,
            ("POST", endpoints.AGGREGATES): self._aggregates,
        }

    def _list(self, request: Request) -> Answer:
        is_hostile = self._faults.is_on("hostile-names", request.path)

        def document(queue: Queue, place: int) -> Json:
            return {
                "id": queue.id,
                "name": hostile(queue.name, place) if is_hostile else queue.name,
                "memberCount": queue.agents + OFF_QUEUE,
                "selfUri": f"{endpoints.QUEUES}/{queue.id}",
            }

        name, wanted = request.query.get("name", ""), request.query.get("id")
        queues = [queue for queue in self._queues.by_id.values() if name in queue.name and wanted in {None, queue.id}]
        return page(queues, request, document)

    def _observations(self, request: Request) -> Answer:
        try:
            query = _understood(_object(request), is_filter_needed=True)
        except InvalidQueryError as invalid:
            return invalid.answer
        results = [result for queue in self._asked(query) for result in _now(queue, query, self._fleet.now_s)]
        mappings = {"ON_QUEUE": [ON_QUEUE_PRESENCE]}
        return json_answer(200, {"systemToOrganizationMappings": mappings, "results": results})

    def _aggregates(self, request: Request) -> Answer:
        try:
            document = _object(request)
            query = _understood(document, is_filter_needed=False)
            intervals = list(_intervals(document))
        except InvalidQueryError as invalid:
            return invalid.answer
        by_media = "mediaType" in _texts(document.get("groupBy"))
        queues = self._asked(query)
        return json_answer(200, {"results": _ended(queues, query, intervals, self._fleet.now_s, by_media=by_media)})

    def _asked(self, query: Query) -> list[Queue]:
        """The queues that are asked for; one that there is none of is left out, like every empty group."""
        if query.queue_ids is None:
            return list(self._queues.by_id.values())
        return [queue for identity, queue in self._queues.by_id.items() if identity in query.queue_ids]


def _object(request: Request) -> Json:
    try:
        document = request.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise InvalidQueryError(bad_request("The body is not a JSON object."))
    return document


def _understood(document: Json, *, is_filter_needed: bool) -> Query:
    filters = document.get("filter")
    if filters is None and not is_filter_needed:
        return Query(None, None, _chosen(document))
    kind = filters.get("type") if isinstance(filters, dict) else None
    if not isinstance(filters, dict) or kind not in {"and", "or"}:
        raise InvalidQueryError(invalid_value(kind or "", "QueryFilterType", "and, or"))
    predicates = list(_predicates(filters))
    if len(predicates) > MOST_PREDICATES:
        raise InvalidQueryError(bad_request(f"Maximum of {MOST_PREDICATES} predicates, {len(predicates)} were given."))
    return Query(_values(predicates, "queueId", kind), _values(predicates, "mediaType", kind), _chosen(document))


def _chosen(document: Json) -> frozenset[str] | None:
    metrics = document.get("metrics")
    return None if metrics is None else frozenset(_texts(metrics))


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _predicates(filters: Json) -> Iterator[Json]:
    """Those of the filter and of its clauses. Raises InvalidQueryError for one that is no object."""
    clauses = filters.get("clauses") or []
    for holder in (filters, *(clauses if isinstance(clauses, list) else [])):
        predicates = holder.get("predicates") if isinstance(holder, dict) else None
        for predicate in predicates if isinstance(predicates, list) else []:
            if not isinstance(predicate, dict) or not isinstance(predicate.get("dimension"), str):
                raise InvalidQueryError(invalid_value("", "QueryPredicateDimension", "queueId, mediaType"))
            yield predicate


def _values(predicates: Sequence[Json], dimension: str, kind: str) -> frozenset[str] | None:
    """What a dimension may be; two different values at the same time, as `and` would have it, is nothing."""
    values = frozenset(str(one.get("value")) for one in predicates if one["dimension"] == dimension)
    if kind == "and" and len(values) > 1:
        return frozenset()
    return values or None


def _now(queue: Queue, query: Query, now_s: float) -> Iterator[Json]:
    """One group for the queue's agents, and one for each medium."""
    agents = [datum for datum in _agent_data(queue, now_s) if query.asks_for(datum["metric"])]
    if agents and query.media is None:
        yield {"group": {"queueId": queue.id}, "data": agents}
    for media in MEDIA_SHARES:
        data = [
            _datum("oInteracting", queue.interacting(media, now_s)),
            _datum("oWaiting", queue.waiting(media, now_s)),
            _datum("oAlerting", 1 if media == "voice" else 0),
        ]
        wanted = [datum for datum in data if query.asks_for(datum["metric"])]
        if wanted and (query.media is None or media in query.media):
            yield {"group": {"queueId": queue.id, "mediaType": media}, "data": wanted}


def _agent_data(queue: Queue, now_s: float) -> list[Json]:
    busy = queue.busy(now_s)
    idle = queue.agents - busy
    return [
        _datum("oUserRoutingStatuses", idle, "IDLE"),
        _datum("oUserRoutingStatuses", busy, "INTERACTING"),
        _datum("oUserRoutingStatuses", OFF_QUEUE, "OFF_QUEUE"),
        _datum("oOnQueueUsers", idle, "IDLE"),
        _datum("oOnQueueUsers", busy, "INTERACTING"),
        _datum("oOffQueueUsers", OFF_QUEUE),
        _datum("oMemberUsers", queue.agents + OFF_QUEUE),
        _datum("oUserPresences", queue.agents, ON_QUEUE_PRESENCE),
    ]


def _datum(metric: str, count: int, qualifier: str = "") -> Json:
    datum: Json = {"metric": metric, "stats": {"count": count}}
    if qualifier:
        datum["qualifier"] = qualifier
    return datum


def _intervals(document: Json) -> Iterator[tuple[datetime, datetime]]:
    """The query's interval, cut by its granularity. Raises InvalidQueryError."""
    begin, _, end = str(document.get("interval", "")).partition("/")
    try:
        at, until = (datetime.fromisoformat(text).astimezone(UTC) for text in (begin, end))
    except ValueError:
        raise InvalidQueryError(invalid_value(document.get("interval", ""), "Interval", "start/end")) from None
    step = _duration(str(document.get("granularity", ""))) or (until - at)
    while at < until:
        yield at, min(at + step, until)
        at += step


def _duration(text: str) -> timedelta | None:
    found = re.fullmatch(r"PT(\d+)([MH])", text)
    return timedelta(minutes=int(found[1]) * (60 if found[2] == "H" else 1)) if found and int(found[1]) else None


def _ended(
    queues: Sequence[Queue],
    query: Query,
    intervals: Sequence[tuple[datetime, datetime]],
    now_s: float,
    *,
    by_media: bool,
) -> list[Json]:
    """What ended in the intervals: for each queue one group, or one for each medium."""
    results: list[Json] = []
    for queue in queues:
        for media, share in MEDIA_SHARES.items() if by_media else (("", 1.0),):
            if media and query.media is not None and media not in query.media:
                continue
            data = [_interval(queue, query, interval, share, now_s) for interval in intervals]
            group = {"queueId": queue.id, "mediaType": media} if media else {"queueId": queue.id}
            results.append({"group": group, "data": data})
    return results


def _interval(queue: Queue, query: Query, interval: tuple[datetime, datetime], share: float, now_s: float) -> Json:
    """Sums in milliseconds over the conversations that ended: as many as the busy agents handle in that time."""
    begin, end = interval
    handle_ms = queue.handle_time_ms(now_s)
    ended = max(round(queue.busy(now_s) * share * (end - begin).total_seconds() * 1000 / handle_ms), 1)
    metrics = [
        {
            "metric": metric,
            "stats": {
                "max": handle_ms * part * 4,
                "min": handle_ms * part / 50,
                "count": ended,
                "sum": handle_ms * part * ended,
            },
        }
        for metric, part in SHARES_OF_HANDLE_TIME.items()
        if query.asks_for(metric)
    ]
    return {"interval": f"{iso(begin)}/{iso(end)}", "metrics": metrics}
