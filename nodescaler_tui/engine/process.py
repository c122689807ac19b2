"""The engine's own process: one for each store, in a session of its own, so that no terminal can take it along.

It ends when its last terminal has left and no operation is open. A hung connection, ctrl-z, a closed window or a crash
of the screen can neither stop nor repeat nor lose an approved operation.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

import msgspec

from nodescaler_tui.engine import order as orders
from nodescaler_tui.engine.core import Engine
from nodescaler_tui.engine.frame_text import frame_text
from nodescaler_tui.engine.kept_state import last_state
from nodescaler_tui.engine.metrics_endpoint import MetricsEndpoint
from nodescaler_tui.engine.order import ReplayOrder
from nodescaler_tui.engine.recording import read_recording
from nodescaler_tui.engine.replaying import ReplayEngine
from nodescaler_tui.engine.server import ServedEngine, Server, no_metrics
from nodescaler_tui.engine.simulation import settings_for, simulation
from nodescaler_tui.record.last_state import keep
from nodescaler_tui.settings import Paths, Settings
from nodescaler_tui.settings.places import make_private
from nodescaler_tui.state import State

LINGER_S: Final = 4.0
LOCK_WITHIN_S: Final = 3.0
LOCK_TRIED_EVERY_S: Final = 0.05
FIRST_TERMINAL_WITHIN_S: Final = 20.0
KEEP_STATE_EVERY_S: Final = 5.0
ALREADY_SERVED: Final = 0
FAILED: Final = 1


def main(_: list[str]) -> int:
    """Read the order from standard input and serve until nobody needs it any more."""
    order = orders.decode(sys.stdin.buffer.read())
    settings = order.settings
    make_private(settings.paths.runtime_dir)
    make_private(settings.paths.state_dir)
    lock = _lock(settings.paths.socket.with_suffix(".lock"))
    if lock is None:
        return ALREADY_SERVED
    control = ""
    try:
        with ExitStack() as stack:
            if order.simulation is not None:
                addresses = stack.enter_context(simulation(order.simulation))
                settings, control = settings_for(settings, addresses), addresses["control"]
            served = _replayed(order.replay) if order.replay is not None else None
            asyncio.run(_serve(settings, orders.fingerprint(order), served, control))
    except Exception as error:  # noqa: BLE001 - the last resort: say what happened where it can be found
        _report(settings.paths.engine_log, error)
        return FAILED
    finally:
        settings.paths.socket.unlink(missing_ok=True)
        lock.close()
    return 0


def _lock(path: Path) -> TextIO | None:
    """The right to serve this store, held for as long as this process lives; None when another one keeps it.

    One that is about to end is waited for.
    """
    file, give_up_at = path.open("w"), time.monotonic() + LOCK_WITHIN_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > give_up_at:
                file.close()
                return None
            time.sleep(LOCK_TRIED_EVERY_S)
        else:
            return file


def _replayed(replay: ReplayOrder) -> ReplayEngine:
    """An engine that shows a recording; nothing of the one that acts is even imported into it."""
    recording = read_recording(Path(replay.file))
    return ReplayEngine(recording.between(replay.begins, replay.ends))


async def _serve(settings: Settings, fingerprint: str, replay: ReplayEngine | None, control: str) -> None:
    if replay is not None:
        await _serve_terminals(replay, settings, fingerprint, [])
        return
    engine = await asyncio.to_thread(_acting_engine, settings, control)
    engine.recall(await asyncio.to_thread(last_state, settings.paths.last_state))
    metrics = MetricsEndpoint(lambda: engine.state, lambda: (engine.polls, engine.requests), utc_now)
    try:
        beside = [_keep_state(engine, settings.paths)]
        await _serve_terminals(engine, settings, fingerprint, beside, metrics=metrics.open)
    finally:
        await asyncio.to_thread(metrics.close)
        await engine.close()


def utc_now() -> datetime:
    """The wall clock, for the ages that metrics tell."""
    return datetime.now(UTC)


def _acting_engine(settings: Settings, control: str) -> Engine:
    """An engine; with the control address of a simulation one that has that fleet's past told."""
    from nodescaler_tui.engine.assembly import assemble  # noqa: PLC0415 - a replay needs none of it
    from nodescaler_tui.engine.demo_past import DemoPast  # noqa: PLC0415

    return assemble(settings, past=DemoPast(control) if control else None)


async def _serve_terminals(
    engine: ServedEngine,
    settings: Settings,
    fingerprint: str,
    beside: list[Coroutine[None, None, None]],
    *,
    metrics: Callable[[str], str] = no_metrics,
) -> None:
    terminals = Terminals()
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    server = Server(engine, terminals.count_changed, fingerprint, stop.set, metrics=metrics)
    await server.start(settings.paths.socket)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tasks = [
        asyncio.create_task(engine.run()),
        *map(asyncio.create_task, beside),
        asyncio.create_task(terminals.until_unneeded(engine)),
        asyncio.create_task(stop.wait()),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        server.close()


class Terminals:
    """How many terminals are attached, and since when there has been none."""

    def __init__(self) -> None:
        self._count = 0
        self._ever = False
        self._changed = asyncio.Event()

    def count_changed(self, count: int) -> None:
        """The server says so."""
        self._count = count
        self._ever = self._ever or count > 0
        self._changed.set()

    async def until_unneeded(self, engine: ServedEngine) -> None:
        """Wait until nobody is attached, has not been for a moment, and no operation is open here."""
        while True:
            self._changed.clear()
            if self._count == 0 and not engine.busy:
                patience = LINGER_S if self._ever else FIRST_TERMINAL_WITHIN_S
                if not await _within(self._changed, patience) and not engine.busy:
                    return
            else:
                await _within(self._changed, LINGER_S)


async def _within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True


async def _keep_state(engine: Engine, paths: Paths) -> None:
    """Keep the newest State for the next first paint; failing to is no reason to fail."""
    changed = engine.listen()
    while True:
        await changed.wait()
        changed.clear()
        try:
            await asyncio.to_thread(_keep, engine.state, paths)
        except OSError as error:
            engine.state_not_kept(error.strerror or type(error).__name__)
        await asyncio.sleep(KEEP_STATE_EVERY_S)


def _keep(state: State, paths: Paths) -> None:
    keep(paths.last_state, msgspec.json.encode(state))
    text = frame_text(state)
    if text:
        keep(paths.first_frame, text.encode())


def _report(log: Path, error: Exception) -> None:
    """What ended the engine: where in the code, never with which values."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{type(error).__name__} in the engine, process {os.getpid()}"]
    lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    log.touch(mode=0o600, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
