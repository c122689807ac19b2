"""The history of a team, kept by whoever polls: each poll under the lease by which it was made."""

from __future__ import annotations

from nodescaler_tui.engine.shared_source import SharedSource
from nodescaler_tui.record.history.connection import KeptElsewhere
from nodescaler_tui.record.history.figures import Poll
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.history import SharedHistoryWriter


class PolledHistory:
    """Takes in what this program polled; what another one did, that one keeps."""

    def __init__(self, sessions: Sessions, source: SharedSource) -> None:
        self._source = source
        self._place = sessions.place
        self._writer = SharedHistoryWriter(sessions, source.require)

    def add(self, poll: Poll) -> None:
        """Store the source's last poll. Raises HistoryUnavailable, and KeptElsewhere when it was made elsewhere."""
        if not self._source.polled_here:
            self._writer.close()
            raise KeptElsewhere(f"Another program keeps the history at {self._place}.")
        self._writer.add(poll)

    def close(self) -> None:
        """Forget what is known of the store."""
        self._writer.close()
