"""How many answers a second the API gives while nothing changes: 304 and 200 of the drift document.

One server process and one client process on the same machine; ``python -m benchmarks.api_load``. The CPU time of an
answer is the server's: it says the same on a machine that is busy with something else.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

CONNECTIONS = 16
SECONDS = 5.0
BARS = {304: 1_000.0, 200: 300.0}  # answers a second
SLOWEST = 0.050  # the 99th percentile of a 304


def serve(folder: str, pipe: Connection) -> None:
    """Serve a model with six windows until told to end."""
    from monitor.api.access import Settings, guarded
    from monitor.api.app import create
    from monitor.api.server import Place, Server
    from monitor.domain.principal import LOCAL
    from monitor.service.access import keys
    from monitor.service.backend import Backend
    from monitor.service.opening import opened
    from monitor.service.run import Span, run
    from tests.api.conftest import NOW, write
    from tests.service.conftest import empty_world, rows_of, truth_of

    world = empty_world(Path(folder))
    rows = rows_of(6, per_hour=10)
    world.predict(rows)
    world.label(truth_of(rows))
    config = write(world)
    with opened(config, writing=True) as store:
        run(config, store, names=None, now=NOW, span=Span())
        backend = Backend(store, lambda: config, lambda: NOW)
        key = keys.create(store, name="bench", role="viewer", by=LOCAL).text
        server = Server(Place(port=0))
        url = server.listen()
        server.start(create(backend, access=lambda app: guarded(app, backend, Settings())))
        pipe.send((url, key))
        while pipe.recv() == "cpu":
            pipe.send(time.process_time())
        server.stop()


async def ask(port: int, key: str, etag: str | None, until: float, took: list[float], status: bytes) -> str:
    """Ask over one connection again and again; return the entity tag of the last answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = ["GET /api/v1/models/m/drift HTTP/1.1", "Host: localhost", f"Authorization: Bearer {key}"]
    lines += [f"If-None-Match: {etag}"] if etag else []
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    found = ""
    while time.perf_counter() < until or not found:
        begun = time.perf_counter()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        if length := int(headers.get("content-length", 0)):
            await reader.readexactly(length)
        took.append(time.perf_counter() - begun)
        assert head.encode().split()[1] == status, head
        found = next(line.partition(": ")[2] for line in head.split("\r\n") if line.lower().startswith("etag"))
    writer.close()
    return found


def spent(pipe: Connection) -> float:
    """Return the seconds of CPU that the server has taken."""
    pipe.send("cpu")
    return float(pipe.recv())


async def measure(port: int, key: str, pipe: Connection) -> bool:
    """Measure both kinds of answer, print a table, and tell whether all bars are met."""
    etag = await ask(port, key, None, 0.0, [], b"200")
    met = True
    print(f"{'answer':>6} {'per second':>11} {'p50 ms':>8} {'p99 ms':>8} {'CPU µs':>8}")
    for status, tag in ((304, etag), (200, None)):
        took: list[float] = []
        begun, before = time.perf_counter(), spent(pipe)
        clients = [ask(port, key, tag, begun + SECONDS, took, str(status).encode()) for _ in range(CONNECTIONS)]
        await asyncio.gather(*clients)
        rate, ordered = len(took) / (time.perf_counter() - begun), sorted(took)
        half, most = ordered[len(took) // 2], ordered[int(len(took) * 0.99)]
        cpu = 1e6 * (spent(pipe) - before) / len(took)
        print(f"{status:>6} {rate:>11.0f} {1000 * half:>8.1f} {1000 * most:>8.1f} {cpu:>8.0f}")
        met &= rate >= BARS[status] and (status != 304 or most < SLOWEST)
    return met


def main() -> int:
    """Serve in a process of its own, measure, end it."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    with tempfile.TemporaryDirectory() as folder:
        server = multiprocessing.get_context("spawn").Process(target=serve, args=(folder, theirs))
        server.start()
        url, key = ours.recv()
        met = asyncio.run(measure(int(url.rpartition(":")[2]), key, ours))
        ours.send("end")
        server.join()
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
