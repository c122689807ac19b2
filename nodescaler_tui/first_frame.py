"""The first frame: what was known last, with its age, painted before anything heavy is imported.

Whoever is woken at night sees the fleet while Python still loads. The engine keeps the text beside its journal. Only
`os`, `sys`, `time` and `termios` are imported here: everything else would cost more than the frame itself.
"""

from __future__ import annotations

import os
import sys
import time

FILE = "first-frame.txt"
ENTER, LEAVE = "\x1b[?1049h\x1b[2J\x1b[H\x1b[?7l\x1b[?25l", "\x1b[?7h\x1b[?25h\x1b[?1049l"
_OPTIONS = {"--read-only": 1, "--dry-run": 1, "--theme": 2, "--config": 2, "--metrics": 2}
_painted: list[list[int | list[bytes | int]]] = []


def paint(arguments: list[str]) -> None:
    """Show the kept frame when this start opens the dashboard on a terminal, and echo nothing that is typed on it."""
    demo = arguments[:1] == ["demo"]
    if not _opens_dashboard(arguments[1:] if demo else arguments):
        return
    if not sys.stdin.isatty() or not sys.stdout.isatty() or os.environ.get("TERM", "") in {"", "dumb"}:
        return
    try:
        with open(frame_file(demo=demo), encoding="utf-8") as file:  # noqa: PTH123 - pathlib takes as long as Python
            taken_at, *rows = file.read(64 * 1024).splitlines()
        size = os.get_terminal_size()
        text = framed(float(taken_at), rows, size.columns or 80, size.lines or 24, time.time())
    except (OSError, ValueError):
        return
    _hush()
    sys.stdout.write(ENTER + text)
    sys.stdout.flush()


def _opens_dashboard(options: list[str]) -> bool:
    """Whether nothing is asked for but the dashboard, in a way that cannot be mistyped."""
    position = 0
    while position < len(options):
        step = _OPTIONS.get(options[position].partition("=")[0], 0)
        if step == 0:
            return False
        position += 1 if "=" in options[position] else step
    return position == len(options)


def framed(taken_at: float, rows: list[str], columns: int, lines: int, now: float) -> str:
    """The frame for a terminal of this size: its age first, then as many rows as there is room for."""
    clock = time.strftime("%H:%M:%S", time.localtime(taken_at))
    head = f" nodescaler · as of {clock}, {_age(now - taken_at)} ago · starting…"
    safe = (row if row.isprintable() else "" for row in rows[: max(lines - 2, 0)])
    return "\r\n".join(row[:columns] for row in (head, *safe))


def _age(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(int(seconds), 0)} s"


def frame_file(*, demo: bool) -> str:
    """Where the engine keeps it: in the state folder, as `settings.places` finds it."""
    folder = os.environ.get("NODESCALER_STATE_DIR")
    if not folder and sys.platform == "darwin":
        folder = os.path.expanduser("~/Library/Application Support/nodescaler-tui")  # noqa: PTH111 - as above
    if not folder:
        state_home = os.environ.get("XDG_STATE_HOME", "").strip() or os.path.expanduser("~/.local/state")  # noqa: PTH111
        folder = os.path.join(state_home, "nodescaler-tui")  # noqa: PTH118
    folder = os.path.expanduser(folder)  # noqa: PTH111
    return os.path.join(folder, "demo", FILE) if demo else os.path.join(folder, FILE)  # noqa: PTH118


def _hush() -> None:
    """Keep what is typed for the dashboard, and off the frame."""
    import termios  # noqa: PLC0415 - there is none where there is no terminal

    settings = termios.tcgetattr(sys.stdin.fileno())
    _painted.append(settings)
    quiet = list(settings)
    local_modes = quiet[3]
    assert isinstance(local_modes, int)  # noqa: S101 - as termios defines it
    quiet[3] = local_modes & ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, quiet)


def hand_over() -> None:
    """The dashboard takes the screen from here: the frame stays until it paints, the terminal is as it was found."""
    import termios  # noqa: PLC0415

    if _painted:
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, _painted.pop())
        sys.stdout.write("\x1b[?7h")
        sys.stdout.flush()


def withdraw() -> None:
    """There will be no dashboard: give the screen back before anything is said."""
    if _painted:
        hand_over()
        sys.stdout.write(LEAVE)
        sys.stdout.flush()
