"""The vendor's public status page, in the shape of a Statuspage summary."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from nodescaler_tui.simulator.clock import iso
from nodescaler_tui.simulator.faults import Fault

REGIONS: Final = ("EMEA (Dublin)", "Americas (US East)", "Asia Pacific (Sydney)")
OUTAGES: Final = frozenset({"hang", "drop", "http-500", "http-503", "http-504"})


def summary(faults: Iterable[Fault], at: datetime) -> dict[str, Any]:
    """A good day, or a major incident while a fault hits every endpoint."""
    is_out = any(fault.name in OUTAGES and not fault.endpoint for fault in faults)
    now = iso(at)
    status = {"indicator": "major", "description": "Partial System Outage"}
    return {
        "page": {"id": "page", "name": "Genesys Cloud", "url": "https://status.mypurecloud.com", "updated_at": now},
        "status": status if is_out else {"indicator": "none", "description": "All Systems Operational"},
        "components": [_component(name, now, is_out=is_out and name == REGIONS[0]) for name in REGIONS],
        "incidents": [_incident(now)] if is_out else [],
        "scheduled_maintenances": [],
    }


def _component(name: str, now: str, *, is_out: bool) -> dict[str, Any]:
    return {
        "id": name.lower().replace(" ", "-"),
        "name": name,
        "status": "major_outage" if is_out else "operational",
        "updated_at": now,
        "group_id": None,
    }


def _incident(now: str) -> dict[str, Any]:
    return {
        "id": "incident",
        "name": "Platform API answers with errors",
        "status": "investigating",
        "impact": "major",
        "started_at": now,
        "updated_at": now,
    }
