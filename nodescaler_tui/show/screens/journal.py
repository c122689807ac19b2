"""The journal: what happened, newest first; one event or a whole operation in full; and whether the chain holds."""

from __future__ import annotations

import textwrap
from datetime import datetime
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from nodescaler_tui.engine.client import Update
from nodescaler_tui.intents import ReadJournal, ReadStory, VerifyJournal
from nodescaler_tui.show.actions import Place, bindings
from nodescaler_tui.show.inked import line, lines
from nodescaler_tui.show.questions import export_question
from nodescaler_tui.show.screens.asking import AskScreen
from nodescaler_tui.show.screens.showing import Desk, StateScreen
from nodescaler_tui.show.widgets.key_line import KeyLine
from nodescaler_tui.show.widgets.link_line import LinkLine
from nodescaler_tui.show.words import local_moments, moment_in_full
from nodescaler_tui.state import InFront, JournalEntry, Sight
from nodescaler_tui.views import Answer, ChainReport, JournalPage, Story

PAGE: Final = 200
ROOM_FOR_KINDS: Final = 110
FILTERS: Final = ("group", "operator", "kind")


class JournalScreen(StateScreen):
    """A list, and under it what is selected."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.JOURNAL)]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._entries: dict[int, JournalEntry] = {}
        self._more = False
        self._seen_seq = 0
        self._awaited = 0

    def compose(self) -> ComposeResult:
        """List, filter, story, keys."""
        yield LinkLine(id="link")
        yield OptionList(id="entries")
        yield Input(placeholder="words, or group:… operator:… kind:…; esc clears", id="journal-filter")
        with VerticalScroll(id="story-box", can_focus=True):
            yield Static(id="story")
        yield KeyLine(self.desk, Place.JOURNAL)

    def on_mount(self) -> None:
        """Ask for what there is."""
        self.query_one("#journal-filter").display = False
        self.query_one("#entries").border_title = "Journal"
        self.query_one("#story-box").border_title = "enter shows an event or a whole operation"
        self.query_one(OptionList).focus()
        super().on_mount()

    @property
    def in_front(self) -> InFront:
        """The journal."""
        return InFront(Sight.JOURNAL)

    def draw(self) -> None:
        """The link line; the list is read again when something was added."""
        state = self.desk.state
        self.query_one(LinkLine).show(state, self.desk.away, self.desk.operator, self.now)
        newest = state.journal[0].seq if state.journal else 0
        if newest != self._seen_seq:
            self._seen_seq = newest
            self._read(before_seq=None)

    def _read(self, *, before_seq: int | None) -> None:
        self._awaited += 1
        wanted = filter_of(self.query_one("#journal-filter", Input).value)
        self.desk.send(ReadJournal(limit=PAGE, before_seq=before_seq, **wanted))

    def receive(self, update: Update) -> None:
        """A page, a story, the report on the chain, or where the export went."""
        match update:
            case JournalPage():
                self._take(update)
            case Story():
                self._show_story(update)
            case ChainReport():
                self._show_report(update)
            case Answer():
                self._awaited = 0
                self.notify(str(update.sentence), severity="information" if update.done else "error", markup=False)

    def _take(self, page: JournalPage) -> None:
        """Add a page, unless another filter was typed since it was asked for."""
        self._awaited = max(self._awaited - 1, 0)
        if self._awaited == 0:
            self._entries.update({entry.seq: entry for entry in page.entries})
            self._more = page.more
            self._fill()

    def _fill(self) -> None:
        entries = self.query_one(OptionList)
        kept = entries.highlighted_option.id if entries.highlighted_option is not None else None
        shown = [self._entries[seq] for seq in sorted(self._entries, reverse=True)]
        entries.clear_options()
        entries.add_options([Option(entry_line(entry, self.size.width), id=str(entry.seq)) for entry in shown])
        entries.border_subtitle = f"{len(shown)} shown{'; m reads older ones' if self._more else ''}"
        if shown:
            known = kept is not None and int(kept) in self._entries
            entries.highlighted = entries.get_option_index(str(kept)) if known else 0

    def _show_story(self, story: Story) -> None:
        rows: list[Content] = []
        for event in story.events:
            rows.append(line((f"{event.seq:>5}  {moment_in_full(event.at)}  ", "muted"), (event.kind, "accent")))
            for name, value in (*event.fields, ("hash", event.hash)):
                rows += _field_rows(name, local_moments(str(value)), self.size.width - 6)
        self.query_one("#story-box").border_title = "Operation" if story.operation_id else "Event"
        self.query_one("#story", Static).update(lines(*rows))

    def _show_report(self, report: ChainReport) -> None:
        ink = "ok" if report.intact else "critical"
        title = "The chain holds" if report.intact else "The chain is broken"
        self.query_one("#story-box").border_title = "Verification"
        rows = [line((title, ink)), *(line((str(sentence), "")) for sentence in report.sentences)]
        self.query_one("#story", Static).update(lines(*rows))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """One event, or the whole story of its operation."""
        self._open(event.option.id)

    def _open(self, seq: str | None) -> None:
        entry = self._entries.get(int(seq or 0))
        if entry is not None:
            self.desk.send(ReadStory(entry.operation_id, None if entry.operation_id else entry.seq))

    def on_input_changed(self) -> None:
        """Filter while typing: the engine looks through the whole journal, not only through what is shown."""
        self._entries = {}
        self._read(before_seq=None)

    def on_input_submitted(self) -> None:
        """Back to the list, with the filter kept."""
        self.query_one(OptionList).focus()

    def action_more_detail(self) -> None:
        """The highlighted event, or the whole story of its operation."""
        option = self.query_one(OptionList).highlighted_option
        self._open(option.id if option is not None else None)

    def action_older(self) -> None:
        """Read older lines too."""
        if self._more and self._entries:
            self._read(before_seq=min(self._entries))

    def action_export(self) -> None:
        """To the question in which format."""
        self.app.push_screen(AskScreen(self.desk, export_question()))

    def action_filter_journal(self) -> None:
        """Type a filter."""
        self.query_one("#journal-filter").display = True
        self.query_one("#journal-filter", Input).focus()

    def action_verify(self) -> None:
        """Verify the chain."""
        self.desk.send(VerifyJournal())

    def action_back(self) -> None:
        """Clear the filter first, then leave."""
        filter_input = self.query_one("#journal-filter", Input)
        if filter_input.display:
            filter_input.value = ""
            filter_input.display = False
            self.query_one(OptionList).focus()
        else:
            self.app.pop_screen()


def filter_of(typed: str) -> dict[str, str]:
    """What was typed as filters: `group:`, `operator:` and `kind:` before a word, and everything else as words."""
    found: dict[str, str] = {}
    words: list[str] = []
    for piece in typed.split():
        name, colon, value = piece.partition(":")
        if colon and name in FILTERS:
            found[name] = value
        else:
            words.append(piece)
    return {**found, "words": " ".join(words)}


def entry_line(entry: JournalEntry, width: int) -> Content:
    """One event in one line; where it is narrow its kind is left to its sentence."""
    return line(
        (f"{_moment(entry.at)}  ", "muted"),
        (f"{entry.kind:<22.22}" if width >= ROOM_FOR_KINDS else "", "accent"),
        (f"{entry.group_name:<18.18} ", "bold"),
        (f"{entry.sentence}", ""),
        (f"  {entry.operator}", "muted"),
    )


def _field_rows(name: str, value: str, width: int) -> list[Content]:
    """A field of an event; a long value goes on under its own beginning."""
    head = f"{'':9}{name}: "
    first, *others = textwrap.wrap(value, max(width - len(head), 20)) or [""]
    return [line((head, "muted"), (first, "")), *(line((" " * len(head), ""), (row, "")) for row in others)]


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone():%d %b %H:%M:%S}"
