"""What a compute child answers: how a piece of work ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["done", "failed", "source", "stale", "store", "memory", "later"]


@dataclass(frozen=True)
class Reply:
    """How it ended.

    ``done``, with an ``error`` when its rules could not judge it; ``failed`` by a fault of ours or of the
    configuration, ``source`` by one of the log (``state`` names it); ``stale``: somebody else has the work now;
    ``store``: our own database did not answer; ``memory``: it did not fit; ``later``: the model is still learning.
    """

    kind: Kind
    state: str = ""
    error: str = ""
    seconds: float = 0.0
