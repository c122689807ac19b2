"""The JSON shapes of Genesys's telephony answers, with their quirks, from the fleet's present state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from nodescaler_tui.simulator.fleet import Fleet, Group, Node, Sample

HOSTILE: Final = "\x1b]0;PWNED\x07\x1b[31m[/][@click=app.quit]\u202eevil\u200b"
MEMORY_BYTES: Final = 16 * 2**30
STALE_BY: Final = timedelta(minutes=10)

Json = dict[str, Any]


def iso(moment: datetime) -> str:
    """A time as Genesys writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def listing(entities: list[Json], total: int, page_size: int, page_number: int, path: str) -> Json:
    """The paging envelope; the last page has no `nextUri`."""
    pages = max(-(-total // page_size), 1)
    envelope: Json = {
        "entities": entities,
        "pageSize": page_size,
        "pageNumber": page_number,
        "total": total,
        "firstUri": f"{path}?pageSize={page_size}&pageNumber=1",
        "lastUri": f"{path}?pageSize={page_size}&pageNumber={pages}",
        "selfUri": f"{path}?pageSize={page_size}&pageNumber={page_number}",
        "pageCount": pages,
    }
    if page_number < pages:
        envelope["nextUri"] = f"{path}?pageSize={page_size}&pageNumber={page_number + 1}"
    return envelope


def group_document(group: Group, *, hostile: bool) -> Json:
    """An EdgeGroup."""
    return {
        "id": group.id,
        "name": f"{group.name}{HOSTILE}" if hostile else group.name,
        "state": "active",
        "managed": group.managed,
        "hybrid": False,
        "selfUri": f"/api/v2/telephony/providers/edges/edgegroups/{group.id}",
    }


def edge_document(group: Group, node: Node, now_s: float, *, hostile: bool, null_enum: bool) -> Json:
    """An Edge as the listing shows it: `statusCode` only while it boots, as captured from a live organisation."""
    booting = node.booting(now_s)
    down = node.failed or booting
    document: Json = {
        "id": node.id,
        "name": f"{node.name}{HOSTILE}" if hostile else node.name,
        "state": "active",
        "version": 7,
        "onlineStatus": None if null_enum else ("OFFLINE" if down else "ONLINE"),
        "callDrainingState": "WAIT" if node.draining else "NONE",
        "conversationCount": 3 if node.draining else 0,
        "edgeGroup": group_document(group, hostile=hostile),
        "site": {"id": f"site-{group.site}", "name": group.site, "managed": group.managed},
        "physicalEdge": not group.managed,
        "managed": group.managed,
        "edgeDeploymentType": "CDM" if group.managed else "LDM",
        "softwareVersion": "1.0.0.14530",
        "osName": "Linux",
        "selfUri": f"/api/v2/telephony/providers/edges/{node.id}",
    }
    if booting:
        document["statusCode"] = "INITIALIZING"
    return document


def metrics_document(group: Group, node: Node, now: datetime, now_s: float, pace: float, *, stale: bool) -> Json:
    """An EdgeMetrics; integers in percent whose sum is 99, and virtual memory of zero of zero."""
    sample = group.samples.get(node.id)
    document: Json = {
        "edge": {"id": node.id, "name": node.name, "selfUri": f"/api/v2/telephony/providers/edges/{node.id}"},
        "upTimeMsec": int(max(now_s - node.online_at_s, 0) * 1000),
        "processors": [],
        "memory": [],
        "disks": [{"partitionName": "/", "availableBytes": 40 * 2**30, "totalBytes": 64 * 2**30}],
        "subsystems": [],
        "networks": [],
    }
    if sample is None:
        return document
    at = now - timedelta(seconds=(now_s - sample.at_s) / pace) - (STALE_BY if stale else timedelta())
    document["eventTime"] = iso(at)
    document["processors"] = _processors(sample)
    document["memory"] = [
        {"type": "physical", "availableBytes": round((1 - sample.memory) * MEMORY_BYTES), "totalBytes": MEMORY_BYTES},
        {"type": "virtual", "availableBytes": 0, "totalBytes": 0},
    ]
    document["subsystems"] = [
        {
            "processName": "ininedgeservices",
            "delayMs": round(2 + 40 * max(sample.cpu - 0.7, 0)),
            "mediaSubsystem": True,
        },
        {"processName": "ininedgecontrol", "delayMs": 1, "mediaSubsystem": False},
    ]
    document["networks"] = [
        {
            "ifname": "eth0",
            "sentBytesPerSec": 9000 * sample.sessions,
            "receivedBytesPerSec": 9000 * sample.sessions,
            "bandwidthBitsPerSec": 10**9,
            "utilizationPct": 0.00018879999697674066 * sample.sessions,
        }
    ]
    return document


def _processors(sample: Sample) -> list[Json]:
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


def trunk_document(group: Group, node: Node, now_s: float) -> Json:
    """An EXTERNAL trunk of a node."""
    working = not node.failed and not node.booting(now_s)
    return {
        "id": node.trunk_id,
        "name": f"{node.name}-sip",
        "trunkType": "EXTERNAL",
        "edge": {"id": node.id, "name": node.name},
        "edgeGroup": {"id": group.id, "name": group.name},
        "trunkBase": {"id": f"base-{group.id}"},
        "inService": working,
        "enabled": True,
        "connectedStatus": {"connected": working},
        "selfUri": f"/api/v2/telephony/providers/edges/trunks/{node.trunk_id}",
    }


def trunk_metrics_document(group: Group, node: Node, now: datetime) -> Json:
    """The calls on a trunk."""
    sample = group.samples.get(node.id)
    sessions = sample.sessions if sample else 0
    return {
        "eventTime": iso(now),
        "logicalInterface": "eth0",
        "trunk": {"id": node.trunk_id, "name": f"{node.name}-sip"},
        "calls": {"inboundCallCount": sessions - sessions // 3, "outboundCallCount": sessions // 3},
        "qos": {"mismatchCount": 0},
    }


def call_metrics_document(fleet: Fleet) -> Json:
    """Genesys's own gauges of its cloud media."""
    managed = [group for group in fleet.groups.values() if group.managed]
    samples = [sample for group in managed for sample in group.samples.values()]
    usage = round(100 * sum(sample.cpu for sample in samples) / len(samples)) if samples else 0
    calls = sum(sample.sessions for sample in samples)
    capacity = 4 * sum(len(group.nodes) for group in managed)
    return {
        "usage": usage,
        "autoScalingTriggerPercentage": 75,
        "cpuIntensity": "High" if usage >= 75 else "Medium" if usage >= 40 else "Low",
        "memoryIntensity": "Low",
        "concurrentCallCount": calls,
        "concurrentCallSessionCount": calls,
        "maxCallCapacity": capacity,
        "maxCallSessionCapacity": capacity,
        "autoScaleInProgress": "None",
    }


def error_document(status: int, code: str, message: str, parameters: Mapping[str, str] | None = None) -> Json:
    """An error body."""
    document: Json = {
        "message": message,
        "code": code,
        "status": status,
        "contextId": "00000000-0000-4000-8000-000000000000",
        "details": [],
        "errors": [],
    }
    if parameters:
        document["messageWithParams"] = message
        document["messageParams"] = dict(parameters)
    return document
