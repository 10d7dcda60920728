"""Patience: whoever waits for the store may give up, and what he has waited for is then not done.

A transaction runs in a thread that nobody can end. Giving up interrupts what the database does for it and refuses its
commit; only a commit that has begun goes through, and whoever waits is told to wait for it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from monitor.errors import AbandonedError


@dataclass
class Patience:
    """Whether somebody still waits, and the transactions that are open on his behalf."""

    over: bool = False
    _open: list[Connection] = field(default_factory=list, repr=False)
    _committing: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def give_up(self) -> bool:
        """Wait no longer: what is open is interrupted, nothing more is begun. False while a commit is under way."""
        with self._lock:
            if self._committing:
                return False
            self.over = True
            for conn in self._open:
                _interrupt(conn)
            return True

    def began(self, conn: Connection) -> None:
        """Note that a transaction was begun.

        Raises
        ------
        AbandonedError
            Nobody waits for it any more.
        """
        with self._lock:
            self._demand()
            self._open.append(conn)

    def ended(self, conn: Connection, *, commits: bool) -> None:
        """Note that a transaction has done its work, and may be committed.

        Raises
        ------
        AbandonedError
            Nobody waits for it any more: it must not be.
        """
        with self._lock:
            self._open.remove(conn)
            if commits:
                self._demand()
                self._committing += 1

    def committed(self) -> None:
        """Note that a commit has gone through, or has failed."""
        with self._lock:
            self._committing -= 1

    def _demand(self) -> None:
        if self.over:
            raise AbandonedError("Nobody waits for this any more: nothing of it is stored.")


PATIENCE: ContextVar[Patience | None] = ContextVar("monitor.patience", default=None)
"""Who waits for what is being done here; nobody, for what workers and commands do."""


@contextmanager
def reading(conn: Connection) -> Iterator[None]:
    """Let whoever waits for a transaction that only reads interrupt it."""
    waiting = PATIENCE.get()
    if waiting is None:
        yield
        return
    waiting.began(conn)
    try:
        yield
    finally:
        waiting.ended(conn, commits=False)


@contextmanager
def committing() -> Iterator[list[Patience]]:
    """Surround a transaction and its commit; to be given to `writing` inside of it."""
    under_way: list[Patience] = []
    try:
        yield under_way
    finally:
        for waiting in under_way:
            waiting.committed()


@contextmanager
def writing(conn: Connection, under_way: list[Patience]) -> Iterator[None]:
    """Let whoever waits for a transaction interrupt it until its commit begins, which follows at once."""
    waiting = PATIENCE.get()
    if waiting is None:
        yield
        return
    waiting.began(conn)
    try:
        yield
    except BaseException:
        waiting.ended(conn, commits=False)
        raise
    waiting.ended(conn, commits=True)
    under_way.append(waiting)


def _interrupt(conn: Connection) -> None:
    with suppress(Exception):  # what cannot be interrupted ends by itself, and is not committed
        driver: Any = conn.connection.driver_connection
        stop = driver.interrupt if hasattr(driver, "interrupt") else driver.cancel
        stop()
