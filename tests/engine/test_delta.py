"""Delta: a frame turns one State into the next, and is small when little has changed."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.engine import delta
from nodescaler_tui.engine.delta import applied, change, sliced, together
from nodescaler_tui.engine.frames import StateChange, WholeState
from nodescaler_tui.state import Notice, Scope, Severity, State
from tests.show.states import CALM, NOW, fleet


@st.composite
def states(draw: st.DrawFn) -> State:
    ids = draw(st.sets(st.sampled_from(["a", "b", "c", "d"])))
    names = st.sampled_from([DisplayText("one"), DisplayText("two")])
    groups = [msgspec.structs.replace(CALM, id=each, name=draw(names)) for each in sorted(ids)]
    notices = tuple(Notice(number, NOW, Severity.OK, DisplayText("x")) for number in range(draw(st.integers(0, 2))))
    return msgspec.structs.replace(
        fleet(*groups),
        revision=draw(st.integers(0, 9)),
        scope=Scope(region=DisplayText(draw(st.sampled_from(["", "mypurecloud.ie"])))),
        notices=notices,
    )


def over_the_wire(frame: WholeState | StateChange) -> WholeState | StateChange:
    return msgspec.json.decode(msgspec.json.encode(frame), type=WholeState | StateChange)


@given(states(), states())
def test_a_frame_turns_one_state_into_the_next(before: State, after: State) -> None:
    frame = over_the_wire(change(before, after))
    assert isinstance(frame, StateChange)
    assert applied(before, frame) == after


@given(states())
def test_the_first_frame_is_whole(state: State) -> None:
    assert over_the_wire(change(None, state)) == WholeState(state)


@given(states())
def test_what_did_not_change_is_not_sent(state: State) -> None:
    frame = change(state, state)
    assert isinstance(frame, StateChange)
    assert (frame.parts, frame.groups, frame.gone) == ({}, (), ())


@given(states(), states(), st.integers(1, 3))
def test_frames_that_came_in_slices_are_one_change(before: State, after: State, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delta, "GROUPS_IN_A_FRAME", size)
        frames = [over_the_wire(frame) for frame in sliced(change(before, after))]
    *earlier, last = [frame for frame in frames if isinstance(frame, StateChange)]
    assert all(frame.more and len(frame.groups) <= size for frame in earlier)
    assert not last.more
    assert applied(before, together(earlier, last)) == after
