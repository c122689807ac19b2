"""The trial runs in a process of its own: its lines come as they are printed, and it never outlives its time."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import aclosing
from pathlib import Path
from typing import Any

import psutil
import pytest

from nodescaler_tui.display_text import display_text
from nodescaler_tui.first_run.trial import try_out
from nodescaler_tui.show.setup import Finding, Mark
from nodescaler_tui.simulator.addresses import described
from nodescaler_tui.simulator.simulation import running_simulation


def finding(mark: Mark, name: str, sentence: str) -> Finding:
    return Finding(mark, display_text(name), display_text(sentence))


def tried(program: str, *secrets: str, within_s: float = 20.0) -> list[Finding]:
    async def run() -> list[Finding]:
        found = try_out(os.environ, None, secrets, command=("-c", program), within_s=within_s)
        return [each async for each in found]

    return asyncio.run(run())


def test_each_line_becomes_a_mark_a_name_and_a_sentence() -> None:
    found = tried("print('ok    journal          It can be written.\\nnote  status page      Far away.\\nplain words')")
    assert found == [
        finding(Mark.OK, "journal", "It can be written."),
        finding(Mark.NOTE, "status page", "Far away."),
        finding(Mark.NOTE, "", "plain words"),
        finding(Mark.OK, "trial", "Everything that is needed is there."),
    ]


@pytest.mark.parametrize(("code", "words"), [(1, "marked ✗"), (2, "marked ✗"), (7, "unexpectedly, with 7")])
def test_a_trial_that_fails_says_so(code: int, words: str) -> None:
    last = tried(f"raise SystemExit({code})")[-1]
    assert last.mark is Mark.WRONG
    assert words in last.sentence


def test_what_is_printed_is_data_and_a_secret_in_it_is_struck_out() -> None:
    found = tried("print('FAIL  a\\x1b[2Jb            [@click=app.quit]x s3cret \\x9b \\u202e')", "s3cret")
    assert all(each.name.isprintable() and each.sentence.isprintable() for each in found)
    assert "s3cret" not in str(found)
    assert "[@click=app.quit]x [secret]" in found[0].sentence


@pytest.mark.parametrize("program", ["print('x' * 200_000)", "[print('ok') for _ in range(10_000)]"])
def test_a_flood_ends_the_trial(program: str) -> None:
    assert tried(program)[-1] == finding(Mark.WRONG, "trial", "It printed what no check prints.")


def test_a_trial_that_hangs_is_given_up_and_its_process_ended(tmp_path: Path) -> None:
    began = time.monotonic()
    pid_file = tmp_path / "pid"
    program = f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    found = tried(program, within_s=1.0)
    assert found == [finding(Mark.WRONG, "trial", "Given up after 1 s.")]
    assert time.monotonic() - began < 10
    assert not psutil.pid_exists(int(pid_file.read_text()))


def test_whoever_stops_listening_ends_the_process() -> None:
    async def run() -> int:
        program = "import os, time; print('ok    pid              ' + str(os.getpid()), flush=True); time.sleep(60)"
        async with aclosing(try_out(os.environ, None, command=("-c", program))) as found:
            async for each in found:
                return int(each.sentence)
        return 0

    pid = asyncio.run(run())
    assert pid > 0
    assert not psutil.pid_exists(pid)


def test_the_real_check_tells_right_credentials_from_wrong_ones(tmp_path: Path) -> None:
    config_file = tmp_path / "config.toml"
    config_file.write_text('[genesys]\nstatus_page = ""\n')

    async def run(addresses: dict[str, Any], secret: str) -> list[Finding]:
        environment = {
            **os.environ,
            "GENESYS_GATEWAY": addresses["gateway"],
            "GENESYS_CLIENT_ID": addresses["client_id"],
            "GENESYS_CLIENT_SECRET": secret,
        }
        return [each async for each in try_out(environment, config_file, (secret,))]

    with running_simulation("calm") as running:
        addresses = described(running.addresses)
        right = asyncio.run(run(addresses, addresses["client_secret"]))
        wrong = asyncio.run(run(addresses, "an-other-secret"))
    assert right[-1].mark is Mark.OK
    assert wrong[-1].mark is Mark.WRONG
    assert any("refused the credentials" in each.sentence for each in wrong)
    assert "an-other-secret" not in str(wrong)
