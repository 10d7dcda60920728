"""Opening the store: what is refused, what is said, and what the two doors allow."""

from __future__ import annotations

import os
import socket
import threading
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from monitor.errors import StoreError
from monitor.store import engine, fault, migration, models
from monitor.store.engine import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from monitor.store.engine import Store


@pytest.fixture
def strict_server() -> Iterator[int]:
    """Give the port of a server that speaks PostgreSQL and refuses every password."""
    listener = socket.create_server(("127.0.0.1", 0))
    worker = threading.Thread(target=_refuse_passwords, args=(listener,), daemon=True)
    worker.start()
    yield listener.getsockname()[1]
    listener.close()
    worker.join(5)


def _refuse_passwords(listener: socket.socket) -> None:
    with listener.accept()[0] as peer:
        said = peer.recv(1024)
        while said[4:8] in {b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30"}:  # TLS? Kerberos?
            peer.sendall(b"N")
            said = peer.recv(1024)
        peer.sendall(b"R" + (8).to_bytes(4, "big") + (3).to_bytes(4, "big"))
        given = peer.recv(1024)[5:-1]
        fields = b"SFATAL\0C28P01\0Mpassword authentication failed: " + given + b"\0\0"
        peer.sendall(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)


def test_relative_path_is_from_the_folder(tmp_path: Path) -> None:
    """A relative SQLite path belongs to the yaml's folder, not to where the command is typed."""
    store = open_store("sqlite:///monitor.db", folder=tmp_path)
    assert store.path == tmp_path / "monitor.db"
    assert store.path.exists()
    store.close()


def test_sqlite_settings(tmp_path: Path) -> None:
    """Every connection writes ahead, flushes its commits and checks foreign keys."""
    store = open_store("sqlite:///monitor.db", folder=tmp_path)
    with store.read() as one, store.read() as two:
        for conn in (one, two):
            said = [
                conn.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
            assert said == ["wal", 2, 1, 10_000]
    store.close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite://", "needs a SQLite file"),
        ("sqlite:///:memory:", "needs a SQLite file"),
        ("sqlite:///nowhere/monitor.db", "is not there"),
        ("mysql://me:hunter2@host/db", "'mysql' database"),
        ("nonsense", "cannot be read"),
        ("postgresql://me:hunter2@host:port/db", "cannot be read"),
        ("sqlite:///.", "cannot be opened"),
    ],
)
def test_wrong_urls(url: str, words: str, tmp_path: Path) -> None:
    """Each URL that cannot work is refused with what to write instead, the password hidden."""
    with pytest.raises(StoreError, match=words) as caught:
        open_store(url, folder=tmp_path)
    assert caught.value.hint
    assert "hunter2" not in str(caught.value)


def test_file_that_is_no_database(tmp_path: Path) -> None:
    """Somebody's text file is not overwritten."""
    (tmp_path / "notes.txt").write_text("not a database, but long enough to be read as one" * 30)
    with pytest.raises(StoreError, match="is not a SQLite database"):
        open_store("sqlite:///notes.txt", folder=tmp_path)
    assert (tmp_path / "notes.txt").read_text().startswith("not a database")


def test_reading_commands_make_no_file(tmp_path: Path) -> None:
    """A store that is not there is said to be not there, and not made."""
    with pytest.raises(StoreError, match="There is no store") as caught:
        open_store("sqlite:///monitor.db", folder=tmp_path, create=False)
    assert "monitor run" in caught.value.hint
    assert not list(tmp_path.iterdir())


