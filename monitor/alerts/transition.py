"""A transition: what happened to an instance at a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from monitor.alerts.instance import Resolved
from monitor.domain.verdict import Severity
from monitor.domain.window import Window

Happened = Literal["fired", "severity_up", "resolved", "flapping", "settled"]


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of an instance, at the window that brought it about.

    ``fired`` and ``resolved`` alternate, ``fired`` first; ``reason`` is of the resolve. ``flapping`` says that there
    were too many of them, ``settled`` that there were none for a while.
    """

    kind: Happened
    window: Window
    severity: Severity | None = None
    reason: Resolved | None = None
