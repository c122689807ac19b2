"""The warm part of a poll: what changes rarely and is read at most once a minute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Final, TypeVar

from nodescaler_tui.facts import Problem, ProblemKind, Reading, VendorStatus
from nodescaler_tui.observe import endpoints
from nodescaler_tui.observe.asking import Asker
from nodescaler_tui.observe.connection import Connection, DeclaredGroup
from nodescaler_tui.observe.inventory import Inventory
from nodescaler_tui.observe.queues import read_handle_time
from nodescaler_tui.observe.wire import EdgeGroup, Limits, ServerDate, StatusPage, Trunk

Part = TypeVar("Part")

WARM_EVERY_S: Final = 60.0
LIMIT_EVERY_S: Final = 3600.0
RATE_LIMIT_KEY: Final = "client.credentials.token.rate.per.minute"
STATUS_PAGE_PATH: Final = "/api/v2/summary.json"


@dataclass(frozen=True, slots=True)
class Listed:
    """Which groups and trunks there are; each list is whole, or the last one that was.

    `groups_known` also holds where they may not be read: then there are none that we could ever show.
    """

    groups: Sequence[EdgeGroup] = ()
    groups_known: bool = False
    trunks: Sequence[Trunk] = ()
    trunks_current: bool = False
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What surrounds the groups; where a part could not be read, the earlier one is kept."""

    handle_time: Reading | None = None
    vendor_status: VendorStatus | None = None
    clock_skew_s: float | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Warm:
    """What was read last."""

    read_at_monotonic: float
    listed: Listed
    context: Context

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read."""
        return self.listed.problems + self.context.problems


@dataclass(frozen=True, slots=True)
class Readers:
    """What reads: one endpoint, whole listings, and several things at a time."""

    asker: Asker
    inventory: Inventory
    pool: Executor


def read_warm(readers: Readers, connection: Connection, declared: DeclaredGroup | None, before: Warm | None) -> Warm:
    """Read all of it once."""
    known = before or Warm(0.0, Listed(), Context())
    context = readers.pool.submit(_read_context, readers, connection, declared, known.context)
    listed = _read_listed(readers, known.listed)
    return Warm(readers.asker.clock.monotonic(), listed, context.result())


def relisted(readers: Readers, before: Warm) -> Warm:
    """Only the lists anew, because they lack something; the rest keeps its minute."""
    return replace(before, listed=_read_listed(readers, before.listed))


def _read_listed(readers: Readers, before: Listed) -> Listed:
    """Groups and trunks anew. Half a list is none: nodes without their trunks would have too few sessions."""
    reading_trunks = readers.pool.submit(readers.inventory.trunks)
    groups, group_problems = readers.inventory.groups()
    trunks, trunk_problems = reading_trunks.result()
    forbidden = any(problem.kind is ProblemKind.FORBIDDEN for problem in group_problems)
    return Listed(
        groups=before.groups if group_problems else groups,
        groups_known=before.groups_known or forbidden or not group_problems,
        trunks=before.trunks if trunk_problems else trunks,
        trunks_current=not trunk_problems,
        problems=(*group_problems, *trunk_problems),
    )


def _read_context(readers: Readers, connection: Connection, declared: DeclaredGroup | None, before: Context) -> Context:
    """Everything else anew, side by side, so that one part that hangs does not hold the others."""
    asker, pool = readers.asker, readers.pool
    reading_handle_time = pool.submit(_if_any(declared, lambda queue: read_handle_time(asker, queue.queue_id)))
    reading_vendor = pool.submit(_vendor_status, asker, connection)
    skew, handle_time, vendor = read_clock_skew(asker), reading_handle_time.result(), reading_vendor.result()
    return Context(
        handle_time=_kept(handle_time, before.handle_time),
        vendor_status=_kept(vendor, before.vendor_status),
        clock_skew_s=_kept(skew, None),
        problems=tuple(part for part in (skew, handle_time, vendor) if isinstance(part, Problem)),
    )


def _if_any(
    declared: DeclaredGroup | None, read: Callable[[DeclaredGroup], Part | Problem]
) -> Callable[[], Part | Problem | None]:
    return lambda: None if declared is None else read(declared)


def _kept(part: Part | Problem | None, before: Part | None) -> Part | None:
    return before if part is None or isinstance(part, Problem) else part


def read_clock_skew(asker: Asker) -> float | Problem:
    """How far this machine's clock is ahead of Genesys's, in seconds, good to about half the round trip."""
    began = asker.clock.now()
    answer = asker.ask(endpoints.SERVER_DATE, asker.utilities.get_date, ServerDate)
    if isinstance(answer, Problem):
        return answer
    middle = began + (asker.clock.now() - began) / 2
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
    return VendorStatus(answer.status.indicator, answer.status.description, asker.clock.now())
