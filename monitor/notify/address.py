"""Which addresses a message may go to: the public Internet's, and never a cloud's own door.

An IPv6 address may carry an IPv4 one that a gateway turns it into, so all that it carries are judged. The library's
``is_global`` is not enough: it lets through NAT64 and 6to4 forms of private addresses, ``192.0.0.192`` and multicast.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

# Never, whatever the operator allows: nobody listens there, or it hands out a machine's credentials.
_NEVER_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "169.254.169.254/32",  # the metadata of most clouds
            "169.254.169.253/32",
            "169.254.170.2/32",  # credentials of containers
            "169.254.170.23/32",
            "192.0.0.192/32",
            "100.100.100.200/32",
            "168.63.129.16/32",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
_NEVER_6 = tuple(map(IPv6Network, ("::/128", "fd00:ec2::/64", "fd20:ce::254/128", "ff00::/8")))

_PRIVATE_4 = tuple(
    map(
        IPv4Network,
        (
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
        ),
    )
)
_PRIVATE_6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))
_UNICAST = IPv6Network("2000::/3")
_TEREDO = IPv6Network("2001::/32")
_6TO4 = IPv6Network("2002::/16")
_TRANSLATED = tuple(  # the IPv4 address in the last 32 bits is where a packet goes
    map(IPv6Network, ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96"))
)
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
_ISATAP = (0x00005EFE, 0x02005EFE)


def denied(address: Address, *, allow_private: bool) -> str | None:
    """Return why nothing may be sent to an address, None when it may.

    Parameters
    ----------
    address : IPv4Address or IPv6Address
        Where a connection goes, or would go.
    allow_private : bool
        Whether the operator means addresses of his own network.

    Examples
    --------
    >>> denied(ip_address("64:ff9b::a9fe:a9fe"), allow_private=True)
    'a metadata, multicast or reserved address'
    >>> denied(ip_address("::ffff:10.0.0.7"), allow_private=False)
    'a private address'
    >>> denied(ip_address("93.184.216.34"), allow_private=False)
    """
    parts = tuple(_carried(address))
    if any(_in(part, _NEVER_4, _NEVER_6) for part in parts):
        return "a metadata, multicast or reserved address"
    if not allow_private and any(_private(part) for part in parts):
        return "a private address"
    return None


def parse_address(text: str) -> Address:
    """Return the address that a socket names, without its zone.

    Examples
    --------
    >>> parse_address("fe80::1%eth0")
    IPv6Address('fe80::1')
    """
    return ip_address(text.partition("%")[0])


def _carried(address: Address) -> Iterator[Address]:
    """Give the IPv4 addresses within an address, and itself unless it is only a wrapping."""
    if isinstance(address, IPv4Address):
        yield address
        return
    bits = int(address)
    last = IPv4Address(bits & 0xFFFFFFFF)
    if int(address) > 1 and any(address in network for network in _TRANSLATED):
        yield last
        return
    yield address
    if address in _6TO4:
        yield IPv4Address(bits >> 80 & 0xFFFFFFFF)
    if address in _TEREDO:
        yield IPv4Address(bits >> 64 & 0xFFFFFFFF)
        yield IPv4Address(~bits & 0xFFFFFFFF)
    if address in _LOCAL_NAT64 or bits >> 32 & 0xFFFFFFFF in _ISATAP:
        yield last


def _private(address: Address) -> bool:
    listed = _in(address, _PRIVATE_4, _PRIVATE_6)
    outside = isinstance(address, IPv6Address) and address not in _UNICAST
    return listed or outside or not address.is_global


def _in(address: Address, of4: tuple[IPv4Network, ...], of6: tuple[IPv6Network, ...]) -> bool:
    if isinstance(address, IPv4Address):
        return any(address in network for network in of4)
    return any(address in network for network in of6)
