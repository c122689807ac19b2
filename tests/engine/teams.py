"""Engines of one team: settings that share a store, and processes that can be killed, frozen and woken."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import msgspec

from nodescaler_tui.engine.simulation import settings_for
from nodescaler_tui.intents import Intent
from nodescaler_tui.settings import Settings, Sources, load_settings
from nodescaler_tui.settings.model import StoreSettings
from nodescaler_tui.settings.places import make_private
from nodescaler_tui.simulator.addresses import described
from nodescaler_tui.simulator.simulation import Simulation

TEAMMATE: Final = Path(__file__).with_name("teammate.py")
WITHIN_S: Final = 40.0
POLL_EVERY_S: Final = 0.5

Seen = dict[str, Any]


def team_settings(addresses: dict[str, Any], url: str, folder: str) -> Settings:
    """One host's settings: what it watches and who receives are the team's, its files are its own."""
    places = {f"NODESCALER_{name}_DIR": f"{folder}/{name.lower()}" for name in ("STATE", "CONFIG", "RUNTIME")}
    settings = settings_for(load_settings(Sources(environment=places)), addresses)
    make_private(settings.paths.state_dir)
    return replace(
        settings,
        demo=False,
        store=StoreSettings(url),
        observe=replace(settings.observe, poll_every_s=POLL_EVERY_S, budget_share=1.0),
        verify=replace(settings.verify, deadline_s=60.0, interval_s=0.3),
        receiver=replace(settings.receiver, timeout_s=2.0),
    )


class Teammate:
    """One engine's process, and the last that it said."""

    def __init__(self, name: str, process: subprocess.Popen[str]) -> None:
        self.name = name
        self._process = process
        self._said: queue.Queue[Seen] = queue.Queue()
        self.last: Seen = {}
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.put(json.loads(line))

    def told(self, what: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()

    def asked(self, intent: Intent) -> Seen:
        """The answer to an intent."""
        self.last = {}
        self.told(f"ask {msgspec.json.encode(intent).decode()}")
        return self.until(lambda seen: "answer" in seen)

    def until(self, holds: Callable[[Seen], bool], within_s: float = WITHIN_S) -> Seen:
        """The first that it says for which this holds, counted from what it said last."""
        give_up_at = time.monotonic() + within_s
        while not (self.last and holds(self.last)):
            try:
                self.last = self._said.get(timeout=max(give_up_at - time.monotonic(), 0.01))
            except queue.Empty:
                raise AssertionError(f"It did not come to that; the last was {self.last}.") from None
        return self.last

    def first_shown(self, enough: Callable[[dict[str, float]], bool]) -> dict[str, float]:
        """When it first showed each poll, by the moment of the poll, as it goes on until there are enough."""
        shown: dict[str, float] = {}
        while not shown or not enough(shown):
            self.last = self._said.get(timeout=WITHIN_S)
            if "polled_at" in self.last:
                shown.setdefault(self.last["polled_at"], self.last["at"])
        return shown

    def killed(self) -> None:
        self._process.kill()
        self._process.wait()

    def frozen(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def woken(self) -> None:
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def teammate(simulation: Simulation, url: str, folder: Path, operator: str) -> Iterator[Teammate]:
    """An engine that runs until the block ends."""
    addresses = json.dumps(described(simulation.addresses))
    command = [sys.executable, "-m", "tests.engine.teammate", addresses, url, str(folder / operator), operator]
    with subprocess.Popen(
        command, cwd=TEAMMATE.parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Teammate(operator, process)
        finally:
            process.kill()


def polls(seen: Seen) -> bool:
    return bool(seen.get("poller") == "you poll" and seen.get("polled_at"))


def follows(seen: Seen) -> bool:
    return bool("@" in seen.get("poller", "") and seen.get("groups"))


def settled(seen: Seen) -> bool:
    return list(seen.get("operations", {}).values()) == ["VERIFIED"]
