"""What stands behind the first-run screen: settings looked at again and again, values judged, tried and kept."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

from nodescaler_tui.display_text import EMPTY, display_text
from nodescaler_tui.first_run import fields, rules
from nodescaler_tui.first_run.fields import LABELS, NEEDED, SECRET, WEBHOOK
from nodescaler_tui.first_run.trial import try_out
from nodescaler_tui.settings import Settings, SettingsError, Sources, load_settings
from nodescaler_tui.settings.keeping import keep_settings
from nodescaler_tui.settings.table import BY_KEY
from nodescaler_tui.show.setup import Finding, Mark, Saved, Sheet, Typed, Verdict

ENDS_WITH_SESSION: Final = {
    SECRET: "The client secret is in no file: it ends with this session. To set it for good, set GENESYS_CLIENT_SECRET "
    "in the environment, or keep it in a file of its own and name that as client_secret_file under [genesys].",
    WEBHOOK: "The webhook URL holds a secret, so it ends with this session too. To set it for good, set "
    "EXTERNAL_SCALER_WEBHOOK in the environment, or name its source as url_from under [receiver].",
}


class FirstRunSetup:
    """Implements the Setup that the first-run screen is given. `locked` says why nothing can be typed."""

    def __init__(self, sources: Callable[[], Sources], settings: Settings, locked: str = "") -> None:
        self._sources = sources
        self._settings = settings
        self._locked = display_text(locked)

    def look(self) -> Sheet:
        """Look again; while the file cannot be used, what was read before stands, with the reason."""
        problem = EMPTY
        try:
            self._settings = load_settings(self._sources())
        except SettingsError as error:
            problem = display_text(str(error), rules.LONGEST_SENTENCE)
        return Sheet(
            tuple(fields.field(self._settings, key, locked=bool(self._locked)) for key in LABELS),
            display_text(str(self._settings.paths.config_file)),
            complete=not problem and not self._settings.missing(),
            problem=problem,
            locked=self._locked,
        )

    def judge(self, typed: Typed) -> dict[str, Verdict]:
        """A verdict for every field."""
        given = fields.given(typed)
        return {key: fields.verdict(self._settings, key, given) for key in LABELS}

    async def trial(self, typed: Typed) -> AsyncGenerator[Finding, None]:
        """Try what is set and typed on Genesys Cloud, without acting."""
        given, sources = fields.given(typed), self._sources()
        faults = self._faults(given)
        if faults:
            for sentence in faults:
                yield Finding(Mark.WRONG, display_text("not tried"), display_text(sentence, rules.LONGEST_SENTENCE))
            return
        variables = {BY_KEY[key].variable: value for key, value in given.items()}
        secrets = [given[key] for key in (SECRET,) if key in given]
        trial = try_out({**sources.environment, **variables}, sources.config_file, secrets)
        async with aclosing(trial) as findings:
            async for finding in findings:
                yield finding

    def save(self, typed: Typed) -> Saved:
        """Keep what was typed; nothing of it when a part is wrong."""
        given = fields.given(typed)
        faults = self._faults(given)
        if faults:
            return _saved(faults, kept=False, complete=False)
        holds_secret = {SECRET, WEBHOOK} if fields.url_holds_secret(self._settings) else {SECRET}
        in_file = {key: _written(key, value) for key, value in given.items() if key not in holds_secret}
        path = self._settings.paths.config_file
        try:
            if in_file:
                keep_settings(path, in_file, self._sources())
        except SettingsError as error:
            return _saved([str(error)], kept=False, complete=False)
        session = {key: value for key, value in given.items() if key in holds_secret}
        kept = [f"Kept in {path}: {', '.join(LABELS[key] for key in in_file)}."] if in_file else []
        return self._outcome(kept, session)

    def _outcome(self, kept: list[str], session: Typed) -> Saved:
        """On to the dashboard with the secrets of this session, or what keeps it from being opened.

        Until then the secrets stay in their fields, where they can be corrected.
        """
        variables = {BY_KEY[key].variable: value for key, value in session.items()}
        os.environ.update(variables)
        if self.look().complete:
            return _saved([*kept, *(ENDS_WITH_SESSION[key] for key in session)], kept=True, complete=True)
        for variable in variables:
            del os.environ[variable]
        problem, verdicts = self.look().problem, self.judge(session)
        needed = [LABELS[key] for key in NEEDED if verdicts[key] == fields.UNSET[key]]
        missing = [f"Still needed: {' and '.join(needed)}."] if needed else []
        return _saved([*kept, *missing, *([str(problem)] if problem else [])], kept=True, complete=False)

    def _faults(self, given: Typed) -> list[str]:
        """Why nothing of it can be used."""
        if self._locked:
            return [str(self._locked)]
        verdicts = self.judge(given)
        return [f"{LABELS[key]}: {verdicts[key].sentence}" for key in given if verdicts[key].mark is Mark.WRONG]


def _written(key: str, value: str) -> str | int:
    """The value as the file holds it."""
    read = BY_KEY[key].read(value)
    return read if isinstance(read, int) else str(read)


def _saved(sentences: list[str], *, kept: bool, complete: bool) -> Saved:
    shown = tuple(display_text(sentence, rules.LONGEST_SENTENCE) for sentence in sentences)
    return Saved(kept=kept, complete=complete, sentences=shown)
