"""Presence in words: who else is here and what is in front of them, short enough to be left out where there is no room.

All of it is a courtesy among operators: nobody is kept from anything by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from nodescaler_tui.decide.wording import duration
from nodescaler_tui.state import PresentState, Sight, State

MOST_NAMES: Final = 4
NOT_WATCHED_HERE: Final = "a group that is not watched here"
AT_THE_PLAN: Final = {Sight.APPROVING: "approving this plan", Sight.PLAN: "reading this plan"}
AT_THE_GROUP: Final = {
    Sight.APPROVING: "approving its plan",
    Sight.PLAN: "reading its plan",
    Sight.OPERATION: "watching its operation",
    Sight.THRESHOLDS: "editing its thresholds",
    Sight.GROUP: "looking at this group",
}
_ELSEWHERE: Final = {
    Sight.DASHBOARD: "the dashboard",
    Sight.JOURNAL: "the journal",
    Sight.THRESHOLDS: "the default thresholds",
}
_OF_A_GROUP: Final = {
    Sight.APPROVING: "approving the plan for {}",
    Sight.PLAN: "reading the plan for {}",
    Sight.OPERATION: "the operation on {}",
    Sight.THRESHOLDS: "the thresholds of {}",
    Sight.GROUP: "{}",
}


def company(present: Sequence[PresentState]) -> tuple[str, ...]:
    """Who is here, the longest way to say it first; nothing where nobody is."""
    names = list(dict.fromkeys(str(each.login) for each in present))
    if not names:
        return ()
    counted = f"with {len(names)}"
    return (f"with {', '.join(names)}", counted) if len(names) <= MOST_NAMES else (counted,)


def plan_company(state: State, group_id: str) -> str:
    """Who reads or approves the plan for this group now, such as "bob is reading this plan"."""
    return _told(state.present, group_id, AT_THE_PLAN)


def group_company(state: State, group_id: str) -> str:
    """Who has this group, its plan, its operation or its thresholds in front of them now."""
    return _told(state.present, group_id, AT_THE_GROUP)


def group_company_in_short(state: State, group_id: str) -> tuple[str, ...]:
    """The same where there is little room: their names, or how many they are."""
    return company([each for each in state.present if any(shown.group_id == group_id for shown in each.in_front)])


def _told(present: Sequence[PresentState], group_id: str, sights: dict[Sight, str]) -> str:
    return "; ".join(
        f"{_together(names)} {words}"
        for sight, words in sights.items()
        if (names := _names_at(present, sight, group_id))
    )


def _names_at(present: Sequence[PresentState], sight: Sight, group_id: str) -> list[str]:
    """Each name once, also where somebody has several windows."""
    return list(
        dict.fromkeys(
            str(each.login)
            for each in present
            if any(shown.sight is sight and shown.group_id == group_id for shown in each.in_front)
        )
    )


def _together(names: list[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last} are" if others else f"{last} is"


def sights_of(present: PresentState, state: State) -> str:
    """Everything that is in front of one of them."""
    return "; ".join(dict.fromkeys(_sight(shown.sight, shown.group_id, state) for shown in present.in_front))


def _sight(sight: Sight, group_id: str, state: State) -> str:
    if not group_id:
        return _ELSEWHERE.get(sight, sight.value)
    group = state.group(group_id)
    name = NOT_WATCHED_HERE if group is None else str(group.name)
    return _OF_A_GROUP.get(sight, sight.value).format(name)


def clock_words(present: PresentState) -> str:
    """How far the clock of that host is off, empty while it is in step."""
    off_s = present.clock_off_s
    if off_s is None:
        return "its clock was not compared yet"
    return f"its clock is {duration(abs(off_s))} {'behind' if off_s < 0 else 'ahead'}" if off_s else ""


def first_that_fits(ways: Iterable[str], width: int) -> str:
    """The first way to say it that is no longer than this; nothing where none is."""
    return next((way for way in ways if len(way) <= width), "")
