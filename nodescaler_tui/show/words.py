"""Words: how numbers, ages and severities are written, the same on every screen. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from nodescaler_tui.decide.signals import Level, SignalName
from nodescaler_tui.decide.wording import duration, percent
from nodescaler_tui.events import OperationPhase
from nodescaler_tui.outlook_state import SignalOutlook
from nodescaler_tui.state import GroupState, NodeCounts, Severity, SignalState

UNKNOWN: Final = "–"
SYMBOLS: Final = {Severity.CRITICAL: "●", Severity.WARNING: "◐", Severity.OK: "○", Severity.UNKNOWN: "?"}
RANKS: Final = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.UNKNOWN: 2, Severity.OK: 3}
SIGNAL_NAMES: Final = {SignalName.CPU: "CPU", SignalName.MEMORY: "Memory", SignalName.SESSIONS: "Sessions/node"}
NOTABLE_CHANGE: Final = 0.02
A_WEEK: Final = timedelta(days=7)
_MOMENT: Final = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)")
_BLOCKS: Final = "▁▂▃▄▅▆▇█"


def severity_word(severity: Severity) -> str:
    """A severity as a word; its first four letters still tell them apart."""
    return "ok" if severity is Severity.OK else severity.value


def ink(severity: Severity) -> str:
    """The name of the colour that goes with a severity; never the only sign of it."""
    return severity.value.lower()


def outlook_ink(signal: SignalOutlook) -> str:
    """The ink of what is expected: dim where forecasts were wrong lately, a warning where a breach is announced."""
    if signal.doubt:
        return "stale"
    return "warning" if signal.alert else ""


def age(moment: datetime | None, now: datetime) -> str:
    """How long ago, or a dash when it never was."""
    return UNKNOWN if moment is None else duration((now - moment).total_seconds())


def short_age(moment: datetime | None, now: datetime) -> str:
    """How long ago in at most four characters: 3s, 12m, 5h, 2d."""
    if moment is None:
        return UNKNOWN
    seconds = max(0, round((now - moment).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def countdown(moment: datetime, now: datetime) -> str:
    """Minutes and seconds until then, 0:00 when it has passed."""
    left = max(0, round((moment - now).total_seconds()))
    return f"{left // 60}:{left % 60:02d}"


def clock(moment: datetime) -> str:
    """A time of day in this machine's zone."""
    return f"{moment.astimezone():%H:%M:%S}"


def moment_words(moment: datetime, now: datetime) -> str:
    """A moment on the time axis of a plot, in this machine's zone, with its day where that is not today."""
    local, today = moment.astimezone(), now.astimezone()
    if local.date() == today.date():
        return f"{local:%H:%M:%S}"
    return f"{local:%a %H:%M:%S}" if abs(today.date() - local.date()) < A_WEEK else f"{local:%d %b %H:%M:%S}"


def near_moment(moment: datetime, now: datetime) -> str:
    """A moment to the minute in this machine's zone, with its day where that is not today."""
    local, today = moment.astimezone(), now.astimezone()
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return f"{local:%a %H:%M}" if abs(today.date() - local.date()) < A_WEEK else f"{local:%d %b %H:%M}"


def moment_in_full(moment: datetime) -> str:
    """A moment of any day, in this machine's zone, which is named."""
    return f"{moment.astimezone():%d %b %Y %H:%M:%S %Z}"


def local_moments(text: str) -> str:
    """A recorded text with every moment in it written in this machine's zone; what is no moment of a calendar stays."""
    return _MOMENT.sub(lambda found: _local_moment(found.group()), text)


def _local_moment(text: str) -> str:
    try:
        return moment_in_full(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return text


def whole_percent(value: float | None) -> str:
    """A fraction as a whole percentage without its sign, for a table."""
    return UNKNOWN if value is None else f"{value * 100:.0f}"


def sparkline(values: Sequence[float | None], width: int) -> str:
    """The last values as blocks from 0 to 1; a gap is a space, never a low block."""
    shown = list(values)[-width:]
    blocks = "".join(
        " " if value is None else _BLOCKS[min(max(int(value * len(_BLOCKS)), 0), len(_BLOCKS) - 1)] for value in shown
    )
    return blocks.rjust(width)


def change_mark(signal: SignalState | None) -> str:
    """An arrow when a value moved by two points or more since the poll before, else nothing."""
    if signal is None or len(signal.trend) < 2:
        return ""
    before, now = signal.trend[-2:]
    if before is None or now is None or abs(now - before) < NOTABLE_CHANGE:
        return ""
    return "↑" if now > before else "↓"


def nodes_of(counts: NodeCounts, max_nodes: int) -> str:
    """Nodes in service of the maximum; a declared count is marked, an unknown one is a question mark."""
    if counts.in_service is None:
        return f"?/{max_nodes}"
    return f"{'~' if counts.declared else ''}{counts.in_service}/{max_nodes}"


def node_words(name: str, group: GroupState) -> str:
    """A node beside its group: without the group's own name, which nodes usually begin with."""
    rest = str(name).removeprefix(str(group.name))
    return f"…{rest}" if rest and rest != name else str(name)


def signal_value(signal: SignalState, group: GroupState) -> str:
    """A signal as text with its unit: a percentage, or sessions for each node."""
    if signal.value is None:
        return UNKNOWN
    if signal.name is not SignalName.SESSIONS:
        return percent(float(signal.value))
    ratio = sessions_per_node(group)
    return UNKNOWN if ratio is None else f"{ratio:.2f}"


def sessions_per_node(group: GroupState) -> float | None:
    """Sessions over nodes in service, None when either is unknown or there is no node."""
    signal, nodes = group.signal(SignalName.SESSIONS), group.counts.in_service
    if signal is None or signal.value is None or not nodes:
        return None
    return float(signal.value) / nodes


def is_believed(signal: SignalState | None) -> bool:
    """Whether a signal's value is fresh and valid."""
    return signal is not None and not signal.level.unknown


def is_known_now(group: GroupState) -> bool:
    """Whether any signal of a group is believed; if none is, its node count is as old as they are."""
    return any(is_believed(signal) for signal in group.signals)


def level_word(level: Level) -> str:
    """A level in words."""
    return {Level.MISSING: "not measured", Level.STALE: "STALE", Level.INVALID: "INVALID"}.get(level, level.value)


def level_severity(level: Level) -> Severity:
    """The severity that a level is shown with."""
    return {
        Level.OK: Severity.OK,
        Level.WARNING: Severity.WARNING,
        Level.CRITICAL: Severity.CRITICAL,
    }.get(level, Severity.UNKNOWN)


def phase_ink(phase: OperationPhase) -> str:
    """The colour of an operation's phase."""
    if phase is OperationPhase.VERIFIED:
        return "ok"
    if phase in {OperationPhase.FAILED, OperationPhase.IN_DOUBT}:
        return "critical"
    if phase in {OperationPhase.PARTIAL, OperationPhase.INCONCLUSIVE}:
        return "warning"
    return "accent"
