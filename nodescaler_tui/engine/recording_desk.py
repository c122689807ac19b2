"""The recording desk: begins and ends recordings, and never lets a full disk disturb what is being watched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from nodescaler_tui.display_text import EMPTY, display_text
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.recording import VERSION, Header, Recorder
from nodescaler_tui.events import Event, Journal, JournalUnavailable
from nodescaler_tui.facts import Observation
from nodescaler_tui.intents import StartRecording, StopRecording
from nodescaler_tui.state import Severity
from nodescaler_tui.views import Answer

LONGEST_SENTENCE = 400


class RecordingDesk:
    """Every method blocks on the disk."""

    def __init__(
        self, mind: Mind, journal: Journal, folder: Path, *, poll_every_s: float, clock: Callable[[], datetime]
    ) -> None:
        self._mind = mind
        self._journal = journal
        self._folder = folder
        self._poll_every_s = poll_every_s
        self._clock = clock
        self._recorder = Recorder()

    def judge(self, intent: StartRecording | StopRecording) -> Answer:
        """Begin or end."""
        return self._start() if isinstance(intent, StartRecording) else self._stopped()

    def _start(self) -> Answer:
        if self._recorder.active:
            return _answer(f"This session is being recorded already, to {self._recorder.path}.", done=False)
        now = self._clock()
        path = self._folder / f"recording-{now:%Y%m%d-%H%M%S}.jsonl.gz"
        header = Header(
            VERSION, now, self._mind.scope, self._mind.rules, dict(self._mind.book.matrices), self._poll_every_s
        )
        try:
            self._recorder.start(path, header, self._journal.read())
        except (OSError, JournalUnavailable) as error:
            self._recorder.stop()
            return _answer(f"Nothing is recorded: {error}.", done=False)
        self._mind.recording = display_text(str(path), LONGEST_SENTENCE)
        return _answer(f"Recording to {path}.", done=True)

    def _stopped(self) -> Answer:
        path = self.stop()
        return _answer("Nothing is being recorded." if path is None else f"Recorded to {path}.", done=path is not None)

    def stop(self) -> Path | None:
        """End the recording; where it is."""
        self._mind.recording = EMPTY
        return self._recorder.stop()

    def observed(self, observation: Observation) -> None:
        """One poll."""
        self._written(lambda: self._recorder.observed(observation))

    def happened(self, events: Sequence[Event]) -> None:
        """Journal events."""
        self._written(lambda: self._recorder.happened(events))

    def _written(self, write: Callable[[], None]) -> None:
        if not self._recorder.active:
            return
        try:
            write()
        except OSError as error:
            self.stop()
            self._mind.note(self._clock(), Severity.WARNING, f"The recording ended: {error.strerror}.")


def _answer(sentence: str, *, done: bool) -> Answer:
    return Answer(0, done=done, sentence=display_text(sentence, LONGEST_SENTENCE))
