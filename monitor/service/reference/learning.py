"""Learning: what a model without a reference has seen so far, noted for whoever asks."""

from __future__ import annotations

from monitor.service.job import Job
from monitor.store import models


def note_learning(job: Job) -> None:
    """Note from when on and from how many rows a model learns; its rows are counted, nothing else is read of them."""
    if job.config.reference is not None:
        return
    rows = sum(batch.num_rows for batch in job.source.scan(job.grid_start, columns=()))
    job.transact(lambda conn: models.note_learning(conn, job.model_id, job.grid_start, rows), ledger=True)
