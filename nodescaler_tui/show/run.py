"""Running the app on a terminal: what must be set before Textual is imported, and what must be put right after."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nodescaler_tui import first_frame
from nodescaler_tui.show.setup import Choice, Setup
from nodescaler_tui.state import State

if TYPE_CHECKING:
    from nodescaler_tui.engine.client import Engine
    from nodescaler_tui.show.preferences import Preferences

NOT_A_TERMINAL: Final = 2
CRASHED: Final = 70


def unusable_terminal() -> str:
    """Why the dashboard cannot be shown here, empty when it can: on a terminal, or in a browser."""
    if os.environ.get("TEXTUAL_DRIVER"):
        return ""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "The dashboard needs a terminal. For scripts there is `nodescaler-tui once --json`."
    if os.environ.get("TERM", "") in {"", "dumb"}:
        return "This terminal cannot place text (TERM=dumb). There is `nodescaler-tui once`."
    return ""


def prepare() -> None:
    """Settings that Textual reads while it is imported: repaint at once, and a short wait after escape.

    Garbage is not collected until the first screen is painted: everything made so far stays.
    """
    gc.disable()
    os.environ.setdefault("TEXTUAL_FPS", "120")
    os.environ.setdefault("ESCDELAY", "25")


def run(engine: Engine, *, initial: State, operator: str, preferences: Preferences, crash_file: Path) -> int:
    """Show the dashboard until the operator leaves; the exit code."""
    prepare()
    from nodescaler_tui.show.app import NodescalerApp  # noqa: PLC0415 - after what it reads at its import is set
    from nodescaler_tui.show.themes import load_themes  # noqa: PLC0415

    app = NodescalerApp(
        engine,
        initial=initial,
        operator=operator,
        themes=load_themes(preferences.user_themes),
        preferences=preferences,
        clock=lambda: datetime.now(UTC),
    )
    first_frame.hand_over()
    code = _guarded(lambda: app.run(), crash_file) or app.return_code or 0  # noqa: PLW0108 - run has a default
    let_go_of_terminal()
    return code


def let_go_of_terminal() -> None:
    """What a terminal that is gone cannot take any more goes nowhere; else Python ends with a code of its own."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def run_first(setup: Setup, *, preferences: Preferences, crash_file: Path) -> tuple[Choice, int]:
    """Show the first-run screen; what the operator chose, and the exit code should they leave."""
    prepare()
    from nodescaler_tui.show.first_run_app import FirstRunApp  # noqa: PLC0415 - as above
    from nodescaler_tui.show.themes import load_themes  # noqa: PLC0415

    app = FirstRunApp(setup, load_themes(preferences.user_themes), preferences)
    code = _guarded(app.show, crash_file) or app.return_code or 0
    let_go_of_terminal()
    return (app.return_value or Choice.LEAVE) if code == 0 else Choice.LEAVE, code


def _guarded(show: Callable[[], object], crash_file: Path) -> int:
    """A crash is one sentence on the screen and a file that says where in the code, never with which values."""
    try:
        show()
    except Exception as error:  # noqa: BLE001 - the last resort of a user interface
        frames = traceback.extract_tb(error.__traceback__)
        where = "\n".join(f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
        crash_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        crash_file.write_text(f"{type(error).__name__}\n{where}\n", encoding="utf-8")
        crash_file.chmod(0o600)
        sys.stderr.write(f"The dashboard crashed ({type(error).__name__}); where is written in {crash_file}.\n")
        sys.stderr.write("An approved operation goes on in the engine. Start again to see it.\n")
        return CRASHED
    return 0
