"""The JSON shapes of Genesys's telephony answers, with their quirks, from the fleet's present state."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from nodescaler_tui.simulator.clock import iso
from nodescaler_tui.simulator.endpoints import EDGE_GROUPS, EDGES, TRUNKS
from nodescaler_tui.simulator.fleet import DRAINING_CALLS, Group, Node, Sample

MEMORY_BYTES: Final = 16 * 2**30
PAIRING_ID: Final = "SIMULATED-PAIRING-ID-NEVER-STORE"

Json = dict[str, Any]


def group_document(group: Group, name: str) -> Json:
    """An EdgeGroup."""
    return {
        "id": group.id,
        "name": name,
        "state": "active",
        "managed": group.managed,
        "hybrid": False,
        "selfUri": f"{EDGE_GROUPS}/{group.id}",
    }


def edge_document(group: Group, node: Node, now_s: float, name: str, group_name: str) -> Json:
    """An Edge as the listing shows it: `statusCode` only while it boots, as captured from a live organisation."""
    booting = node.booting(now_s)
    document: Json = {
        "id": node.id,
        "name": name,
        "state": "active",
        "version": 7,
        "onlineStatus": "OFFLINE" if node.failed or booting else "ONLINE",
        "callDrainingState": "WAIT" if node.draining else "NONE",
        "conversationCount": DRAINING_CALLS if node.draining else 0,
        "edgeGroup": group_document(group, group_name),
        "site": {"id": f"site-{group.site}", "name": group.site, "managed": group.managed},
        "physicalEdge": not group.managed,
        "managed": group.managed,
        "edgeDeploymentType": "CDM" if group.managed else "LDM",
        "softwareVersion": "1.0.0.14530",
        "serialNumber": f"SN-{node.id[:8]}",
        "pairingId": PAIRING_ID,
        "osName": "Linux",
        "selfUri": f"{EDGES}/{node.id}",
    }
    if booting:
        document["statusCode"] = "INITIALIZING"
    return document


def metrics_document(node: Node, sample: Sample | None, event_time: datetime | None, up_s: float) -> Json:
    """An EdgeMetrics; a node that has not reported yet has nothing but its name."""
    document: Json = {
        "edge": {"id": node.id, "name": node.name, "selfUri": f"{EDGES}/{node.id}"},
        "upTimeMsec": int(max(up_s, 0.0) * 1000),
        "processors": [],
        "memory": [],
        "disks": [{"partitionName": "/", "availableBytes": 40 * 2**30, "totalBytes": 64 * 2**30}],
        "subsystems": [],
        "networks": [],
    }
    if sample is None or event_time is None:
        return document
    document["eventTime"] = iso(event_time)
    document["processors"] = _processors(sample)
    document["memory"] = [
        {"type": "physical", "availableBytes": round((1 - sample.memory) * MEMORY_BYTES), "totalBytes": MEMORY_BYTES},
        {"type": "virtual", "availableBytes": 0, "totalBytes": 0},
    ]
    document["subsystems"] = _subsystems(sample)
    document["networks"] = _networks(sample)
    return document


def _processors(sample: Sample) -> list[Json]:
    """Whole percent; active and idle add up to 99, as they do after rounding on real systems."""
    percent = round(sample.cpu * 100)
    rows = (("cpu0", min(percent + 1, 100)), ("cpu1", max(percent - 1, 0)), ("total", percent))
    return [
        {
            "cpuId": name,
            "activeTimePct": active,
            "idleTimePct": max(99 - active, 0),
            "privilegedTimePct": active // 4,
            "userTimePct": active - active // 4,
        }
        for name, active in rows
    ]


def _subsystems(sample: Sample) -> list[Json]:
    """The media subsystem is a part of the edge's services, with a delay of its own that grows with the load."""
    media = {"processName": "ininmedia", "delayMs": round(2 + 40 * max(sample.cpu - 0.7, 0))}
    return [
        {"processName": "ininedgeservices", "delayMs": 2, "mediaSubsystem": media},
        {"processName": "ininedgecontrol", "delayMs": 1},
        {"processName": "ininupdate", "delayMs": 0},
    ]


def _networks(sample: Sample) -> list[Json]:
    """The utilization carries the noise of a 32-bit float, as captured."""
    return [
        {
            "ifname": "eth0",
            "sentBytesPerSec": 9000 * sample.sessions,
            "receivedBytesPerSec": 9000 * sample.sessions,
            "bandwidthBitsPerSec": 10**9,
            "utilizationPct": 0.00018879999697674066 * sample.sessions,
        }
    ]


def trunk_document(group: Group, node: Node, now_s: float) -> Json:
    """The EXTERNAL trunk of a node."""
    working = not node.failed and not node.booting(now_s)
    return {
        "id": node.trunk_id,
        "name": f"{node.name}-sip",
        "state": "active",
        "trunkType": "EXTERNAL",
        "edge": {"id": node.id, "name": node.name},
        "edgeGroup": {"id": group.id, "name": group.name},
        "trunkBase": {"id": f"base-{group.id}"},
        "inService": working,
        "enabled": working,
        "connectedStatus": {"connected": working},
        "selfUri": f"{TRUNKS}/{node.trunk_id}",
    }


def trunk_metrics_document(node: Node, sample: Sample | None, event_time: datetime) -> Json:
    """The calls on a trunk."""
    sessions = sample.sessions if sample else 0
    return {
        "eventTime": iso(event_time),
        "logicalInterface": {"id": f"if-{node.id}", "name": "eth0"},
        "trunk": {"id": node.trunk_id, "name": f"{node.name}-sip"},
        "calls": {"inboundCallCount": sessions - sessions // 3, "outboundCallCount": sessions // 3},
        "qos": {"mismatchCount": 0},
    }


def call_metrics_document(groups: Iterable[Group]) -> Json:
    """Gauges of the media that these groups carry, as Genesys gives them for the whole organisation."""
    members = list(groups)
    samples = [sample for group in members for sample in group.samples.values()]
    usage = round(100 * sum(sample.cpu for sample in samples) / len(samples)) if samples else 0
    memory = 100 * sum(sample.memory for sample in samples) / len(samples) if samples else 0
    calls = sum(sample.sessions for sample in samples)
    capacity = 4 * sum(len(group.nodes) for group in members)
    return {
        "usage": usage,
        "autoScalingTriggerPercentage": 75,
        "cpuIntensity": _intensity(usage),
        "memoryIntensity": _intensity(memory),
        "concurrentCallCount": calls,
        "concurrentCallSessionCount": calls,
        "maxCallCapacity": capacity,
        "maxCallSessionCapacity": capacity,
        "autoScaleInProgress": "Up" if usage >= 75 else "None",
    }


def _intensity(percent: float) -> str:
    return "High" if percent >= 75 else "Medium" if percent >= 40 else "Low"
