"""The registry of actions: name, keys, danger and words, once. It feeds footer, help and command palette."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from textual.binding import Binding

from nodescaler_tui.show.preferences import NO_KEYMAP


class Danger(StrEnum):
    """What an action can do. No single key ever sends anything: PREPARES only opens a screen that asks."""

    NONE = "only shows"
    CHANGES = "changes this session"
    HOLDS_FOR_ALL = "holds for all groups"
    PREPARES = "prepares a scale-up"
    SENDS = "sends"


class Place(StrEnum):
    """On which screen an action is at home."""

    EVERYWHERE = "everywhere"
    DASHBOARD = "dashboard"
    GROUP = "group"
    APPROVAL = "approval"
    OPERATION = "operation"
    THRESHOLDS = "thresholds"
    JOURNAL = "journal"
    ASKING = "question"
    REPLAY = "replay"
    TEAM = "team"
    FIRST_RUN = "first run"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a person can do. `short` is for the footer; an empty one keeps it out of there."""

    name: str
    keys: str
    short: str
    words: str
    places: tuple[Place, ...]
    danger: Danger = Danger.NONE


_KEY_NAMES: Final = {
    "slash": "/",
    "question_mark": "?",
    "escape": "esc",
    "asterisk": "*",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "full_stop": ".",
    "comma": ",",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "plus": "+",
    "minus": "-",
    "left": "←",
    "right": "→",
}
_FLEET: Final = (Place.DASHBOARD,)
_GROUP: Final = (Place.DASHBOARD, Place.GROUP)
_SETUP: Final = (Place.FIRST_RUN,)

ACTIONS: Final = (
    Action("approve", "a", "approve", "Read the plan of this group and approve it", _GROUP, Danger.PREPARES),
    Action("reject", "x", "reject", "Reject the plan; it is not proposed again while it lasts", _GROUP, Danger.CHANGES),
    Action("thresholds", "t", "thresholds", "Edit the thresholds of this group", _GROUP, Danger.CHANGES),
    Action("thresholds_of_all", "T", "", "Edit the default thresholds of all groups", _FLEET, Danger.CHANGES),
    Action("open", "enter", "open", "Open this group: plots, nodes, queues", _FLEET),
    Action("operation", "o", "operation", "Watch the operation on this group", _GROUP),
    Action("filter", "slash", "filter", "Show only groups whose name or site contains this; ! inverts", _FLEET),
    Action("sort", "s", "sort", "Sort by the next column", _FLEET),
    Action("reverse_sort", "S", "", "Sort the other way round", _FLEET),
    Action("pin", "asterisk", "", "Pin this group to the top, or let go of it", _FLEET),
    Action("by_site", "b", "", "Group by site, or not", _FLEET),
    Action("acknowledge", "space", "seen", "Seen: quiet about this group until it gets worse", _GROUP, Danger.CHANGES),
    Action("shorter_span", "left_square_bracket", "", "Plots over a shorter span, down to 15 minutes", _GROUP),
    Action("longer_span", "right_square_bracket", "", "Plots over a longer span, up to 7 days", _GROUP),
    Action("similar_hours", "h", "", "Plots with what came next in similar hours, or without", _GROUP),
    Action("cursor_earlier", "left", "", "Read the plots: cursor to an earlier time", _GROUP),
    Action("cursor_later", "right", "", "Read the plots: cursor to a later time", _GROUP),
    Action("replan", "r", "", "Poll now, and propose again what was rejected", _GROUP),
    Action(
        "break_glass", "R", "", "Propose despite what holds it back; approving asks for more", _GROUP, Danger.PREPARES
    ),
    Action("pause", "p", "", "Approve nothing for this group for a while, or end that", _GROUP, Danger.CHANGES),
    Action("freeze", "Z", "", "Approve nothing for any group until a time, or lift that", _GROUP, Danger.HOLDS_FOR_ALL),
    Action("ahead", "F", "", "Propose for this group on a forecast too, or stop that", _GROUP, Danger.CHANGES),
    Action("journal", "l", "journal", "What happened, newest first", _GROUP),
    Action("down", "j,down", "", "Next line", _GROUP),
    Action("up", "k,up", "", "Line before", _GROUP),
    Action("first", "g,home", "", "First line", _GROUP),
    Action("last", "G,end", "", "Last line", _GROUP),
    Action("confirm", "y", "confirm", "Approve exactly this plan and send it", (Place.APPROVAL,), Danger.SENDS),
    Action("replan_here", "r", "new plan", "Make a new plan from what is known now", (Place.APPROVAL,)),
    Action("cancel_operation", "c", "cancel", "Cancel before it is sent", (Place.OPERATION,), Danger.CHANGES),
    Action("resend", "s", "send again", "It never arrived: send the same again", (Place.OPERATION,), Danger.PREPARES),
    Action("acted", "a", "it acted", "The provider shows that it acted", (Place.OPERATION,), Danger.CHANGES),
    Action(
        "close_operation", "x", "close", "Stop watching; its outcome stays unknown", (Place.OPERATION,), Danger.CHANGES
    ),
    Action("take_back", "i", "take back", "Propose to take these nodes back", (Place.OPERATION,), Danger.PREPARES),
    Action("answer", "ctrl+s", "do it", "Do what the button says", (Place.ASKING,), Danger.CHANGES),
    Action(
        "save",
        "ctrl+s",
        "save",
        "Save, with a reason: for this session, in a team for all",
        (Place.THRESHOLDS,),
        Danger.CHANGES,
    ),
    Action(
        "keep",
        "ctrl+o",
        "keep",
        "Save, and write it to the configuration file",
        (Place.THRESHOLDS,),
        Danger.CHANGES,
    ),
    Action("undo", "ctrl+z", "undo", "Take the last change back", (Place.THRESHOLDS,), Danger.CHANGES),
    Action("more_detail", "enter", "open", "Show this event, or the whole operation", (Place.JOURNAL,)),
    Action("verify", "v", "verify", "Verify the chain and say what that proved", (Place.JOURNAL,)),
    Action("filter_journal", "slash", "filter", "Filter by words, or by group: operator: kind:", (Place.JOURNAL,)),
    Action("older", "m", "older", "Read older lines too", (Place.JOURNAL,)),
    Action("export", "e", "export", "Export the journal: JSON lines, CSV or CloudEvents", (Place.JOURNAL,)),
    Action("record", "ctrl+r", "", "Record this session to a file, or stop", _FLEET),
    Action("who", "w", "", "Who else is here, and what is in front of them", (Place.TEAM,)),
    Action("replay_play", "P", "play/pause", "Play, or pause", (Place.REPLAY,)),
    Action("replay_next_alert", "n", "next alert", "Go to the next alert", (Place.REPLAY,)),
    Action("replay_step", "full_stop", "step", "One observation later", (Place.REPLAY,)),
    Action("replay_back", "comma", "", "One observation earlier", (Place.REPLAY,)),
    Action("replay_later", "greater_than_sign", "", "One minute later", (Place.REPLAY,)),
    Action("replay_earlier", "less_than_sign", "", "One minute earlier", (Place.REPLAY,)),
    Action("replay_faster", "plus", "faster", "Faster, up to 64 times", (Place.REPLAY,)),
    Action("replay_slower", "minus", "slower", "Slower, down to a quarter", (Place.REPLAY,)),
    Action(
        "save_setup", "ctrl+s", "save and open", "Keep all but secrets, and open the dashboard", _SETUP, Danger.CHANGES
    ),
    Action("try_out", "ctrl+t", "try", "Try what is typed on Genesys Cloud, without acting", _SETUP),
    Action("demo", "ctrl+d", "demo", "Start the demo on a simulated Genesys Cloud", _SETUP),
    Action("leave", "escape", "leave", "Leave; nothing is kept that was not saved", _SETUP),
    Action("clear", "escape", "", "Take the cursor off the plots; clear the filter", _FLEET),
    Action("theme", "ctrl+t", "", "Next theme", (Place.EVERYWHERE,)),
    Action("help", "question_mark", "help", "The keys of this screen", (Place.EVERYWHERE,)),
    Action(
        "back", "escape", "back", "Back", (Place.GROUP, Place.APPROVAL, Place.THRESHOLDS, Place.JOURNAL, Place.ASKING)
    ),
    Action("quit", "q", "quit", "Quit; an open operation goes on", (Place.DASHBOARD, Place.GROUP, Place.JOURNAL)),
)


