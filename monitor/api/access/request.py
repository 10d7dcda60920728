"""What the layer of access reads of a request: headers, cookies, from where it comes and by which name it calls."""

from __future__ import annotations

import ipaddress
from http.cookies import CookieError, SimpleCookie

from starlette.types import Scope

SECURE = frozenset({"https", "wss"})
LOOPBACK_NAMES = frozenset({"localhost", "localhost."})
FORWARDED = (b"forwarded", b"via", b"x-forwarded-", b"x-real-ip", b"x-original-", b"cf-", b"true-client-ip")
OLD = "1.0"  # what nginx asks with unless told otherwise, and then it adds no header that would tell


def header(scope: Scope, name: str) -> str | None:
    """Return a header's value; None when it is absent, and when it is there twice."""
    wanted = name.encode("ascii")
    found = [value for key, value in scope["headers"] if key == wanted]
    return found[0].decode("latin-1") if len(found) == 1 else None


def present(scope: Scope, name: str) -> bool:
    """Return whether there is such a header, however often."""
    return any(key == name.encode("ascii") for key, _ in scope["headers"])


def secure(scope: Scope) -> bool:
    """Return whether the request came over TLS."""
    return scope.get("scheme") in SECURE


def cookie(scope: Scope, name: str) -> str | None:
    """Return a cookie's value; None when there is none."""
    for key, value in scope["headers"]:
        if key == b"cookie":
            try:
                found = SimpleCookie(value.decode("latin-1")).get(name)
            except CookieError:
                return None
            if found is not None:
                return found.value
    return None


def address(scope: Scope) -> str:
    """Return from which address the request comes; empty when that is unknown."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def is_local(scope: Scope) -> bool:
    """Return whether the request comes from this very machine, and not on behalf of somebody else."""
    if scope.get("http_version") == OLD or not is_loopback(address(scope)):
        return False
    return not any(name.startswith(FORWARDED) for name, _ in scope["headers"])


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine itself.

    Examples
    --------
    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "127.evil.example")]
    [True, True, True, False, False]
    """
    if host.lower() in LOOPBACK_NAMES:
        return True
    found = as_address(host)
    return found is not None and found.is_loopback


def as_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a host is written as, an IPv4 one mapped into IPv6 as itself; None for names."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, ipaddress.IPv6Address) else found


def called(scope: Scope) -> str | None:
    """Return the host that a request calls us by, without its port, in small letters; None when it names none.

    Examples
    --------
    >>> [called({"headers": [(b"host", host)]}) for host in (b"Monitor.example:8050", b"[::1]:80", b"a b", b"")]
    ['monitor.example', '::1', None, None]
    """
    host = header(scope, "host")
    if not host or not host.isascii() or any(c in host for c in " /\\?#@,\t"):
        return None
    if host.startswith("["):
        inner, closed, port = host[1:].partition("]")
        return inner.lower() if closed and (not port or port[1:].isdigit()) else None
    name, _, port = host.partition(":")
    return (name.lower().rstrip(".") or None) if not port or port.isdigit() else None
