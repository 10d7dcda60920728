"""What PostgreSQL undoes because others stood in its way is done again, with a bound; nothing is done twice."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from monitor.errors import ContestedError, StoreError
from monitor.store.engine import PAUSES, Store, open_store

RAISE = "DO $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '{}'; END $$"


@pytest.fixture
def contested(durable_database: str, tmp_path: Path) -> Store:
    """Give a PostgreSQL store with two rows to fight for."""
    store = open_store(durable_database, folder=tmp_path)
    with store.write() as conn:
        conn.exec_driver_sql("CREATE TABLE prizes (id int PRIMARY KEY, value int)")
        conn.exec_driver_sql("INSERT INTO prizes VALUES (1, 0), (2, 0)")
    return store


def _add(conn: Connection, prize: int) -> None:
    conn.execute(text("UPDATE prizes SET value = value + 1 WHERE id = :prize"), {"prize": prize})


def _values(store: Store) -> list[int]:
    with store.read() as conn:
        return list(conn.exec_driver_sql("SELECT value FROM prizes ORDER BY id").scalars())


def test_a_deadlock_is_survived(contested: Store) -> None:
    """Two transactions that take two rows in opposite orders both come through, each counted once."""
    met = threading.Barrier(2)
    times: list[int] = []

    def take(first: int, second: int) -> None:
        tries = 0

        def body(conn: Connection) -> None:
            nonlocal tries
            tries += 1
            conn.exec_driver_sql("SET LOCAL deadlock_timeout = '50ms'")
            _add(conn, first)
            if tries == 1:
                met.wait(60)  # both hold one row and are about to want the other's
            _add(conn, second)

        contested.transact(body)
        times.append(tries)

    threads = [threading.Thread(target=take, args=order) for order in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(times) > 2
    assert _values(contested) == [2, 2]
    contested.close()


@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_attempts_are_bounded(contested: Store, state: str) -> None:
    """What fails every time is told after six attempts, with a cure; nothing is stored of any."""
    tries = []

    def body(conn: Connection) -> None:
        tries.append(1)
        _add(conn, 1)
        conn.exec_driver_sql(RAISE.format(state))

    with pytest.raises(ContestedError, match="planted") as caught:
        contested.transact(body)
    assert caught.value.hint == "nothing of it was stored: try again"
    assert len(tries) == len(PAUSES) + 1
    assert _values(contested) == [0, 0]
    contested.close()


def test_other_faults_are_told_at_once(contested: Store) -> None:
    """A fault that trying again would not cure is not tried again."""
    tries = []

    def body(conn: Connection) -> None:
        tries.append(1)
        conn.exec_driver_sql("SELECT * FROM nothing")

    with pytest.raises(StoreError, match="lacks a table"):
        contested.transact(body)
    assert len(tries) == 1
    contested.close()
