"""The digest: one notice a receiver that lists what would have been told, had it not been too old or over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.alerts.incident import Incident
from monitor.alerts.send_decision import Decision
from monitor.domain.verdict import Severity


@dataclass(frozen=True, slots=True)
class Line:
    """One incident of a digest, and why it was ``withheld``."""

    dedup_key: str
    model: str
    severity: Severity
    started_at: datetime
    resolved_at: datetime | None
    columns: tuple[str, ...]
    withheld: str


def gather(decisions: Iterable[tuple[Incident, str, Decision]]) -> Mapping[str, tuple[Line, ...]]:
    """Return the lines for each receiver, oldest first; receivers with nothing to list are left out.

    Parameters
    ----------
    decisions : iterable of (Incident, receiver, Decision)
        Those of one run.
    """
    lines: dict[str, list[Line]] = {}
    for incident, receiver, decision in decisions:
        if decision.withheld is not None:
            lines.setdefault(receiver, []).append(_line(incident, decision.withheld))
    return {
        receiver: tuple(sorted(found, key=lambda line: (line.started_at, line.dedup_key)))
        for receiver, found in lines.items()
    }


def _line(incident: Incident, withheld: str) -> Line:
    return Line(
        incident.dedup_key,
        incident.model,
        incident.severity,
        incident.started_at,
        incident.resolved_at,
        incident.columns,
        withheld,
    )
