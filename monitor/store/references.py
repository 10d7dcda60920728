"""The references that windows are compared with, frozen with the bins they were cut into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from monitor.errors import StoreError
from monitor.store import models
from monitor.store.tables import reference_profiles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class StoredReference:
    """A frozen reference: ``layout`` holds its bins, ``profile`` its counts, both as bytes.

    ``start`` and ``end`` are None for rows without times (a file). ``version`` counts from 1 per model;
    ``complete`` is False while rows of its interval may still come. ``restores`` is the version that this one
    brought back, None for one that was new.
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
    restores: int | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A reference as the history shows it, without its bins and counts."""

    id: int
    version: int
    spec_digest: str
    fingerprint: str
    start: datetime | None
    end: datetime | None
    kind: str
    rows: int
    created_at: datetime
    restores: int | None

    @property
    def original(self) -> int:
        """The version whose bins and counts these are."""
        return self.restores or self.version


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


def period(conn: Connection, reference_id: int) -> tuple[datetime, datetime] | None:
    """Return the interval of the own log that a reference stands for; None for a file, and for one that trails."""
    columns = (reference_profiles.c.window_start, reference_profiles.c.window_end, reference_profiles.c.kind)
    row = conn.execute(select(*columns).where(reference_profiles.c.id == reference_id)).first()
    if row is None or row[0] is None or row[1] is None or row[2] == "trailing":
        return None
    return row[0], row[1]


def history(conn: Connection, model_id: int, spec_digest: str | None = None) -> list[Version]:
    """Return the model's references, of this ``spec_digest`` if given, oldest first."""
    names = ("id", "version", "spec_digest", "fingerprint", "window_start", "window_end", "kind", "rows")
    columns = [reference_profiles.c[name] for name in (*names, "created_at", "restores")]
    chosen = select(*columns).where(reference_profiles.c.model_id == model_id)
    if spec_digest is not None:
        chosen = chosen.where(reference_profiles.c.spec_digest == spec_digest)
    return [Version(*row) for row in conn.execute(chosen.order_by(reference_profiles.c.version))]


def before(found: Sequence[Version]) -> Version | None:
    """Return the version that was in force before the last of these and that it did not itself bring back.

    Going back twice goes back two versions, not there and back again.
    """
    if not found:
        return None
    at = next(i for i, one in enumerate(found) if one.version == found[-1].original)
    if not at:
        return None
    return next(one for one in found if one.version == found[at - 1].original)


def restore(conn: Connection, model_id: int, version: Version, now: datetime) -> StoredReference:
    """Store an earlier reference again as the model's next version, which so is in force; nothing is rewritten."""
    models.lock(conn, model_id)
    newest = latest(conn, model_id)
    old = get(conn, version.id)
    if newest is None or old is None:
        raise StoreError(f"Reference {version.version} is gone.", "freeze it anew: `monitor promote --from --to`")
    row = {
        "model_id": model_id, "version": newest.version + 1, "spec_digest": old.spec_digest,
        "fingerprint": old.fingerprint, "window_start": old.start, "window_end": old.end, "kind": old.kind,
        "rows": old.rows, "complete": old.complete, "layout": old.layout, "profile": old.profile,
        "created_at": now, "restores": version.original,
    }  # fmt: skip
    made = insert(reference_profiles).values(row).returning(*reference_profiles.c)
    return StoredReference(*conn.execute(made).one())
