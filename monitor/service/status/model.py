"""The status of one model, for people and for machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from monitor.domain.delay_curve import DelayCurve
from monitor.domain.measurement import Measurement
from monitor.domain.window import Window
from monitor.service.record import instant_or_none

State = Literal["ok", "late", "ended", "learning", "failing", "new"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that was given up or goes wrong: ``what`` is the status of a window, or the kind of a chore."""

    what: str
    state: str | None
    error: str | None
    window: Window | None = None

    def record(self) -> dict[str, Any]:
        """Return it flat, for machines."""
        start = instant_or_none(self.window.start if self.window else None)
        return {"what": self.what, "window_start": start, "error_state": self.state, "error": self.error}


@dataclass(frozen=True)
class Status:
    """One model: ``new`` before its first window, ``learning`` before its reference, ``failing`` while its source does.

    ``late`` means that a window is due and not done; ``lateness`` is for how long already; ``expected_at`` is when
    the next window comes due. ``ended`` means that nothing
    is left to do, as the log's last row, at ``ended_at``, is older than ``catchup_window``. ``rows`` are those in the
    done windows, or those seen while learning; ``key`` is the newest value of the key metric that is not null,
    ``key_reason`` why there is none although rows and ground truth are there.
    ``waiting`` counts the windows that were never done, ``revisions`` those to be done again, by their status in the
    ledger. ``late_rows`` came or changed after their window had closed. ``source_retry_at`` is when a source that is
    left alone is asked again.
    """

    model: str
    task: str
    state: State
    zone: str = "UTC"
    windows: int = 0
    provisional: int = 0
    rows: int = 0
    last: Window | None = None
    revision: int | None = None
    done_at: datetime | None = None
    lateness: timedelta | None = None
    expected_at: datetime | None = None
    ended_at: datetime | None = None
    waiting: Mapping[str, int] = field(default_factory=dict)
    revisions: Mapping[str, int] = field(default_factory=dict)
    oldest_due: datetime | None = None
    next_attempt_at: datetime | None = None
    faults: tuple[Fault, ...] = ()
    late_rows: int = 0
    label_delay: DelayCurve | None = None
    key_metric: str | None = None
    key: Measurement | None = None
    key_reason: str | None = None
    learning_until: datetime | None = None
    source_state: str | None = None
    source_error: str | None = None
    source_since: datetime | None = None
    source_checked_at: datetime | None = None
    source_retry_at: datetime | None = None

    def count(self, status: str) -> int:
        """Return how many windows stand in the ledger with a status, revisions among them."""
        return self.waiting.get(status, 0) + self.revisions.get(status, 0)

    def record(self) -> dict[str, Any]:
        """Return it flat, for machines."""
        return {
            "model": self.model,
            "task": self.task,
            "state": self.state,
            "windows": self.windows,
            "provisional": self.provisional,
            "rows": self.rows,
            "window_start": instant_or_none(self.last.start if self.last else None),
            "window_end": instant_or_none(self.last.end if self.last else None),
            "revision": self.revision,
            "done_at": instant_or_none(self.done_at),
            "lateness_seconds": None if self.lateness is None else int(self.lateness.total_seconds()),
            "ended_at": instant_or_none(self.ended_at),
            "windows_due": self.count("due"),
            "windows_leased": self.count("leased"),
            "windows_failed": self.count("failed"),
            "windows_quarantined": self.count("quarantined"),
            "windows_skipped": self.count("skipped"),
            "revisions_due": self.revisions.get("due", 0) + self.revisions.get("leased", 0),
            "oldest_due_window_end": instant_or_none(self.oldest_due),
            "next_attempt_at": instant_or_none(self.next_attempt_at),
            "faults": [fault.record() for fault in self.faults],
            "late_after_close_rows": self.late_rows,
            "label_delay": None if self.label_delay is None else _delay(self.label_delay),
            "key_metric": self.key_metric,
            "key_value": self.key.value if self.key else None,
            "key_window_start": instant_or_none(self.key.window_start if self.key else None),
            "key_reason": self.key_reason,
            "learning_until": instant_or_none(self.learning_until),
            "source_state": self.source_state,
            "source_error": self.source_error,
            "source_since": instant_or_none(self.source_since),
            "source_checked_at": instant_or_none(self.source_checked_at),
            "source_retry_at": instant_or_none(self.source_retry_at),
        }


def _delay(curve: DelayCurve) -> dict[str, Any]:
    within = {name: curve.within(share) for name, share in (("half", 0.5), ("most", 0.95))}
    seconds = {f"{name}_within_seconds": None if age is None else age.total_seconds() for name, age in within.items()}
    return {**seconds, "final_share": curve.final, "rows": curve.rows}
