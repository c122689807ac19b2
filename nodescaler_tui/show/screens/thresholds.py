"""The threshold editor: the lines move as you type, and what the edit would do now is said over the whole fleet."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import Resize
from textual.widgets import Input, Label, Static

from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.client import Update
from nodescaler_tui.intents import PreviewThresholds, SaveThresholds, UndoThresholds
from nodescaler_tui.show.actions import Place, bindings
from nodescaler_tui.show.inked import line, lines
from nodescaler_tui.show.screens.showing import Desk, StateScreen
from nodescaler_tui.show.widgets.key_line import KeyLine
from nodescaler_tui.show.widgets.link_line import LinkLine
from nodescaler_tui.show.widgets.matrix_words import source_words, taking_back_words
from nodescaler_tui.show.widgets.signals import SignalPanel
from nodescaler_tui.state import GroupState, InFront, Sight
from nodescaler_tui.views import Answer, GroupDetail, ThresholdPreview

FIELDS: Final = {
    "cpu_warning": "CPU warning",
    "cpu_critical": "CPU critical",
    "memory_warning": "memory warning",
    "memory_critical": "memory critical",
    "max_nodes": "most nodes",
    "sessions_per_node": "sessions/node ×",
    "rated_sessions_per_node": "rated sessions/node",
}
WIDE: Final = 100


class ThresholdScreen(StateScreen):
    """Edits the matrix of one group, or the default of all when no group is given."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.THRESHOLDS)]

    def __init__(self, desk: Desk, matrix: ThresholdMatrix, group: GroupState | None) -> None:
        super().__init__(desk)
        self._matrix = matrix
        self._group = group
        self._preview: ThresholdPreview | None = None
        self._reload_due = False

    def compose(self) -> ComposeResult:
        """Fields on the left, plots on the right where there is room, what-if below."""
        yield LinkLine(id="link")
        with Horizontal(id="thresholds-box"):
            with VerticalScroll(id="fields", can_focus=False):
                for name, words in FIELDS.items():
                    with Horizontal(classes="field"):
                        yield Label(words, classes="field-name")
                        yield Input(value_text(self._matrix, name), id=name, classes="field-value", compact=True)
                    yield Static(id=f"error-{name}", classes="field-error")
                with Horizontal(classes="field"):
                    yield Label("why", classes="field-name")
                    yield Input(placeholder="kept in the journal", id="reason", compact=True)
            with Vertical(id="preview-plots"):
                yield SignalPanel(id="signals", limits=False)
        yield Static(id="what-if")
        yield KeyLine(self.desk, Place.THRESHOLDS)

    def on_mount(self) -> None:
        """Begin at the first field, with what the present values mean."""
        super().on_mount()
        scope = "all groups that have no thresholds of their own" if self._group is None else self._group.name
        self.query_one("#thresholds-box").border_title = line((f"Thresholds of {scope}", "accent"))
        self.query_one("#what-if").border_title = "What if"
        self.query_one("#cpu_warning", Input).focus()

    def on_resize(self, _: Resize) -> None:
        """Plots only where there is room beside the fields."""
        self.query_one("#preview-plots").display = self.app.size.width >= WIDE and self._group is not None
        self.call_after_refresh(self._ask)

    @property
    def _scope(self) -> str:
        return "" if self._group is None else self._group.id

    def _values(self) -> dict[str, str]:
        return {name: self.query_one(f"#{name}", Input).value for name in FIELDS}

    def on_input_changed(self, event: Input.Changed) -> None:
        """Ask what this would do."""
        if event.input.id != "reason":
            self._reload_due = False
            self._ask()

    def _ask(self) -> None:
        sizes = self.query_one(SignalPanel).sizes() if self.query_one("#preview-plots").display else ()
        self.desk.send(PreviewThresholds(self._scope, self._values(), sizes, self.desk.span_s))

    @property
    def in_front(self) -> InFront:
        """The matrix of this group, or the default of all."""
        return InFront(Sight.THRESHOLDS, self._scope)

    def draw(self) -> None:
        """The link line and the titles of the plots."""
        self.query_one(LinkLine).show(self.desk.state, self.desk.away, self.desk.operator, self.now)
        if self._group is not None:
            self.query_one(SignalPanel).show(self.desk.state.group(self._group.id), self.now)
        if self.desk.state.rules.shared:
            self._draw_team()

    def _draw_team(self) -> None:
        """Whose the thresholds are; fields in which nothing was typed, or after the engine's word, show what stands."""
        group = None if self._group is None else self.desk.state.group(self._group.id)
        source = source_words(self.desk.state, group, self.now)
        taking_back = taking_back_words(self.desk.state, self.now)
        self.query_one("#thresholds-box").border_subtitle = line((source, "muted"))
        self.query_one("#what-if").border_subtitle = line((taking_back, "muted"))
        default = self.desk.state.rules.default
        stands = group.matrix if group is not None else None if default is None else default.matrix
        untouched = self._values() == _texts(self._matrix)
        if stands is not None and stands != self._matrix and (untouched or self._reload_due):
            self._reload(stands)

    def _reload(self, matrix: ThresholdMatrix) -> None:
        self._matrix, self._reload_due = matrix, False
        for name, value in _texts(matrix).items():
            self.query_one(f"#{name}", Input).value = value

    def receive(self, update: Update) -> None:
        """What the edit would do, or what saving it came to."""
        if isinstance(update, ThresholdPreview) and update.scope == self._scope:
            self._show_preview(update)
        elif isinstance(update, GroupDetail) and self._preview is None:
            self.query_one(SignalPanel).show_plots(update.plots)
        elif isinstance(update, Answer):
            self._reload_due = update.done or bool(update.changes)
            self.draw()
            self.notify(str(update.sentence), severity="information" if update.done else "error", markup=False)

    def _show_preview(self, preview: ThresholdPreview) -> None:
        self._preview = preview
        errors = {error.field: str(error.sentence) for error in preview.errors}
        for name in FIELDS:
            self.query_one(f"#error-{name}", Static).update(line((errors.get(name, ""), "critical")))
        self.query_one(SignalPanel).show_plots(preview.plots)
        sentences = [line((str(sentence), "")) for sentence in preview.what_if]
        if errors:
            sentences = [line(("Cannot be saved: see the field.", "critical"))]
        self.query_one("#what-if", Static).update(lines(*sentences))

    def action_save(self) -> None:
        """Save for this session; the engine has the last word."""
        self._save(keep=False)

    def action_keep(self) -> None:
        """Save, and write it to the configuration file, for every session to come."""
        self._save(keep=True)

    def _save(self, *, keep: bool) -> None:
        reason = self.query_one("#reason", Input).value
        self.desk.send(SaveThresholds(self._scope, self._values(), reason, keep, self._matrix))

    def action_undo(self) -> None:
        """Take the last change back."""
        last = self.desk.state.rules.last_change
        self.desk.send(UndoThresholds(None if last is None else last.seq))

    def action_back(self) -> None:
        """Leave without saving."""
        self.app.pop_screen()


def _texts(matrix: ThresholdMatrix) -> dict[str, str]:
    return {name: value_text(matrix, name) for name in FIELDS}


def value_text(matrix: ThresholdMatrix, name: str) -> str:
    """A field of the matrix as it is typed."""
    value = getattr(matrix, name)
    return f"{value:g}" if isinstance(value, float) else str(value)
