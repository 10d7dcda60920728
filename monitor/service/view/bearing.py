"""Bearings: what the newest window was judged to be, number by number, as far as it was not simply in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from monitor.alerts.instance import Instance
from monitor.domain.evidence import Evidence
from monitor.domain.verdict import Severity, Verdict
from monitor.service.view.past import Past
from monitor.store import instances, verdicts

Labels = Mapping[str, str | None]
Place = tuple[str, str | None, tuple[tuple[str, str | None], ...]]


@dataclass(frozen=True, slots=True)
class Firing:
    """An alarm that has not ended: how grave it is and since when."""

    severity: Severity
    since: datetime | None
    evidence: Evidence | None


@dataclass(frozen=True, eq=False)
class Bearings:
    """What was said of the newest window, and what fires, by metric, column and what else the rows are told by."""

    said: Mapping[Place, Verdict]
    firing: Mapping[Place, Firing]

    def verdict(self, metric: str, column: str | None = None, **rows: str | None) -> Verdict | None:
        """Return the verdict on a number, None when it is in order or not judged."""
        return self.said.get((metric, column, tuple(sorted(rows.items()))))

    def fires(self, metric: str, column: str | None = None, **rows: str | None) -> Firing | None:
        """Return the alarm on a number, None when it is quiet."""
        return self.firing.get((metric, column, tuple(sorted(rows.items()))))

    def about(self, column: str, *metrics: str) -> Firing | None:
        """Return the gravest alarm about a column in one of some metrics, whatever the rows."""
        found = [f for (metric, name, _), f in self.firing.items() if name == column and metric in metrics]
        return max(found, key=lambda one: one.severity == "critical", default=None)


def bearings(conn: Connection, past: Past) -> Bearings:
    """Return the bearings of a model at its newest window."""
    last = past.last
    said: dict[Place, Verdict] = {}
    for verdict in verdicts.of(conn, [last.id]).get(last.id, ()) if last is not None else ():
        if verdict.scale == 1 and verdict.evidence is not None:
            said.setdefault(_place(verdict.labels), verdict)
    firing: dict[Place, Firing] = {}
    for instance in instances.every(conn, past.model.id, active=True).values():
        _add(firing, instance)
    return Bearings(said, firing)


def _add(firing: dict[Place, Firing], instance: Instance) -> None:
    place, since = _place(instance.labels), instance.started.start if instance.started else None
    known = firing.get(place)
    if known is None or known.severity != "critical":
        firing[place] = Firing(instance.severity or "warning", since, instance.evidence)


def _place(labels: Labels) -> Place:
    rows = tuple(sorted((k.removeprefix("group:"), v) for k, v in labels.items() if k not in ("metric", "column")))
    return str(labels.get("metric")), labels.get("column"), rows
