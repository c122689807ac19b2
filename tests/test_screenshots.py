"""The pictures: the same code gives the same bytes, whatever the process, and a difference is named."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from screenshots.clock import SteppedClock
from screenshots.make import FOLDER, ROOT, environment, out_of_date
from screenshots.quiet import CountingLoop
from screenshots.terminal import self_contained

PICTURE = "replay-80x24.svg"
BEGINS = datetime(2026, 3, 14, 3, 0, tzinfo=UTC)


def test_a_picture_is_byte_for_byte_the_kept_one_which_a_process_with_another_hash_seed_made(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "screenshots.play", "replaying", str(tmp_path), PICTURE]
    subprocess.run(command, cwd=ROOT, env={**environment(), "PYTHONHASHSEED": "4242"}, check=True)
    picture = (tmp_path / PICTURE).read_bytes()
    assert b"media-eu-prod-01" in picture
    assert b"http" not in picture.replace(b"http://www.w3.org/2000/svg", b"")
    assert picture == (FOLDER / PICTURE).read_bytes()


def test_whatever_differs_is_named_with_what_is_wrong_with_it() -> None:
    kept = {"a.svg": b"old", "b.svg": b"same", "c.svg": b"left over"}
    made = {"a.svg": b"new", "b.svg": b"same", "d.svg": b"new"}
    assert out_of_date(kept, made) == [
        "a.svg: is out of date",
        "c.svg: no story takes this picture any more",
        "d.svg: is missing",
    ]


def test_a_picture_asks_nobody_for_fonts_and_differs_only_where_the_screen_does() -> None:
    fonts = "\n@font-face {\n src: url('https://far.away/font');\n}\n"
    drawn = f"<svg>\n<style>{fonts}.terminal-815-r1 {{ fill: #fff }}\n</style></svg>"
    assert self_contained(drawn) == "<svg>\n<style>\n.t-r1 { fill: #fff }\n</style></svg>\n"


def test_pictures_owe_nothing_to_this_machines_environment() -> None:
    assert set(environment()) <= {*os.environ, "TZ", "LANG", "TERM", "COLORTERM", "PYTHONPATH", "TEXTUAL_ANIMATIONS"}
    assert environment()["TZ"] == "UTC"
    assert "NO_COLOR" not in environment()


def test_a_wait_on_the_stepped_clock_ends_when_the_clock_has_gone_on_and_not_before() -> None:
    async def script() -> list[bool]:
        clock, event = SteppedClock(BEGINS), asyncio.Event()
        waiting = asyncio.create_task(clock.wait(event, 10))
        seen = []
        await asyncio.sleep(0)
        for _ in range(3):
            clock.advance(5)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            seen.append(waiting.done())
        assert clock.now() - BEGINS == timedelta(seconds=15)
        return seen

    assert asyncio.run(script()) == [False, True, True]


def test_the_loop_is_not_quiet_before_the_last_step_of_a_chain_of_work_in_threads_is_done() -> None:
    done: list[int] = []

    async def chain() -> None:
        for number in range(5):
            await asyncio.to_thread(done.append, number)

    async def script() -> list[int]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, CountingLoop)
        task = asyncio.create_task(chain())
        await loop.quiet()
        assert task.done()
        return done

    with asyncio.Runner(loop_factory=CountingLoop) as runner:
        assert runner.run(script()) == [0, 1, 2, 3, 4]
