"""The paths that the simulated Genesys Cloud answers, and the permission that each needs."""

from __future__ import annotations

from typing import Final

TOKEN: Final = "/oauth/token"  # noqa: S105 - a path
EDGES: Final = "/api/v2/telephony/providers/edges"
EDGE_GROUPS: Final = f"{EDGES}/edgegroups"
EDGE_METRICS: Final = f"{EDGES}/metrics"
TRUNKS: Final = f"{EDGES}/trunks"
TRUNK_METRICS: Final = f"{EDGES}/trunks/metrics"
CALL_METRICS: Final = "/api/v2/telephony/calls/metrics"
QUEUES: Final = "/api/v2/routing/queues"
OBSERVATIONS: Final = "/api/v2/analytics/queues/observations/query"
AGGREGATES: Final = "/api/v2/analytics/conversations/aggregates/query"
DATE: Final = "/api/v2/date"
LIMITS: Final = "/api/v2/organizations/limits/namespaces/platform.api"

TELEPHONY: Final = "telephony:plugin:all"
_NEEDS: Final = {
    CALL_METRICS: "telephony:callMetrics:view",
    QUEUES: "routing:queue:view",
    OBSERVATIONS: "analytics:queueObservation:view",
    AGGREGATES: "analytics:conversationAggregate:view",
}
PERMISSIONS: Final = frozenset({TELEPHONY, *_NEEDS.values()})
PATHS: Final = (
    *(TOKEN, EDGES, EDGE_GROUPS, EDGE_METRICS, TRUNKS, TRUNK_METRICS),
    *(CALL_METRICS, QUEUES, OBSERVATIONS, AGGREGATES, DATE, LIMITS),
)


def permission_for(path: str) -> str:
    """The permission that this path needs; empty for one that needs none."""
    return TELEPHONY if path == EDGES or path.startswith(f"{EDGES}/") else _NEEDS.get(path, "")


def is_meant(endpoint: str, path: str) -> bool:
    """Whether `endpoint`, the end of a path or a part of one in whole segments, means this path.

    `edges` is the listing and not everything below it; `analytics`, which no path ends with, is all of analytics.
    """
    if not endpoint or path.endswith(f"/{endpoint}"):
        return True
    is_an_end = any(known.endswith(f"/{endpoint}") for known in PATHS)
    return not is_an_end and f"/{endpoint}/" in path
