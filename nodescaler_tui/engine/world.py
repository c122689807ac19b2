"""The world: what an engine touches beyond its settings. Whoever plays a story hands in another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nodescaler_tui.act.holder import new_holder_id
from nodescaler_tui.act.receiver import WebhookReceiver
from nodescaler_tui.act.webhook import HttpSender, Sender
from nodescaler_tui.clock import MACHINE_CLOCK, Clock
from nodescaler_tui.engine.waiting import Wait, event_or_time


@dataclass(frozen=True, slots=True)
class World:
    """The clock, how time passes between two steps, who carries a request to the receiver, and by which name we act."""

    clock: Clock = MACHINE_CLOCK
    wait: Wait = event_or_time
    sender: Callable[[WebhookReceiver], Sender] = HttpSender
    holder_id: Callable[[], str] = new_holder_id


REAL_WORLD: Final = World()
