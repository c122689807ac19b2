"""What is measured from the notes: how long takeovers took, and how long news was on its way to the other screens.

A takeover counts where one instance fell silent while another one that could take over was well all the time, and the
server did not suffer. What does not count is told with its number.
"""

from __future__ import annotations

import statistics
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.team_proof.evidence import POLLING, Note
from benchmarks.team_proof.trouble import SILENCES, Happened, Kind
from nodescaler_tui.events import Event, EventKind

Notes = Mapping[str, Sequence[Note]]
"""Of each instance, by its name."""

AFTERMATH_S = 6.0
LONG_AFTERMATH_S = 15.0


@dataclass
class Spans:
    """Seconds that something took, each time; and how often it was not to be told."""

    seconds: list[float] = field(default_factory=list)
    left_out: int = 0

    def __str__(self) -> str:
        if not self.seconds:
            return "never" if not self.left_out else f"never, {self.left_out} left out"
        ordered = sorted(self.seconds)
        p99 = ordered[max(round(len(ordered) * 0.99) - 1, 0)]
        figures = f"p50 {_told(statistics.median(ordered))}, p99 {_told(p99)}, most {_told(ordered[-1])}"
        return f"{figures} ({len(ordered):,} times" + (f", {self.left_out} left out)" if self.left_out else ")")


def _told(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def takeovers_of_polling(notes: Notes, happened: Sequence[Happened]) -> tuple[Spans, Spans]:
    """From the silence of whoever polled until another one holds the lease, and until it has published."""
    taken, read = Spans(), Spans()
    for trouble in happened:
        if trouble.kind in SILENCES and _polled_by(notes, trouble.began) == (trouble.who, trouble.life):
            others = [note for who in notes for note in notes[who] if who != trouble.who or note["life"] > trouble.life]
            _add(taken, trouble, happened, set(notes), [note for note in others if _is_polling(note)])
            _add(read, trouble, happened, set(notes), [note for note in others if note["what"] == "published"])
    return taken, read


def _is_polling(note: Note) -> bool:
    return note["what"] == "took" and str(note["lease"]).startswith(POLLING)


def _polled_by(notes: Notes, at: float) -> tuple[str, int]:
    """Which instance, in which of its lives, took the poller's lease last before that moment."""
    taken = [
        (note["at"], who, note["life"]) for who in notes for note in notes[who] if _is_polling(note) and note["at"] < at
    ]
    return max(taken, default=(0.0, "", 0))[1:]


def _add(spans: Spans, trouble: Happened, happened: Sequence[Happened], team: set[str], later: Iterable[Note]) -> None:
    first = min((note["at"] for note in later if note["at"] > trouble.began), default=None)
    if first is None or not _is_silent(trouble, first) or not _could_take_over(trouble, first, happened, team):
        spans.left_out += 1
    else:
        spans.seconds.append(first - trouble.began)


def _is_silent(trouble: Happened, at: float) -> bool:
    """Whether what was silenced still is: for good, when it was killed."""
    return trouble.began < at and (at <= trouble.ended or trouble.kind is Kind.KILLED)


def _could_take_over(silenced: Happened, until: float, happened: Iterable[Happened], team: set[str]) -> bool:
    """Whether the server and another one were well all the time, and for long enough before to have a lease."""
    ailing = {
        each.who
        for each in happened
        if each.kind is not Kind.CLOCK and each.began < until and each.ended + _aftermath_s(each) > silenced.began
    }
    return "" not in ailing and bool(team - ailing - {silenced.who})


def _aftermath_s(trouble: Happened) -> float:
    """How long it takes afterwards until an instance has had a lease for its length: a new engine begins first."""
    return LONG_AFTERMATH_S if trouble.kind in {Kind.KILLED, Kind.CRASHED, Kind.SERVER_CLOCK} else AFTERMATH_S


def takeovers_of_operations(
    notes: Notes, happened: Sequence[Happened], events: Sequence[Event], alike: Callable[[str], set[str]]
) -> Spans:
    """From the silence of whoever carried an operation out until another one has written that it goes on with it.

    `alike` says who has the same receiver as somebody.
    """
    spans = Spans()
    holders = {
        str(note["holder"]): (who, note["life"])
        for who in notes
        for note in notes[who]
        if note["what"] == "took" and not _is_polling(note)
    }
    written = {note["seq"]: note["at"] for who in notes for note in notes[who] if note["what"] == "confirmed"}
    for seq, before in resumptions(events):
        at = written.get(seq, written.get(seq + 1))
        silence = None if at is None else _silence(holders.get(before), at, happened)
        if at is None or silence is None or not _could_take_over(silence, at, happened, alike(silence.who)):
            spans.left_out += 1
        else:
            spans.seconds.append(at - silence.began)
    return spans


def resumptions(events: Sequence[Event]) -> list[tuple[int, str]]:
    """Where in the chain an operation was taken over, and from whom."""
    holders: dict[str, str] = {}
    found = []
    for event in events:
        if event.kind in {EventKind.PLAN_APPROVED, EventKind.OPERATION_RESUMED}:
            if event.kind is EventKind.OPERATION_RESUMED:
                found.append((event.seq, holders.get(event.operation_id, "")))
            holders[event.operation_id] = str(event.fields["holder"])
    return found


def _silence(whose: tuple[str, int] | None, at: float, happened: Iterable[Happened]) -> Happened | None:
    """What had silenced this life of an instance at that moment."""
    found = [
        each for each in happened if (each.who, each.life) == whose and each.kind in SILENCES and _is_silent(each, at)
    ]
    return found[-1] if found else None


def observations_on_their_way(notes: Notes, since: float, until: float) -> Spans:
    """From a poll on the poller's screen until the same poll is on another one."""
    first: dict[str, dict[str, float]] = {who: {} for who in notes}
    for who in notes:
        for note in notes[who]:
            if note["what"] == "shown" and note["polled_at"] and since <= note["at"] <= until:
                first[who].setdefault(str(note["polled_at"]), note["at"])
    poller = _polled_by(notes, until)[0]
    on_poller = first.get(poller, {})
    return Spans(
        [
            max(at - on_poller[poll], 0.0)
            for who in notes
            if who != poller
            for poll, at in first[who].items()
            if poll in on_poller
        ]
    )


def events_on_their_way(notes: Notes, since: float, until: float) -> Spans:
    """From a commit that was confirmed to its writer until another screen shows that position or a later one."""
    spans = Spans()
    screens = {
        who: [(note["seq"], note["at"]) for note in notes[who] if note["what"] == "shown" and note["at"] >= since]
        for who in notes
    }
    for who in notes:
        for note in notes[who]:
            if note["what"] == "confirmed" and since <= note["at"] <= until:
                for other in set(notes) - {who}:
                    there = bisect_left(screens[other], (note["seq"], 0.0))
                    if there < len(screens[other]):
                        spans.seconds.append(max(screens[other][there][1] - note["at"], 0.0))
    return spans
