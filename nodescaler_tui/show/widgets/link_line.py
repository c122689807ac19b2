"""The top line: what is watched, how fresh it is, and what is wrong with the connection."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from textual.content import Content

from nodescaler_tui.decide.wording import duration
from nodescaler_tui.engine.client import EngineAway
from nodescaler_tui.show.inked import Piece, line, lines
from nodescaler_tui.show.presence_words import company
from nodescaler_tui.show.widgets.steady import SteadyText
from nodescaler_tui.show.words import age, clock, countdown
from nodescaler_tui.state import LinkState, LinkStatus, ReplayState, Scope, State

MOST_ROWS: Final = 2
"""Of what is wrong; the dashboard below is what one came for."""


class LinkLine(SteadyText):
    """One line at the top, and a second one only while something is wrong."""

    def show(self, state: State, away: EngineAway | None, operator: str, now: datetime) -> None:
        """Draw it as of now."""
        self.put(link_content(state, away, operator, now, self.app.size.width))


def link_content(state: State, away: EngineAway | None, operator: str, now: datetime, width: int) -> Content:
    """The line as text; what is least needed is left out first when it is narrow."""
    right = f"{_signed(operator, state.scope)}  {clock(now)} " if width >= 110 else f"{clock(now)} "
    ways = [_pieces(state, away, now, way) for way in _ways(state)]
    pieces = next((way for way in ways if _length(way) + len(right) < width), ways[-1])
    left = width - _length(pieces) - len(right)
    budget = _budget(state.link)
    if _length(budget) < left:
        pieces += budget
        left -= _length(budget)
    return line(*pieces, (" " * max(left, 1), ""), (right, "muted"))


def _signed(operator: str, scope: Scope) -> str:
    """Who acts here as the journal will name them: of what a terminal says a team's store takes only the host."""
    return f"{scope.login}@{operator.rpartition('@')[2]}" if scope.login else operator


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to say who polls and who is here, and whether our own name stands before it."""

    poller: str
    company: str
    named: bool = True


def _ways(state: State) -> list[_Way]:
    """The richest way first.

    Where it is narrow the poller's host goes first, then our own name, then the names of those who are here, then who
    polls: that somebody is here, and whether Genesys answers, is said as long as it fits.
    """
    full = str(state.link.poller)
    short, ways = _without_host(full), company(state.present)
    if not state.in_team:
        return [_Way("", "")]
    if not ways:
        return [_Way(full, ""), _Way(short, ""), _Way("", "")]
    names, counted = ways[0], ways[-1]
    named = [_Way(full, names), _Way(short, names)]
    unnamed = [_Way(poller, who, named=False) for poller in (full, short, "") for who in (names, counted)]
    return [*named, *unnamed, _Way("", "")]


def _without_host(poller: str) -> str:
    """Such as "ana polls" of "ana@laptop polls"."""
    who, at, _ = poller.partition("@")
    return f"{who} polls" if at else poller


def _pieces(state: State, away: EngineAway | None, now: datetime, way: _Way) -> list[Piece]:
    place = _place(state.scope)
    name = (" nodescaler ", "accent") if way.named else ("", "")
    here = [(f" · {way.company}", "accent")] if way.company and away is None else []
    return [name, *_marks(state), (place, ""), *_status(state, away, now, way.poller), *here]


def _length(pieces: list[Piece]) -> int:
    return sum(len(text) for text, _ in pieces)


def _place(scope: Scope) -> str:
    place = str(scope.source if scope.demo else scope.region)
    return f" {place}" if place else ""


def _marks(state: State) -> list[Piece]:
    scope, replay = state.scope, state.replay
    replayed = "" if replay is None else _replayed(replay)
    marks = (
        (replayed, replay is not None),
        ("[RO]", scope.read_only and replay is None),
        ("[DRY RUN]", scope.dry_run),
        ("[DEMO]", scope.demo and replay is None),
        ("[REC]", bool(state.recording)),
    )
    return [(mark, "warning") for mark, on in marks if on]


def _replayed(replay: ReplayState) -> str:
    """Whether it plays, how fast, and how far of the whole it is."""
    playing, whole = "▶" if replay.playing else "⏸", countdown(replay.ends, replay.begins)
    return f"[REPLAY {playing} ×{replay.speed:g} {countdown(replay.at, replay.begins)}/{whole}]"


def _status(state: State, away: EngineAway | None, now: datetime, poller: str) -> list[Piece]:
    link = state.link
    if away is not None:
        return [(" · engine away", "critical")]
    polled = f" · polled {age(link.polled_at, now)} ago" if link.polled_at else ""
    polled += f" · {poller}" if poller else ""
    match link.status:
        case LinkStatus.CONNECTING:
            return [(" · connecting to Genesys…" if state.revision else " · the engine is starting…", "muted")]
        case LinkStatus.OK:
            return [(polled, ""), (" · ok", "ok")] if link.is_polled else [(polled, "stale")]
        case LinkStatus.PARTIAL:
            return [(polled, ""), (" · partial", "warning")]
        case LinkStatus.LOST:
            return [(polled, "stale"), (f" · LOST for {age(link.since, now)}", "critical")]


def _budget(link: LinkState) -> list[Piece]:
    if not link.requests_per_poll:
        return []
    share = "" if link.limit_share is None else f", {link.limit_share * 100:.0f} % of limit"
    return [(f" · every {duration(link.poll_every_s)}, {link.requests_per_poll} requests{share}", "muted")]


class ProblemLine(SteadyText):
    """What fails, since when, and when the next try is; hidden while nothing does."""

    def show(self, state: State, away: EngineAway | None, now: datetime) -> None:
        """Draw it as of now."""
        content = problem_content(state, away, now, self.app.size.width)
        self.display = content is not None
        if content is not None:
            self.put(content)


def problem_content(state: State, away: EngineAway | None, now: datetime, width: int) -> Content | None:
    """The most important thing that is wrong, and how many more there are."""
    problem = _problem(state, away, now)
    if problem is None:
        return None
    words, severity = problem
    first, *others = textwrap.wrap(words, max(width - 4, 20), max_lines=MOST_ROWS, placeholder=" …")
    return lines(line((f" ! {first}", severity)), *(line((f"   {row}", severity)) for row in others))


def _problem(state: State, away: EngineAway | None, now: datetime) -> Piece | None:
    if away is not None:
        retry = f" Next try in {age_until(away.next_try_at, now)}." if away.next_try_at else ""
        return f"{away.sentence}{retry}", "critical"
    if not state.store.writable and state.revision:
        return f"Nothing can be approved: {state.store.sentence}", "critical"
    if state.store.clock_closes and state.store.clock:
        return str(state.store.clock), "critical"
    problems = (*state.link.problems, *state.rules.problems)
    if not problems:
        return (str(state.store.clock), "warning") if state.store.clock else None
    more = len(problems) - 1
    suffix = f" (+{more} more)" if more else ""
    worst = "critical" if state.link.status is LinkStatus.LOST else "warning"
    return f"{problems[0]}{suffix}", worst


def age_until(moment: datetime, now: datetime) -> str:
    """How long until then."""
    return duration((moment - now).total_seconds())
