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

from nodescaler_tui.simulator.faults import DELIVERY_FAULTS, Fault, Faults
from nodescaler_tui.simulator.fleet import Fleet
from nodescaler_tui.simulator.hostile import PAYLOADS
from nodescaler_tui.simulator.http import Answer, Request, Wire, json_answer
from nodescaler_tui.simulator.jobs import Job, Jobs
from nodescaler_tui.simulator.queues import QueueBook

SCALE: Final = "/provider/scale"
JOBS: Final = "/provider/jobs/"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request as it arrived, with lower-case header names. `effect` is how many nodes it added."""

    headers: Mapping[str, str]
    body: bytes
    key: str
    effect: int


class Provider:
    """Answers the webhook. `deliveries` keeps every request that came, for whoever wants to count."""

    def __init__(self, fleet: Fleet, queues: QueueBook, faults: Faults, *, boot_s: float) -> None:
        self._fleet = fleet
        self._queues = queues
        self._faults = faults
        self._boot_s = boot_s
        self._answers: dict[str, tuple[str, Answer]] = {}
        self._jobs = Jobs(fleet)
        self.deliveries: list[Delivery] = []
        self.declared: dict[str, int] = {}

    async def answer(self, request: Request) -> Answer:
        """Answer one request to the webhook or for a job's status."""
        if request.method == "GET" and request.path.startswith(JOBS):
            return self._job(request.path.removeprefix(JOBS))
        if request.method != "POST" or request.path != SCALE:
            return json_answer(404, {"error": "not found"})
        return self._scale(request)

    def _scale(self, request: Request) -> Answer:
        fault = self._faults.find(DELIVERY_FAULTS, request.path)
        refused = (_without_acting(fault) if fault else None) or _refusal(request)
        if refused is not None:
            self._note(request, 0)
            return refused
        answer = self._once(request, fault)
        return _INSTEAD.get(fault.name, answer) if fault else answer

    def _once(self, request: Request, fault: Fault | None) -> Answer:
        key, digest = idempotency_key(request), hashlib.sha256(request.body).hexdigest()
        if key in self._answers:
            self._note(request, 0)
            stored_digest, stored = self._answers[key]
            return stored if stored_digest == digest else _KEY_REUSED
        payload = json.loads(request.body)
        added, job = self._act(payload, fault.name if fault else "")
        self._note(request, added)
        address = f"{JOBS}{job}"
        document = {"status": "accepted", "job": job, "status_url": address, "nodes_added": added}
        answer = json_answer(202, document, {"Location": address, "Retry-After": "2"})
        if key:
            self._answers[key] = (digest, answer)
        return answer

    def _act(self, payload: Mapping[str, Any], fault: str) -> tuple[int, str]:
        """Add what is missing to the desired number, less where a fault says so; drain what is too much when asked to.

        Gives the effect and the job.
        """
        group_id, requested = payload["node_group_id"], payload["requested_nodes"]
        decided_at_s = self._fleet.now_s + self._boot_s
        if group_id not in self._fleet.groups:
            missing = self._declare(group_id, payload["current_nodes"], requested)
            return missing, self._jobs.open(Job(missing, (), decided_at_s, unseen=missing))
        surplus = self._fleet.size(group_id) - requested
        if surplus > 0 and not payload["auto_provision"]:
            leaving = self._fleet.drain(group_id, surplus, self._boot_s)
            return -len(leaving), self._jobs.open(Job(len(leaving), leaving, decided_at_s))
        missing = max(-surplus, 0)
        coming = {"job-fails": 0, "job-partial": missing // 2}.get(fault, missing)
        nodes = self._fleet.add_nodes(group_id, coming, self._boot_s)
        return coming, self._jobs.open(Job(missing, nodes, decided_at_s))

    def _declare(self, group_id: str, current: int, requested: int) -> int:
        """A group whose nodes nobody sees: count them here, and relieve the queue once they have come."""
        now = self.declared.setdefault(group_id, current)
        missing = max(requested - now, 0)
        self.declared[group_id] = now + missing
        if missing:
            self._queues.declared.relieve(self._fleet.now_s + self._boot_s, now / (now + missing))
        return missing

    def _note(self, request: Request, effect: int) -> None:
        self.deliveries.append(Delivery(request.headers, request.body, idempotency_key(request), effect))

    def _job(self, identity: str) -> Answer:
        document = self._jobs.document(identity)
        return json_answer(404, {"error": "there is no such job"}) if document is None else json_answer(200, document)


def idempotency_key(request: Request) -> str:
    """The idempotency key, whether written as a structured-field string or bare; empty without one."""
    value = request.headers.get("idempotency-key", "").strip()
    quoted = len(value) >= 2 and value[0] == value[-1] == '"'
    return value[1:-1].replace('\\"', '"').replace("\\\\", "\\") if quoted else value


def _refusal(request: Request) -> Answer | None:
    """What speaks against acting on this request."""
    digest = request.headers.get("x-payload-sha256")
    if digest is not None and digest != hashlib.sha256(request.body).hexdigest():
        return json_answer(400, {"error": "the body does not match its SHA-256"})
    try:
        payload = json.loads(request.body)
    except ValueError:
        return json_answer(400, {"error": "the body is not JSON"})
    problem = _problem(payload)
    return None if problem is None else json_answer(400, {"error": problem})


def _problem(payload: object) -> str | None:
    """What is wrong with the seven fields, in a sentence."""
    if not isinstance(payload, dict) or set(payload) != set(_FIELDS):
        return f"the body must have exactly {', '.join(_FIELDS)}"
    for name, kind in _FIELDS.items():
        value = payload[name]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            return f"{name} has the wrong type"
    if payload["requested_nodes"] < 1 or payload["current_nodes"] < 0:
        return "a number of nodes cannot be negative, and at least one must be requested"
    return None


def _without_acting(fault: Fault) -> Answer | None:
    """The answer of a fault that keeps the provider from acting."""
    match fault.name:
        case "reject-4xx":
            return json_answer(int(fault.number("status", 403)), {"error": "quota exceeded: no more nodes here"})
        case "fail-5xx":
            wait = {"Retry-After": str(int(fault.number("retry_after", 2)))}
            return json_answer(int(fault.number("status", 503)), {"error": "maintenance"}, wait)
        case "duplicate-conflict":
            return json_answer(409, {"error": "this key is being processed"}, {"Retry-After": "1"})
    return None


_FIELDS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "node_group_id": str,
    "current_nodes": int,
    "requested_nodes": int,
    "cpu_threshold": (int, float),
    "memory_threshold": (int, float),
    "auto_provision": bool,
    "load_balancer_reconfigure": bool,
}
_KEY_REUSED: Final = json_answer(422, {"error": "this key was used with another body"})
_HOSTILE_TEXT: Final = '{"status":"\x1b]52;c;UFdORUQ=\x07[bold red]ok[/]\u202e","note":"\x1b[2J\x9b31m"}'
_HOSTILE_DOCUMENT: Final = {"status": "".join(PAYLOADS), "job": PAYLOADS[0], "note": list(PAYLOADS)}
_INSTEAD: Final[Mapping[str, Answer]] = {
    "plain-200": json_answer(200, {"status": "done"}),
    "empty-204": Answer(204),
    "text-body": Answer(200, b"ok", content_type="text/plain"),
    "list-body": json_answer(200, [{"status": "accepted"}]),
    "error-500": json_answer(500, {"error": "the answer was lost"}),
    "act-then-timeout": Answer(200, wire=Wire.NEVER),
    "act-then-drop": replace(Answer(200), wire=Wire.DROPPED),
    "hostile-text": Answer(200, _HOSTILE_TEXT.encode()),
    "hostile-json": json_answer(200, _HOSTILE_DOCUMENT),
}
