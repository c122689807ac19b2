"""One schedule: a seed, some processes and operators, a while of trouble, then recovery, then the questions."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.reliability.actors import Engine, Scene
from benchmarks.reliability.invariants import violations
from benchmarks.reliability.memory_journal import MemoryJournal
from benchmarks.reliability.network import Group, Provider
from benchmarks.reliability.world import World
from nodescaler_tui.act.operation import IllegalTransition
from nodescaler_tui.act.receiver import Repeats
from nodescaler_tui.events import EventKind

TROUBLE_S = 240.0
MOST_STEPS = 20_000
RECOVERS_WITHIN_S = 600.0
KINDS = tuple(Repeats)


@dataclass(frozen=True)
class Outcome:
    """What came of one schedule."""

    seed: int
    kind: Repeats
    steps: int
    kills: int
    operations: int
    deliveries: int
    effects: int
    problems: tuple[str, ...]
    trace: tuple[str, ...]


def play(seed: int, prepare: Callable[[Scene], None] = lambda _: None, *, tracing: bool = False) -> Outcome:
    """Run the schedule of this seed; the same seed is the same schedule."""
    world = World(seed)
    world.tracing = tracing
    kind = KINDS[seed % len(KINDS)]
    provider = Provider(world, kind, {name: Group(name) for name in ("g-1", "g-2")})
    scene = Scene(world, MemoryJournal(world), provider)
    prepare(scene)
    try:
        _trouble(scene)
        _recovery(scene)
        problems = violations(scene)
    except IllegalTransition as error:
        problems = [f"an illegal transition was tried: {error}"]
    approved = sum(1 for event in scene.journal.events if event.kind is EventKind.PLAN_APPROVED)
    return Outcome(
        seed=seed,
        kind=kind,
        steps=world.steps,
        kills=world.kills,
        operations=approved,
        deliveries=len(provider.wires),
        effects=sum(1 for effect in provider.effects if effect.added),
        problems=tuple(problems),
        trace=tuple(world.trace),
    )


def _trouble(scene: Scene) -> None:
    """Two operators at two processes; whoever is killed is started anew, as a terminal does."""
    world = scene.world
    world.random.random()
    rebirth = random.Random(world.random.random())
    for _ in range(2):
        Engine(scene, operates=True)

    def enough() -> bool:
        alive = sum(1 for process in world.processes if process.alive)
        if (alive < 2 and rebirth.random() < 0.02) or alive == 0:
            Engine(scene, operates=True)
        return world.now_s % 1e5 > TROUBLE_S and scene.approvals > 0

    world.run(enough, MOST_STEPS)


def _recovery(scene: Scene) -> None:
    """No more trouble: one new process has to end everything, with an operator for what only a person can end."""
    world = scene.world
    world.chaos = False
    for process in [process for process in world.processes if process.alive]:
        world.kill(process)
    engine = Engine(scene, operates=False)
    closing_at = world.now_s + 120.0

    def enough() -> bool:
        nonlocal closing_at
        if world.now_s > closing_at:
            closing_at = world.now_s + 30.0
            world.start(engine.process, engine.close_doubts)
        return not _open(scene)

    began_s = world.now_s
    if not world.run(enough, MOST_STEPS):
        scene.problems.append("recovery did not come to an end")
    elif world.now_s - began_s > RECOVERS_WITHIN_S:
        scene.problems.append(f"recovery took {world.now_s - began_s:.0f} s")


def _open(scene: Scene) -> set[str]:
    """The operations that have not ended, by the plainest reading of the journal."""
    ended = {EventKind.OPERATION_SETTLED, EventKind.OPERATION_CANCELLED}
    begun = {event.operation_id for event in scene.journal.events if event.kind is EventKind.PLAN_APPROVED}
    return begun - {event.operation_id for event in scene.journal.events if event.kind in ended}
