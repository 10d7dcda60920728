"""How one attempt to tell somebody ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Sent:
    """The receiver has it.

    ``handle`` names what it made of it (a chat's message), to be given back in later notices of the same incident.
    ``note`` is what did not go perfectly.
    """

    handle: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """It may work later; ``after`` is the least wait that the receiver asked for. ``reason`` holds no secret."""

    reason: str
    after: timedelta | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """It will never work: tell the fallback. ``disable`` when the receiver asks to be told nothing more."""

    reason: str
    disable: bool = False
    status: int | None = None


Outcome = Sent | Retry | Failed
