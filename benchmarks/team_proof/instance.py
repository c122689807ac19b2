"""One engine of the team in a process of its own, with an operator who acts by a script, and a notebook.

    python -m benchmarks.team_proof.instance ORDER

ORDER is JSON, see `Order`. It obeys lines on standard input: `approve` lets the operator approve from now on, `answer`
only answer doubts, `rest` do nothing; `clock SECONDS` moves its wall clock; it ends with its standard input. It notes
each commit that was confirmed to it, each observation that it published, each lease that it took, what its screen shows
whenever that changes, and each answer that its operator got.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.team_proof.evidence import NoteBook
from nodescaler_tui.clock import Clock, utc_now
from nodescaler_tui.engine.assembly import assemble
from nodescaler_tui.engine.core import Engine
from nodescaler_tui.engine.simulation import settings_for
from nodescaler_tui.engine.world import World
from nodescaler_tui.events import OperationPhase
from nodescaler_tui.intents import AnswerDoubt, ApprovePlan
from nodescaler_tui.record.postgres import lease, observations
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.lease import Lease
from nodescaler_tui.record.postgres.transaction import PostgresTransaction
from nodescaler_tui.settings import Settings, Sources, load_settings
from nodescaler_tui.settings.model import LimitSettings, ReceiverSettings, StoreSettings
from nodescaler_tui.settings.places import make_private
from nodescaler_tui.state import State

ANY_NUMBER = 1_000_000
SHORT_COOLDOWN_S = 30.0
TIMEOUT_S = 2.0
ANSWERED_BY_NODES = 0.7
"""The share of looks at a doubt at which the operator leaves it to the nodes to answer."""


class Order(msgspec.Struct, frozen=True):
    """What an instance is told at its start."""

    addresses: dict[str, Any]
    receiver: str
    repeats: str
    store: str
    folder: str
    notebook: str
    operator: str
    poll_every_s: float
    seed: int


def settings_of(order: Order) -> Settings:
    """The team's settings on a host of its own. Caps are out of the way: breaches come far faster than in life."""
    places = {f"NODESCALER_{name}_DIR": f"{order.folder}/{name.lower()}" for name in ("STATE", "CONFIG", "RUNTIME")}
    settings = settings_for(load_settings(Sources(environment=places)), order.addresses)
    make_private(settings.paths.state_dir)
    return replace(
        settings,
        demo=False,
        store=StoreSettings(order.store),
        observe=replace(settings.observe, poll_every_s=order.poll_every_s, budget_share=1.0),
        verify=replace(settings.verify, deadline_s=90.0, interval_s=1.0),
        limits=LimitSettings(settings.limits.hard_max_nodes, 50, ANY_NUMBER, SHORT_COOLDOWN_S),
        receiver=ReceiverSettings(f"receiver that {order.repeats}", order.receiver, "", order.repeats, TIMEOUT_S),
    )


class Observed:
    """Notes what the product knows at the moment at which it knows it; the product goes its own way."""

    def __init__(self, book: NoteBook) -> None:
        self._book = book
        self._commit, self._publish, self._take = PostgresTransaction.commit, observations.publish, lease.take

    def begin(self) -> None:
        """Stand behind three calls of the product."""
        setattr(PostgresTransaction, "commit", self._noting_commits())  # noqa: B010 - it is meant for every instance
        setattr(observations, "publish", self.published)  # noqa: B010 - as whoever imported the module calls it
        setattr(lease, "take", self.took)  # noqa: B010 - the same

    def _noting_commits(self) -> Callable[[PostgresTransaction, Sessions], None]:
        def commit(transaction: PostgresTransaction, sessions: Sessions) -> None:
            self._commit(transaction, sessions)
            if transaction.has_written:
                head = transaction.head
                self._book.note("confirmed", seq=head.seq, hash=head.hash)

        return commit

    def published(self, sessions: Sessions, held: Lease, content: bytes) -> int:
        """An observation is in the store."""
        number = self._publish(sessions, held, content)
        self._book.note("published", number=number, token=held.token)
        return number

    def took(self, sessions: Sessions, name: str, holder: str, length_s: float) -> Lease | None:
        """A lease is ours, unless it is somebody else's."""
        taken = self._take(sessions, name, holder, length_s)
        if taken is not None:
            self._book.note("took", lease=name, token=taken.token, holder=holder)
        return taken


