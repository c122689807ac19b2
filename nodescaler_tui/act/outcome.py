"""What an attempt to send came to, and what a receiver says about its job: has it acted, may it have, will it yet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Accepted:
    """The receiver took the request and said so in the way that its profile asks for.

    `webhook_status` is the tutorial's audit field, `receipt` the job's id where the answer has one. `status_url` is
    absolute and of the receiver's own origin, or empty.
    """

    http_status: int
    webhook_status: str
    excerpt: str
    status_url: str = ""
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class NotProcessed:
    """The receiver certainly did not act; the same request may be tried again."""

    sentence: str
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The receiver certainly did not act and never will on this request."""

    http_status: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The receiver may or may not have acted.

    `in_progress` says that it still works on a request with our key: the same may be asked again, not before
    `retry_after_s`, and the receiver is in good health.
    """

    sentence: str
    retry_after_s: float | None = None
    in_progress: bool = False


Outcome = Accepted | NotProcessed | Refused | Unknown


class Report(StrEnum):
    """What a receiver says about the job that it accepted; UNREADABLE when it cannot be asked or understood."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class StatusReport:
    """One look at the job's status, in a sentence, and how many seconds the receiver wants to be left alone."""

    state: Report
    sentence: str
    retry_after_s: float | None = None
