"""Where a simulation is, and with which credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

CLIENT_ID: Final = "simulated-client"
CLIENT_SECRET: Final = "simulated-secret"  # noqa: S105 - of a simulation on loopback
DECLARED_GROUP: Final = "mgmt-media-prod-01"
DECLARED_NODES: Final = 10


@dataclass(frozen=True, slots=True)
class Addresses:
    """What `simulate` prints. `edge_group_id` is the group that the scenario's story is about.

    `declared_group` holds the tutorial's environment variables for a group whose nodes nobody can see.
    """

    gateway: str
    client_id: str
    client_secret: str
    webhook: str
    status_page: str
    control: str
    scenario: str
    seed: int
    edge_group_id: str
    queue_id: str
    node_group_id: str
    current_nodes: int
    declared_group: Mapping[str, str]


def described(addresses: Addresses) -> dict[str, Any]:
    """The addresses as the command prints them."""
    return asdict(addresses)