class Operator:
    """Approves what is proposed, more often than not what the others see first, too; and answers doubts."""

    def __init__(self, engine: Engine, order: Order, book: NoteBook, clock: Clock) -> None:
        self._engine = engine
        self._name = order.operator
        self._book = book
        self._clock = clock
        self._chance = random.Random(order.seed)
        self.does = "rest"

    async def act(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(self._chance.uniform(0.2, 1.5))
            state = self._engine.state
            if self.does != "rest" and not await self._answer_doubts(state) and self.does == "approve":
                await self._approve(state)

    async def _approve(self, state: State) -> None:
        proposed = [group for group in state.groups if group.plan is not None]
        if not proposed or not state.store.writable:
            return
        group = proposed[0] if self._chance.random() < 0.6 else self._chance.choice(proposed)
        assert group.plan is not None
        self._book.note("asked", group=group.id, plan=group.plan.hash)
        answer = await self._engine.ask(ApprovePlan(group.id, group.plan.hash), self._name)
        self._book.note("answered", approved=answer.done, operation=answer.operation_id, sentence=answer.sentence)

    async def _answer_doubts(self, state: State) -> bool:
        for operation in state.operations:
            if operation.phase is not OperationPhase.IN_DOUBT or operation.decidable_at is None:
                continue
            if self._clock.now() < operation.decidable_at or self._chance.random() < ANSWERED_BY_NODES:
                continue
            word = self._chance.choice(("resend", "acted", "close"))
            intent = AnswerDoubt(operation.id, operation.attempt, word, operation.group_name, "as the provider says")
            answer = await self._engine.ask(intent, self._name)
            self._book.note("decided", operation=operation.id, word=word, done=answer.done, sentence=answer.sentence)
            return True
        return False


async def show(engine: Engine, book: NoteBook) -> None:
    """Note what is on the screen whenever one of the things that are measured changes."""
    changed, before = engine.listen(), None
    while True:
        await changed.wait()
        changed.clear()
        state = engine.state
        now = {
            "poller": state.link.poller,
            "polled_at": state.link.polled_at,
            "seq": state.store.events,
            "writable": state.store.writable,
            "carries": engine.busy,
        }
        if now != before:
            book.note(
                "shown", **now, plans=sum(group.plan is not None for group in state.groups), why=state.store.sentence
            )
            before = now


class MovedClock:
    """This machine's wall clock, moved by so much."""

    def __init__(self) -> None:
        self.by = timedelta()

    def now(self) -> datetime:
        """What this instance takes for the time."""
        return utc_now() + self.by


async def main(order: Order) -> None:
    """Until standard input ends."""
    book, moved = NoteBook(Path(order.notebook)), MovedClock()
    Observed(book).begin()
    clock = Clock(now=moved.now)
    engine = await asyncio.to_thread(assemble, settings_of(order), World(clock=clock))
    operator = Operator(engine, order, book, clock)
    tasks = [asyncio.create_task(each) for each in (engine.run(), show(engine, book), operator.act())]
    obeying = asyncio.create_task(obey(operator, moved))
    done, _ = await asyncio.wait([obeying, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in done - {obeying}:
        book.note("broke", error=repr(task.exception()))
    for task in tasks:
        task.cancel()
    await engine.close()
    book.note("ended")
    os._exit(0)


async def obey(operator: Operator, moved: MovedClock) -> None:
    """Line by line."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        what, _, how = line.strip().partition(" ")
        if what == "clock":
            moved.by = timedelta(seconds=float(how))
        else:
            operator.does = what


if __name__ == "__main__":
    asyncio.run(main(msgspec.json.decode(sys.argv[1], type=Order)))
