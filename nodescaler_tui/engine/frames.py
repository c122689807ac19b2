"""Frames: what travels over the socket between an engine and a terminal, one JSON object a line."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from nodescaler_tui.intents import Intent
from nodescaler_tui.state import GroupState, State
from nodescaler_tui.views import Answer, ChainReport, GroupDetail, JournalPage, Story, ThresholdPreview

PROTOCOL: Final = 5
LARGEST_FRAME_BYTES: Final = 16 * 1024 * 1024


class Attach(Struct, frozen=True, tag=True):
    """A terminal's first line: who it is, and by which settings it would watch.

    The operator is `user@host`, the terminal its tty; `settings` is the fingerprint of the order that it would
    give. A window that is `read_only` can look at everything and change nothing, whatever the engine may do for others.
    `metrics` is where it wants the engine to answer as OpenMetrics, empty for nowhere.
    """

    protocol: int
    operator: str
    terminal: str
    settings: str
    read_only: bool = False
    metrics: str = ""


class Request(Struct, frozen=True, tag=True):
    """One intent; its number comes back in the Answer."""

    number: int
    intent: Intent


class Welcome(Struct, frozen=True, tag=True):
    """The engine's first line."""

    protocol: int
    version: str
    pid: int


class WholeState(Struct, frozen=True, tag=True):
    """State once, at the start, and whenever a difference would not be smaller."""

    state: State


class StateChange(Struct, frozen=True, tag=True):
    """What changed since the last frame: the parts of State by name as JSON, and the groups that are new or differ.

    Many groups come in several frames, so that no terminal has to take in all of them at once; until `more` is False
    they are one change.
    """

    revision: int
    parts: dict[str, msgspec.Raw]
    groups: tuple[GroupState, ...]
    gone: tuple[str, ...]
    more: bool = False


class View(Struct, frozen=True, tag=True):
    """The answer to a look at something: exactly one field is set."""

    detail: GroupDetail | None = None
    preview: ThresholdPreview | None = None
    journal: JournalPage | None = None
    story: Story | None = None
    chain: ChainReport | None = None


class Reply(Struct, frozen=True, tag=True):
    """The answer to one request."""

    answer: Answer


FromTerminal = Attach | Request
FromEngine = Welcome | WholeState | StateChange | View | Reply

_encoder = msgspec.json.Encoder()
_from_terminal: msgspec.json.Decoder[FromTerminal] = msgspec.json.Decoder(FromTerminal)
_from_engine: msgspec.json.Decoder[FromEngine] = msgspec.json.Decoder(FromEngine)


def encode(frame: FromTerminal | FromEngine) -> bytes:
    """One line, ready for the socket."""
    return _encoder.encode(frame) + b"\n"


def decode_from_terminal(line: bytes) -> FromTerminal:
    """Raises msgspec.DecodeError on anything that is not a frame of a terminal."""
    return _from_terminal.decode(line)


def decode_from_engine(line: bytes) -> FromEngine:
    """Raises msgspec.DecodeError on anything that is not a frame of an engine."""
    return _from_engine.decode(line)
