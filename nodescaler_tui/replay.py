"""`nodescaler-tui replay`: a recording on the same screens, for post-mortems and training. Nothing can be sent."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

from nodescaler_tui.engine.order import Order, ReplayOrder
from nodescaler_tui.engine.recording import Recording, UnusableRecording, read_recording
from nodescaler_tui.settings import Settings, SettingsError, load_settings
from nodescaler_tui.terminal import MISCONFIGURED, show, sources_from


def main(arguments: list[str]) -> int:
    """Play a recording; the newest one of this store when none is named."""
    options = _parser().parse_args(arguments)
    from nodescaler_tui.show.run import NOT_A_TERMINAL, unusable_terminal  # noqa: PLC0415 - after `--help`

    try:
        settings = load_settings(sources_from(options))
        file = (options.file or _newest(settings)).absolute()
        recording = read_recording(file)
        begins, ends = _moment(options.begins, recording), _moment(options.ends, recording)
        recording.between(begins, ends)
    except (SettingsError, UnusableRecording, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return MISCONFIGURED
    problem = unusable_terminal()
    if problem:
        sys.stderr.write(f"{problem}\n")
        return NOT_A_TERMINAL
    return show(Order(_apart(settings), replay=ReplayOrder(str(file), begins, ends)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nodescaler-tui replay", description="Play a recording: P plays or pauses, n goes to the next alert."
    )
    parser.add_argument("file", nargs="?", type=Path, help="the newest recording of this store when left out")
    parser.add_argument("--from", dest="begins", default="", help="from when: 14:30, or 2026-03-01T14:30")
    parser.add_argument("--to", dest="ends", default="", help="until when")
    parser.add_argument("--config", type=Path, help="another configuration file")
    parser.add_argument("--theme", help="the theme's name")
    parser.set_defaults(read_only=False, dry_run=False)
    return parser


def _newest(settings: Settings) -> Path:
    found = sorted(settings.paths.recordings.glob("*.jsonl.gz"))
    if not found:
        raise UnusableRecording("There is no recording yet; `nodescaler-tui record` makes one.")
    return found[-1]


def _moment(written: str, recording: Recording) -> datetime | None:
    """A time of the recording's day in this machine's zone, or a whole date and time."""
    if not written:
        return None
    try:
        if "T" in written or " " in written:
            return datetime.fromisoformat(written).astimezone()
        hours, minutes, *seconds = (int(part) for part in written.split(":"))
    except ValueError as error:
        raise ValueError(f"{written!r} is no time such as 14:30 or 2026-03-01T14:30.") from error
    day = recording.begins.astimezone()
    moment = day.replace(hour=hours, minute=minutes, second=seconds[0] if seconds else 0, microsecond=0)
    return moment if moment >= recording.begins - timedelta(hours=12) else moment + timedelta(days=1)


def _apart(settings: Settings) -> Settings:
    """The same settings with a socket of its own: a replay never meets the engine that acts."""
    paths = settings.paths
    socket = paths.runtime_dir / f"replay-{os.getpid()}.sock"
    return dataclasses.replace(settings, paths=dataclasses.replace(paths, socket=socket))
