"""Following: what other processes write into the journal is taken in, and what dead ones left is taken over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from nodescaler_tui.act.approval import end_first_approvals
from nodescaler_tui.act.conductor import Conductor
from nodescaler_tui.act.holder import Holder
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.recording_desk import RecordingDesk
from nodescaler_tui.engine.second_person import outdated
from nodescaler_tui.events import Journal, JournalUnavailable
from nodescaler_tui.state import Severity


class Following:
    """Keeps a mind up to date with the journal. While that cannot be read or written, the mind knows why."""

    def __init__(
        self,
        mind: Mind,
        journal: Journal,
        holder: Holder,
        conductor: Conductor,
        *,
        recording: RecordingDesk,
        clock: Callable[[], datetime],
    ) -> None:
        self._mind = mind
        self._journal = journal
        self._holder = holder
        self._conductor = conductor
        self._recording = recording
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    @property
    def shown(self) -> tuple[int, str]:
        """What of it is on the screens: how far the journal is known, and what is wrong with the store."""
        return self._mind.remembered, self._mind.circumstances.store_problem

    @property
    def held(self) -> tuple[str, ...]:
        """The open operations that are ours by the journal: also one whose writing was not confirmed in time."""
        return tuple(
            operation.id for operation in self._mind.ledger.open_operations() if operation.holder == self._holder.id
        )

    async def catch_up(self) -> None:
        """Take in what was written since, by whichever process."""
        async with self._one_at_a_time:
            try:
                events = await asyncio.to_thread(lambda: list(self._journal.read(after=self._mind.remembered)))
            except JournalUnavailable as error:
                self._mind.store_fails(str(error))
            else:
                self._mind.remember(events)
                await asyncio.to_thread(self._recording.happened, events)
                self._mind.store_fails(self._holder.problem)

    async def end_outdated(self) -> None:
        """Say of first approvals that were given here and do not hold any more that they are void."""
        endings = outdated(self._mind, self._holder.id, self._clock())
        if not endings:
            return
        try:
            await asyncio.to_thread(end_first_approvals, self._journal, self._mind.ledger, endings, self._clock())
        except JournalUnavailable as error:
            self._mind.store_fails(str(error))
            return
        for first, why in endings:
            sentence = f"The first approval by {first.operator} for {first.plan.group_name} is void: {why}."
            self._mind.note(self._clock(), Severity.WARNING, sentence)
        await self.catch_up()

    async def take_over(self) -> None:
        """The same, and become the holder of operations whose process is gone."""
        await self.catch_up()
        try:
            taken = await asyncio.to_thread(self._conductor.take_over)
        except JournalUnavailable as error:
            self._mind.store_fails(str(error))
            return
        for _ in taken:
            self._mind.note(self._clock(), Severity.WARNING, "An operation was picked up where it stopped.")
        if taken:
            await self.catch_up()
