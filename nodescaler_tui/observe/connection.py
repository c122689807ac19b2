"""How to reach Genesys Cloud, and how far what comes back is believed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

REGION_HOSTS: Final = {
    "us-east-1": "mypurecloud.com",
    "us-east-2": "use2.us-gov-pure.cloud",
    "us-west-2": "usw2.pure.cloud",
    "ca-central-1": "cac1.pure.cloud",
    "sa-east-1": "sae1.pure.cloud",
    "mx-central-1": "mxc1.pure.cloud",
    "eu-west-1": "mypurecloud.ie",
    "eu-west-2": "euw2.pure.cloud",
    "eu-central-1": "mypurecloud.de",
    "eu-central-2": "euc2.pure.cloud",
    "eusc-de-east-1": "edee1.eusc-pure.cloud",
    "me-central-1": "mec1.pure.cloud",
    "ap-south-1": "aps1.pure.cloud",
    "ap-southeast-1": "apse1.pure.cloud",
    "ap-southeast-2": "mypurecloud.com.au",
    "ap-northeast-1": "mypurecloud.jp",
    "ap-northeast-2": "apne2.pure.cloud",
    "ap-northeast-3": "apne3.pure.cloud",
}
"""The regions of SDK 269, by their AWS name."""


class UnusableAddress(ValueError):  # noqa: N818 - the sentence is for the operator
    """An address that cannot be used: which one, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Where Genesys Cloud is and who we are. `gateway` replaces login and API host, for a proxy or a simulator."""

    region: str
    client_id: str
    client_secret: str = field(repr=False)
    gateway: str = ""
    status_page: str = ""
    request_timeout_s: float = 10.0
    request_deadline_s: float = 20.0

    @property
    def api_address(self) -> str:
        """The address that API paths are appended to. Raises UnusableAddress."""
        if self.gateway:
            return _checked(self.gateway)
        host = REGION_HOSTS.get(self.region.lower().replace("_", "-"), self.region)
        if "." not in host or "/" in host:
            regions = ", ".join(sorted(REGION_HOSTS))
            raise UnusableAddress(
                f"{self.region!r} is no region. Use a host such as mypurecloud.ie, or one of {regions}."
            )
        return f"https://{host if host.startswith('api.') else f'api.{host}'}"

    @property
    def trusts_proxy(self) -> bool:
        """Whether HTTP(S)_PROXY may stand between: not on this machine."""
        return urlsplit(self.api_address).hostname not in {"127.0.0.1", "::1", "localhost"}


def _checked(gateway: str) -> str:
    parts = urlsplit(gateway)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UnusableAddress(f"The gateway {gateway!r} must look like http://host:port.")
    if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise UnusableAddress("The gateway is not encrypted: use https:// (http:// is allowed on this machine only).")
    return gateway.rstrip("/")


@dataclass(frozen=True, slots=True)
class DeclaredGroup:
    """The tutorial's set-up: a node group that Genesys does not list, and the queue that feeds it."""

    node_group_id: str
    queue_id: str


@dataclass(frozen=True, slots=True)
class BeliefPolicy:
    """When a sample counts as fresh, how many nodes must have one, and how much of the limit may be used."""

    fresh_for_s: float = 90.0
    least_fresh_share: float = 0.5
    budget_share: float = 0.5
