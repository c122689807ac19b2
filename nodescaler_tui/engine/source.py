"""The source: what an engine asks of whoever brings readings in."""

from __future__ import annotations

from typing import Protocol

from nodescaler_tui.facts import Observation, Reading


class Source(Protocol):
    """Where readings come from."""

    @property
    def least_interval_s(self) -> float:
        """The shortest poll interval that the request budget allows."""

    def poll(self) -> Observation | None:
        """Everything as it was read just now, None when nothing was read since. Blocks; never raises what Genesys does.

        Whether it was read by this process or by another for it makes no difference.
        """

    def live_count(self, group_id: str) -> Reading:
        """Read one group's node count anew. Blocks."""

    def close(self) -> None:
        """Let go of every connection."""
