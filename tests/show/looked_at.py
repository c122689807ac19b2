"""An engine that answers looks as the real one does: nodes, plots that are really drawn, the journal, a what-if."""

from __future__ import annotations

import math
from datetime import timedelta
from functools import cache
from typing import Final

import msgspec

from nodescaler_tui.decide.forecast.climbs import Climbs, SimilarHours
from nodescaler_tui.decide.forecast.outlook import GroupForecast, SignalForecast
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.display_text import EMPTY, DisplayText
from nodescaler_tui.engine.history import GroupHistory
from nodescaler_tui.engine.marks import Mark
from nodescaler_tui.engine.outlook_book import GroupOutlook
from nodescaler_tui.engine.plots import Moment, draw
from nodescaler_tui.facts import Lifecycle
from nodescaler_tui.intents import (
    ApprovePlan,
    Intent,
    PreviewThresholds,
    ReadJournal,
    ReadStory,
    VerifyJournal,
    WatchGroup,
)
from nodescaler_tui.views import (
    Answer,
    ChainReport,
    EventDetail,
    FieldError,
    GroupDetail,
    JournalPage,
    NodeRow,
    Plot,
    PlotSize,
    QueueRow,
    Story,
    ThresholdPreview,
)
from tests.show.conftest import SpokenEngine
from tests.show.states import ENTRIES, NOW, ago

OUTAGE_S: Final = range(1500, 1800)
NODES: Final = tuple(
    NodeRow(
        f"n{number}",
        DisplayText(f"media-eu-prod-01-{number:02}"),
        Lifecycle.IN_SERVICE,
        0.97 - number / 100,
        0.7,
        number % 3,
        4.0,
        ago(3),
        EMPTY,
    )
    for number in range(1, 11)
)
STARTING: Final = NodeRow(
    "n11", DisplayText("media-eu-prod-01-11"), Lifecycle.BOOTING, None, None, None, None, None, DisplayText("no sample")
)
LEAVING: Final = msgspec.structs.replace(
    NODES[0], id="n12", name=DisplayText("media-eu-prod-01-12"), lifecycle=Lifecycle.DRAINING, cpu=0.2, sessions=1
)
QUEUES: Final = (QueueRow(DisplayText("billing"), 7, 41, 0.83, 312_000.0, ago(3)),)


def hour() -> GroupHistory:
    """An hour in which CPU rises from 60 to 93 percent, with an outage of five minutes."""
    history = GroupHistory()
    for second in range(0, 3601, 10):
        cpu = 0.6 + 0.33 * second / 3600 + 0.02 * math.sin(second / 120)
        known = (cpu, min(cpu + 0.04, 1.0), cpu - 0.22, cpu - 0.19, cpu * 1.18)
        history.add(ago(3600 - second).timestamp(), (None,) * 5 if second in OUTAGE_S else known)
    return history


MARKS: Final = (Mark(ago(900), "g-eu", "◆", DisplayText("thresholds changed by jane@laptop")),)


NOW_BUSY: Final = 9.2
"""How many of ten nodes are busy."""


def _hour_of(rate: float) -> tuple[float, ...]:
    return tuple(NOW_BUSY + rate * step for step in range(1, 13))


FORECAST: Final = SignalForecast(
    SignalName.CPU,
    NOW_BUSY,
    _hour_of(-0.2),
    _hour_of(-0.6),
    _hour_of(0.06),
    Climbs.to_any_value((0.6,) * 12),
    SimilarHours.of([(3600 * ago, _hour_of(0.1 - 0.04 * ago)) for ago in range(1, 21)]),
    7 * 86_400.0,
)


@cache
def plots(
    sizes: tuple[PlotSize, ...], span_s: int, matrix: ThresholdMatrix, *, similar_hours: bool = False
) -> tuple[Plot, ...]:
    """With similar hours there is a forecast too, that they are the evidence of."""
    outlook = GroupOutlook(NOW, GroupForecast("g-eu", ((SignalName.CPU, FORECAST),))) if similar_hours else None
    moment = Moment(NOW, span_s, 30.0, MARKS, outlook, 10, similar_hours)
    return tuple(draw(size, hour(), matrix, moment) for size in sizes)


STORY: Final = tuple(
    EventDetail(
        seq,
        NOW - timedelta(seconds=40 - seq),
        kind,
        (("operator", DisplayText("jane@laptop")), ("plan_hash", DisplayText("a" * 64))),
        f"{seq:02}" * 32,
    )
    for seq, kind in ((3, "operation.approved"), (4, "operation.sending"), (5, "operation.accepted"))
)
REPORT: Final = ChainReport(
    intact=True,
    sentences=(
        DisplayText("2 events, each follows from the one before."),
        DisplayText("The witness beside the journal has the same head."),
        DisplayText("Not proved: that nobody replaced both files at once."),
    ),
)


class LookedAtEngine(SpokenEngine):
    """Answers what a window looks at; an approval is refused when `refusal` says why."""

    refusal: Answer | None = None

    def send(self, intent: Intent) -> int:
        number = super().send(intent)
        match intent:
            case WatchGroup():
                drawn = plots(intent.plots, intent.span_s, ThresholdMatrix(), similar_hours=intent.similar_hours)
                detail = GroupDetail(intent.group_id, (*NODES, STARTING, LEAVING), QUEUES, drawn, intent.span_s)
                self.says.put_nowait(detail)
            case PreviewThresholds():
                self.says.put_nowait(_preview(intent))
            case ReadJournal():
                self.says.put_nowait(JournalPage(ENTRIES, more=False))
            case ReadStory():
                self.says.put_nowait(Story("op-1", STORY))
            case VerifyJournal():
                self.says.put_nowait(REPORT)
            case ApprovePlan() if self.refusal is not None:
                self.says.put_nowait(msgspec.structs.replace(self.refusal, request=number))
            case _:
                pass
        return number


def _preview(intent: PreviewThresholds) -> ThresholdPreview:
    warning = intent.values["cpu_warning"]
    if warning == "0.75":
        return ThresholdPreview(intent.scope, (), (DisplayText("Nothing would change now."),), _moved(intent, 0.75))
    if float(warning) > 0.9:
        error = FieldError("cpu_warning", DisplayText(f"{warning} is above CPU critical 0.9"))
        return ThresholdPreview(intent.scope, (error,), (), ())
    sentence = DisplayText("1 group would turn from WARNING to OK: media-us-prod-02.")
    return ThresholdPreview(intent.scope, (), (sentence,), _moved(intent, float(warning)))


def _moved(intent: PreviewThresholds, warning: float) -> tuple[Plot, ...]:
    return plots(intent.plots, intent.span_s, ThresholdMatrix(cpu_warning=warning))
