"""Hostile names come out as data: nothing breaks the JSON, a header, a page or the text for Prometheus."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.api.app import as_principal, create
from monitor.domain.principal import LOCAL
from monitor.service.backend import Backend
from monitor.service.opening import opened
from monitor.service.run import Span, run
from monitor.store import measurements, runs
from tests.api.asgi import Asgi
from tests.api.conftest import NOW, Post, write
from tests.service.conftest import World, empty_world, rows_of

NASTY = "a\"b\\</script><script>alert(1)</script>\n=cmd|'x'!A0"


def test_a_column_of_any_name(tmp_path: Path) -> None:
    """A column that is named to break things is measured, and told under that very name."""
    world: World = empty_world(tmp_path)
    quoted = NASTY.replace('"', '""')
    world.execute(f'ALTER TABLE predictions RENAME COLUMN amount TO "{quoted}"')
    world.model["features"] = {"numeric": [NASTY], "categorical": ["place"]}
    world.predict(rows_of(6))
    config = write(world)
    with opened(config, writing=True) as store:
        run(config, store, names=None, now=NOW, span=Span())
        client = Asgi(create(Backend(store, lambda: config, lambda: NOW), access=as_principal(LOCAL)))
        asked = {"column": NASTY, "metric": "mean", "limit": 1}
        answer = client.get("/api/v1/models/m/measurements", params=asked)
        assert [one["column"] for one in answer.json()["items"]] == [NASTY]
        assert "<script" not in answer.text
        assert client.get("/api/v1/models/m/drift").status_code == 200
        assert client.get("/metrics").status_code == 200


@pytest.mark.parametrize("name", ["%ED%A0%80", "%00", "..%2f..%2fetc", "%252e%252e", "m;x", "%3Cimg src=x%3E", "%FF"])
def test_a_model_of_any_name_is_asked_for(post: Post, name: str) -> None:
    """A name that no model has is not there, and the refusal is JSON whatever the name is."""
    answer = post.client().get(f"/api/v1/models/{name}/drift")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.content)["status"] == 404


def test_nothing_infinite_is_stored_or_told(post: Post) -> None:
    """Every number of every measurement is finite, or null with a reason."""
    cursor, seen = None, 0
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        text = post.client().get("/api/v1/models/m/measurements", params={"limit": 500} | more).text
        page = json.loads(text, parse_constant=pytest.fail)
        for one in page["items"]:
            assert (one["value"] is None) == (one["reason"] is not None)
        seen += len(page["items"])
        if (cursor := page["next_cursor"]) is None:
            break
    with post.store.read() as conn:
        ids = [found.id for found in runs.latest(conn, 1)]
        assert seen == len(list(measurements.query(conn, run_ids=ids)))
