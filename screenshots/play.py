"""One story in a process of its own: `python -m screenshots.play STORY FOLDER [PICTURE ...]`."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from screenshots.camera import Camera, NothingMoreWanted
from screenshots.quiet import CountingLoop
from screenshots.stories import STORIES


async def _play(story: str, folder: Path, wanted: frozenset[str]) -> None:
    with suppress(NothingMoreWanted):
        await STORIES[story](Camera(folder, wanted))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=CountingLoop) as runner:
        runner.run(_play(sys.argv[1], Path(sys.argv[2]), frozenset(sys.argv[3:])))
