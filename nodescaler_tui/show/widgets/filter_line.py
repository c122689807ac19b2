"""The filter: one line to type into, over the proposal; it tells what is wanted and when it was left."""

from __future__ import annotations

from textual.message import Message
from textual.widgets import Input


class FilterLine(Input):
    """Hidden until somebody wants to filter."""

    class Changed(Input.Changed):
        """Something was typed."""

    class Left(Message):
        """Enter or escape was pressed."""

    def __init__(self) -> None:
        super().__init__(
            placeholder="/ part of a name, site or state; ! inverts; esc clears", id="filter", compact=True
        )
        self.cursor_blink = False

    def begin(self) -> None:
        """Show it, with the focus."""
        self.display = True
        self.focus()

    def action_submit_filter(self) -> None:
        """Keep the filter."""
        self.display = bool(self.value)
        self.post_message(self.Left())

    def key_enter(self) -> None:
        """Keep the filter and go back to the fleet."""
        self.action_submit_filter()

    def key_escape(self) -> None:
        """Clear it and go back to the fleet."""
        self.value = ""
        self.action_submit_filter()
