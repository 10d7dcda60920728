"""Failpoints: named places between two steps where a test may stop the process, and production does nothing."""

from __future__ import annotations

from collections.abc import Callable

Hook = Callable[[str], None]

_armed: list[Hook] = []


def failpoint(name: str) -> None:
    """Mark the boundary between two steps; costs nothing unless a test has armed it."""
    for hook in _armed:
        hook(name)


def arm(hook: Hook) -> Callable[[], None]:
    """Call ``hook`` with the name of every failpoint passed from now on; returns what disarms it.

    Examples
    --------
    >>> passed = []
    >>> disarm = arm(passed.append)
    >>> failpoint("measured")
    >>> disarm()
    >>> failpoint("committed")
    >>> passed
    ['measured']
    """
    _armed.append(hook)
    return lambda: _armed.remove(hook)
