"""Signals: how full a node group is in CPU, memory and sessions, and how far each may be believed."""

from __future__ import annotations

from enum import StrEnum


class SignalName(StrEnum):
    """What can breach a threshold; the order is the order of reasons."""

    CPU = "cpu"
    MEMORY = "memory"
    SESSIONS = "sessions"


class Level(StrEnum):
    """What a signal says. The last three are ways of not knowing, and none of them is ever healthy."""

    OK = "OK"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"
    MISSING = "MISSING"
    STALE = "STALE"
    INVALID = "INVALID"
