"""Opening the journal: this user's own file, or a team's shared store; and what stands in when there is none."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

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
    """A journal as the engine uses it, whichever store it is in.

    It is opened as soon as it can be: one that a network is in the way of is tried again by whoever needs it next.
    """

    def __init__(self, opens: Callable[[], StoredJournal]) -> None:
        self._opens = opens
        self._opening = threading.Lock()
        self._opened: StoredJournal | None = None

    def open(self) -> StoredJournal:
        """The journal in its store. Raises JournalUnavailable."""
        with self._opening:
            if self._opened is None:
                self._opened = self._opens()
            return self._opened

    def read(self, after: int = 0) -> Sequence[Event]:
        """Every event with a position above `after`, oldest first. Raises JournalUnavailable."""
        return self.open().read(after)

    def stored(self) -> Iterable[StoredEvent]:
        """Every row as it lies in the store. Raises JournalUnavailable."""
        return self.open().stored()

    def chain_report(self) -> ChainReport:
        """What verifying the chain proves. Raises JournalUnavailable."""
        outcome = verify_journal(self.open())
        return ChainReport(outcome.intact, tuple(display_text(sentence) for sentence in outcome.sentences))

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Queue up with all other writers, then write. Raises JournalUnavailable; then nothing was written."""
        with self.open().transaction() as transaction:
            yield transaction


def witness_from(settings: Settings) -> Witness:
    """Who remembers the journal's heads on this machine. Raises UnusableKey."""
    key_file = settings.audit.signing_key_file
    return Witness(settings.paths.witness, SigningKey.read(Path(key_file).expanduser()) if key_file else None)


def open_journal(settings: Settings, clock: Clock = MACHINE_CLOCK) -> StoredJournal:
    """The journal in its store, with the witness of its heads, for whoever carries no operation out.

    Raises JournalUnavailable, UnusableKey.
    """
    witness = witness_from(settings)
    if settings.store.url:
        return open_shared(settings.store.url, version=__version__, clock=clock.now, witness=witness)
    return SqliteJournal.open(settings.paths.journal, version=__version__, clock=clock.now, witness=witness)


def journal_to_read(settings: Settings) -> StoredJournal:
    """The journal for a command that only looks at it. Raises JournalUnavailable."""
    if settings.store.url:
        return open_shared_for_reading(settings.store.url)
    return SqliteJournal.open_for_reading(settings.paths.journal)


def own_journal(settings: Settings, clock: Clock = MACHINE_CLOCK) -> OpenedJournal | UnusableJournal:
    """This user's own file for an engine, or a stand-in that says why there is none."""
    journal = OpenedJournal(lambda: open_journal(settings, clock))
    try:
        journal.open()
    except (JournalUnavailable, UnusableKey) as error:
        return UnusableJournal(str(error))
    return journal
