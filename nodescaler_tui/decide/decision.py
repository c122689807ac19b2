"""The decision: what should be done about one node group, and why."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """The outcome of the decision table; only PROPOSE may become a plan without an override."""

    COUNT_UNKNOWN = "COUNT_UNKNOWN"
    COUNT_INVALID = "COUNT_INVALID"
    NO_DATA = "NO_DATA"
    DEGRADED = "DEGRADED"
    EMPTY_GROUP = "EMPTY_GROUP"
    HOLD = "HOLD"
    OVER_MAX = "OVER_MAX"
    AT_MAX = "AT_MAX"
    IN_FLIGHT = "IN_FLIGHT"
    COOLDOWN = "COOLDOWN"
    PROPOSE = "PROPOSE"
