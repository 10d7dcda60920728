"""``HEAD``: every address that is read answers it as it answers ``GET``, without a body."""

from __future__ import annotations

import re
from typing import Any

from monitor.api import routes
from tests.api.conftest import Post

FILL = {"model": "m", "start": "2024-03-04T00:00:00Z"}


def addresses() -> list[str]:
    """Return an address of every route that is read."""
    found: list[Any] = [(prefix, route) for _, prefix, router in routes.every() for route in router.routes]
    return [
        re.sub(r"\{(\w+)\}", lambda name: FILL.get(name[1], "1"), prefix + route.path)
        for prefix, route in found
        if "GET" in route.methods
    ]


def test_head_is_get_without_its_body(post: Post) -> None:
    """Status, type and length are those of the GET, whatever that answers."""
    client = post.client()
    for address in addresses():
        told, head = client.get(address), client.request("HEAD", address)
        assert (head.status_code, head.content) == (told.status_code, b""), address
        assert head.headers["content-type"] == told.headers["content-type"], address
        if "content-encoding" not in told.headers and address not in ("/metrics", "/api/v1/models/m/drift"):
            lengths = [int(answer.headers["content-length"]) for answer in (told, head)]
            assert abs(lengths[0] - lengths[1]) < 8, address  # ids of requests are as long


def test_head_takes_what_get_takes(post: Post) -> None:
    """Nobody reads by it what he may not, an entity tag is honoured, and where there is no GET there is no HEAD."""
    client = post.client()
    assert post.client(None).request("HEAD", "/api/v1/models").status_code == 401
    first = client.request("HEAD", "/api/v1/models/m/drift")
    again = client.request("HEAD", "/api/v1/models/m/drift", headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    refused = client.request("HEAD", "/api/v1/predictions:batch")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert client.delete("/api/v1/models").headers["allow"] == "GET, HEAD"
