"""Counters: what a monitoring system wants to know of this service, as samples with Prometheus' names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from monitor.config import Config
from monitor.service.status.model import Status
from monitor.service.status.status import status
from monitor.store import model_counters, models, progress
from monitor.store.engine import Store
from monitor.store.tables import STATUSES

Kind = Literal["counter", "gauge", "histogram"]

PREFIX = "model_monitor_"
COUNTERS = {
    "revisions": "Revisions of windows that were measured again.",
    "lease_reclaims": "Leases taken back from workers that vanished.",
    "stale_fences": "Writes refused because somebody else held the work by then.",
    "child_deaths": "Deaths of compute processes: crashed, killed, out of memory or out of time.",
    "windows_skipped": "Windows left out by the catch-up policy.",
    "late_after_close_rows": "Rows that came or changed after their windows had closed.",
}
STORED = {"late_after_close_rows": "late_after_close"}  # where the ledger's name differs


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one series; ``family`` is the histogram that it is a part of, empty for what is none."""

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    value: float = 0.0
    help: str = ""
    type: Kind = "gauge"
    family: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """What is known of one model: its status, its counters by name, and the rows of the ledger that are about it."""

    status: Status
    counters: Mapping[str, int] = field(default_factory=dict)
    ledger_rows: int = 0


def counters(config: Config, store: Store, now: datetime) -> list[Sample]:
    """Return the samples of all models of a configuration; no log is asked, and the number of queries is bounded."""
    found = status(config, store, list(config.models), now, ask=False)
    with store.read() as conn:
        ids = {stored.name: stored.id for stored in models.every(conn, retired=True)}
        counted, sizes = model_counters.every(conn), progress.sizes(conn)
    return samples(
        [
            Counted(one, counted.get(ids.get(one.model, 0), {}), sizes.get(ids.get(one.model, 0), 0))
            for one in found
        ],
        now,
    )  # fmt: skip


def samples(found: Iterable[Counted], now: datetime) -> list[Sample]:
    """Return the samples of some models, those of one name side by side, as the text format demands.

    Examples
    --------
    >>> from datetime import UTC
    >>> [up] = [s for s in samples([Counted(Status("m", "binary", "ok"))], datetime.now(UTC)) if "source_up" in s.name]
    >>> up.name, dict(up.labels), up.value
    ('model_monitor_source_up', {'model': 'm'}, 1.0)
    """
    every = [sample for one in found for sample in _of(one, now)]
    order = {name: place for place, name in enumerate(dict.fromkeys(sample.name for sample in every))}
    return sorted(every, key=lambda sample: order[sample.name])


def _of(counted: Counted, now: datetime) -> Iterator[Sample]:
    one = counted.status

    def sample(name: str, value: float, told: str, kind: Kind = "gauge", **labels: str) -> Sample:
        return Sample(PREFIX + name, {"model": one.model, **labels}, float(value), told, kind)

    if one.done_at is not None:
        at = one.done_at.timestamp()
        yield sample("last_success_timestamp_seconds", at, "When a window of the model was last computed.")
    if one.last is not None:
        at = one.last.end.timestamp()
        yield sample("last_window_end_timestamp_seconds", at, "The end of the newest window that is computed.")
    late = one.lateness.total_seconds() if one.lateness else 0.0
    yield sample("lateness_seconds", late, "For how long the next window has been due and is not computed.")
    due = (now - one.oldest_due).total_seconds() if one.oldest_due else 0.0
    yield sample("oldest_due_window_age_seconds", max(0.0, due), "Since when the oldest window that is due has ended.")
    up = one.state != "failing"
    yield sample("source_up", up, "Whether the model's source could be read when it was last looked at.")
    for word in STATUSES:
        number = one.windows if word == "done" else one.count(word)
        yield sample("windows", number, "Windows by their status in the ledger.", status=word)
    yield sample("provisional_windows", one.provisional, "Computed windows whose ground truth may still come.")
    yield sample("rows", one.rows, "Predictions in the computed windows.")
    yield sample("ledger_rows", counted.ledger_rows, "Rows of the ledger: every window with every revision.")
    for name, told in COUNTERS.items():
        number = counted.counters.get(STORED.get(name, name), 0)
        yield sample(f"{name}_total", number, told, "counter")
