"""Proxies: whose word is taken for who asks, and that nobody's is taken by mistake."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from monitor.errors import UsageError

HINT = "name the proxy's address, such as 10.0.0.2, or its network, such as 10.0.0.0/24; once for each"


def believed(asked: Iterable[str]) -> tuple[str, ...]:
    """Return the addresses and networks whose ``X-Forwarded-*`` headers are believed.

    Raises
    ------
    UsageError
        One is neither, or holds everybody: then every caller could say that he is somebody else.

    Examples
    --------
    >>> believed(["10.0.0.2", "fd00::/8"])
    ('10.0.0.2', 'fd00::/8')
    """
    return tuple(map(_believed, asked))


def _believed(text: str) -> str:
    try:
        network = None if text == "*" else ipaddress.ip_network(text.strip())
    except ValueError:
        raise UsageError(f"--behind-proxy {text[:80]!r} is neither an address nor a network", HINT) from None
    if network is None or network.prefixlen == 0:
        raise UsageError(f"--behind-proxy {text[:80]!r} would let every caller say that he is somebody else", HINT)
    return text.strip()
