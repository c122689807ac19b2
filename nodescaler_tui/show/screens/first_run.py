"""The first-run screen: what is needed can be typed, is judged while it is typed, tried, and kept.

The secret lives in its field and in this process; nothing here shows it, logs it or writes it anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import ClassVar, Final

from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, Input, Static

from nodescaler_tui.show.actions import Place, bindings
from nodescaler_tui.show.inked import line, lines
from nodescaler_tui.show.screens.saved import SavedScreen
from nodescaler_tui.show.screens.showing import Desk
from nodescaler_tui.show.setup import Choice, Mark, Setup, Verdict
from nodescaler_tui.show.widgets.key_line import KeyLine
from nodescaler_tui.show.widgets.setup_field import INKS, SetupField
from nodescaler_tui.show.widgets.steady import same
from nodescaler_tui.show.widgets.trial_panel import TrialPanel

LOOK_EVERY_S: Final = 3.0
BUTTONS: Final = {"save_setup": "Save and open", "try_out": "Try", "demo": "Demo", "leave": "Leave"}


class FirstRunScreen(Screen[None]):
    """A form that notices what changes beside it.

    Its keys come before those of a field, and so take effect before the next key is dealt out: a secret that a password
    manager types behind a tab must not end up in a field that shows it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(replace(key, priority=True) for key in bindings(Place.FIRST_RUN)),
        Binding("enter", "next_field", show=False, priority=True),
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
    ]

    def __init__(self, setup: Setup, desk: Desk) -> None:
        super().__init__()
        self._setup = setup
        self._desk = desk
        self._sheet = setup.look()
        self._demo_asked = False
        self._shown_head = Content("")

    def compose(self) -> ComposeResult:
        """The fields, the trial once there is one, buttons, keys."""
        with VerticalScroll(id="first-run", can_focus=False):
            yield Static(id="first-run-head")
            yield from (SetupField(field) for field in self._sheet.fields if not field.optional)
            yield Static(id="first-run-declared")
            yield from (SetupField(field) for field in self._sheet.fields if field.optional)
        yield TrialPanel()
        yield Static(id="first-run-said")
        with Horizontal(id="first-run-buttons"):
            for name, words in BUTTONS.items():
                yield Button(words, id=name, compact=True)
        yield KeyLine(self._desk, Place.FIRST_RUN)

    def on_mount(self) -> None:
        """Look now, and go on looking: the file may be edited beside this."""
        self.query_one("#first-run").border_title = "nodescaler-tui: first run"
        words = "Optional: a node group that Genesys Cloud does not list."
        self.query_one("#first-run-declared", Static).update(line((words, "")))
        self._draw(self._setup.judge({}))
        self._focus_first_need()
        self.set_interval(LOOK_EVERY_S, self.look_again)

    def look_again(self) -> None:
        """Go on by itself once everything is set elsewhere; never while something typed would be lost."""
        self._sheet = self._setup.look()
        if self._sheet.complete and not any(self._typed().values()) and self.app.screen is self:
            self.app.exit(result=Choice.DASHBOARD)
            return
        self._draw(self._setup.judge(self._typed()))

    def _typed(self) -> dict[str, str]:
        """What is in the fields; one that cannot be typed in any more counts for nothing."""
        return {each.field.key: "" if each.field.fixed else each.input.value for each in self.query(SetupField)}

    def on_input_changed(self) -> None:
        """Say what is to be said about it, at once."""
        self._demo_asked = False
        self._say(Mark.NOTE)
        self._draw(self._setup.judge(self._typed()))

    def _say(self, mark: Mark, *sentences: str) -> None:
        """What the last key came to, until something is typed; nothing takes the room back."""
        said = self.query_one("#first-run-said", Static)
        if sentences or said.display:
            said.update(lines(*(line((f"{mark.value} {sentence}", INKS[mark])) for sentence in sentences)))
            said.display = bool(sentences)

    def _draw(self, verdicts: Mapping[str, Verdict]) -> None:
        by_key = {field.key: field for field in self._sheet.fields}
        for each in self.query(SetupField):
            each.show(by_key[each.field.key], verdicts[each.field.key])
        head = self._head()
        if not same(head, self._shown_head):
            self._shown_head = head
            self.query_one("#first-run-head", Static).update(head)

    def _head(self) -> Content:
        """What this is, and what stands in the way."""
        if self._sheet.locked or self._sheet.problem:
            why = self._sheet.locked or self._sheet.problem
            return line((f"{Mark.WRONG.value} {why}", "critical"))
        if self._sheet.complete:
            return line(("Everything that is needed is set by now; save to open the dashboard.", "ok"))
        kept_in = ("All but secrets is kept in ", ""), (self._sheet.config_file, "accent")
        return line(("Nothing is watched yet. ", "bold"), *kept_in)

    def _focus_first_need(self) -> None:
        """Where typing begins: at what is wrong or needed, else where something can be typed or pressed."""
        verdicts = self._setup.judge(self._typed())
        open_to_typing = [each for each in self.query(SetupField) if not each.input.disabled]
        needed = [each for each in open_to_typing if verdicts[each.field.key].mark is Mark.WRONG]
        first = next(iter(needed or open_to_typing), None)
        (first.input if first is not None else self.query_one("#demo", Button)).focus()

    def action_next_field(self) -> None:
        """Enter goes on to the next field; it never saves. On a button it presses it."""
        if not isinstance(self.focused, Input):
            raise SkipAction
        self.focus_next()

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """The mouse works too."""
        await self.run_action(str(event.button.id))

    def action_save_setup(self) -> None:
        """Keep everything but secrets, and open the dashboard when nothing is missing."""
        saved = self._setup.save(self._typed())
        self._sheet = self._setup.look()
        if saved.complete and saved.sentences:
            self.app.push_screen(SavedScreen(saved), lambda _: self.app.exit(result=Choice.DASHBOARD))
        elif saved.complete:
            self.app.exit(result=Choice.DASHBOARD)
        else:
            self._draw(self._setup.judge(self._typed()))
            self._say(Mark.NOTE if saved.kept else Mark.WRONG, *saved.sentences)
            self._focus_first_need()

    def action_try_out(self) -> None:
        """Try it, anew when a trial is under way."""
        self.run_worker(self._try(), group="trial", exclusive=True)

    async def _try(self) -> None:
        panel = self.query_one(TrialPanel)
        panel.begin()
        async with aclosing(self._setup.trial(self._typed())) as findings:
            async for finding in findings:
                panel.add(finding)
        panel.end()

    def action_demo(self) -> None:
        """To the demo; asked twice when that would lose what was typed."""
        if any(self._typed().values()) and not self._demo_asked:
            self._demo_asked = True
            self._say(Mark.NOTE, "What is typed here is not saved. Once more starts the demo.")
        else:
            self.app.exit(result=Choice.DEMO)

    def action_leave(self) -> None:
        """Leave."""
        self.app.exit(result=Choice.LEAVE)
