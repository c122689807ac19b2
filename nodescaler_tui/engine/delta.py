"""Delta: what changed between two States, small enough for a slow link, and State again at the other end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.engine.frames import StateChange, WholeState
from nodescaler_tui.state import (
    ContextState,
    GroupState,
    JournalEntry,
    LinkState,
    Notice,
    OperationState,
    PresentState,
    ReplayState,
    RulesState,
    Scope,
    State,
    StoreState,
)

GROUPS_IN_A_FRAME: Final = 50


class Parts(msgspec.Struct, frozen=True, omit_defaults=True):
    """The parts of State that are sent whole when they differ; None is one that does not."""

    scope: Scope | None = None
    link: LinkState | None = None
    context: ContextState | None = None
    store: StoreState | None = None
    operations: tuple[OperationState, ...] | None = None
    journal: tuple[JournalEntry, ...] | None = None
    notices: tuple[Notice, ...] | None = None
    replay: ReplayState | None = None
    recording: DisplayText | None = None
    present: tuple[PresentState, ...] | None = None
    rules: RulesState | None = None


PART_NAMES = tuple(Parts.__struct_fields__)


def change(before: State | None, after: State) -> WholeState | StateChange:
    """The frame that turns `before` into `after`."""
    if before is None:
        return WholeState(after)
    earlier = {group.id: group for group in before.groups}
    parts = {
        name: msgspec.Raw(msgspec.json.encode(getattr(after, name)))
        for name in PART_NAMES
        if getattr(before, name) != getattr(after, name)
    }
    now = {group.id for group in after.groups}
    return StateChange(
        revision=after.revision,
        parts=parts,
        groups=tuple(group for group in after.groups if _differs(earlier.get(group.id), group)),
        gone=tuple(group_id for group_id in earlier if group_id not in now),
    )


def _differs(before: GroupState | None, after: GroupState) -> bool:
    """Most groups are the very same as before, and need not be compared field by field."""
    return before is not after and before != after


def tells_presence_alone(frame: WholeState | StateChange) -> bool:
    """Whether nothing differs but who else is here: then nothing that is drawn elsewhere does."""
    return isinstance(frame, StateChange) and set(frame.parts) == {"present"} and not frame.groups and not frame.gone


def sliced(frame: WholeState | StateChange) -> Iterator[WholeState | StateChange]:
    """The same change in frames that are each quickly taken in."""
    if isinstance(frame, StateChange):
        while len(frame.groups) > GROUPS_IN_A_FRAME:
            now, later = frame.groups[:GROUPS_IN_A_FRAME], frame.groups[GROUPS_IN_A_FRAME:]
            yield StateChange(frame.revision, {}, now, (), more=True)
            frame = msgspec.structs.replace(frame, groups=later)
    yield frame


def together(earlier: list[StateChange], last: StateChange) -> StateChange:
    """One change again from its frames."""
    groups = tuple(group for frame in (*earlier, last) for group in frame.groups)
    return msgspec.structs.replace(last, groups=groups)


def applied(before: State, frame: StateChange) -> State:
    """State after this frame. Raises msgspec.DecodeError when a part is not what it should be."""
    parts = msgspec.json.decode(msgspec.json.encode(frame.parts), type=Parts)
    groups = {group.id: group for group in before.groups if group.id not in frame.gone}
    groups.update({group.id: group for group in frame.groups})
    changed = {name: getattr(parts, name) for name in frame.parts}
    return msgspec.structs.replace(
        before,
        revision=frame.revision,
        groups=tuple(groups[group_id] for group_id in sorted(groups)),
        **changed,
    )
