"""The pace of a worker: how often it looks, how long it holds, how long it waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Pace:
    """Durations, in seconds.

    A lease of ``lease`` is renewed every ``renew``; one piece of work may take ``timeout``; a worker asked to stop has
    ``grace`` for what it is doing; the ledger is looked through every ``tick``; a worker without work asks for some
    every ``idle``; after a fault of the store it waits ``pause``. In its first ``settling`` it tells of nothing that is
    missing: what is may have been missed by its absence.
    """

    lease: float = 60.0
    renew: float = 20.0
    timeout: float = 900.0
    grace: float = 5.0
    tick: float = 10.0
    idle: float = 1.0
    pause: float = 1.0
    settling: float = 600.0

    @property
    def duration(self) -> timedelta:
        """How long a lease lasts."""
        return timedelta(seconds=self.lease)
