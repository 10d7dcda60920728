"""Coalescing: what of the notices that wait for one receiver need not be told any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice of one incident that has not reached its receiver; ``perhaps`` it has and nobody heard so."""

    id: str
    kind: str
    perhaps: bool = False


@dataclass(frozen=True, slots=True)
class Coalesced:
    """The ids of notices that need not be told: ``over`` belongs into a digest, ``older`` is told by a newer one."""

    over: tuple[str, ...] = ()
    older: tuple[str, ...] = ()


def coalesce(waiting: Sequence[Waiting], *, told: bool) -> Coalesced:
    """Return what need not be told any more.

    An incident that resolved before its opening was told is not told at all; unless the opening may have arrived, as
    one that was cut off. An ``updated`` is dropped once something newer waits, which tells as much.

    Parameters
    ----------
    waiting : sequence of Waiting
        Of one incident and receiver, oldest first.
    told : bool
        Whether the receiver knows the incident as open.

    Examples
    --------
    >>> coalesce([Waiting("a", "opened"), Waiting("b", "updated"), Waiting("c", "resolved")], told=False)
    Coalesced(over=('a', 'b', 'c'), older=())
    >>> coalesce([Waiting("b", "updated"), Waiting("c", "resolved")], told=True)
    Coalesced(over=(), older=('b',))
    """
    over = () if told else _over(waiting)
    left = waiting[len(over) :]
    older = tuple(one.id for one in left[:-1] if one.kind == "updated" and not one.perhaps)
    return Coalesced(over, older)


def _over(waiting: Sequence[Waiting]) -> tuple[str, ...]:
    ends = [place for place, one in enumerate(waiting) if one.kind == "resolved"]
    if not ends or any(one.perhaps for one in waiting[: ends[-1] + 1]):
        return ()
    return tuple(one.id for one in waiting[: ends[-1] + 1])
