"""Exporting: the whole journal into a file of its own, for another program or for whoever asks tomorrow."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from nodescaler_tui.display_text import display_text
from nodescaler_tui.record.formats import FORMATS
from nodescaler_tui.record.rows import StoredEvent
from nodescaler_tui.views import Answer

LONGEST_SENTENCE = 400


class Stored(Protocol):
    """A journal that can be read as it is stored."""

    def stored(self) -> Iterable[StoredEvent]:
        """Every event as it was written."""


def export_journal(journal: Stored, folder: Path, wanted: str, now: datetime) -> Answer:
    """Write the journal into this folder in the format that was typed. Raises JournalUnavailable."""
    name = wanted.strip().lower() or "jsonl"
    if name not in FORMATS:
        return Answer(0, done=False, sentence=display_text(f"{name!r} is none of {', '.join(FORMATS)}."))
    path = folder / f"journal-{now:%Y%m%d-%H%M%S}.{'csv' if name == 'csv' else 'jsonl'}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            path.chmod(0o600)
            file.writelines(FORMATS[name](journal.stored()))
    except OSError as error:
        return Answer(
            0, done=False, sentence=display_text(f"Not exported: {path}: {error.strerror}.", LONGEST_SENTENCE)
        )
    return Answer(0, done=True, sentence=display_text(f"Exported to {path}.", LONGEST_SENTENCE))
