"""The throttle of logins: how often somebody may guess, counted in the store so that replicas count together.

An attempt is counted before it is looked at, so that many at once do not slip through, and forgotten when it is right.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.store import login_failures
from monitor.store.engine import Store
from monitor.store.text import digest

REMEMBERED = timedelta(minutes=15)
PAIR, ADDRESS, ACCOUNT = 5, 100, 100


class _TooManyError(Exception):
    """One attempt more than are allowed."""


def attempt(store: Store, account: str, address: str, now: datetime) -> bool:
    """Count an attempt to log in; returns whether it may be made at all.

    At most 5 failures in 15 minutes for an account from one address, 100 for an address whatever the account, and 100
    for an account whatever the address.
    """
    limits = dict(zip(_keys(account, address), (PAIR, ADDRESS, ACCOUNT), strict=True))

    def note(conn: Connection) -> None:
        _demand_room(limits, login_failures.note(conn, list(limits), now, now + REMEMBERED))

    try:
        store.transact(note)
    except _TooManyError:  # undone: who is turned away does not lengthen his wait
        return False
    return True


def succeeded(store: Store, account: str, address: str, now: datetime) -> None:
    """Forget what failed for an account: its owner has come."""
    pair, _, whole = _keys(account, address)

    def act(conn: Connection) -> None:
        login_failures.forget(conn, [pair, whole])
        login_failures.forget_old(conn, now)

    store.transact(act)


def _demand_room(limits: Mapping[str, int], found: Mapping[str, int]) -> None:
    if any(found[key] > limit for key, limit in limits.items()):
        raise _TooManyError


def _keys(account: str, address: str) -> Sequence[str]:
    place = network(address)
    return digest("pair", account, place), digest("address", place), digest("account", account)


def network(address: str) -> str:
    """Return what one person is taken to have of the internet: an IPv4 address, or the 64 bits of an IPv6 network.

    Examples
    --------
    >>> network("203.0.113.9"), network("2001:db8:1:2:3:4:5:6"), network("::ffff:203.0.113.9")
    ('203.0.113.9', '2001:db8:1:2::/64', '203.0.113.9')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
