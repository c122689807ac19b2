"""The seam: what a store of the history offers to whoever reads it or keeps it, and what it must know how to do itself.

What is said of readings, bins and their tiers is the same in every store; a store only finds rows and takes them in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from nodescaler_tui.record.history.figures import NodeFigures, Poll
from nodescaler_tui.record.history.folding import TierBin
from nodescaler_tui.record.history.imported import ImportedBins
from nodescaler_tui.record.history.tiers import Tier

if TYPE_CHECKING:
    from nodescaler_tui.record.history.contents import Contents
    from nodescaler_tui.record.history.reader import HistoryReader


@dataclass(frozen=True, slots=True)
class Group:
    """A group that the history knows."""

    number: int
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class NamedNode:
    """A node whose readings are kept: its group's number, its id and its name."""

    group_no: int
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a store is: the number of its newest poll, and up to which one each tier is rolled up; 0 before all."""

    seq: int
    rolled: Mapping[Tier, int]


class PollWriter(Protocol):
    """Whoever keeps the history, one poll after the other; called from one thread at a time. Blocks."""

    def add(self, poll: Poll) -> Path | None:
        """Store one poll; where a damaged file was moved to, or None. Raises HistoryUnavailable."""

    def close(self) -> None:
        """Let go of the store."""


class StoredHistory(Protocol):
    """One history in its store, for whoever looks back. Blocks, and raises HistoryUnavailable."""

    @property
    def place(self) -> str:
        """Where it is, in words."""

    def reading(self) -> AbstractContextManager[HistoryReader]:
        """Answers for as long as it is open."""

    def contents(self) -> Contents:
        """What it holds, and what that takes on disk."""


class HistoryRows(Protocol):
    """How a reader finds what a store holds. Moments are Unix time in milliseconds, ends are exclusive."""

    def groups(self) -> list[Group]:
        """Every group that was ever read, by its number."""

    def group(self, group_id: str) -> Group | None:
        """The group of this id, or None."""

    def nodes(self) -> Mapping[int, NamedNode]:
        """Every node by its number."""

    def imported(self) -> ImportedBins | None:
        """What other programs measured, None for a store that takes none."""

    def poll_ends(self) -> tuple[int, int] | None:
        """When the first and the last poll were, None when there is none."""

    def bin_ends(self, tier: Tier) -> tuple[int, int] | None:
        """The first and the last bin of a tier, None when there is none."""

    def readings(self, block: int, begins_ms: int, ends_ms: int) -> Iterable[tuple[int, bytes]]:
        """The rows of a block of groups, with the moment of each, oldest first."""

    def bins(self, tier: Tier, block: int, first: int, until: int) -> Iterable[tuple[int, bytes]]:
        """The rows of a block, with the number of each bin, in order; several of one bin are parts of it."""

    def newest_polls(self, since_ms: int, most: int) -> list[tuple[int, int]]:
        """Number and moment of the newest polls, the newest first."""

    def readings_of(self, seq: int, at_ms: int, /) -> Iterable[tuple[int, bytes]]:
        """The rows of one poll, with the block of each."""

    def node_readings(self, begins_ms: int, ends_ms: int) -> Iterable[tuple[int, bytes]]:
        """What is kept of nodes, packed, with the moment of each, oldest first."""


class GroupNumbers(Protocol):
    """How a store numbers its groups. The caller has a transaction."""

    def groups(self) -> list[Group]:
        """Every group that has a number."""

    def number_groups(self, fresh: Sequence[tuple[str, str]]) -> Mapping[str, int]:
        """Numbers for these ids and names; whoever has one keeps it."""

    def rename_group(self, number: int, name: str) -> None:
        """The group is called otherwise from now on."""


class HistoryTables(GroupNumbers, Protocol):
    """How one poll is taken in. The caller has a transaction."""

    def progress(self) -> Progress:
        """How far the store is."""

    def unrolled(self, after: int) -> list[tuple[int, int]]:
        """Number and moment of the polls after this one, in order."""

    def readings_of(self, seq: int, at_ms: int, /) -> Iterable[tuple[int, bytes]]:
        """The rows of one poll, with the block of each."""

    def number_nodes(self, nodes: Sequence[tuple[int, NodeFigures]], at_s: float) -> list[int]:
        """The numbers of these nodes, each with its group's number."""

    def add_readings(self, seq: int, at_ms: int, /, rows: Sequence[tuple[int, bytes]], nodes: bytes | None) -> None:
        """The rows of one poll, with the block of each, and what is kept of nodes."""

    def add_bin(self, closed: TierBin) -> None:
        """A bin that is over; what is there of it already is a part of it as well."""

    def add_poll(self, seq: int, at_ms: int, rolled: Mapping[Tier, int]) -> None:
        """That there was this poll, and up to which one each tier is rolled up now."""
