"""Listening: a session that is told when somebody wrote an event or an observation.

Notifications can be lost, with a session or behind a server that has none, so whoever listens is called at least twice
a second and looks by himself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.postgres.connection import Sessions

CHANNEL: Final = "nodescaler"
CALLED_EVERY_S: Final = 0.5
CALLS_UNTIL_TRIED_AGAIN: Final = 6
END_WITHIN_S: Final = 1.0


class Listener:
    """Calls `heard` from a thread of its own, until it is closed."""

    def __init__(self, sessions: Sessions, heard: Callable[[], None]) -> None:
        self._sessions = sessions
        self._heard = heard
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen_on, name="listener", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def _listen_on(self) -> None:
        while not self._ended.is_set():
            try:
                self._listen()
            except JournalUnavailable:
                self._go_without()

    def _go_without(self) -> None:
        """Look at intervals for a while: there may be no notifications here at all, as on a replica."""
        for _ in range(CALLS_UNTIL_TRIED_AGAIN):
            self._heard()
            if self._ended.wait(CALLED_EVERY_S):
                return

    def _listen(self) -> None:
        """One session, until it ends or we do; it is not used for anything else afterwards."""
        with self._sessions.session() as session:
            session.execute(f"LISTEN {CHANNEL}")
            while not self._ended.is_set():
                self._heard()
                for _ in session.notifies(timeout=CALLED_EVERY_S, stop_after=1):
                    continue
            session.close()

    def close(self) -> None:
        """Stop listening."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(END_WITHIN_S)
