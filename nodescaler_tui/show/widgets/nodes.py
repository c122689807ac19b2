"""Nodes and queues of one group as text: worst first, each with its lifecycle and the age of its sample."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content
from textual.widgets import Static

from nodescaler_tui.facts import Lifecycle
from nodescaler_tui.show.inked import Piece, line, lines
from nodescaler_tui.show.widgets.steady import SteadyText
from nodescaler_tui.show.words import UNKNOWN, short_age, whole_percent
from nodescaler_tui.state import GroupState
from nodescaler_tui.views import GroupDetail, NodeRow, QueueRow

LIFECYCLE_INKS = {
    Lifecycle.IN_SERVICE: "",
    Lifecycle.BOOTING: "accent",
    Lifecycle.DRAINING: "warning",
    Lifecycle.OFFLINE: "stale",
}


class NodesLine(SteadyText):
    """The nodes in one or two lines: how many of each lifecycle, and the worst of them."""

    def show(self, group: GroupState | None, detail: GroupDetail | None) -> None:
        """Draw it."""
        self.put(nodes_summary(group, detail))


def nodes_summary(group: GroupState | None, detail: GroupDetail | None) -> Content:
    """How many nodes of each lifecycle, then the worst by name."""
    if group is None:
        return Content("")
    counts = group.counts
    if counts.declared:
        return line(("Nodes ", "bold"), (f"{counts.in_service} declared, not measured", "warning"))
    in_service = UNKNOWN if counts.in_service is None else str(counts.in_service)
    pieces: list[Piece] = [("Nodes ", "bold"), (f"{in_service} in service, {counts.fresh} fresh", "")]
    for count, lifecycle in (
        (counts.booting, Lifecycle.BOOTING),
        (counts.draining, Lifecycle.DRAINING),
        (counts.offline, Lifecycle.OFFLINE),
    ):
        if count:
            pieces.append((f" · {count} {lifecycle.value}", LIFECYCLE_INKS[lifecycle]))
    worst = [row for row in detail.nodes if row.cpu is not None][:4] if detail is not None else []
    if worst:
        names = " · ".join(f"{row.name} {whole_percent(row.cpu)}" for row in worst)
        pieces.append((f"   worst: {names}", "muted"))
    return line(*pieces)


class NodeTable(Static):
    """All nodes of a group, and the queues that feed it."""

    def show(self, detail: GroupDetail | None, now: datetime) -> None:
        """Draw it as of now."""
        self.update(node_table(detail, now))


def node_table(detail: GroupDetail | None, now: datetime) -> Content:
    """A header and one line a node; then one line a queue."""
    if detail is None:
        return line(("The nodes are being read…", "muted"))
    head = f"{'node':<26}{'state':<12}{'cpu':>5}{'mem':>5}{'calls':>7}{'delay':>8}{'age':>6}"
    rows = [line((head, "muted")), *(_node_line(row, now) for row in detail.nodes)]
    if detail.queues:
        queue_head = f"{'queue':<26}{'waiting':>9}{'interacting':>13}{'agents':>8}{'AHT':>8}{'age':>6}"
        rows += [Content(""), line((queue_head, "muted")), *(_queue_line(row, now) for row in detail.queues)]
    return lines(*rows)


def _node_line(row: NodeRow, now: datetime) -> Content:
    sessions = UNKNOWN if row.sessions is None else str(row.sessions)
    delay = UNKNOWN if row.media_delay_ms is None else f"{row.media_delay_ms:g} ms"
    note = f"  {row.missing}" if row.cpu is None and row.lifecycle is Lifecycle.IN_SERVICE else ""
    return line(
        (f"{_fitted(str(row.name), 25):<26}", ""),
        (f"{row.lifecycle.value:<12}", LIFECYCLE_INKS[row.lifecycle]),
        (f"{whole_percent(row.cpu):>5}{whole_percent(row.memory):>5}{sessions:>7}{delay:>8}", ""),
        (f"{short_age(row.sampled_at, now):>6}{note}", "muted"),
    )


def _queue_line(row: QueueRow, now: datetime) -> Content:
    waiting = UNKNOWN if row.waiting is None else str(row.waiting)
    interacting = UNKNOWN if row.interacting is None else str(row.interacting)
    agents = UNKNOWN if row.occupancy is None else f"{row.occupancy * 100:.0f} %"
    handle_time = UNKNOWN if row.handle_time_ms is None else f"{row.handle_time_ms / 1000:.0f} s"
    return line(
        (f"{_fitted(str(row.name), 25):<26}{waiting:>9}{interacting:>13}{agents:>8}{handle_time:>8}", ""),
        (f"{short_age(row.read_at, now):>6}", "muted"),
    )


def _fitted(text: str, width: int) -> str:
    return f"{text[: width - 1]}…" if len(text) > width else text
