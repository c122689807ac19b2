"""The scaling payload: the tutorial's seven fields (step 2), and the exact bytes that are sent and hashed."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from typing import Final

from nodescaler_tui.decide.thresholds import ThresholdMatrix

LONGEST_GROUP_ID: Final = 128


class InvalidPayload(ValueError):  # noqa: N818 - named for what it is about
    """A payload that must not leave this machine: which field is wrong, and how."""


@dataclass(frozen=True, slots=True)
class ScalingPayload:
    """What the receiver is asked for. Raises InvalidPayload for anything that must not be asked.

    Only a payload that asks for more nodes provisions any; one that asks for fewer takes an earlier one back.
    """

    node_group_id: str
    current_nodes: int
    requested_nodes: int
    cpu_threshold: float
    memory_threshold: float
    auto_provision: bool = True
    load_balancer_reconfigure: bool = True

    def __post_init__(self) -> None:
        identity = self.node_group_id
        if not identity or len(identity) > LONGEST_GROUP_ID or not identity.isprintable():
            raise InvalidPayload("node_group_id must be 1 to 128 printable characters")
        if self.current_nodes < 0 or self.requested_nodes < 1 or self.current_nodes == self.requested_nodes:
            raise InvalidPayload("requested_nodes must differ from current_nodes, and neither may be negative")
        for name in ("cpu_threshold", "memory_threshold"):
            limit = getattr(self, name)
            if not math.isfinite(limit) or not 0 < limit <= 1:
                raise InvalidPayload(f"{name} must be above 0 and at most 1")
        if self.auto_provision is not (self.requested_nodes > self.current_nodes):
            raise InvalidPayload("auto_provision must be true to ask for more nodes, and false to ask for fewer")
        if not self.load_balancer_reconfigure:
            raise InvalidPayload("the load balancer must learn of every change")

    def canonical_bytes(self) -> bytes:
        """Compact JSON with sorted keys in UTF-8: the bytes that are sent, and the bytes that are hashed."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    def sha256(self) -> str:
        """The SHA-256 of the canonical bytes, in lower-case hexadecimal."""
        return hashlib.sha256(self.canonical_bytes()).hexdigest()


def payload_for(group_id: str, current_nodes: int, requested_nodes: int, matrix: ThresholdMatrix) -> ScalingPayload:
    """The payload that asks for `requested_nodes`, carrying the critical limits that led to it."""
    return ScalingPayload(
        node_group_id=group_id,
        current_nodes=current_nodes,
        requested_nodes=requested_nodes,
        cpu_threshold=matrix.cpu_critical,
        memory_threshold=matrix.memory_critical,
        auto_provision=requested_nodes > current_nodes,
    )
