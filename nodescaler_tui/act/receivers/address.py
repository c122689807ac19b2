"""Addresses: where a name really leads, asked once, and whether a request may go there.

Every answer of the resolver is judged, and the connection is made to a judged address, so a name that answers
differently the second time gains nothing. Forms of IPv6 that carry an IPv4 address are unwrapped first:
`ipaddress.is_global` takes several of them, such as 64:ff9b::a9fe:a9fe, for public addresses.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Sequence
from enum import Enum
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(Exception):  # noqa: N818 - the sentence is for the operator
    """A name that leads nowhere, or where no request may go. Nothing was sent."""


class Concern(Enum):
    """What speaks against an address, in the words that end "which is …"."""

    UNSPECIFIED = "no address of a machine"
    MULTICAST = "a multicast address"
    RESERVED = "a reserved address"
    METADATA = "a cloud's metadata service"
    LINK_LOCAL = "a link-local address"
    LOOPBACK = "this machine"
    PRIVATE = "a private address"


NEVER: Final = frozenset({Concern.UNSPECIFIED, Concern.MULTICAST})
ONLY_AS_ADDRESS: Final = frozenset({Concern.METADATA, Concern.LINK_LOCAL})

_METADATA: Final = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
    )
)
_RESERVED: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "240.0.0.0/4",
        "2001:db8::/32",
        "3fff::/20",
    )
)
_SHARED: Final = ipaddress.ip_network("100.64.0.0/10")
_UNIQUE_LOCAL: Final = ipaddress.ip_network("fc00::/7")
_GLOBAL_IPV6: Final = ipaddress.ip_network("2000::/3")
_SIX_TO_FOUR: Final = ipaddress.ip_network("2002::/16")
_TEREDO: Final = ipaddress.ip_network("2001::/32")
_LAST_32_BITS: Final = tuple(
    ipaddress.ip_network(text) for text in ("::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "::/96")
)
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})


def unwrapped(address: Address) -> Address:
    """The IPv4 address within an IPv6 address that carries one, else the address itself."""
    if isinstance(address, ipaddress.IPv4Address) or address in {ipaddress.IPv6Address(0), ipaddress.IPv6Address(1)}:
        return address
    number = int(address)
    if any(address in network for network in _LAST_32_BITS) or (number >> 32) & 0xFFFFFFFF in _ISATAP:
        return ipaddress.IPv4Address(number & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return ipaddress.IPv4Address((number >> 80) & 0xFFFFFFFF)
    if address in _TEREDO:
        return ipaddress.IPv4Address(~number & 0xFFFFFFFF)
    return address


def concern_about(address: Address) -> Concern | None:
    """What speaks against sending to this address, None for a public one."""
    inner = unwrapped(address)
    if inner in _METADATA:
        return Concern.METADATA
    if inner.is_unspecified:
        return Concern.UNSPECIFIED
    if inner.is_loopback:
        return Concern.LOOPBACK
    if inner.is_multicast:
        return Concern.MULTICAST
    if inner.is_link_local:
        return Concern.LINK_LOCAL
    return _special(inner)


def _special(address: Address) -> Concern | None:
    if any(address in network for network in _RESERVED):
        return Concern.RESERVED
    if address in _SHARED or address in _UNIQUE_LOCAL:
        return Concern.PRIVATE
    if isinstance(address, ipaddress.IPv6Address):
        return None if address in _GLOBAL_IPV6 else Concern.RESERVED
    return Concern.PRIVATE if address.is_private else None


def parsed(host: str) -> Address | None:
    """The address that is written here, None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_this_machine(host: str) -> bool:
    """Whether the host is this machine by what is written: `localhost` or a loopback address."""
    address = parsed(host)
    return host == "localhost" if address is None else address.is_loopback


def checked_addresses(host: str, port: int, allow_hosts: Sequence[str], within_s: float) -> tuple[str, ...]:
    """All addresses of the host, in the resolver's order. Raises AddressRefused if any of them may not be used."""
    addresses = resolved(host, port, within_s)
    for address in addresses:
        sentence = refusal(host, address, allow_hosts)
        if sentence:
            raise AddressRefused(sentence)
    return tuple(str(address) for address in addresses)


def refusal(host: str, address: Address, allow_hosts: Sequence[str]) -> str:
    """Why no request may go to this address of the host, and what would allow it; empty when it may."""
    concern = concern_about(address)
    if is_this_machine(host):
        return "" if concern is Concern.LOOPBACK else f"{host} leads to {address} and not to this machine."
    if concern is None:
        return ""
    as_address = any(parsed(entry) == address for entry in allow_hosts)
    by_name = host in allow_hosts
    if concern not in NEVER and (as_address or (by_name and concern not in ONLY_AS_ADDRESS)):
        return ""
    sentence = f"{host} leads to {address}, which is {concern.value}. Nothing was sent."
    if concern in NEVER:
        return sentence
    entry = str(address) if concern in ONLY_AS_ADDRESS else host
    return f'{sentence} If that is meant, add "{entry}" to allow_hosts of the receiver.'


def resolved(host: str, port: int, within_s: float) -> tuple[Address, ...]:
    """The resolver's answers, each once. Raises AddressRefused when it has none or takes too long."""
    found: list[Address] = []
    problems: list[str] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            problems.append(getattr(error, "strerror", None) or type(error).__name__)
            return
        found.extend(ipaddress.ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers)

    asking = threading.Thread(target=ask, name="resolver", daemon=True)
    asking.start()
    asking.join(max(within_s, 0.0))
    if asking.is_alive():
        raise AddressRefused(f"The name {host} was not resolved in time. Nothing was sent.")
    if problems or not found:
        why = problems[0] if problems else "it has no address"
        raise AddressRefused(f"The name {host} cannot be resolved ({why}). Nothing was sent.")
    return tuple(dict.fromkeys(found))
