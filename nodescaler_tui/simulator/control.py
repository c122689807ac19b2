"""The control endpoint: switch faults on and off, let loads rise and time pass, and see what has happened before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from nodescaler_tui.simulator.clock import WallClock
from nodescaler_tui.simulator.faults import ALL_FAULTS, Faults
from nodescaler_tui.simulator.fleet import Fleet, Group
from nodescaler_tui.simulator.genesys import Genesys
from nodescaler_tui.simulator.http import Answer, Request, json_answer
from nodescaler_tui.simulator.past import Past, Wanted
from nodescaler_tui.simulator.provider import Provider

CONTROL: Final = "/control"
PAST: Final = "/past"
MOST_LISTED_DELIVERIES: Final = 100


@dataclass(frozen=True, slots=True)
class Control:
    """Answers `/control/...`. `advance` lets simulated time pass at once."""

    fleet: Fleet
    faults: Faults
    genesys: Genesys
    provider: Provider
    advance: Callable[[float], None]
    past: Past
    wall: WallClock

    def answer(self, request: Request) -> Answer:
        """Answer one request; 400 with a sentence for one that cannot be understood."""
        path = request.path.removeprefix(CONTROL)
        try:
            match request.method, path:
                case "GET", "/faults":
                    return json_answer(200, {"on": self.faults.names(), "all": dict(ALL_FAULTS)})
                case "GET", "/state":
                    return json_answer(200, self.state())
                case "GET", _ if path == PAST:
                    return json_answer(200, self.past.told(Wanted.of(request.query), self.wall))
                case "DELETE", _ if path == "/faults" or path.startswith("/faults/"):
                    self.faults.switch_off(path.removeprefix("/faults").strip("/"))
                    return Answer(204)
                case "POST", "/faults" | "/surge" | "/advance":
                    self._command(path, _object(request))
                    return Answer(204)
        except ValueError as problem:
            return json_answer(400, {"error": str(problem)})
        return json_answer(404, {"error": f"there is no {request.method} {request.path}"})

    def _command(self, path: str, command: dict[str, Any]) -> None:
        match path:
            case "/faults":
                self.faults.switch_on(command)
            case "/surge":
                self.fleet.surge(self._group(command), _positive(command, "factor"))
            case "/advance":
                self.advance(_positive(command, "seconds"))

    def _group(self, command: dict[str, Any]) -> str:
        """The id of the group that is named by its id or its name."""
        wanted = command.get("group")
        for group in self.fleet.groups.values():
            if isinstance(wanted, str) and wanted in {group.id, group.name}:
                return group.id
        raise ValueError(f"there is no group {wanted!r}")

    def state(self) -> dict[str, Any]:
        """What there is and what has happened so far; of the deliveries only the last ones."""
        return {
            "now_s": self.fleet.now_s,
            "groups": {group.id: self._summary(group) for group in self.fleet.groups.values()},
            "declared": dict(self.provider.declared),
            "deliveries": [
                {"key": delivery.key, "effect": delivery.effect, "body": delivery.body.decode(errors="replace")}
                for delivery in self.provider.deliveries[-MOST_LISTED_DELIVERIES:]
            ],
            "requests": dict(self.genesys.seen),
            "faults": self.faults.names(),
        }

    def _summary(self, group: Group) -> dict[str, Any]:
        """One group: its nodes, those in service, and the mean of those in service; None where there is none."""
        working = [node for node in group.nodes if node.weight(self.fleet.now_s)]
        samples = [group.samples[node.id] for node in working if node.id in group.samples]
        return {
            "name": group.name,
            "nodes": sum(1 for node in group.nodes if not node.vanished),
            "in_service": len(working),
            "cpu": _mean([sample.cpu for sample in samples]),
            "memory": _mean([sample.memory for sample in samples]),
            "sessions": sum(sample.sessions for sample in samples),
        }


def _mean(values: list[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def _object(request: Request) -> dict[str, Any]:
    document = request.json()
    if not isinstance(document, dict):
        raise ValueError("a JSON object is needed")
    return document


def _positive(command: dict[str, Any], name: str) -> float:
    value = command.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise ValueError(f"{name} must be a positive number")
    return float(value)
