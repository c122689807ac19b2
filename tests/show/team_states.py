"""State literals of an engine in a team: who else is here, and a clock that is off."""

from __future__ import annotations

from typing import Final

import msgspec

from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.state import InFront, PresentState, Sight, State
from tests.show.states import BREACH, CALM, CRITICAL, fleet

ANA: Final = PresentState(DisplayText("ana"), DisplayText("desk"), (InFront(Sight.GROUP, CRITICAL.id),), 0)
BOB: Final = PresentState(DisplayText("bob"), DisplayText("laptop"), (InFront(Sight.PLAN, CRITICAL.id),), -7)
VIC: Final = PresentState(DisplayText("vic"), DisplayText("noc"), (InFront(Sight.JOURNAL),), None)
WARNED: Final = "This host's clock is 3.2 s behind the store's. Set it by NTP."
CLOSED: Final = "Nothing can be approved: this host's clock is 7.0 s behind the store's. Set it by NTP."


def in_team(state: State, *present: PresentState, poller: str = "ana@desk polls") -> State:
    link = msgspec.structs.replace(state.link, poller=DisplayText(poller))
    return msgspec.structs.replace(state, link=link, present=present)


def clock_off(state: State, sentence: str, *, closes: bool) -> State:
    store = msgspec.structs.replace(state.store, clock=DisplayText(sentence), clock_closes=closes)
    return msgspec.structs.replace(state, store=store)


TEAM: Final = in_team(BREACH, ANA, BOB)
ALONE_IN_TEAM: Final = in_team(fleet(CALM), poller="you poll")
WARNED_TEAM: Final = clock_off(in_team(BREACH, ANA, BOB, VIC), WARNED, closes=False)
CLOSED_TEAM: Final = clock_off(TEAM, CLOSED, closes=True)
