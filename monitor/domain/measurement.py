"""A measurement: the value of one metric over one window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

Group = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number with its interval, the rows it rests on, and the reason when there is none.

    ``value`` is None exactly when ``reason`` says why. ``low`` and ``high`` bound a 95 % interval, None where none
    is defined. ``n`` counts the rows that entered. ``column`` is None for what concerns no column; ``group`` names
    the rows it is restricted to, such as ``{"origin": "JFK"}``.
    """

    model: str
    window_start: datetime
    window_end: datetime
    metric: str
    value: float | None
    n: int
    column: str | None = None
    group: Group | None = None
    version: str | None = None
    revision: int = 0
    low: float | None = None
    high: float | None = None
    provisional: bool = False
    in_reference: bool = False
    reason: str | None = None
