"""Scenarios: named fleets with a story, as data."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field, replace
from typing import Final

from nodescaler_tui.simulator.fleet import Group, new_node
from nodescaler_tui.simulator.load import LoadCurve, Surge


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """One group of a scenario. `sessions` is what it is offered per node it starts with."""

    name: str
    site: str
    nodes: int
    sessions: float
    managed: bool = False
    surges: tuple[Surge, ...] = ()
    cpu_per_session: float = 0.8
    leak_per_s: float = 0.0
    silent_after_s: float = float("inf")


@dataclass(frozen=True, slots=True)
class Scenario:
    """A fleet and what happens to it. Times are simulated seconds; `faults` are switched on from the start."""

    name: str
    story: str
    groups: tuple[GroupPlan, ...]
    boot_s: float = 15.0
    requests_per_minute: int = 300
    faults: tuple[dict[str, object], ...] = ()
    fails_at_s: float = float("inf")
    queue_surges: tuple[Surge, ...] = field(default=())


_QUIET: Final = (
    GroupPlan("media-eu-prod-01", "Dublin", 10, 0.62),
    GroupPlan("media-us-prod-02", "Ashburn", 24, 0.52),
    GroupPlan("media-ap-prod-01", "Sydney", 12, 0.42),
    GroupPlan("media-sa-prod-01", "São Paulo", 5, 0.55),
    GroupPlan("media-uk-stage", "London", 3, 0.25),
    GroupPlan("genesys-cloud-media", "Frankfurt", 4, 0.5, managed=True),
)
_RISE: Final = Surge(start_s=12, rise_s=32, hold_s=1200, factor=1.76)


def _with(name: str, **changes: object) -> tuple[GroupPlan, ...]:
    return tuple(replace(plan, **changes) if plan.name == name else plan for plan in _QUIET)  # type: ignore[arg-type]


_SURGING: Final = tuple(
    replace(plan, surges=(_RISE,))
    if plan.name == "media-eu-prod-01"
    else replace(plan, sessions=0.9, cpu_per_session=0.84)
    if plan.name == "media-us-prod-02"
    else replace(plan, silent_after_s=20.0)
    if plan.name == "media-uk-stage"
    else plan
    for plan in _QUIET
)

SCENARIOS: Final = {
    scenario.name: scenario
    for scenario in (
        Scenario("calm", "Nothing happens.", _QUIET),
        Scenario("surge", "One group turns critical within a minute.", _SURGING, queue_surges=(_RISE,)),
        Scenario(
            "memory-leak",
            "One group loses memory until it is critical.",
            _with("media-ap-prod-01", leak_per_s=0.004),
        ),
        Scenario(
            "node-failure",
            "Three nodes of one group fail; the others take the load over.",
            _with("media-eu-prod-01", sessions=0.78),
            fails_at_s=20.0,
        ),
        Scenario(
            "flapping",
            "One group goes up and down across its limit.",
            _with(
                "media-eu-prod-01",
                surges=tuple(Surge(start_s=10 + 60 * turn, rise_s=10, hold_s=15, factor=1.76) for turn in range(60)),
            ),
        ),
        Scenario(
            "big",
            "A thousand groups with ten thousand nodes.",
            tuple(
                GroupPlan(
                    f"media-{index:04d}",
                    f"site-{index % 40:02d}",
                    10,
                    0.3 + 0.6 * ((index * 37) % 100) / 100,
                    surges=(_RISE,) if index % 97 == 0 else (),
                )
                for index in range(1000)
            ),
            requests_per_minute=60000,
        ),
        Scenario(
            "provider-down",
            "One group turns critical and the provider answers 503.",
            _SURGING,
            faults=({"fault": "fail-5xx"},),
        ),
        Scenario(
            "throttled",
            "Genesys answers 429 to most requests for half a minute at a time.",
            _SURGING,
            requests_per_minute=40,
        ),
        Scenario("outage", "Genesys answers 503 to everything.", _SURGING, faults=({"fault": "http-503"},)),
    )
}


def build_groups(scenario: Scenario, seed: int) -> list[Group]:
    """The scenario's groups with identities that follow from the seed."""
    source = random.Random(seed)
    return [_build(plan, source) for plan in scenario.groups]


def _build(plan: GroupPlan, source: random.Random) -> Group:
    return Group(
        id=str(uuid.UUID(int=source.getrandbits(128), version=4)),
        name=plan.name,
        site=plan.site,
        managed=plan.managed,
        load=LoadCurve(plan.sessions * plan.nodes, surges=plan.surges),
        nodes=[new_node(plan.name, number, source, online_at_s=-60.0) for number in range(1, plan.nodes + 1)],
        cpu_per_session=plan.cpu_per_session,
        leak_per_s=plan.leak_per_s,
        silent_after_s=plan.silent_after_s,
    )
