"""The proposal card: an operation in four rows, whatever it has to tell."""

from __future__ import annotations

import msgspec
import pytest

from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.show.widgets.proposal import operation_summary, proposal_content
from nodescaler_tui.state import StepState
from tests.show.doubtful_states import DOUBTFUL
from tests.show.foreseen_states import PROPOSED
from tests.show.states import NOW, RUNNING, ago

LONG = StepState(
    ago(2),
    DisplayText("not accepted yet"),
    DisplayText("The receiver answered 503 (maintenance until the morning). Next attempt at 03:04:47 UTC."),
)
WAITING = msgspec.structs.replace(RUNNING, steps=(*RUNNING.steps[:2], LONG))


@pytest.mark.parametrize("width", [56, 76, 116])
def test_a_long_last_step_goes_on_under_its_own_words(width: int) -> None:
    rows = operation_summary(WAITING, width).plain.split("\n")
    assert len(rows) == 4
    assert all(len(row) <= width for row in rows)
    assert rows[1].startswith("last   not accepted yet: ")
    if width < 100:
        assert rows[2].startswith("       ")
        assert rows[2][7] != " "


def test_who_began_it_is_told_where_there_is_room() -> None:
    assert "by     jane@laptop" in operation_summary(RUNNING, 76).plain
    assert "jane" not in operation_summary(WAITING, 76).plain


@pytest.mark.parametrize("width", [56, 76, 196])
def test_what_does_not_fit_is_cut_with_a_mark(width: int) -> None:
    advice = DisplayText("Nothing is sent again on its own; nodes that come settle it. " * 9)
    rows = operation_summary(msgspec.structs.replace(DOUBTFUL, advice=advice), width).plain.split("\n")
    assert len(rows) <= 4
    assert all(len(row) <= width for row in rows)
    assert rows[-1].endswith("…")


@pytest.mark.parametrize("width", [76, 116])
def test_a_forecast_pushes_neither_the_gates_nor_their_keys_off_the_card(width: int) -> None:
    group = PROPOSED.groups[0]
    _, content = proposal_content(PROPOSED, group, NOW, width)
    rows = content.plain.split("\n")
    assert len(rows) == 4
    assert all(len(row) <= width for row in rows)
    assert rows[3].startswith("gates  ")
    assert ("if you approve" in rows[2]) == (width > 100)


@pytest.mark.parametrize("width", [56, 76, 116])
def test_with_a_row_more_the_forecast_stands_under_the_projection_where_it_does_not_fit_beside_it(width: int) -> None:
    _, content = proposal_content(PROPOSED, PROPOSED.groups[0], NOW, width, rows=5)
    rows = content.plain.split("\n")
    assert len(rows) == (4 if width > 100 else 5)
    assert all(len(row) <= width for row in rows if not row.startswith("gates  "))
    assert rows[-1].startswith("gates  ")
    assert "if you approve: CPU 76 % " in rows[2 if width > 100 else 3]
