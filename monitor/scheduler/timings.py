"""Timings: how long pieces of work took, gathered by a worker and added to the store now and then."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import Connection

from monitor.service.scrape.jobs import names_of
from monitor.store import model_counters, models
from monitor.store.engine import Store
from monitor.store.lease import Lease


@dataclass
class Timings:
    """What a worker's hands have done since it was last told to the store."""

    counted: Counter[tuple[int, str]] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, lease: Lease, seconds: float) -> None:
        """Count a piece of work that was done."""
        with self.lock:
            for name, number in names_of(lease.kind, seconds).items():
                self.counted[lease.model_id, name] += number

    def tell(self, store: Store) -> None:
        """Add to the store what was counted; what it does not take now is told the next time.

        Raises
        ------
        StoreError
            The store cannot be used.
        """
        with self.lock:
            told = Counter(self.counted)
        if not told:
            return

        def add(conn: Connection) -> None:
            known = {model.id for model in models.every(conn, retired=True)}
            for (model_id, name), number in sorted(told.items()):
                if model_id in known:
                    model_counters.add(conn, model_id, name, number)

        store.transact(add)
        with self.lock:
            self.counted -= told
