"""The change feed is numbered in the order of commits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from monitor.domain.window import Window
from monitor.errors import StoreError
from monitor.store import changes, migration, models
from monitor.store.changes import Change
from monitor.store.engine import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.store.engine import Store

T0 = datetime(2013, 3, 1, tzinfo=UTC)
WINDOW = Window(T0, T0 + timedelta(days=1))


def test_numbers_are_dense_and_rolled_back_ones_reused(store: Store, model_id: int) -> None:
    """Numbers count from 1 without a gap, and a transaction that was undone leaves none."""
    change = Change(model_id, "window", T0, WINDOW, 0)
    with store.write() as conn:
        assert changes.append(conn, [change, change]) == 2
    with pytest.raises(ZeroDivisionError), store.write() as conn:  # noqa: PT012
        changes.append(conn, [change])
        raise ZeroDivisionError
    with store.write() as conn:
        assert changes.append(conn, []) == 2
        assert changes.append(conn, [Change(model_id, "config", T0)]) == 3
    with store.read() as conn:
        found = changes.since(conn, 1)
        assert [c.seq for c in found] == [2, 3]
        assert found == [Change(model_id, "window", T0, WINDOW, 0, seq=2), Change(model_id, "config", T0, seq=3)]
        assert changes.since(conn, 0, limit=1)[0].seq == 1
        assert changes.since(conn, 3) == []


def test_later_number_waits_for_the_earlier_commit(durable_database: str, tmp_path: Path) -> None:
    """On PostgreSQL a second writer cannot take a number while the first has not committed."""
    store = open_store(durable_database, folder=tmp_path)
    migration.upgrade(store)
    with store.write() as conn:
        change = Change(models.register(conn, "m", "{}", "d", T0).model_id, "window", T0)
    with store.write() as first:
        assert changes.append(first, [change]) == 1
        with pytest.raises(StoreError, match="lock timeout"), store.write() as second:  # noqa: PT012
            second.execute(text("SET LOCAL lock_timeout = '50ms'"))
            changes.append(second, [change])
        with store.read() as reader:
            assert changes.since(reader, 0) == []
    with store.write() as second:
        assert changes.append(second, [change]) == 2
    store.close()
