"""One field of the first-run screen: its name, what is typed, and one sentence about it."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label, Static

from nodescaler_tui.display_text import display_text
from nodescaler_tui.show.inked import line
from nodescaler_tui.show.setup import Field, Mark, Verdict

LONGEST_PLACEHOLDER: Final = 36
LONGEST_VALUE: Final = 2048
INKS: Final = {Mark.OK: "ok", Mark.NOTE: "muted", Mark.WRONG: "critical"}


class SecretInput(Input):
    """Shows a dot for each character, and gives none of them to the clipboard."""

    def action_copy(self) -> None:
        """Nothing: the clipboard is a place like any other."""

    def action_cut(self) -> None:
        """Only what cutting leaves."""
        self.delete_selection()


class SetupField(Vertical):
    """A name, an input and a verdict under it."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self._verdict: Verdict | None = None

    def compose(self) -> ComposeResult:
        """The input tells nothing of what is set but what may be shown."""
        kind = SecretInput if self.field.secret else Input
        choices = SuggestFromList(self.field.choices, case_sensitive=False) if self.field.choices else None
        with Horizontal(classes="setup-row"):
            yield Label(line((self.field.label, "")), classes="setup-name")
            yield kind(
                id=self.field.key.replace(".", "-"),
                password=self.field.secret,
                suggester=choices,
                max_length=LONGEST_VALUE,
                compact=True,
            )
        yield Static(classes="setup-verdict")

    @property
    def input(self) -> Input:
        """Where it is typed."""
        return self.query_one(Input)

    def show(self, field: Field, verdict: Verdict) -> None:
        """The field as it is set now, and what is to be said about it; only what differs is laid out anew."""
        self.field = field
        self.input.placeholder = display_text(field.present, LONGEST_PLACEHOLDER)
        self.input.disabled = field.fixed
        if verdict != self._verdict:
            self._verdict = verdict
            said = line((f"{verdict.mark.value} ", INKS[verdict.mark]), (verdict.sentence, _ink(verdict.mark)))
            self.query_one(".setup-verdict", Static).update(said)


def _ink(mark: Mark) -> str:
    """The sentence of what is wrong stands out; the others are quiet."""
    return "critical" if mark is Mark.WRONG else "muted"
