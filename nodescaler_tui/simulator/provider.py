"""The external provider: a webhook that really adds nodes, and a status document for each job.

`requested_nodes` is the desired number, so a repeat asks for nothing new; and a repeated idempotency key gets the
stored answer, so that a repeat does nothing even where the number would differ.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from nodescaler_tui.simulator.faults import PROVIDER_FAULTS, Faults
from nodescaler_tui.simulator.fleet import Fleet
from nodescaler_tui.simulator.http import Answer, Request, Wire, json_answer
from nodescaler_tui.simulator.queues import DeclaredQueue

SCALE: Final = "/provider/scale"
JOBS: Final = "/provider/jobs/"
SEVEN_FIELDS: Final = frozenset(
    {
        "node_group_id",
        "current_nodes",
        "requested_nodes",
        "cpu_threshold",
        "memory_threshold",
        "auto_provision",
        "load_balancer_reconfigure",
    }
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request as it arrived. `effect` is how many nodes it added."""

    headers: Mapping[str, str]
    body: bytes
    key: str
    effect: int


class Provider:
    """Answers the webhook. `deliveries` keeps every request that came, for whoever wants to count."""

    def __init__(self, fleet: Fleet, queue: DeclaredQueue, faults: Faults, *, boot_s: float) -> None:
        self._fleet = fleet
        self._queue = queue
        self._faults = faults
        self._boot_s = boot_s
        self._answers: dict[str, tuple[str, Answer]] = {}
        self.deliveries: list[Delivery] = []

    async def answer(self, request: Request) -> Answer:
        """Answer one request to the webhook or for a job's status."""
        if request.method == "GET" and request.path.startswith(JOBS):
            return self._job(request)
        if request.method != "POST" or request.path != SCALE:
            return json_answer(404, {"error": "not found"})
        return self._scale(request)

    def _scale(self, request: Request) -> Answer:
        fault = self._faults.find(PROVIDER_FAULTS, request.path)
        name = fault.name if fault else ""
        if name in _BEFORE_ACTING:
            self._note(request, 0)
            return _BEFORE_ACTING[name]
        problem = _refusal(request)
        if problem is not None:
            self._note(request, 0)
            return problem
        answer = self._once(request)
        return _AFTER_ACTING.get(name, answer)

    def _once(self, request: Request) -> Answer:
        key, digest = _key(request), hashlib.sha256(request.body).hexdigest()
        if key in self._answers:
            self._note(request, 0)
            stored_digest, stored = self._answers[key]
            return stored if stored_digest == digest else _KEY_REUSED
        added = self._add_nodes(json.loads(request.body))
        self._note(request, added)
        job = f"job-{len(self.deliveries)}"
        answer = json_answer(
            202,
            {"status": "accepted", "job": job, "status_url": f"{JOBS}{job}", "nodes_added": added},
            {"Location": f"{JOBS}{job}", "Retry-After": "2"},
        )
        if key:
            self._answers[key] = (digest, answer)
        return answer

    def _add_nodes(self, payload: Mapping[str, Any]) -> int:
        group_id, requested = str(payload["node_group_id"]), int(payload["requested_nodes"])
        if group_id == self._queue.node_group_id:
            added = max(requested - self._queue.nodes, 0)
            self._queue.nodes += added
            return added
        if group_id not in self._fleet.groups:
            return 0
        added = max(requested - self._fleet.size(group_id), 0)
        self._fleet.add_nodes(group_id, added, self._boot_s)
        return added

    def _note(self, request: Request, effect: int) -> None:
        self.deliveries.append(Delivery(request.headers, request.body, _key(request), effect))

    def _job(self, request: Request) -> Answer:
        booting = any(node.booting(self._fleet.now_s) for group in self._fleet.groups.values() for node in group.nodes)
        status = "Running" if booting else "Succeeded"
        return json_answer(200, {"id": request.path.removeprefix(JOBS), "status": status})


def _key(request: Request) -> str:
    """The idempotency key, whether written as a structured-field string or bare."""
    return request.headers.get("idempotency-key", "").strip().strip('"')


def _refusal(request: Request) -> Answer | None:
    """What speaks against acting on this request."""
    digest = request.headers.get("x-payload-sha256")
    if digest is not None and digest != hashlib.sha256(request.body).hexdigest():
        return json_answer(400, {"error": "the body does not match its SHA-256"})
    try:
        payload = json.loads(request.body)
    except ValueError:
        return json_answer(400, {"error": "the body is not JSON"})
    if not isinstance(payload, dict) or set(payload) != SEVEN_FIELDS:
        return json_answer(400, {"error": f"the body must have exactly {', '.join(sorted(SEVEN_FIELDS))}"})
    return None


_HOSTILE_BODY: Final = '{"status":"\x1b]52;c;UFdORUQ=\x07[bold red]ok[/]\u202e","note":"\x1b[2J\x9b31m"}'.encode()
_KEY_REUSED: Final = json_answer(422, {"error": "this key was used with another body"})
_BEFORE_ACTING: Final = {
    "reject-4xx": json_answer(422, {"error": "quota exceeded: no more nodes in this zone"}),
    "fail-5xx": json_answer(503, {"error": "maintenance"}, {"Retry-After": "2"}),
    "duplicate-conflict": json_answer(409, {"error": "this key is being processed"}, {"Retry-After": "1"}),
}
_AFTER_ACTING: Final = {
    "plain-200": json_answer(200, {"status": "done"}),
    "empty-204": Answer(204),
    "text-body": Answer(200, b"ok", content_type="text/plain"),
    "list-body": json_answer(200, [{"status": "accepted"}]),
    "error-500": json_answer(500, {"error": "the answer was lost"}),
    "act-then-timeout": Answer(200, wire=Wire.NEVER),
    "act-then-drop": replace(Answer(200), wire=Wire.DROPPED),
    "hostile-text": Answer(200, _HOSTILE_BODY),
}
