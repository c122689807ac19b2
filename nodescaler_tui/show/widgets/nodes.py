"""Nodes and queues of one group as text: worst first, each with its lifecycle and the age of its sample."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content
from textual.widgets import Static

from nodescaler_tui.facts import Lifecycle
from nodescaler_tui.show.inked import Piece, line, lines
from nodescaler_tui.show.widgets.steady import SteadyText
from nodescaler_tui.show.words import UNKNOWN, is_known_now, node_words, short_age, whole_percent
from nodescaler_tui.state import GroupState
from nodescaler_tui.views import GroupDetail, NodeRow, QueueRow

ROOM_FOR_DELAY = 62
LEAST_NAME, MOST_NAME = 14, 36
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
        self.put(nodes_summary(group, detail, self.size.width or self.app.size.width))


def nodes_summary(group: GroupState | None, detail: GroupDetail | None, width: int) -> Content:
    """How many nodes of each lifecycle, and under it as many of the worst as there is room for."""
    if group is None:
        return Content("")
    counts = group.counts
    if counts.declared:
        return line(("Nodes ", "bold"), (f"{counts.in_service} declared, not measured", "warning"))
    in_service = UNKNOWN if counts.in_service is None else str(counts.in_service)
    now = (f"{in_service} in service, {counts.fresh} fresh", "")
    then = (f"{in_service} in service when they were last read", "stale")
    pieces: list[Piece] = [("Nodes ", "bold"), now if is_known_now(group) else then]
    for count, lifecycle in (
        (counts.booting, Lifecycle.BOOTING),
        (counts.draining, Lifecycle.DRAINING),
        (counts.offline, Lifecycle.OFFLINE),
    ):
        if count:
            pieces.append((f" · {count} {lifecycle.value}", LIFECYCLE_INKS[lifecycle]))
    return lines(line(*pieces), line((_worst_of(group, detail, width), "muted")))


def _worst_of(group: GroupState, detail: GroupDetail | None, width: int) -> str:
    rows = [row for row in detail.nodes if row.cpu is not None] if detail is not None else []
    told = "worst "
    for index, row in enumerate(rows):
        figure = f"{' · ' if index else ''}{node_words(row.name, group)} {whole_percent(row.cpu)}"
        if len(told) + len(figure) > width:
            break
        told += figure
    return told if rows else ""


class NodeTable(Static):
    """All nodes of a group, and the queues that feed it."""

    def show(self, detail: GroupDetail | None, now: datetime) -> None:
        """Draw it as of now."""
        self.update(node_table(detail, now, self.size.width or self.app.size.width))


def node_table(detail: GroupDetail | None, now: datetime, width: int) -> Content:
    """A header and one line a node; then one line a queue. A narrow one leaves the media delay out."""
    if detail is None:
        return line(("The nodes are being read…", "muted"))
    with_delay = width >= ROOM_FOR_DELAY
    name = min(max(width - (43 if with_delay else 35), LEAST_NAME), MOST_NAME)
    delay = f"{'delay':>8}" if with_delay else ""
    head = f"{'node':<{name}}{'state':<12}{'cpu':>5}{'mem':>5}{'calls':>7}{delay}{'age':>6}"
    rows = [line((head, "muted")), *(_node_line(row, now, name, with_delay=with_delay) for row in detail.nodes)]
    if detail.queues:
        queue_head = f"{'queue':<{name}}{'waiting':>9}{'busy':>6}{'agents':>8}{'AHT':>7}{'age':>5}"
        rows += [Content(""), line((queue_head, "muted")), *(_queue_line(row, now, name) for row in detail.queues)]
    return lines(*rows)


def _node_line(row: NodeRow, now: datetime, name: int, *, with_delay: bool) -> Content:
    sessions = UNKNOWN if row.sessions is None else str(row.sessions)
    delay = UNKNOWN if row.media_delay_ms is None else f"{row.media_delay_ms:g} ms"
    figures = f"{whole_percent(row.cpu):>5}{whole_percent(row.memory):>5}{sessions:>7}"
    note = f"  {row.missing}" if row.cpu is None and row.lifecycle is Lifecycle.IN_SERVICE else ""
    return line(
        (f"{_fitted(str(row.name), name - 1):<{name}}", ""),
        (f"{row.lifecycle.value:<12}", LIFECYCLE_INKS[row.lifecycle]),
        (f"{figures}{delay:>8}" if with_delay else figures, ""),
        (f"{short_age(row.sampled_at, now):>6}{note}", "muted"),
    )


def _queue_line(row: QueueRow, now: datetime, name: int) -> Content:
    waiting = UNKNOWN if row.waiting is None else str(row.waiting)
    interacting = UNKNOWN if row.interacting is None else str(row.interacting)
    agents = UNKNOWN if row.occupancy is None else f"{row.occupancy * 100:.0f} %"
    handle_time = UNKNOWN if row.handle_time_ms is None else f"{row.handle_time_ms / 1000:.0f} s"
    return line(
        (f"{_fitted(str(row.name), name - 1):<{name}}{waiting:>9}{interacting:>6}{agents:>8}{handle_time:>7}", ""),
        (f"{short_age(row.read_at, now):>5}", "muted"),
    )


def _fitted(text: str, width: int) -> str:
    return f"{text[: width - 1]}…" if len(text) > width else text
