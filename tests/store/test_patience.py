"""Whoever gives up waiting finds nothing stored later; a commit that has begun goes through."""

from __future__ import annotations

import threading
from contextvars import copy_context

import pytest
from sqlalchemy import Connection, text

from monitor.errors import AbandonedError, StoreError
from monitor.store.engine import Store
from monitor.store.patience import PATIENCE, Patience

SLOW = {
    "sqlite": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c",
    "postgresql": "SELECT pg_sleep(600)",
}


def count(store: Store) -> int:
    """Return how many rows there are."""
    with store.read() as conn:
        return int(conn.execute(text("SELECT count(*) FROM things")).scalar_one())


@pytest.fixture
def waiting(empty_store: Store) -> Patience:
    """Give somebody who waits for what a store with one table does."""
    with empty_store.write() as conn:
        conn.execute(text("CREATE TABLE things (id INTEGER)"))
    return Patience()


def working(store: Store, waiting: Patience, body: object) -> tuple[threading.Thread, list[BaseException]]:
    """Do something in a transaction of a thread for which somebody waits."""
    failed: list[BaseException] = []

    def work() -> None:
        PATIENCE.set(waiting)
        try:
            with store.write() as conn:
                body(conn)  # type: ignore[operator]
        except StoreError as error:
            failed.append(error)

    thread = threading.Thread(target=copy_context().run, args=(work,))
    thread.start()
    return thread, failed


def test_what_runs_is_interrupted(empty_store: Store, waiting: Patience) -> None:
    """A query that would run for ever ends, what was written before it is not stored, the store answers as before."""
    begun = threading.Event()

    def body(conn: Connection) -> None:
        conn.execute(text("INSERT INTO things VALUES (1)"))
        begun.set()
        conn.execute(text(SLOW[empty_store.dialect]))

    thread, failed = working(empty_store, waiting, body)
    assert begun.wait(30)
    while thread.is_alive():  # the query may begin a moment after it was said to
        assert waiting.give_up()
        thread.join(0.2)
    assert (len(failed), count(empty_store)) == (1, 0)


def test_what_comes_too_late_is_not_stored(empty_store: Store, waiting: Patience) -> None:
    """A transaction that has nothing more to ask is not committed, and none is begun after it."""
    begun, go = threading.Event(), threading.Event()

    def body(conn: Connection) -> None:
        conn.execute(text("INSERT INTO things VALUES (1)"))
        begun.set()
        go.wait(30)

    thread, failed = working(empty_store, waiting, body)
    assert begun.wait(30)
    assert waiting.give_up()
    go.set()
    thread.join(30)
    again, refused = working(empty_store, waiting, body)
    again.join(30)
    assert [type(error) for error in failed + refused] == [AbandonedError] * 2
    assert count(empty_store) == 0


def test_a_commit_is_waited_for(empty_store: Store, waiting: Patience) -> None:
    """Nobody is told that nothing is stored while it is being stored; afterwards all is as ever."""
    with empty_store.write() as conn:
        waiting.began(conn)
        waiting.ended(conn, commits=True)
        assert not waiting.give_up()
        waiting.committed()
        assert waiting.give_up()
    thread, failed = working(empty_store, Patience(), lambda conn: conn.execute(text("INSERT INTO things VALUES (1)")))
    thread.join(30)
    assert (failed, count(empty_store)) == ([], 1)
