"""The lock of a SQLite store: one scheduler process at a time; PostgreSQL takes as many as one likes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.errors import StoreError
from monitor.store.engine import Store


@contextmanager
def sole_scheduler(store: Store) -> Iterator[None]:
    """Hold the store's scheduler lock; the operating system frees it however the process ends.

    Raises
    ------
    StoreError
        Another process holds it.
    """
    if store.path is None:
        yield
        return
    path = Path(f"{store.path}.scheduler")
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            raise StoreError(
                f"Another scheduler (process {file.read().strip() or 'unknown'}) works on {store} already.",
                "a SQLite store takes one `monitor serve` or `monitor worker`; for more, point `store:` at PostgreSQL",
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