def test_unreachable_server_hides_the_password(tmp_path: Path) -> None:
    """A server that does not answer is named without the password."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"postgresql://me:hunter2@127.0.0.1:{port}/monitor?sslpassword=hunter3"
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        open_store(url, folder=tmp_path)
    assert f"me:***@127.0.0.1:{port}/monitor" in str(caught.value)
    assert "hunter" not in str(caught.value)


def test_wrong_password_is_hidden(strict_server: int, tmp_path: Path) -> None:
    """A refused password is not repeated, even by a server that repeats it."""
    url = f"postgresql://me:hunter2@127.0.0.1:{strict_server}/monitor"
    with pytest.raises(StoreError, match="refused the password") as caught:
        open_store(url, folder=tmp_path)
    assert "authentication failed: ***" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_missing_database(postgres: str, tmp_path: Path) -> None:
    """A database that was never made is said to be missing, with the command that makes it."""
    url = make_url(postgres).set(database="nowhere").render_as_string(hide_password=False)
    with pytest.raises(StoreError, match="is not there") as caught:
        open_store(url, folder=tmp_path)
    assert "createdb" in caught.value.hint


def test_lossy_server_is_refused(postgres_database: str, tmp_path: Path) -> None:
    """A server that acknowledges commits before they are on disk is refused."""
    url = f"{postgres_database}?options=-csynchronous_commit%3Doff"
    with pytest.raises(StoreError, match="synchronous_commit") as caught:
        open_store(url, folder=tmp_path)
    assert "synchronous_commit = on" in caught.value.hint


def test_reading_door_does_not_write(store: Store) -> None:
    """A write through the reading door is refused by the database itself."""
    with pytest.raises(StoreError), store.read() as conn:
        conn.execute(text("UPDATE counters SET value = 1"))
    with store.write() as conn:
        conn.execute(text("UPDATE counters SET value = 1"))


def test_reader_sees_one_snapshot_beside_a_writer(store: Store) -> None:
    """Readers neither wait for a writer nor see half of its work."""
    number = text("SELECT value FROM counters")
    with store.read() as reader:
        assert reader.execute(number).scalar() == 0
        with store.write() as writer:
            writer.execute(text("UPDATE counters SET value = 1"))
            assert reader.execute(number).scalar() == 0
        assert reader.execute(number).scalar() == 0
    with store.read() as reader:
        assert reader.execute(number).scalar() == 1


def test_raising_body_leaves_nothing(store: Store) -> None:
    """A transaction whose body raises is undone, and the error comes out unchanged."""
    with pytest.raises(ZeroDivisionError), store.write() as conn:  # noqa: PT012
        conn.execute(text("UPDATE counters SET value = 1"))
        raise ZeroDivisionError
    with store.read() as conn:
        assert conn.execute(text("SELECT value FROM counters")).scalar() == 0


def test_second_writer_on_sqlite_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that waited in vain is told that the file is locked, and what to do."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    store = open_store("sqlite:///monitor.db", folder=tmp_path)
    migration.upgrade(store)
    with store.write():
        with pytest.raises(StoreError, match="is locked by another process") as caught, store.write():
            pass
        with store.read() as conn:
            assert models.every(conn) == []
    assert "wait for the other" in caught.value.hint
    store.close()


def test_missing_table_names_the_upgrade(empty_store: Store) -> None:
    """A store without tables says which command makes them."""
    with pytest.raises(StoreError, match="lacks a table") as caught, empty_store.read() as conn:
        models.every(conn)
    assert caught.value.hint == fault.UPGRADE


def test_store_shows_itself_without_password() -> None:
    """Neither text of a store shows the password."""
    store = engine.Store(make_url("postgresql+psycopg://me:hunter2@h/db"), engine.build_engine(make_url("sqlite://")))
    assert "hunter2" not in str(store) + repr(store)
    assert str(store) == "postgresql://me:***@h/db"


def test_a_network_that_swallows_everything_is_noticed(postgres_database: str, tmp_path: Path) -> None:
    """Both ends ask each other after half a minute of silence, and give up after one."""
    name = make_url(postgres_database).database
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = on")
    store = open_store(postgres_database, folder=tmp_path)
    with store.read() as conn:
        driver = conn.connection.driver_connection
        assert driver is not None
        if driver.info.host.startswith("/"):
            pytest.skip("this server listens on a socket of files")
        with socket.socket(fileno=os.dup(driver.fileno())) as plug:
            assert plug.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            ours = [plug.getsockopt(socket.IPPROTO_TCP, one) for one in (socket.TCP_KEEPIDLE, socket.TCP_USER_TIMEOUT)]
        names = "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout"
        theirs = [conn.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
    store.close()
    assert ours == [30, 60_000]
    assert theirs == ["30", "10", "3", "60000"]
