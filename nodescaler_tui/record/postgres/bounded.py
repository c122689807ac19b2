"""A session whose every wait for an answer ends, also where the server or the way to it takes all and says nothing."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen

UNANSWERED: Final = "gave no answer"
_RV = TypeVar("_RV")


class BoundedConnection(psycopg.Connection[tuple[Any, ...]]):
    """Raises OperationalError when one answer takes longer than `answer_within_s`; the session is of no use then.

    The server's own statement timeout comes first, and TCP notices a host that is gone. This is for what neither sees:
    a server that is frozen, or a device on the way that confirms every packet and passes none on.
    """

    answer_within_s: float = 8.0
    unanswered: bool = False
    backend: int | None = None
    """The process that serves a session behind a pooler; None where there is none in between."""

    def wait(self, gen: PQGen[_RV], *args: float | None, **kwargs: float | None) -> _RV:
        """Drive one exchange with the server, but not for ever."""
        return super().wait(self._bounded(gen), *args, **kwargs)  # type: ignore[arg-type]  # the driver's own, passed on

    def _bounded(self, exchange: PQGen[_RV]) -> Generator[Any, Any, _RV]:
        """Resumed by the driver at least ten times a second, whether there is news or not."""
        give_up_at = time.monotonic() + self.answer_within_s
        try:
            waits_for = next(exchange)
            while True:
                ready = yield waits_for
                if not ready and time.monotonic() > give_up_at:
                    self.unanswered = True
                    raise psycopg.OperationalError(f"{UNANSWERED} within {self.answer_within_s:.0f} s")
                waits_for = exchange.send(ready)
        except StopIteration as ended:
            answer: _RV = ended.value
            return answer
