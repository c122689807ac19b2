"""Samples: what each node and trunk reported last. A read that fails changes their age, not what is known."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Generic, TypeVar

from nodescaler_tui.observe.wire import EdgeMetrics, TrunkMetrics

Sample = TypeVar("Sample", EdgeMetrics, TrunkMetrics)


class Samples(Generic[Sample]):
    """The newest sample of each id that is still listed. `identify` says whose a sample is."""

    def __init__(self, identify: Callable[[Sample], str | None]) -> None:
        self._identify: Callable[[Sample], str | None] = identify
        self._newest: dict[str, Sample] = {}

    def take_in(self, samples: Iterable[Sample], listed: Collection[str]) -> list[Sample]:
        """Remember what came in and forget what is listed no more; what is known of the listed ones comes back.

        One without a usable time replaces nothing: it is not known to be newer.
        """
        kept = {identity: self._newest[identity] for identity in listed if identity in self._newest}
        for sample in samples:
            identity = self._identify(sample)
            if identity in listed and identity is not None and (sample.event_time is not None or identity not in kept):
                kept[identity] = sample
        self._newest = kept
        return list(kept.values())
