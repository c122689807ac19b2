"""Asking: a question that takes more than a key, such as what became of an attempt that is in doubt.

What was typed goes to the engine as one intent; its refusal is shown here, its consent closes the
screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from nodescaler_tui.engine.client import Update
from nodescaler_tui.intents import Intent
from nodescaler_tui.show.actions import Place, bindings
from nodescaler_tui.show.inked import line, lines
from nodescaler_tui.show.screens.showing import Desk, StateScreen
from nodescaler_tui.show.widgets.key_line import KeyLine
from nodescaler_tui.show.widgets.link_line import LinkLine
from nodescaler_tui.state import InFront
from nodescaler_tui.views import Answer


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a title, what should be known before answering, a field for each thing to type, and the intent.

    `unreadable` is what is said where there is no intent, because what was typed cannot be read.
    """

    title: str
    sentences: tuple[str, ...]
    fields: tuple[str, ...]
    button: str
    intent: Callable[[tuple[str, ...]], Intent | None]
    unreadable: str = "This is not a whole number of minutes."


class AskScreen(StateScreen):
    """Asks one question and sends what was answered."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.ASKING)]

    def __init__(self, desk: Desk, question: Question) -> None:
        super().__init__(desk)
        self.question = question
        self._asked: int | None = None
        self._refused = ""

    def compose(self) -> ComposeResult:
        """The question, a field for each thing to type, two buttons, keys."""
        yield LinkLine(id="link")
        with VerticalScroll(id="approval-box", can_focus=False):
            yield Static(id="approval-text")
        for number, name in enumerate(self.question.fields):
            typed = Input(id=f"field-{number}", classes="asked", placeholder=name)
            typed.border_title = Content(name)
            yield typed
        with Horizontal(id="approval-buttons"):
            yield Button("Cancel", id="cancel")
            yield Button(self.question.button, id="answer")
        yield KeyLine(self.desk, Place.ASKING)

    def on_mount(self) -> None:
        """Focus on the first field: enter by habit only goes on to the next."""
        super().on_mount()
        self.query(Input).first().focus()

    @property
    def in_front(self) -> InFront:
        """A question about what was in front of the operator before it was asked."""
        return self.desk.in_front or super().in_front

    def draw(self) -> None:
        """The question, and why the last answer did not count."""
        self.query_one(LinkLine).show(self.desk.state, self.desk.away, self.desk.operator, self.now)
        self.query_one("#approval-box").border_title = line((self.question.title, "accent"))
        rows = [line((sentence, "")) for sentence in self.question.sentences]
        if self._refused:
            rows += [line(("", "")), line(("Refused: ", "critical"), (self._refused, "critical"))]
        self.query_one("#approval-text", Static).update(lines(*rows))

    def receive(self, update: Update) -> None:
        """The engine's word on the answer."""
        if not isinstance(update, Answer) or update.request != self._asked:
            return
        self._asked = None
        if update.done:
            self.notify(str(update.sentence), markup=False)
            self.app.pop_screen()
        else:
            self._refused = str(update.sentence)
            self.draw()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The mouse works too."""
        if event.button.id == "answer":
            self.action_answer()
        else:
            self.action_back()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on to the next field, and in the last one it answers."""
        fields = list(self.query(Input))
        following = fields[fields.index(event.input) + 1 :]
        if following:
            following[0].focus()
        else:
            self.action_answer()

    def action_answer(self) -> None:
        """Send the answer, once, while none is awaited."""
        if self._asked is not None:
            return
        intent = self.question.intent(tuple(field.value for field in self.query(Input)))
        if intent is None:
            self._refused = self.question.unreadable
            self.draw()
            return
        self._refused = ""
        self._asked = self.desk.send(intent)

    def action_back(self) -> None:
        """Leave; nothing was decided."""
        self.app.pop_screen()
