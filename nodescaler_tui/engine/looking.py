"""Looking: answers to what one terminal wants to see more closely. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.picture import journal_entries
from nodescaler_tui.engine.plot_moment import plot_moment
from nodescaler_tui.engine.plots import draw_all
from nodescaler_tui.engine.story_words import field_words
from nodescaler_tui.events import Event, Journal
from nodescaler_tui.facts import GroupReading, NodeReading, QueueReading
from nodescaler_tui.intents import ReadJournal, ReadStory, WatchGroup
from nodescaler_tui.state import JournalEntry
from nodescaler_tui.views import EventDetail, GroupDetail, JournalPage, NodeRow, QueueRow, Story

LONGEST_FIELD = 2000


def group_detail(mind: Mind, watch: WatchGroup, now: datetime) -> GroupDetail | None:
    """Nodes, queues and plots of one group; None when the group is not known."""
    reading = mind.knowledge.groups.get(watch.group_id)
    if reading is None:
        return None
    matrix = mind.book.matrix(watch.group_id)
    moment = plot_moment(mind, watch.group_id, now, watch.span_s, similar_hours=watch.similar_hours)
    return GroupDetail(
        group_id=watch.group_id,
        nodes=_node_rows(reading),
        queues=tuple(_queue_row(queue) for queue in reading.queues),
        plots=draw_all(watch.plots, mind.history, watch.group_id, matrix, moment),
        span_s=watch.span_s,
    )


def _node_rows(reading: GroupReading) -> tuple[NodeRow, ...]:
    """Worst CPU first; nodes without a figure last, by name."""
    ordered = sorted(
        reading.nodes, key=lambda node: (node.cpu.value is None, -(node.cpu.value or 0.0), node.name, node.id)
    )
    return tuple(_node_row(node) for node in ordered)


def _node_row(node: NodeReading) -> NodeRow:
    sessions = node.sessions.value
    return NodeRow(
        id=node.id,
        name=display_text(node.name),
        lifecycle=node.lifecycle,
        cpu=node.cpu.value,
        memory=node.memory.value,
        sessions=None if sessions is None else int(sessions),
        media_delay_ms=node.media_delay_ms.value,
        sampled_at=node.cpu.sampled_at,
        missing=display_text(node.cpu.missing),
    )


def _queue_row(queue: QueueReading) -> QueueRow:
    waiting, interacting = queue.waiting.value, queue.interacting.value
    return QueueRow(
        name=display_text(queue.name),
        waiting=None if waiting is None else int(waiting),
        interacting=None if interacting is None else int(interacting),
        occupancy=queue.occupancy.value,
        handle_time_ms=queue.handle_time_ms.value,
        read_at=queue.interacting.sampled_at,
    )


def journal_page(journal: Journal, request: ReadJournal, mind: Mind) -> JournalPage:
    """The newest events that match, at most `limit` of them. Blocks; raises JournalUnavailable."""
    end = mind.ledger.seq + 1 if request.before_seq is None else request.before_seq
    after = 0 if request.narrowed else max(0, end - 1 - request.limit)
    names = {group_id: reading.name for group_id, reading in mind.knowledge.groups.items()}
    entries = journal_entries([event for event in journal.read(after=after) if event.seq < end], names)
    matching = [entry for entry in entries if _matches(entry, request)]
    return JournalPage(tuple(matching[: request.limit]), more=after > 0 or len(matching) > request.limit)


def _matches(entry: JournalEntry, request: ReadJournal) -> bool:
    line = f"{entry.kind} {entry.group_name} {entry.sentence} {entry.operator}"
    return all(
        wanted.lower() in text.lower()
        for wanted, text in (
            (request.group, f"{entry.group_name} {entry.group_id}"),
            (request.operator, str(entry.operator)),
            (request.kind, entry.kind),
            (request.words, line),
        )
    )


def story(events: Sequence[Event], request: ReadStory) -> Story:
    """All events of one operation, or the one event that was asked for."""
    chosen = [
        event
        for event in events
        if (request.operation_id and event.operation_id == request.operation_id)
        or (not request.operation_id and event.seq == request.seq)
    ]
    return Story(request.operation_id, tuple(_event_detail(event) for event in chosen))


def _event_detail(event: Event) -> EventDetail:
    fields = tuple(
        (name, display_text(field_words(name, value), LONGEST_FIELD)) for name, value in event.fields.items()
    )
    who = (("operator", display_text(event.operator)),) if event.operator else ()
    return EventDetail(event.seq, event.at, event.kind.value, (*who, *fields), event.hash)
