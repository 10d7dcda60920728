"""A SQLite file that may be read but not written: how it is opened, since the write-ahead log wants to write."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import URL

_EFFECTIVE = os.access in os.supports_effective_ids


def reading_url(url: URL) -> URL | None:
    """Return the URL by which a store is opened that cannot be written here; None when it can, or is not there yet.

    A reader of a write-ahead log makes files beside it. Where it may not, the file alone is read when there is no log,
    so that it holds everything; else the log and its index are read as a writer left them.
    """
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    path = Path(url.database)
    if not path.is_file() or (_writable(path) and _writable(path.parent)):
        return None
    log = path.with_name(f"{path.name}-wal")
    how = {"uri": "true", "mode": "ro"} | ({} if log.exists() and log.stat().st_size else {"immutable": "1"})
    return url.set(database=f"file:{quote(str(path))}", query=how)


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=_EFFECTIVE)
