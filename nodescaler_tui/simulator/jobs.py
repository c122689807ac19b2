"""The provider's jobs: what became of a request that it accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from nodescaler_tui.simulator.fleet import Node


class Clocked(Protocol):
    """Whatever knows the simulated time."""

    now_s: float


@dataclass(frozen=True, slots=True)
class Job:
    """One accepted request: how many nodes it is to bring, which ones come, and when it is decided at the earliest.

    `unseen` nodes come too, but nobody can see them: those of a declared group.
    """

    wanted: int
    nodes: Sequence[Node]
    decided_at_s: float
    unseen: int = 0


class Jobs:
    """All jobs by their names."""

    def __init__(self, clock: Clocked) -> None:
        self._clock = clock
        self._jobs: dict[str, Job] = {}

    def open(self, job: Job) -> str:
        """Remember a job; its name comes back."""
        name = f"job-{len(self._jobs) + 1}"
        self._jobs[name] = job
        return name

    def document(self, name: str) -> dict[str, Any] | None:
        """The job's status document: Running, Succeeded or Failed, and the nodes it brought so far."""
        job = self._jobs.get(name)
        if job is None:
            return None
        now_s = self._clock.now_s
        ready = [node.name for node in job.nodes if not node.booting(now_s)]
        is_running = now_s < job.decided_at_s or len(ready) < len(job.nodes)
        return {"id": name, "status": "Running" if is_running else _outcome(job), "wanted": job.wanted, "nodes": ready}


def _outcome(job: Job) -> str:
    return "Succeeded" if len(job.nodes) + job.unseen == job.wanted else "Failed"
