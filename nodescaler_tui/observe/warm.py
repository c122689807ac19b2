"""The warm part of a poll: what changes rarely and is read at most once a minute."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeVar

from nodescaler_tui.facts import Problem, Reading, VendorStatus
from nodescaler_tui.observe import endpoints
from nodescaler_tui.observe.asking import Asker
from nodescaler_tui.observe.connection import Connection, DeclaredGroup
from nodescaler_tui.observe.inventory import Inventory
from nodescaler_tui.observe.queues import read_handle_time
from nodescaler_tui.observe.wire import EdgeGroup, Limits, ServerDate, StatusPage, Trunk

Part = TypeVar("Part")

WARM_EVERY_S: Final = 60.0
RATE_LIMIT_KEY: Final = "client.credentials.token.rate.per.minute"
STATUS_PAGE_PATH: Final = "/api/v2/summary.json"


@dataclass(frozen=True, slots=True)
class Warm:
    """What was read last; where a part could not be read, the earlier one is kept."""

    read_at_monotonic: float
    groups: Sequence[EdgeGroup]
    trunks: Sequence[Trunk]
    trunks_known: bool
    handle_time: Reading | None
    vendor_status: VendorStatus | None
    clock_skew_s: float | None
    limit_per_minute: float | None
    problems: tuple[Problem, ...]


def read_warm(
    asker: Asker, inventory: Inventory, connection: Connection, declared: DeclaredGroup | None, before: Warm | None
) -> Warm:
    """Read all of it once."""
    groups, group_problems = inventory.groups()
    trunks, trunk_problems = inventory.trunks()
    skew = read_clock_skew(asker)
    vendor = _vendor_status(asker, connection)
    limit = read_limit(asker)
    handle_time = None if declared is None else read_handle_time(asker, declared.queue_id)
    parts = (skew, vendor, limit, handle_time)
    return Warm(
        read_at_monotonic=time.monotonic(),
        groups=groups if groups or not group_problems else (before.groups if before else ()),
        trunks=trunks if trunks or not trunk_problems else (before.trunks if before else ()),
        trunks_known=not trunk_problems or (before is not None and before.trunks_known),
        handle_time=_kept(handle_time, before.handle_time if before else None),
        vendor_status=_kept(vendor, before.vendor_status if before else None),
        clock_skew_s=_kept(skew, None),
        limit_per_minute=_kept(limit, before.limit_per_minute if before else None),
        problems=(*group_problems, *trunk_problems, *(part for part in parts if isinstance(part, Problem))),
    )


def _kept(part: Part | Problem | None, before: Part | None) -> Part | None:
    return before if part is None or isinstance(part, Problem) else part


def read_clock_skew(asker: Asker) -> float | Problem:
    """How far this machine's clock is ahead of Genesys's, in seconds, good to about half the round trip."""
    began = datetime.now(UTC)
    answer = asker.ask(endpoints.SERVER_DATE, asker.utilities.get_date, ServerDate)
    if isinstance(answer, Problem):
        return answer
    middle = began + (datetime.now(UTC) - began) / 2
    server = answer.current if answer.current.tzinfo else answer.current.replace(tzinfo=UTC)
    return (middle - server).total_seconds()


def read_limit(asker: Asker) -> float | Problem | None:
    """The organisation's real limit of requests a minute; None when it is not among its limits."""
    read = asker.organization.get_organizations_limits_namespace
    answer = asker.ask(endpoints.LIMITS, lambda: read("platform.api"), Limits)
    if isinstance(answer, Problem):
        return answer
    return next((limit.value for limit in answer.entities if limit.key == RATE_LIMIT_KEY), None)


def _vendor_status(asker: Asker, connection: Connection) -> VendorStatus | Problem | None:
    if not connection.status_page:
        return None
    address = connection.status_page.rstrip("/") + STATUS_PAGE_PATH
    answer = asker.ask_openly(endpoints.STATUS_PAGE, address, StatusPage)
    if isinstance(answer, Problem):
        return answer
    return VendorStatus(answer.status.indicator, answer.status.description, datetime.now(UTC))
