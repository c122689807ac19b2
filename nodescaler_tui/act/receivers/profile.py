"""A profile: everything that is particular to one kind of receiver, as data that a file can hold.

What a profile cannot say, the program does not do; so a new kind of receiver is a new file and no code.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, Literal

import msgspec

from nodescaler_tui.act.receivers.authentication import Authentication, NoAuthentication
from nodescaler_tui.act.receivers.pointer import is_pointer
from nodescaler_tui.act.receivers.template import InvalidTemplate, Template

HEADER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
OUR_HEADERS: Final = frozenset(
    {
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "user-agent",
        "x-nodescaler-attempt",
        "x-nodescaler-audit-head",
        "x-payload-sha256",
        "x-scaling-source",
    }
)
PAYLOAD_NAMES: Final = frozenset(
    {
        "payload",
        "payload_text",
        "payload_sha256",
        "payload.node_group_id",
        "payload.current_nodes",
        "payload.requested_nodes",
        "payload.cpu_threshold",
        "payload.memory_threshold",
        "payload.auto_provision",
        "payload.load_balancer_reconfigure",
    }
)
TEST_NAMES: Final = frozenset({"now"})


class Repeats(StrEnum):
    """What a receiver does when the same request reaches it twice; this decides what may be sent again."""

    DEDUPLICATES = "deduplicates"
    ABSOLUTE = "absolute"
    FIRES = "fires"


class KeyForm(StrEnum):
    """How the idempotency key is written: as a structured-field string, in quotes, or bare."""

    QUOTED = "quoted"
    BARE = "bare"


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a profile; a name that it does not have is refused."""


class IdempotencyHeader(_Part, frozen=True):
    """The header that carries the idempotency key."""

    header: str
    form: KeyForm = KeyForm.QUOTED


class Body(_Part, frozen=True):
    """The shape around the seven fields; without one the canonical bytes go out unchanged."""

    template: str


class Equality(_Part, frozen=True):
    """What an answer must say at a place: equal in type and value."""

    pointer: str
    equals: bool | int | str


class Success(_Part, frozen=True):
    """Which answers mean that the request was taken. Any other 2xx leaves it open."""

    statuses: tuple[int, ...] = tuple(range(200, 300))
    answer: Equality | None = None


class Status(_Part, frozen=True):
    """Where an accepted request's job is followed, and which words end it. Words are compared without case."""

    url_pointer: str = ""
    state_pointers: tuple[str, ...] = ("/status", "/properties/provisioningState")
    succeeded: tuple[str, ...] = ("succeeded", "successful", "success", "done", "completed")
    failed: tuple[str, ...] = ("failed", "error", "canceled", "cancelled")


class SendsEvent(_Part, frozen=True, tag_field="how", tag="event"):
    """The receiver is tested with an event on which it does nothing, authenticated as the real request is."""

    body: str
    does_nothing_because: str


class ReadsAddress(_Part, frozen=True, tag_field="how", tag="read"):
    """The receiver is tested by reading an address, which changes nothing.

    The path may name parameters; an empty one is the receiver's own URL.
    """

    path: str
    does_nothing_because: str


class Untestable(_Part, frozen=True, tag_field="how", tag="none"):
    """Every request may act, so only the connection can be tried."""

    why: str


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One kind of receiver. Raises ValueError when its parts do not fit together."""

    name: str
    summary: str
    url_example: str
    repeats: Repeats
    test: SendsEvent | ReadsAddress | Untestable
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    content_type: str = "application/json"
    url_holds_secret: bool = False
    headers: dict[str, str] = {}
    authentication: Authentication = NoAuthentication()
    idempotency: IdempotencyHeader | None = None
    parameters: dict[str, str] = {}
    body: Body | None = None
    success: Success = Success()
    receipt_pointer: str = ""
    status: Status = Status()

    def __post_init__(self) -> None:
        self._check_headers()
        self._check_pointers()
        self._check_templates()
        if any(not 200 <= status < 300 for status in self.success.statuses) or not self.success.statuses:
            raise ValueError("success.statuses must be from 200 to 299: nothing else is ever taken for success")

    def _check_headers(self) -> None:
        named = [*self.headers, *([self.idempotency.header] if self.idempotency else [])]
        for name in named:
            if not HEADER_NAME.fullmatch(name) or name.lower() in OUR_HEADERS:
                raise ValueError(f"the header {name!r} is no name or one that the program sets itself")
        for value in [self.content_type, *self.headers.values()]:
            if not value.isascii() or not value.isprintable():
                raise ValueError(f"the header value {value!r} must be printable ASCII")

    def _check_pointers(self) -> None:
        answer = [self.success.answer.pointer] if self.success.answer else []
        optional = [self.receipt_pointer, self.status.url_pointer]
        for pointer in [*answer, *self.status.state_pointers, *filter(None, optional)]:
            if not is_pointer(pointer):
                raise ValueError(f"the JSON pointer {pointer!r} must begin with /")

    def _check_templates(self) -> None:
        parameters = frozenset(f"parameter.{name}" for name in self.parameters)
        try:
            if self.body is not None:
                _check_names(Template(self.body.template), PAYLOAD_NAMES | parameters)
            if isinstance(self.test, SendsEvent):
                _check_names(Template(self.test.body), TEST_NAMES | parameters)
        except InvalidTemplate as error:
            raise ValueError(str(error)) from None


def _check_names(template: Template, known: frozenset[str]) -> None:
    unknown = sorted(template.names - known)
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not something that can be filled in here; there are {sorted(known)}")
