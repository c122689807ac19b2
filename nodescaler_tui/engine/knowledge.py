"""Knowledge: everything that was observed, newest last. Losing the link changes the age of what is known, not what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from nodescaler_tui.facts import GroupReading, Observation, OrganizationCalls, Problem, RequestBudget, VendorStatus
from nodescaler_tui.state import LinkStatus

ADVISORY: Final = frozenset({"status page"})
"""What is missing here changes nothing that is decided or shown about a group; `check` still says so."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known about the fleet, and how the link that brings it stands."""

    groups: Mapping[str, GroupReading] = field(default_factory=dict)
    read_at: Mapping[str, datetime] = field(default_factory=dict)
    status: LinkStatus = LinkStatus.CONNECTING
    status_since: datetime | None = None
    polled_at: datetime | None = None
    requests: int = 0
    budget: RequestBudget | None = None
    problems: tuple[Problem, ...] = ()
    organization_calls: OrganizationCalls | None = None
    vendor_status: VendorStatus | None = None
    clock_skew_s: float | None = None


def after(knowledge: Knowledge, observation: Observation) -> Knowledge:
    """What is known once this poll came in. A group that was listed no more is gone; one not read keeps its age."""
    problems = tuple(problem for problem in observation.problems if problem.endpoint not in ADVISORY)
    status = _status(observation, problems)
    answered = status is not LinkStatus.LOST
    return replace(
        knowledge,
        groups=_groups(knowledge, observation),
        read_at=_read_at(knowledge, observation),
        status=status,
        status_since=knowledge.status_since if status is knowledge.status else observation.taken_at,
        polled_at=observation.taken_at if answered else knowledge.polled_at,
        requests=observation.requests if answered else knowledge.requests,
        budget=observation.budget,
        problems=problems,
        organization_calls=observation.organization_calls or knowledge.organization_calls,
        vendor_status=observation.vendor_status or knowledge.vendor_status,
        clock_skew_s=observation.clock_skew_s if observation.clock_skew_s is not None else knowledge.clock_skew_s,
    )


def _status(observation: Observation, problems: tuple[Problem, ...]) -> LinkStatus:
    if not observation.inventory_read:
        return LinkStatus.LOST
    return LinkStatus.PARTIAL if problems else LinkStatus.OK


def _groups(knowledge: Knowledge, observation: Observation) -> Mapping[str, GroupReading]:
    read = {group.id: group for group in observation.groups}
    return read if observation.inventory_read else {**knowledge.groups, **read}


def _read_at(knowledge: Knowledge, observation: Observation) -> Mapping[str, datetime]:
    read = {group.id: observation.taken_at for group in observation.groups}
    return read if observation.inventory_read else {**knowledge.read_at, **read}
