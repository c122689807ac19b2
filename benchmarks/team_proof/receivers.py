"""Receivers that count: each request that arrives is written down before it is answered, with whether it took effect.

There are two kinds before one simulated provider: one recognises a repeat by its key, the other one acts on every call.
Both are unreliable for as long as they are told to be.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from benchmarks.team_proof.evidence import NoteBook
from nodescaler_tui.act.receiver import Repeats
from nodescaler_tui.simulator.fleet import Fleet
from nodescaler_tui.simulator.http import Answer, Request, Server, Wire, json_answer
from nodescaler_tui.simulator.provider import Provider, idempotency_key

ACCEPTED = 202
BUSY = json_answer(503, {"error": "busy"}, {"Retry-After": "1"})


@dataclass
class CountingReceiver:
    """Counts what arrives at one port. `unreliable` is the share of requests that go wrong in some way."""

    repeats: Repeats
    provider: Provider
    fleet: Fleet
    book: NoteBook
    chance: random.Random
    unreliable: float = 0.0
    seen: set[str] = field(default_factory=set)

    async def start(self) -> str:
        """Its address, once it listens."""
        server = Server(self.answer)
        await server.start(0)
        return f"http://127.0.0.1:{server.port}/provider/scale"

    async def answer(self, request: Request) -> Answer:
        """A request is refused, lost before or after it took effect, held up, or simply answered."""
        if request.method != "POST":
            return await self.provider.answer(request)
        trouble = self.chance.random() / self.unreliable if self.unreliable else 1.0
        if trouble < 0.3:
            self._note(request, acted=False)
            return BUSY
        if trouble < 0.45:
            self._note(request, acted=False)
            return Answer(200, wire=Wire.DROPPED)
        answer = await self._acted(request)
        if trouble < 0.7:
            return replace(answer, wire=Wire.DROPPED)
        if trouble < 0.8:
            return replace(answer, wire=Wire.NEVER)
        return replace(answer, delay_s=1.5) if trouble < 1.0 else answer

    async def _acted(self, request: Request) -> Answer:
        key = idempotency_key(request)
        is_repeat = self.repeats is Repeats.DEDUPLICATES and key in self.seen
        answer = await self.provider.answer(self._as_it_is_taken(request))
        acted = answer.status == ACCEPTED and not is_repeat
        if acted:
            self.seen.add(key)
        self._note(request, acted=acted)
        return answer

    def _as_it_is_taken(self, request: Request) -> Request:
        """Who knows no keys takes each call for a new one, and adds its step to whatever is there."""
        if self.repeats is Repeats.DEDUPLICATES:
            return request
        payload = json.loads(request.body)
        step = payload["requested_nodes"] - payload["current_nodes"]
        body = json.dumps({**payload, "requested_nodes": self.fleet.size(payload["node_group_id"]) + step}).encode()
        headers: Mapping[str, str] = {
            **{name: value for name, value in request.headers.items() if name != "idempotency-key"},
            "x-payload-sha256": hashlib.sha256(body).hexdigest(),
        }
        return replace(request, body=body, headers=headers)

    def _note(self, request: Request, *, acted: bool) -> None:
        self.book.note(
            "delivered",
            repeats=self.repeats.value,
            key=idempotency_key(request),
            attempt=int(request.headers.get("x-nodescaler-attempt", "0")),
            acted=acted,
        )
