"""The order of the fleet table: which groups match, what comes first, and where the pinned ones and the sites stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import Final

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.show.words import RANKS, sessions_per_node
from nodescaler_tui.state import GroupState, SignalState

NO_SITE: Final = "no site"


class Sort(StrEnum):
    """By which column the fleet is sorted; worst first is the default."""

    WORST = "worst"
    NAME = "name"
    NODES = "nodes"
    CPU = "cpu"
    MEMORY = "memory"
    SESSIONS = "sessions"
    ETA = "eta"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How an operator wants the fleet: sorted, filtered, with groups pinned to the top, and by site or not."""

    sort: Sort = Sort.WORST
    reverse: bool = False
    wanted: str = ""
    pinned: AbstractSet[str] = field(default_factory=frozenset)
    by_site: bool = False


@dataclass(frozen=True, slots=True)
class SiteHeading:
    """A line above the groups of one site."""

    site: str
    groups: tuple[GroupState, ...]


FleetLine = GroupState | SiteHeading


def arranged(groups: Sequence[GroupState], arrangement: Arrangement) -> list[FleetLine]:
    """The lines of the table from top to bottom."""
    found = ordered(groups, arrangement)
    if not arrangement.by_site:
        return list(found)
    pinned = [group for group in found if group.id in arrangement.pinned]
    rest = [group for group in found if group.id not in arrangement.pinned]
    lines: list[FleetLine] = [*pinned]
    for site, members in _by_site(rest):
        lines += [SiteHeading(site, members), *members]
    return lines


def row_count(groups: Sequence[GroupState], *, by_site: bool) -> int:
    """How many lines all groups take, whatever the filter lets through: a filter that is typed moves nothing else."""
    return len(groups) + (len({site_of(group) for group in groups}) if by_site else 0)


def _by_site(groups: Sequence[GroupState]) -> list[tuple[str, tuple[GroupState, ...]]]:
    """Sites in the order of their first group, so that the worst site is on top when the worst group is."""
    place = {site_of(group): index for index, group in reversed(list(enumerate(groups)))}
    together = sorted(groups, key=lambda group: place[site_of(group)])
    return [(site, tuple(members)) for site, members in groupby(together, key=site_of)]


def site_of(group: GroupState) -> str:
    """The site as it is written above its groups."""
    return str(group.site) or NO_SITE


def ordered(groups: Sequence[GroupState], arrangement: Arrangement) -> list[GroupState]:
    """The groups that match, sorted; ties by name, so that nothing jumps about; pinned ones first."""
    key = _KEYS[arrangement.sort]
    found = sorted((group for group in groups if matches(group, arrangement.wanted)), key=_name)
    found.sort(key=key, reverse=arrangement.reverse)
    return sorted(found, key=lambda group: group.id not in arrangement.pinned) if arrangement.pinned else found


def matches(group: GroupState, wanted: str) -> bool:
    """Part of the name, the site or the severity; a leading ! inverts."""
    text = f"{group.name} {group.site} {group.severity}".lower()
    if wanted.startswith("!"):
        return wanted[1:].lower() not in text or wanted == "!"
    return wanted.lower() in text


Key = tuple[float, float]


def _worst(group: GroupState) -> Key:
    return (RANKS[group.severity], -(_value(group.signal(SignalName.CPU)) or 0.0))


def _name(group: GroupState) -> str:
    return str(group.name).lower()


def _highest(value: float | None) -> Key:
    """The highest first, what is unknown before everything else: it cannot be ruled out."""
    return (0.0, 0.0) if value is None else (1.0, -value)


def _value(signal: SignalState | None) -> float | None:
    return None if signal is None or signal.value is None else float(signal.value)


def _eta(group: GroupState) -> Key:
    moment = group.critical_at
    return (1.0, 0.0) if moment is None else (0.0, moment.timestamp())


def _age(group: GroupState) -> Key:
    signal = group.signal(SignalName.CPU)
    moment = (signal.sampled_at if signal is not None else None) or group.read_at
    return (0.0, 0.0) if moment is None else (1.0, moment.timestamp())


_KEYS: Final[dict[Sort, Callable[[GroupState], Key | str]]] = {
    Sort.WORST: _worst,
    Sort.NAME: _name,
    Sort.NODES: lambda group: _highest(group.counts.in_service),
    Sort.CPU: lambda group: _highest(_value(group.signal(SignalName.CPU))),
    Sort.MEMORY: lambda group: _highest(_value(group.signal(SignalName.MEMORY))),
    Sort.SESSIONS: lambda group: _highest(sessions_per_node(group)),
    Sort.ETA: _eta,
    Sort.AGE: _age,
}
