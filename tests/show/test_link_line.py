"""The top line of a team: who asks Genesys for all."""

from __future__ import annotations

import msgspec
import pytest

from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.show.widgets.link_line import link_content
from nodescaler_tui.state import NOBODY_POLLS
from tests.show.states import LINK, NOW, fleet

WIDTH = 100


@pytest.mark.parametrize("poller", ["you poll", "ana@laptop polls"])
def test_it_says_who_polls_right_after_the_age_of_what_was_read(poller: str) -> None:
    link = msgspec.structs.replace(LINK, poller=DisplayText(poller))
    state = msgspec.structs.replace(fleet(), link=link)
    assert f"polled 3 s ago · {poller} · ok" in link_content(state, None, "ben@desk", NOW, WIDTH).plain


def test_where_nobody_polls_nothing_is_called_fine() -> None:
    link = msgspec.structs.replace(LINK, poller=NOBODY_POLLS)
    shown = link_content(msgspec.structs.replace(fleet(), link=link), None, "ben@desk", NOW, WIDTH).plain
    assert "polled 3 s ago · nobody polls" in shown
    assert "ok" not in shown


def test_an_engine_that_is_alone_says_nothing_of_it() -> None:
    assert "polls" not in link_content(fleet(), None, "ben@desk", NOW, WIDTH).plain


def test_whoever_acts_is_named_as_the_journal_of_a_team_will_name_them() -> None:
    alone = fleet()
    team = msgspec.structs.replace(alone, scope=msgspec.structs.replace(alone.scope, login=DisplayText("ana")))
    assert "root@desk  " in link_content(alone, None, "root@desk", NOW, 120).plain
    assert "ana@desk  " in link_content(team, None, "root@desk", NOW, 120).plain
