"""The journal's story: moments as the operator's own clock tells them, with their zone."""

from __future__ import annotations

import asyncio
import time

import msgspec
import pytest

from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.show.words import local_moments, moment_in_full
from nodescaler_tui.views import EventDetail, Story
from tests.show.conftest import SpokenEngine, app_on, grid
from tests.show.pictures import settled
from tests.show.states import BREACH, ENTRIES, NOW


@pytest.fixture
def _in_berlin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()


@pytest.mark.usefixtures("_in_berlin")
def test_a_recorded_moment_is_told_by_the_operators_clock_with_its_zone() -> None:
    assert moment_in_full(NOW) == "01 Mar 2026 04:04:05 CET"
    assert local_moments("sampled_at 2026-03-01T03:04:02.5+00:00; until 2026-07-01T10:00:00Z.") == (
        "sampled_at 01 Mar 2026 04:04:02 CET; until 01 Jul 2026 12:00:00 CEST."
    )


def test_what_only_looks_like_a_moment_stays_as_it_is() -> None:
    for text in (
        "2026-03-01",
        "2026-03-01T03:04",
        "v2026-03-01T00:00:00Z",
        "2026-13-45T99:00:00Z",
        "0001-01-01T00:00:00+23:59",
    ):
        assert local_moments(text) == text


@pytest.mark.usefixtures("_in_berlin")
def test_the_story_on_screen_has_no_raw_moment() -> None:
    deadline = ("deadline", DisplayText("2026-03-01T03:14:05+00:00"))
    story = Story("op-1", (EventDetail(7, NOW, "operation.verifying", (deadline,), "ab" * 32),))

    async def text() -> str:
        engine = SpokenEngine()
        app = app_on(engine, msgspec.structs.replace(BREACH, journal=ENTRIES))
        async with app.run_test(size=(100, 30)) as pilot:
            await pilot.press("l")
            await settled(pilot)
            engine.says.put_nowait(story)
            await settled(pilot)
            return grid(app)

    shown = asyncio.run(text())
    assert "deadline: 01 Mar 2026 04:14:05 CET" in shown
    assert "01 Mar 2026 04:04:05 CET  operation.verifying" in shown
    assert "T03:14:05" not in shown