def bindings(place: Place) -> list[Binding]:
    """Textual's bindings for a screen, with ids so that keys can be remapped."""
    return [
        Binding(action.keys, target(action), action.short or action.words, show=bool(action.short), id=action.name)
        for action in actions_at(place)
    ]


def target(action: Action) -> str:
    """Quitting, and what works everywhere, is the app's business; everything else is the screen's."""
    everywhere = Place.EVERYWHERE in action.places or action.name == "quit"
    return f"app.{action.name}" if everywhere else action.name


def actions_at(place: Place) -> tuple[Action, ...]:
    """What can be done on a screen, for its help. On the first run nothing but its own: its letters are typed."""
    here = {place} if place is Place.FIRST_RUN else {place, Place.EVERYWHERE}
    return tuple(action for action in ACTIONS if here & set(action.places))


def key_words(action: Action, keymap: Mapping[str, str] = NO_KEYMAP) -> str:
    """The keys as a person reads them, the operator's own where there are any."""
    return " ".join(_KEY_NAMES.get(key, key) for key in keymap.get(action.name, action.keys).split(","))


def checked_keymap(wanted: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The operator's own keys that can be used, and a sentence for each that cannot."""
    known = {action.name: action for action in ACTIONS}
    usable: dict[str, str] = {}
    problems: list[str] = []
    for name, keys in wanted.items():
        taken = _taken_by(known.get(name), keys, {**{each: known[each].keys for each in known}, **usable})
        if name not in known:
            nearest = next(iter(get_close_matches(name, known, n=1, cutoff=0.0)), "approve")
            problems.append(f"keys.{name} is no action; the nearest is {nearest}.")
        elif taken:
            problems.append(f"keys.{name}: {keys!r} is already the key of {taken}.")
        else:
            usable[name] = keys
    return usable, tuple(problems)


def _taken_by(action: Action | None, keys: str, present: Mapping[str, str]) -> str:
    """Another action that has one of these keys where this one is at home."""
    if action is None:
        return ""
    neighbours = {other.name for place in action.places for other in actions_at(place)} - {action.name}
    wanted = set(keys.split(","))
    return next((name for name in sorted(neighbours) if wanted & set(present[name].split(","))), "")
