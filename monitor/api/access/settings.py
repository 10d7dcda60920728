"""What the layer of access is told when it is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from monitor.service.backend import present


@dataclass(frozen=True)
class Settings:
    """Settings of the layer; the rest it reads from the configuration in force.

    Parameters
    ----------
    host : str
        The address or name that the server is bound to: it may be called by it.
    remember : float
        For how many seconds an answer to "who is this" may be remembered: how late a revocation may work.
    now : callable
        The clock that sessions and keys end by: the real one, whatever clock windows go by.
    """

    host: str = "127.0.0.1"
    remember: float = 2.0
    now: Callable[[], datetime] = present
