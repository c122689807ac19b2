"""The endpoints that we read: what each is for, which permission it needs, and what is lost without it.

Every one only reads. The permission telephony:plugin:all could also change edges; nothing here calls what would.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint in words."""

    name: str
    what: str
    permission: str = ""
    costs: str = ""
    is_token: bool = False


_TELEPHONY: Final = "telephony:plugin:all"

TOKEN: Final = Endpoint("oauth/token", "a token", is_token=True)
EDGE_GROUPS: Final = Endpoint("edges/edgegroups", "the node groups", _TELEPHONY, "the list of node groups")
EDGES: Final = Endpoint("edges", "the nodes", _TELEPHONY, "the list of nodes")
EDGE_METRICS: Final = Endpoint("edges/metrics", "CPU and memory", _TELEPHONY, "CPU and memory")
TRUNKS: Final = Endpoint("edges/trunks", "the trunks", _TELEPHONY, "sessions")
TRUNK_METRICS: Final = Endpoint("edges/trunks/metrics", "the sessions", _TELEPHONY, "sessions")
CALL_METRICS: Final = Endpoint(
    "telephony/calls/metrics", "cloud media usage", "telephony:callMetrics:view", "cloud media usage"
)
QUEUE_OBSERVATIONS: Final = Endpoint(
    "analytics/queues/observations", "the queue's figures", "analytics:queueObservation:view", "queue figures"
)
HANDLE_TIME: Final = Endpoint(
    "analytics/conversations/aggregates", "the handle time", "analytics:conversationAggregate:view", "handle time"
)
SERVER_DATE: Final = Endpoint("date", "Genesys's clock")
LIMITS: Final = Endpoint("organizations/limits", "the request limit")
STATUS_PAGE: Final = Endpoint("status page", "the vendor's status page")
