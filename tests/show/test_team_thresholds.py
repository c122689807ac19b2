"""The thresholds of a team in the editor: whose they are, and what was on screen is what is saved over."""

from __future__ import annotations

import msgspec
from textual.pilot import Pilot
from textual.widgets import Input

from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.intents import SaveThresholds, UndoThresholds
from nodescaler_tui.show.app import NodescalerApp
from nodescaler_tui.state import State
from nodescaler_tui.views import Answer
from tests.show.conftest import SpokenEngine, grid
from tests.show.pictures import settled
from tests.show.states import SHARED, ago
from tests.show.test_key_flows import play, press

CHANGED = ThresholdMatrix(cpu_critical=0.85)


def changed_by_ben() -> State:
    group = msgspec.structs.replace(
        SHARED.groups[0], matrix=CHANGED, matrix_by=DisplayText("ben@desk"), matrix_at=ago(60)
    )
    return msgspec.structs.replace(SHARED, revision=2, groups=(group, *SHARED.groups[1:]))


def typed(app: NodescalerApp) -> str:
    return app.screen.query_one("#cpu_critical", Input).value


def test_it_says_whose_they_are_and_what_would_be_taken_back() -> None:
    async def script(app: NodescalerApp, engine: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "t")
        assert "ana@laptop, 02:24" in grid(app)
        assert "ctrl+z takes back ana@laptop, 02:24" in grid(app)
        await press(pilot, "ctrl+z", "ctrl+s")
        assert engine.all(UndoThresholds) == [UndoThresholds(9)]
        (saved,) = engine.all(SaveThresholds)
        assert isinstance(saved, SaveThresholds)
        assert saved.shown == ThresholdMatrix()

    play(script, SHARED)


def test_fields_in_which_nothing_was_typed_show_what_others_change() -> None:
    async def script(app: NodescalerApp, engine: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "t")
        engine.says.put_nowait(changed_by_ben())
        await settled(pilot)
        assert typed(app) == "0.85"
        assert "ben@desk, 03:03" in grid(app)

    play(script, SHARED)


def test_what_was_typed_stays_until_saving_it_was_refused_and_then_what_stands_is_shown() -> None:
    async def script(app: NodescalerApp, engine: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "t", "tab", "end", "backspace", "8")
        assert typed(app) == "0.8"
        engine.says.put_nowait(changed_by_ben())
        await settled(pilot)
        assert typed(app) == "0.8"
        refusal = Answer(1, done=False, sentence=DisplayText("Not saved."), changes=(DisplayText("cpu critical"),))
        engine.says.put_nowait(refusal)
        await settled(pilot)
        assert typed(app) == "0.85"
        await press(pilot, "ctrl+s")
        (saved,) = engine.all(SaveThresholds)
        assert isinstance(saved, SaveThresholds)
        assert saved.shown == CHANGED

    play(script, SHARED)
