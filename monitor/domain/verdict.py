"""A verdict: what one rule says of one thing in one window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from monitor.domain.evidence import Evidence
from monitor.domain.window import Window

Judged = Literal["ok", "mid", "breach", "none"]
Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
"""From the least to the gravest."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one rule holds, on one scale of one window, as one revision of that window's numbers saw it.

    ``rule`` is the stable id of the rule; ``labels`` say what it was applied to: column, group and segment keys,
    version, metric. ``breach`` is beyond the limit, ``ok`` on the healthy side of the clear limit, ``mid`` between;
    ``none`` says nothing and ``reason`` why: ``too_few_rows``, ``no_rows``, ``reference_immature``, ``provisional``,
    ``learning``, ``excluded``, ``in_reference``, ``error``. ``needed`` of the last ``of`` usable windows must breach
    for an alarm, ``clear_for`` ok ones end it. ``scale`` counts the windows that were summed, this one the last,
    ``since`` is where the first of them begins, None when it is this one alone.
    ``mature_at`` is when the window had its ground truth, None where none is needed.
    """

    model: str
    rule: str
    window: Window
    state: Judged
    labels: Mapping[str, str | None] = field(default_factory=dict)
    revision: int = 0
    severity: Severity = "warning"
    reason: str | None = None
    evidence: Evidence | None = None
    scale: int = 1
    since: datetime | None = None
    needed: int = 2
    of: int = 3
    clear_for: int = 2
    mature_at: datetime | None = None
