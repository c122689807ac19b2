"""Make the pictures in this folder anew, or say which of them are out of date.

    .venv/bin/python screenshots/make.py [--check] [--to FOLDER] [PICTURE.svg ...]

The real engine, the real terminal and the simulator play four stories on a clock that stands still until the story
moves it on. The same code gives the same bytes on every machine.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent
ROOT: Final = FOLDER.parent
STORIES: Final = ("scaling", "doubting", "foreseeing", "replaying")
OUT_OF_DATE: Final = 1
NO_SUCH_PICTURE: Final = 2
TERMINAL: Final = {"TZ": "UTC", "LANG": "C.UTF-8", "TERM": "xterm-256color", "COLORTERM": "truecolor"}
KEPT: Final = ("PATH", "HOME", "TMPDIR", "PYTHONHASHSEED")


def environment() -> Mapping[str, str]:
    """One terminal for everybody: of this machine's own only what programs and files are found by."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, **TERMINAL, "PYTHONPATH": str(ROOT), "TEXTUAL_ANIMATIONS": "none"}


def play(folder: Path, wanted: Iterable[str]) -> None:
    """Play every story, each in a process of its own. Raises CalledProcessError."""

    def one(story: str) -> None:
        command = [sys.executable, "-m", "screenshots.play", story, str(folder), *wanted]
        subprocess.run(command, env=environment(), check=True)  # noqa: S603 - our own interpreter and our own module

    with ThreadPoolExecutor(len(STORIES)) as pool:
        for finished in [pool.submit(one, story) for story in STORIES]:
            finished.result()


def pictures(folder: Path) -> dict[str, bytes]:
    """The pictures of a folder by their names."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.svg"))}


def out_of_date(kept: Mapping[str, bytes], made: Mapping[str, bytes]) -> list[str]:
    """What differs, in a sentence each."""
    found = []
    for name in sorted({*kept, *made}):
        if name not in made:
            found.append(f"{name}: no story takes this picture any more")
        elif name not in kept:
            found.append(f"{name}: is missing")
        elif kept[name] != made[name]:
            found.append(f"{name}: is out of date")
    return found


def check(wanted: Iterable[str]) -> int:
    """Make them anew elsewhere and compare byte for byte; 1 when one differs."""
    names = frozenset(wanted)
    with tempfile.TemporaryDirectory() as folder:
        play(Path(folder), names)
        kept = {name: picture for name, picture in pictures(FOLDER).items() if not names or name in names}
        found = out_of_date(kept, pictures(Path(folder)))
    for sentence in found:
        sys.stdout.write(f"screenshots/{sentence}\n")
    if found:
        sys.stdout.write("Renew them with `.venv/bin/python screenshots/make.py`, and look at each difference.\n")
    return OUT_OF_DATE if found else 0


def make(folder: Path, wanted: Iterable[str]) -> int:
    """Write them; when all are made, none stays that no story takes any more. 2 when one that was named is none."""
    names = frozenset(wanted)
    with tempfile.TemporaryDirectory() as making:
        play(Path(making), names)
        made = pictures(Path(making))
    if not names:
        for path in folder.glob("*.svg"):
            path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in made.items():
        (folder / name).write_bytes(picture)
        sys.stdout.write(f"{name}\n")
    for name in sorted(names - set(made)):
        sys.stderr.write(f"No story takes a picture named {name}.\n")
    return NO_SUCH_PICTURE if names - set(made) else 0


def main(arguments: list[str]) -> int:
    """Make or check; 1 when a picture is out of date."""
    parser = argparse.ArgumentParser(prog="screenshots/make.py", description="Make the pictures of every screen.")
    parser.add_argument("pictures", nargs="*", help="only these, such as dashboard.svg; all of them when left out")
    parser.add_argument("--check", action="store_true", help="write nothing, and say which are out of date")
    parser.add_argument("--to", type=Path, default=FOLDER, help="another folder to write to")
    options = parser.parse_args(arguments)
    return check(options.pictures) if options.check else make(options.to, options.pictures)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
