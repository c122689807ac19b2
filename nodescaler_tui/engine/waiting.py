"""Waiting: how an engine lets time pass until its next step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

Wait = Callable[[asyncio.Event, float], Awaitable[None]]


async def event_or_time(event: asyncio.Event, seconds: float) -> None:
    """Until the event is set, or so many seconds have passed; then the event is cleared."""
    try:
        await asyncio.wait_for(event.wait(), max(0.0, seconds))
    except TimeoutError:
        return
    finally:
        event.clear()
