"""Scenarios: named fleets with a story, as data."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from nodescaler_tui.simulator.fleet import Group, new_id, new_node
from nodescaler_tui.simulator.load import DAY_S, LoadCurve, Surge


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """One group of a scenario. `sessions` is what it is offered per node in service; `draining` nodes come on top."""

    name: str
    site: str
    nodes: int
    sessions: float
    managed: bool = False
    draining: int = 0
    surges: tuple[Surge, ...] = ()
    cpu_per_session: float = 0.8
    leak_per_s: float = 0.0
    silent_after_s: float = float("inf")


@dataclass(frozen=True, slots=True)
class FaultBurst:
    """A fault that comes back: on for `for_s` of every `every_s` simulated seconds, first at `at_s`."""

    fault: Mapping[str, object]
    at_s: float
    for_s: float
    every_s: float

    def is_on(self, now_s: float) -> bool:
        """Whether it is on at this moment."""
        return now_s >= self.at_s and (now_s - self.at_s) % self.every_s < self.for_s


@dataclass(frozen=True, slots=True)
class Scenario:
    """A fleet and what happens to it. Times are simulated seconds; `faults` are on from the start.

    `subject` is the group that the story is about; in `fails_at_s`, `failing` of its nodes go offline.
    """

    name: str
    story: str
    groups: tuple[GroupPlan, ...]
    subject: str = "media-eu-prod-01"
    boot_s: float = 15.0
    queues: int = 8
    requests_per_minute: int = 300
    faults: tuple[Mapping[str, object], ...] = ()
    bursts: tuple[FaultBurst, ...] = ()
    fails_at_s: float = float("inf")
    failing: int = 3
    queue_surges: tuple[Surge, ...] = field(default=())


_QUIET: Final = (
    GroupPlan("media-eu-prod-01", "Dublin", 10, 0.62),
    GroupPlan("media-us-prod-02", "Ashburn", 24, 0.52, draining=1),
    GroupPlan("media-ap-prod-01", "Sydney", 12, 0.42),
    GroupPlan("media-sa-prod-01", "São Paulo", 5, 0.55),
    GroupPlan("media-uk-stage", "London", 3, 0.25),
    GroupPlan("genesys-cloud-media", "Frankfurt", 4, 0.5, managed=True),
)
_RISE: Final = Surge(start_s=12, rise_s=32, hold_s=1200, factor=1.76)
_EVERY_DAY: Final = Surge(start_s=-4850, rise_s=7000, hold_s=1800, factor=5.0, every_s=DAY_S)
_UP_AND_DOWN: Final = tuple(Surge(start_s=10 + 60 * turn, rise_s=10, hold_s=15, factor=1.76) for turn in range(60))


def _with(changes: Mapping[str, Mapping[str, Any]]) -> tuple[GroupPlan, ...]:
    """The quiet fleet, with some groups changed."""
    return tuple(replace(plan, **changes.get(plan.name, {})) for plan in _QUIET)


_SURGING: Final = _with(
    {
        "media-eu-prod-01": {"surges": (_RISE,)},
        "media-us-prod-02": {"sessions": 0.22, "cpu_per_session": 0.84, "surges": (_EVERY_DAY,)},
        "media-uk-stage": {"silent_after_s": 20.0},
    }
)
_BIG: Final = tuple(
    GroupPlan(
        f"media-{index:04d}",
        f"site-{index % 40:02d}",
        10,
        0.3 + 0.6 * ((index * 37) % 100) / 100,
        surges=(_RISE,) if index % 97 == 0 else (),
    )
    for index in range(1000)
)

SCENARIOS: Final = {
    scenario.name: scenario
    for scenario in (
        Scenario("calm", "Nothing happens.", _QUIET),
        Scenario("surge", "One group turns critical within a minute.", _SURGING, queue_surges=(_RISE,)),
        Scenario(
            "memory-leak",
            "One group loses memory until it is critical.",
            _with({"media-ap-prod-01": {"leak_per_s": 0.004}}),
            subject="media-ap-prod-01",
        ),
        Scenario(
            "node-failure",
            "Three nodes of one group fail; the others take the load over.",
            _with({"media-eu-prod-01": {"sessions": 0.78}}),
            fails_at_s=20.0,
        ),
        Scenario(
            "flapping",
            "One group goes up and down across its limit, once a minute.",
            _with({"media-eu-prod-01": {"surges": _UP_AND_DOWN}}),
        ),
        Scenario(
            "big",
            "A thousand groups with ten thousand nodes, and a thousand queues.",
            _BIG,
            subject="media-0000",
            queues=1000,
            requests_per_minute=60000,
        ),
        Scenario(
            "provider-down",
            "One group turns critical and the provider answers 503.",
            _SURGING,
            faults=({"fault": "fail-5xx"},),
            queue_surges=(_RISE,),
        ),
        Scenario(
            "throttled",
            "One group turns critical; Genesys allows few requests, and none at all for a third of each minute.",
            _SURGING,
            requests_per_minute=120,
            bursts=(FaultBurst({"fault": "throttle", "retry_after": 12}, at_s=30, for_s=20, every_s=60),),
            queue_surges=(_RISE,),
        ),
        Scenario("outage", "Genesys answers 503 to everything.", _SURGING, faults=({"fault": "http-503"},)),
    )
}


def build_groups(scenario: Scenario, seed: int, day_start: float) -> list[Group]:
    """The scenario's groups with identities that follow from the seed, at this share of the day."""
    source = random.Random(seed)
    return [_build(plan, source, day_start) for plan in scenario.groups]


def _build(plan: GroupPlan, source: random.Random, day_start: float) -> Group:
    group = Group(
        id=new_id(source),
        name=plan.name,
        site=plan.site,
        managed=plan.managed,
        load=LoadCurve(plan.sessions * plan.nodes, surges=plan.surges, day_start=day_start),
        nodes=[
            new_node(plan.name, number, source, online_at_s=-3600.0)
            for number in range(1, plan.nodes + plan.draining + 1)
        ],
        cpu_per_session=plan.cpu_per_session,
        leak_per_s=plan.leak_per_s,
        silent_after_s=plan.silent_after_s,
    )
    for node in group.nodes[plan.nodes :]:
        node.draining = True
    return group
