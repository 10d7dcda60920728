"""The references that windows are compared with, frozen with the bins they were cut into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from monitor.store import models
from monitor.store.tables import reference_profiles

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class StoredReference:
    """A frozen reference: ``layout`` holds its bins, ``profile`` its counts, both as bytes.

    ``start`` and ``end`` are None for rows without times (a file). ``version`` counts from 1 per model;
    ``complete`` is False while rows of its interval may still come.
    """

    id: int
    model_id: int
    version: int
    spec_digest: str
    fingerprint: str
    start: datetime | None
    end: datetime | None
    kind: str
    rows: int
    complete: bool
    layout: bytes
    profile: bytes
    created_at: datetime


def save(
    conn: Connection,
    model_id: int,
    *,
    spec_digest: str,
    fingerprint: str,
    kind: str,
    rows: int,
    layout: bytes,
    profile: bytes,
    now: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
    complete: bool = True,
) -> StoredReference:
    """Store a reference as the model's next version; the same again gives the latest one back.

    Parameters
    ----------
    spec_digest : str
        Names the part of the configuration that the reference was made by.
    fingerprint : str
        Names the bins; tiles are kept under it.
    """
    models.lock(conn, model_id)
    last = latest(conn, model_id, spec_digest)
    new = (fingerprint, start, end, complete, layout, profile)
    if last and new == (
        last.fingerprint, last.start, last.end, last.complete, last.layout, last.profile
    ):  # fmt: skip
        return last
    newest = latest(conn, model_id)
    row = {
        "model_id": model_id, "version": newest.version + 1 if newest else 1,
        "spec_digest": spec_digest, "fingerprint": fingerprint, "window_start": start,
        "window_end": end, "kind": kind, "rows": rows, "complete": complete,
        "layout": layout, "profile": profile, "created_at": now,
    }  # fmt: skip
    made = insert(reference_profiles).values(row).returning(*reference_profiles.c)
    return StoredReference(*conn.execute(made).one())


def latest(conn: Connection, model_id: int, spec_digest: str | None = None) -> StoredReference | None:
    """Return the model's newest reference, of this ``spec_digest`` if given; None without any."""
    chosen = select(reference_profiles).where(reference_profiles.c.model_id == model_id)
    if spec_digest is not None:
        chosen = chosen.where(reference_profiles.c.spec_digest == spec_digest)
    row = conn.execute(chosen.order_by(reference_profiles.c.version.desc()).limit(1)).first()
    return None if row is None else StoredReference(*row)


def get(conn: Connection, reference_id: int) -> StoredReference | None:
    """Return the reference with this number; None when there is none."""
    chosen = select(reference_profiles).where(reference_profiles.c.id == reference_id)
    row = conn.execute(chosen).first()
    return None if row is None else StoredReference(*row)
