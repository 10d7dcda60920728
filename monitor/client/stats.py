"""What became of everything that was logged."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stats:
    """Rows by what became of them; together they are all that were logged in this process.

    ``waiting`` are in the queue or on their way, ``sent`` were acknowledged, ``dropped`` found the queue full (or were
    left at the end), ``refused`` were not taken by the monitor or could not be written as JSON. ``failures`` counts
    attempts to send that failed.
    """

    waiting: int = 0
    sent: int = 0
    dropped: int = 0
    refused: int = 0
    failures: int = 0
