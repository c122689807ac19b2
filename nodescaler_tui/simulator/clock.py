"""The wall clock of a simulation: at which real moment something happened that carries a simulated time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def iso(moment: datetime) -> str:
    """A time as Genesys writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


class WallClock:
    """A simulated moment always gets the same real one: a sample keeps its `eventTime` however often it is read."""

    def __init__(self, pace: float) -> None:
        self._pace = pace
        self._zero = datetime.now(UTC)

    def start(self, simulated_s: float) -> None:
        """Say that this simulated moment is now."""
        self._zero = datetime.now(UTC) - timedelta(seconds=simulated_s / self._pace)

    def skip(self, seconds: float) -> None:
        """Simulated time jumped: everything that has happened so far is that much older."""
        self._zero -= timedelta(seconds=seconds / self._pace)

    def at(self, simulated_s: float) -> datetime:
        """The real moment of a simulated one; `pace` simulated seconds make a real one."""
        return self._zero + timedelta(seconds=simulated_s / self._pace)
