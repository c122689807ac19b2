"""Looks: who answers each thing that a terminal wants to see more closely. Nothing here changes anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.history_desk import HistoryDesk
from nodescaler_tui.engine.looking import group_detail, journal_page, story
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.threshold_desk import ThresholdDesk
from nodescaler_tui.events import Journal, JournalUnavailable
from nodescaler_tui.intents import Intent, PreviewThresholds, ReadJournal, ReadStory, VerifyJournal, WatchGroup
from nodescaler_tui.views import Answer, ChainReport, GroupDetail, JournalPage, Story, ThresholdPreview

Seen = GroupDetail | ThresholdPreview | JournalPage | Story | ChainReport | Answer | None


class Looks:
    """Answers looks in worker threads, from what is known, from the journal and from the stored history."""

    def __init__(
        self,
        mind: Mind,
        journal: Journal,
        *,
        desk: ThresholdDesk,
        history: HistoryDesk,
        verify_chain: Callable[[], ChainReport],
        clock: Callable[[], datetime],
    ) -> None:
        self._mind = mind
        self._journal = journal
        self._desk = desk
        self._history = history
        self._verify_chain = verify_chain
        self._clock = clock

    async def answer(self, intent: Intent, watched: str) -> Seen:
        """What is seen; None where the intent is no look, or what it names is not known.

        An Answer says why there is nothing to see. `watched` is the group that the terminal has open.
        """
        try:
            return await self._seen(intent, watched)
        except JournalUnavailable as error:
            return Answer(0, done=False, sentence=display_text(str(error)))

    async def _seen(self, intent: Intent, watched: str) -> Seen:
        match intent:
            case WatchGroup():
                await self._history.recall(intent.group_id)
                return await asyncio.to_thread(group_detail, self._mind, intent, self._clock())
            case PreviewThresholds():
                return await asyncio.to_thread(self._desk.preview, intent, watched)
            case ReadJournal():
                return await asyncio.to_thread(journal_page, self._journal, intent, self._mind)
            case ReadStory():
                return await asyncio.to_thread(lambda: story(list(self._journal.read()), intent))
            case VerifyJournal():
                return await asyncio.to_thread(self._verify_chain)
            case _:
                return None
