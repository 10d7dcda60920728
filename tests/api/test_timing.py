"""Time: requests that take too long are given up and nothing of them is stored; heads that do not come end it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.api.correlation import correlated
from monitor.api.hurry import MOST_HEAD, Hurried
from monitor.api.problem import MEDIA_TYPE
from monitor.api.server import Place, Server
from monitor.api.timing import timed
from monitor.store import changes
from tests.api.asgi import Asgi
from tests.api.conftest import Post
from tests.api.test_machines import append


async def empty(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with nothing."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_what_takes_too_long_is_given_up(post: Post) -> None:
    """The answer is a problem that says so, in time; what the thread does later is not stored."""
    go, ended = threading.Event(), threading.Event()

    def work() -> None:
        try:
            with post.store.write() as conn:
                changes.append(conn, [])
                go.wait(60)
        finally:
            ended.set()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.to_thread(work)
        await empty(scope, receive, send)

    with post.store.read() as conn:
        before = changes.last(conn)
    answer = Asgi(correlated(timed(_freeing(slow, go), lambda _: 0.3))).get("/slow")
    assert (answer.status_code, answer.headers["content-type"], answer.headers["retry-after"]) == (503, MEDIA_TYPE, "5")
    assert answer.json()["type"].endswith(":timeout")
    assert ended.wait(30)
    append(post)
    with post.store.read() as conn:
        assert changes.last(conn) == before + 1


def _freeing(app: ASGIApp, go: threading.Event) -> ASGIApp:
    """Let the thread of an application go on once it was given up: else the loop would wait for it."""

    async def freed(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        finally:
            go.set()

    return freed


def test_what_has_begun_to_answer_goes_on() -> None:
    """An answer of which the head is sent is not cut off, and a quick one costs nothing."""

    async def long(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(0.3)
        await send({"type": "http.response.body", "body": b"whole"})

    assert Asgi(timed(long, lambda _: 0.1)).get("/").content == b"whole"
    assert Asgi(timed(empty, lambda _: 0.1)).get("/").status_code == 204


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Give the port of a server that does not wait long for heads."""
    monkeypatch.setattr(Hurried, "seconds", 0.3)
    server = Server(Place(port=0))
    url = server.listen()
    server.start(empty)
    yield int(url.rpartition(":")[2])
    server.stop()


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (b"", b""),
        (b"GET / HTTP/1.1\r\nHost: loc", b"HTTP/1.1 408"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP", b"HTTP/1.1 204"),
        (b"GET / HTTP/1.1\r\nx: " + b"x" * (MOST_HEAD + 65_536), b"HTTP/1.1 431"),
    ],
    ids=["nothing", "half a head", "half of a second one", "an endless one"],
)
def test_whoever_says_nothing_is_not_waited_for(port: int, said: bytes, heard: bytes) -> None:
    """The connection ends by itself, whatever was said before."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(said)
        found = b""
        try:
            while part := line.recv(65_536):
                found += part
        except ConnectionResetError:  # of what was not read any more
            assert heard == b"HTTP/1.1 431"
            return
    assert found.startswith(heard)
    assert bool(found) == bool(heard)
    if said.endswith(b"GET / HTTP"):
        assert b"HTTP/1.1 408" in found
