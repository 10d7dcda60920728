"""The open store: one door for reading, one for writing, each one transaction."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine import URL

from monitor.errors import ContestedError, StoreError
from monitor.store import address, fault, patience
from monitor.store.read_only import reading_url

BUSY_SECONDS = 10.0
MIGRATION_SECONDS = 60.0
CONNECT_SECONDS = 10
# A network that swallows everything is noticed after a minute, not after the hours that systems take by themselves: by
# us who wait for an answer, and by the server, which holds locks for us.
LOST: dict[str, int] = {
    "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000,
}  # fmt: skip
_NOTICED = "; ".join(f"SET tcp_{name} = {value}" for name, value in LOST.items()).replace("tcp_tcp_", "tcp_")
PAUSES = (0.01, 0.05, 0.2, 0.5, 1.0)  # seconds between attempts at a transaction that others stood in the way of
CACHE_KIB = 32_768
BEGIN = "sqlite_begin"
MEMORY = "monitor_memory"
IMMEDIATE = ("PRAGMA query_only = OFF", "BEGIN IMMEDIATE")
DEFERRED = ("PRAGMA query_only = ON", "BEGIN DEFERRED")

T = TypeVar("T")


@dataclass(frozen=True)
class Store:
    """The service's own database, open.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     store = open_store("sqlite:///monitor.db", folder=Path(folder))
    ...     with store.read() as conn:
    ...         answer = conn.exec_driver_sql("SELECT 6 * 7").scalar()
    ...     store.close()
    >>> answer
    42
    """

    url: URL
    engine: Engine = field(repr=False)

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.url.get_backend_name()

    @property
    def path(self) -> Path | None:
        """The SQLite file; None on PostgreSQL."""
        return Path(self.url.database or "") if self.dialect == "sqlite" else None

    def __str__(self) -> str:
        """Return the URL without its password."""
        return address.shown(self.url)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open one read-only transaction over one snapshot; takes no write lock."""
        options: dict[str, Any] = {BEGIN: DEFERRED}
        if self.dialect == "postgresql":
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        begun = self.engine.execution_options(**options).begin()
        with fault.explained(self.url), begun as conn, patience.reading(conn):
            yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open one transaction that commits at the end, or leaves nothing when the body raises.

        On SQLite the write lock is taken at once, after waiting up to 10 s for another writer: a transaction that
        reads first and writes later could not be waited for.

        Raises
        ------
        StoreError
            The database cannot be reached, is locked, full, read-only or lacks the tables.
        """
        options: dict[str, Any] = {BEGIN: IMMEDIATE}
        begun = self.engine.execution_options(**options).begin()
        with (
            fault.explained(self.url),
            patience.committing() as under_way,
            begun as conn,
            patience.writing(conn, under_way),
        ):
            yield conn

    def transact(self, body: Callable[[Connection], T]) -> T:
        """Do all of a transaction that writes, again and again while other processes stand in its way; six times.

        PostgreSQL ends one of several transactions that wait for each other, SQLite one that has waited for another
        writer for 10 s: nothing of it is stored, and ``body`` is called again from its beginning.

        Raises
        ------
        StoreError
            As `write`.
        """
        for pause in PAUSES:
            try:
                with self.write() as conn:
                    return body(conn)
            except ContestedError:
                time.sleep(pause)
        with self.write() as conn:
            return body(conn)

    def close(self) -> None:
        """Close every pooled connection; the store may be used again."""
        self.engine.dispose()


def within(door: Store | Connection, body: Callable[[Connection], T]) -> T:
    """Do something in a transaction of its own, as `Store.transact`, or in the one that is open and commits later."""
    return body(door) if isinstance(door, Connection) else door.transact(body)


def open_store(url: str, *, folder: Path, create: bool = True) -> Store:
    """Open the store and prove that it answers.

    Parameters
    ----------
    url : str
        ``sqlite:///file`` or ``postgresql://…``.
    folder : Path
        What relative paths are relative to: the folder of monitor.yaml.
    create : bool
        Whether a SQLite file that is not there yet may be made. PostgreSQL databases are never made.

    Raises
    ------
    StoreError
        The URL is wrong, the database cannot be reached, or does not keep what it acknowledges.
    """
    parsed = address.parse(url, folder)
    store = Store(parsed, build_engine(parsed))
    if store.path is not None:
        _check_file(store.path, create=create)
    try:
        with store.read() as conn:
            if store.dialect == "postgresql":
                _refuse_lossy(conn)
    except BaseException:
        store.close()
        raise
    return store


def build_engine(url: URL, *, migrating: bool = False) -> Engine:
    """Return an engine with this house's settings; ``migrating`` leaves SQLite's foreign keys unchecked."""
    options: dict[str, Any] = {"poolclass": NullPool} if migrating else {}
    if url.get_backend_name() == "postgresql":
        if not migrating:
            options |= {"pool_pre_ping": True}
        connect = {"connect_timeout": CONNECT_SECONDS, "application_name": "model-monitor", **LOST}
        engine = create_engine(url, hide_parameters=True, connect_args=connect, **options)
        event.listen(engine, "connect", _connected_far)
    else:
        connect = {"timeout": MIGRATION_SECONDS if migrating else BUSY_SECONDS}
        reading = reading_url(url)
        engine = create_engine(reading or url, hide_parameters=True, connect_args=connect, **options)
        event.listen(
            engine, "connect", _connected_reading if reading else _connected_migrating if migrating else _connected
        )
        event.listen(engine, "begin", _begin)
    # What a connection remembers may come from the transaction that is being undone.
    event.listen(engine, "rollback", _forget)
    event.listen(engine, "rollback_savepoint", _forget)
    return engine


def _forget(conn: Connection, *_: object) -> None:
    if not conn.invalidated:  # a lost connection remembers nothing, and asking it would hide why it was lost
        conn.info.pop(MEMORY, None)


def _connected_far(connection: Any, _record: object) -> None:
    """Have the server notice as soon as we do that the other end is gone."""
    connection.autocommit = True
    connection.execute(_NOTICED)
    connection.autocommit = False


def _connected(connection: sqlite3.Connection, _record: object) -> None:
    _prepare(connection, foreign_keys=True)
    _write_ahead(connection)


def _connected_migrating(connection: sqlite3.Connection, _record: object) -> None:
    _prepare(connection, foreign_keys=False)
    _write_ahead(connection)


def _connected_reading(connection: sqlite3.Connection, _record: object) -> None:
    _prepare(connection, foreign_keys=True)


def _prepare(connection: sqlite3.Connection, *, foreign_keys: bool) -> None:
    # The driver must not begin transactions by itself: it would begin them without the write lock.
    connection.isolation_level = None
    connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; SQLite does not wait for another process that is switching too, so we do."""
    deadline = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin(conn: Connection) -> None:
    pragma, begin = conn.get_execution_options().get(BEGIN, IMMEDIATE)
    conn.exec_driver_sql(pragma)
    conn.exec_driver_sql(begin)


def _check_file(path: Path, *, create: bool) -> None:
    if not path.parent.is_dir():
        raise StoreError(f"The folder {path.parent} of the store is not there.", f"mkdir -p {path.parent}")
    if not create and not path.exists():
        raise StoreError(f"There is no store at {path} yet.", "`monitor apply` or `monitor run` makes it")


def _refuse_lossy(conn: Connection) -> None:
    if conn.exec_driver_sql("SHOW synchronous_commit").scalar() == "off":
        raise StoreError(
            "This PostgreSQL acknowledges commits before they are on disk (synchronous_commit = off).",
            "ALTER ROLE … SET synchronous_commit = on (or ALTER DATABASE / postgresql.conf), then start again",
        )
