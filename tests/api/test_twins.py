"""The checks themselves are checked: each finds the fault that is planted in a twin of the application."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.api.app import as_principal, create
from monitor.domain.principal import LOCAL
from monitor.store import audit
from tests.api.asgi import Asgi
from tests.api.conftest import Post
from tests.service.conftest import DAY

Layer = Callable[[ASGIApp], ASGIApp]


def the_same(app: ASGIApp) -> ASGIApp:
    """Plant nothing."""
    return app


def without(name: str, instead: bytes | None = None) -> Layer:
    """Plant an application that does not look at a header, or at another value of it."""

    def layer(app: ASGIApp) -> ASGIApp:
        async def blind(scope: Scope, receive: Receive, send: Send) -> None:
            headers = [(key, value) for key, value in scope["headers"] if key != name.encode()]
            if instead is not None and scope["method"] != "GET":
                headers.append((name.encode(), instead))
            await app({**scope, "headers": headers}, receive, send)

        return blind

    return layer


def forgetful(app: ASGIApp) -> ASGIApp:
    """Plant an application that answers with the entity tag it gave first, whatever has changed."""
    first: list[str] = []

    async def stuck(scope: Scope, receive: Receive, send: Send) -> None:
        async def tagged(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if "etag" in headers:
                    first.append(headers["etag"])
                    headers["etag"] = first[0]
            await send(message)

        await app(scope, receive, tagged)

    return stuck


def ask(post: Post, plant: Layer) -> Asgi:
    """Ask an application with something planted."""
    return Asgi(plant(create(post.backend(), access=as_principal(LOCAL))))


def tags_tell_changes(post: Post, plant: Layer) -> bool:
    """Tell whether the drift document's tag stays while nothing changes, saves the answer, and changes with it."""
    client = ask(post, plant)
    path = "/api/v1/models/m/drift"
    first = client.get(path)
    same = client.get(path, headers={"if-none-match": first.headers["etag"]})
    post.now += 3 * DAY
    later = client.get(path, headers={"if-none-match": first.headers["etag"]})
    return same.status_code == 304 and later.status_code == 200 and later.headers["etag"] != first.headers["etag"]


def versions_are_demanded(post: Post, plant: Layer) -> bool:
    """Tell whether an action takes the version that is there, and no other one and none at all."""
    client = ask(post, plant)
    path = f"/api/v1/incidents/{client.get('/api/v1/incidents').json()['items'][0]['id']}"
    none = client.post(f"{path}/ack").status_code
    old = client.post(f"{path}/ack", headers={"if-match": '"900"'}).status_code
    right = client.post(f"{path}/ack", headers={"if-match": client.get(path).headers["etag"]}).status_code
    return (none, old, right) == (428, 412, 200)


def keys_make_it_once(post: Post, plant: Layer) -> bool:
    """Tell whether a request is done once under its key, and another one under it refused."""
    client = ask(post, plant)
    headers = {"idempotency-key": "k"}
    body = {"matchers": ["model=m"], "for": "2h", "reason": "one"}
    codes = [client.post("/api/v1/silences", json=body, headers=headers).status_code for _ in range(2)]
    codes.append(client.post("/api/v1/silences", json=body | {"reason": "two"}, headers=headers).status_code)
    with post.store.read() as conn:
        done = audit.length(conn)
    return (codes, done) == ([201, 201, 422], 1)


@pytest.mark.parametrize(
    ("law", "plant", "holds"),
    [
        (tags_tell_changes, the_same, True),
        (tags_tell_changes, forgetful, False),
        (tags_tell_changes, without("if-none-match"), False),
        (versions_are_demanded, the_same, True),
        (versions_are_demanded, without("if-match"), False),
        (versions_are_demanded, without("if-match", b"*"), False),
        (keys_make_it_once, the_same, True),
        (keys_make_it_once, without("idempotency-key"), False),
    ],
)
def test_laws_and_their_twins(alarmed: Post, law: Callable[..., bool], plant: Layer, holds: bool) -> None:
    """The application keeps the law, a twin with a fault planted does not."""
    assert law(alarmed, plant) is holds
