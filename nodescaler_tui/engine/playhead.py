"""The playhead: which moment of a recording is shown, and how it moves. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)


@dataclass(frozen=True, slots=True)
class Playhead:
    """A moment between the beginning and the end; `speed` is how many times faster time passes."""

    begins: datetime
    ends: datetime
    at: datetime
    speed: float = 1.0
    playing: bool = True

    def advanced(self, elapsed_s: float) -> Playhead:
        """After so much real time; at the end it stops."""
        return self.sought(self.at + timedelta(seconds=elapsed_s * self.speed)) if self.playing else self

    def sought(self, at: datetime) -> Playhead:
        """At another moment, within what was recorded; it stops at the end."""
        bounded = min(max(at, self.begins), self.ends)
        return replace(self, at=bounded, playing=self.playing and bounded < self.ends)

    def toggled(self) -> Playhead:
        """Playing or not; from the end it begins anew."""
        if not self.playing and self.at >= self.ends:
            return replace(self, at=self.begins, playing=True)
        return replace(self, playing=not self.playing)

    def at_speed(self, steps: int) -> Playhead:
        """Faster or slower by so many steps."""
        index = min(max(SPEEDS.index(self.speed) + steps, 0), len(SPEEDS) - 1)
        return replace(self, speed=SPEEDS[index])
