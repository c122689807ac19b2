"""The demo's past: a history of its own, begun with what its fleet would have measured before, as the simulation tells.

The user's own history is another file, in another folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nodescaler_tui.record.history.connection import HistoryUnavailable, KeptElsewhere, begin_anew
from nodescaler_tui.record.history.figures import Figure
from nodescaler_tui.record.history.foreign import (
    ForeignReading,
    Refused,
    Selector,
    SeriesMapping,
    UnreadableImport,
    from_prometheus,
)
from nodescaler_tui.record.history.importing import import_readings
from nodescaler_tui.record.history.tiers import FIVE_MINUTES, MINUTES, QUARTER_HOURS, Retention, Tier
from nodescaler_tui.settings import Settings

SOURCE: Final = "simulated past"
TOLD_WITHIN_S: Final = 30.0

STRETCHES: Final = ((8.0, 2.0, QUARTER_HOURS), (2.0, 0.25, FIVE_MINUTES), (0.25, 0.0, MINUTES))
"""From and until how many days ago, and how finely: enough for every plot, and half the work of eight fine days."""

_SERIES: Final = tuple(
    (Selector(figure.word), figure)
    for figure in (
        *(Figure.CPU, Figure.CPU_WORST, Figure.MEMORY, Figure.MEMORY_WORST),
        *(Figure.SESSIONS, Figure.SESSIONS_PER_NODE, Figure.NODES),
    )
)

_FILE: Final = "demo-history.db"


class NoPast(Exception):  # noqa: N818 - the name is the sentence that the operator reads first
    """The demo has to do without a past: why."""


def demo_history(settings: Settings) -> Path | None:
    """The demo's file, without what the last demo kept in it; None while another demo still keeps it."""
    path = settings.paths.history.with_name(_FILE)
    try:
        begin_anew(path)
    except KeptElsewhere:
        return None
    except HistoryUnavailable:
        return path  # whoever writes into it says why that fails
    return path


@dataclass(frozen=True, slots=True)
class DemoPast:
    """The past of the simulation with this control address."""

    control: str

    def bring_into(self, path: Path, retention: Retention, now_s: float) -> None:
        """Import it like the readings of any other program. Blocks for about a second; raises NoPast."""
        try:
            import_readings(path, self._readings(), source=SOURCE, retention=retention, now_s=now_s, refused=Refused())
        except (UnreadableImport, HistoryUnavailable) as error:
            raise NoPast(str(error)) from error

    def _readings(self) -> Iterator[ForeignReading]:
        for days, until_days, tier in STRETCHES:
            mapping = SeriesMapping(series=_SERIES, resolution_s=tier.bin_s)
            yield from from_prometheus(self._told(days, until_days, tier), mapping, Refused())

    def _told(self, days: float, until_days: float, tier: Tier) -> str:
        import httpx  # noqa: PLC0415 - every engine could have a past, only a demo's asks for it

        asked = {"days": days, "until": until_days, "step": tier.bin_s}
        try:
            answer = httpx.get(f"{self.control}/past", params=asked, trust_env=False, timeout=TOLD_WITHIN_S)
        except httpx.HTTPError as error:
            raise NoPast(f"the simulation does not answer ({type(error).__name__}).") from error
        if answer.status_code != httpx.codes.OK:
            raise NoPast(f"{answer.json()['error']}.")
        return answer.text
