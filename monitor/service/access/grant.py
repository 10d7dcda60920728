"""Grants: the role and the models that a key or a user is given, as asked for and as stored."""

from __future__ import annotations

import re
from collections.abc import Sequence

from monitor.domain.principal import ROLES, Principal, Role, Scope
from monitor.errors import UsageError

EVERY = ("*",)
MOST = 100
LONGEST = 200
PATTERN = r"^[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
_PATTERN = re.compile(PATTERN)


class TakenError(UsageError):
    """Somebody has this name already."""


def role_of(text: str) -> Role:
    """Return the role of that name.

    Raises
    ------
    UsageError
        There is none.
    """
    if text not in ROLES:
        raise UsageError(f"there is no role {text[:80]!r}", f"one of {', '.join(ROLES)}")
    return text


def patterns(asked: Sequence[str] | None) -> str:
    r"""Return patterns of models' names as they are stored, one a line; those of every model when none is asked for.

    Raises
    ------
    UsageError
        One is empty or cannot fit any name, or there are very many.

    Examples
    --------
    >>> patterns(["fraud-*", "churn"])
    'fraud-*\nchurn'
    """
    found = list(EVERY if asked is None else asked)
    if not found or len(found) > MOST:
        raise UsageError(f"there are {len(found)} patterns of models", f"write 1 to {MOST}, such as 'fraud-*'")
    for text in found:
        if len(text) > LONGEST or not _PATTERN.fullmatch(text):
            raise UsageError(f"{text[:80]!r} is no pattern of models' names", "write a name, or such as 'fraud-*'")
    return "\n".join(found)


def listed(stored: str) -> list[str]:
    """Return stored patterns as a list."""
    return stored.split("\n")


def principal(kind: str, name: str, role: str, models: str, number: object = None) -> Principal:
    """Return who a key or a user is; a role that this release does not know may do nothing.

    ``number`` is what no other of the kind ever has, nor had. Who is bound to some models has no scope ``admin``: by it
    he could give himself, or find out about, the others.
    """
    scopes: frozenset[Scope] = ROLES.get(role, frozenset())  # type: ignore[call-overload]
    seen = tuple(listed(models))
    told = "" if number is None else f"{kind} {number}"
    return Principal(f"{kind} {name}", scopes if EVERY[0] in seen else scopes - {"admin"}, seen, told)
