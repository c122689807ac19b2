"""Attention: the bell, a notification of the desktop through the terminal, and the window's title.

It calls once for each change and never for a poll: what is new is told by the engine's notices. A group that somebody
has acknowledged makes no notice until it gets worse.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from nodescaler_tui.show.preferences import AttentionPreferences
from nodescaler_tui.show.words import RANKS, SYMBOLS
from nodescaler_tui.state import Notice, Severity, State

LONGEST_SENTENCE: Final = 200
WORTH_A_CALL: Final = frozenset({Severity.CRITICAL, Severity.WARNING})


def calls(notices: Sequence[Notice], preferences: AttentionPreferences, now: datetime) -> tuple[Notice, ...]:
    """Which of these new notices may ring now: none that only says that all is well, none in quiet hours."""
    local = now.astimezone()
    if preferences.quiet is not None and preferences.quiet.hold(local.hour * 60 + local.minute):
        return ()
    return tuple(notice for notice in notices if notice.severity in WORTH_A_CALL)


def window_title(state: State) -> str:
    """The worst that there is, and how many of it: what a window list or a tmux status line shows."""
    counts = {severity: sum(1 for group in state.groups if group.severity is severity) for severity in RANKS}
    worst = next((severity for severity in RANKS if counts[severity]), None)
    if worst is None:
        return "nodescaler"
    return f"{SYMBOLS[worst]} {counts[worst]} {worst.value.lower()} · nodescaler"


class Attention:
    """Writes to the terminal; text that comes from outside has lost its control characters in the engine already."""

    def __init__(self, preferences: AttentionPreferences, write: Callable[[str], None], *, in_tmux: bool) -> None:
        self._preferences = preferences
        self._write = write
        self._in_tmux = in_tmux
        self._title = ""
        self._told: frozenset[Notice] | None = None

    def news(self, state: State) -> tuple[Notice, ...]:
        """Notices that were not told yet; those from before this window opened are in the journal.

        An engine that starts anew counts its notices anew, so a number alone would not tell a new one.
        """
        told, self._told = self._told, frozenset(state.notices)
        return () if told is None else tuple(notice for notice in state.notices if notice not in told)

    def call(self, notices: Sequence[Notice], now: datetime) -> None:
        """Ring once however many they are, and tell the desktop of each."""
        found = calls(notices, self._preferences, now)
        if found and self._preferences.bell:
            self._write("\a")
        for notice in found if self._preferences.desktop else ():
            sentence = "".join(each for each in str(notice.sentence) if each.isprintable())[:LONGEST_SENTENCE]
            self._write(self._passed_on(f"\x1b]9;{sentence}\x07"))
            self._write(self._passed_on(f"\x1b]777;notify;nodescaler;{sentence.replace(';', ',')}\x07"))

    def entitle(self, state: State) -> None:
        """Name the window after the worst, when that changed."""
        title = window_title(state)
        if self._preferences.title and title != self._title:
            self._title = title
            self._write(f"\x1b]2;{title}\x07")

    def _passed_on(self, sequence: str) -> str:
        """Tmux hands a sequence to the terminal around it only when it is wrapped, and only where that is allowed."""
        if not self._in_tmux:
            return sequence
        doubled = sequence.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\"


def in_tmux() -> bool:
    """Whether this terminal is a pane of tmux."""
    return bool(os.environ.get("TMUX"))
