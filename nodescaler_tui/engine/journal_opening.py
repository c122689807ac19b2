"""Opening the journal: this user's own file, or a team's shared store; and what stands in when there is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from nodescaler_tui import __version__
from nodescaler_tui.clock import MACHINE_CLOCK, Clock
from nodescaler_tui.display_text import display_text
from nodescaler_tui.events import Event, JournalUnavailable, Transaction
from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.rows import StoredEvent
from nodescaler_tui.record.shared import open_shared, open_shared_for_reading
from nodescaler_tui.record.signing import SigningKey, UnusableKey
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.record.stored import StoredJournal
from nodescaler_tui.record.witness import Witness
from nodescaler_tui.settings import Settings
from nodescaler_tui.views import ChainReport

ONLY_SHOWN: Final = (
    "The journal is in a shared store, where this release shows what was done and does nothing itself. To act, leave "
    "store.url empty."
)
"""By which engine an operation is carried out, locks of one machine tell; among several machines they tell nothing."""


class UnusableJournal:
    """Stands in for a journal that could not be opened: everything known is shown, and nothing can be approved."""

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence

    def read(self, after: int = 0) -> Sequence[Event]:  # noqa: ARG002 - the protocol's own argument
        """Always raises JournalUnavailable."""
        raise JournalUnavailable(self._sentence)

    def stored(self) -> Iterable[StoredEvent]:
        """Always raises JournalUnavailable."""
        raise JournalUnavailable(self._sentence)

    def chain_report(self) -> ChainReport:
        """That nothing could be proved."""
        return ChainReport(intact=False, sentences=(display_text("The journal cannot be read."),))

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Always raises JournalUnavailable."""
        raise JournalUnavailable(self._sentence)
        yield  # type: ignore[unreachable]  # makes this a generator, as the protocol wants


class OpenedJournal:
    """A journal as the engine uses it, whichever store it is in. With a reason not to write it is only looked at."""

    def __init__(self, journal: StoredJournal, only_shown: str = "") -> None:
        self._journal = journal
        self._only_shown = only_shown

    def read(self, after: int = 0) -> Sequence[Event]:
        """Every event with a position above `after`, oldest first. Raises JournalUnavailable."""
        return self._journal.read(after)

    def stored(self) -> Iterable[StoredEvent]:
        """Every row as it lies in the store. Raises JournalUnavailable."""
        return self._journal.stored()

    def chain_report(self) -> ChainReport:
        """What verifying the chain proves. Raises JournalUnavailable."""
        outcome = verify_journal(self._journal)
        return ChainReport(outcome.intact, tuple(display_text(sentence) for sentence in outcome.sentences))

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Queue up with all other writers, then write. Raises JournalUnavailable; then nothing was written."""
        if self._only_shown:
            raise JournalUnavailable(self._only_shown)
        with self._journal.transaction() as transaction:
            yield transaction


def open_journal(settings: Settings, clock: Clock = MACHINE_CLOCK) -> StoredJournal:
    """The journal in its store, with the witness of its heads. Raises JournalUnavailable, UnusableKey."""
    key_file = settings.audit.signing_key_file
    key = SigningKey.read(Path(key_file).expanduser()) if key_file else None
    witness = Witness(settings.paths.witness, key)
    if settings.store.url:
        return open_shared(settings.store.url, version=__version__, clock=clock.now, witness=witness)
    return SqliteJournal.open(settings.paths.journal, version=__version__, clock=clock.now, witness=witness)


def journal_from(settings: Settings, clock: Clock = MACHINE_CLOCK) -> OpenedJournal | UnusableJournal:
    """The journal for an engine, or a stand-in that says why there is none."""
    try:
        if settings.store.url:
            return OpenedJournal(open_shared_for_reading(settings.store.url), ONLY_SHOWN)
        return OpenedJournal(open_journal(settings, clock))
    except (JournalUnavailable, UnusableKey) as error:
        return UnusableJournal(str(error))
