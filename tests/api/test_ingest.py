"""Rows pushed over HTTP: who may, what is answered, and what becomes of the rows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import structlog

from monitor import telemetry
from monitor.domain.principal import LOCAL, NOBODY, ROLES, Principal
from monitor.service.apply import apply
from monitor.service.opening import opened
from monitor.source import open_source
from tests.api.conftest import Post, write
from tests.service.conftest import empty_world

NOW = datetime(2024, 3, 20, tzinfo=UTC)
PUSH = "/api/v1/predictions:batch?model=churn"
TRUTH = "/api/v1/ground-truth:batch?model=churn"
SOURCE = {
    "url": "ingest://",
    "predictions": {"id": None, "time": None, "score": None},
    "ground_truth": {"id": None, "time": None, "target": None},
}
ROW = {"id": "p1", "time": "2024-03-02T00:00:00Z", "score": 0.5, "amount": 1.5}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Post]:
    """Give an API with a model that is pushed to, beside one that is not."""
    world = empty_world(tmp_path)
    world.more = [{"name": "churn", "task": "binary", "source": SOURCE}]
    config = write(world)
    with opened(config, writing=True) as store:
        apply(config, store, NOW)
        yield Post(world, config, store, NOW)


def stored(here: Post) -> list[dict[str, Any]]:
    """Return what a run would read."""
    model = here.config.model("churn")
    assert model is not None
    source = open_source(model.source, columns=("amount",), folder=here.config.folder, task="binary")
    return [row for batch in source.scan() for row in batch.to_pylist()]


def test_rows_are_taken(here: Post) -> None:
    """Rows of every format are answered by how many are kept, and are there when the answer is."""
    asked = here.client()
    assert asked.post(PUSH, json={"rows": [ROW]}).json() == {
        "accepted": 1, "unchanged": 0, "rejected": 0, "errors": [],
    }  # fmt: skip
    lines = "\n".join(json.dumps(ROW | {"id": name}) for name in ("p1", "p2"))
    answer = asked.post(PUSH, content=lines, headers={"content-type": "application/x-ndjson"})
    assert (answer.status_code, answer.json()["accepted"], answer.json()["unchanged"]) == (200, 2, 1)
    sink = pa.BufferOutputStream()
    table = pa.table({"id": ["p3"], "time": pa.array([NOW], pa.timestamp("us", "UTC")), "score": [0.1]})
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    arrow = {"content-type": "application/vnd.apache.arrow.stream"}
    assert asked.post(PUSH, content=sink.getvalue().to_pybytes(), headers=arrow).status_code == 200
    truth = {"id": "p1", "time": "2024-03-05T00:00:00Z", "target": 1}
    assert asked.post(TRUTH, json={"rows": [truth]}).status_code == 200
    found = {row["id"]: (row["target"], row["column:amount"]) for row in stored(here)}
    assert found == {"p1": (1, 1.5), "p2": (None, 1.5), "p3": (None, None)}


def test_rows_wait_until_their_model_is_applied(tmp_path: Path) -> None:
    """Rows for a model that the configuration has and the store not yet are to be sent again, and are taken then."""
    world = empty_world(tmp_path)
    world.more = [{"name": "churn", "task": "binary", "source": SOURCE}]
    config = write(world)
    with opened(config, writing=True) as store:
        here = Post(world, config, store, NOW)
        for again in (0, 1):
            early = here.client().post(PUSH, json={"rows": [ROW]}, headers={"idempotency-key": "push-1"})
            assert (early.status_code, early.json()["type"].rpartition(":")[2]) == (503, "not-applied"), again
            assert int(early.headers["retry-after"]) > 0
        apply(config, store, NOW)
        late = here.client().post(PUSH, json={"rows": [ROW]}, headers={"idempotency-key": "push-1"})
        assert (late.status_code, late.json()["accepted"]) == (200, 1)


def test_bad_rows_are_told_beside_good_ones(here: Post) -> None:
    """A row that is not taken makes the answer 207, and says where and why; all bad is 207 too."""
    answer = here.client().post(PUSH, json={"rows": [ROW | {"score": "high"}, ROW]})
    told = answer.json()
    assert (answer.status_code, told["accepted"], told["rejected"]) == (207, 1, 1)
    assert told["errors"][0] | {"detail": ""} == {"index": 0, "field": "score", "detail": ""}
    answer = here.client().post(PUSH, json={"rows": [{}]})
    assert (answer.status_code, answer.json()["accepted"]) == (207, 0)
    assert here.client().post(PUSH, json={"rows": []}).status_code == 200


def test_a_key_stands_for_one_push(here: Post) -> None:
    """Under the key of a push that was answered the answer is the same, and another push is refused."""
    asked, key = here.client(), {"idempotency-key": "push-1"}
    first = asked.post(PUSH, json={"rows": [ROW]}, headers=key)
    again = asked.post(PUSH, json={"rows": [ROW]}, headers=key)
    assert first.json() == again.json() == {"accepted": 1, "unchanged": 0, "rejected": 0, "errors": []}
    assert again.headers["idempotency-replayed"] == "true"
    other = asked.post(PUSH, json={"rows": [ROW | {"id": "p2"}]}, headers=key)
    assert (other.status_code, other.json()["type"].rpartition(":")[2]) == (422, "idempotency-mismatch")
    assert len(stored(here)) == 1


def test_nan_is_a_missing_value(here: Post) -> None:
    """NaN as Python's JSON writes it is a missing value, and does not come out again."""
    body = json.dumps({"rows": [ROW, ROW | {"id": "p2", "amount": float("nan")}]})
    assert here.client().post(PUSH, content=body, headers={"content-type": "application/json"}).status_code == 200
    assert [row["column:amount"] for row in stored(here)] == [1.5, None]


@pytest.mark.parametrize(
    ("path", "kind"), [(PUSH, "application/x-ndjson"), (PUSH, "application/json"), ("/api/v1/silences", "text/plain")]
)
def test_whoever_hangs_up_is_no_fault_of_ours(here: Post, path: str, kind: str) -> None:
    """Half a body does nothing, and the log has neither an error nor a traceback."""
    pieces = [{"type": "http.request", "body": b'{"id": ', "more_body": True}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return pieces.pop(0) if pieces else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    bare, _, query = path.partition("?")
    scope = {"type": "http", "method": "POST", "path": bare, "raw_path": bare.encode(), "query_string": query.encode(),
             "http_version": "1.1", "scheme": "http", "headers": [(b"content-type", kind.encode())]}  # fmt: skip
    out = StringIO()
    telemetry.configure(out, human=False)
    try:
        asyncio.run(here.client().app(scope, receive, send))  # type: ignore[arg-type]
    finally:
        structlog.reset_defaults()
    assert ("Traceback" in out.getvalue(), "error" in out.getvalue()) == (False, False), out.getvalue()
    assert sent[0]["status"] == 400


REFUSED: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "no such model": ("/api/v1/predictions:batch?model=nobody", {"json": {"rows": []}}, 404, "not-found"),
    "no model": ("/api/v1/predictions:batch", {"json": {"rows": []}}, 422, "invalid-request"),
    "a model with its own log": ("/api/v1/predictions:batch?model=m", {"json": {"rows": []}}, 409, "not-pushed"),
    "no media type": (PUSH, {"content": b"{}"}, 415, "unsupported-media-type"),
    "a form": (PUSH, {"data": {"rows": "[]"}}, 415, "unsupported-media-type"),
    "no JSON": (PUSH, {"content": b"{", "headers": {"content-type": "application/json"}}, 400, "malformed-body"),
    "no rows": (PUSH, {"json": {"row": []}}, 422, "invalid-request"),
    "too many rows": (PUSH, {"json": {"rows": [1] * 5_001}}, 413, "too-large"),
    "compressed": (PUSH, {"json": {}, "headers": {"content-encoding": "gzip"}}, 415, "unsupported-media-type"),
    "a key too long": (PUSH, {"json": {"rows": []}, "headers": {"idempotency-key": "k" * 256}}, 422, "invalid-request"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str, here: Post) -> None:
    """A push that cannot be taken at all is a problem of the right kind."""
    path, more, status, slug = REFUSED[name]
    answer = here.client().post(path, **more)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, slug)


def test_long_bodies_are_not_read(here: Post) -> None:
    """A body that says or shows that it is too long is refused before it is in memory."""
    headers = {"content-type": "application/json"}
    assert here.client().post(PUSH, content=b" " * 16_000_001, headers=headers).status_code == 413

    async def endless() -> Any:
        while True:
            yield b" " * 1_000_000

    assert here.client().post(PUSH, content=endless(), headers=headers).status_code == 413


@pytest.mark.parametrize(
    ("principal", "status"),
    [
        (NOBODY, 401),
        (Principal("v", ROLES["viewer"]), 403),
        (Principal("o", ROLES["editor"]), 403),
        (Principal("other", ROLES["ingest"], ("fraud-*",)), 404),
        (Principal("serving", ROLES["ingest"], ("chu*",)), 200),
        (LOCAL, 200),
    ],
)
def test_who_may_push(principal: Principal, status: int, here: Post) -> None:
    """Pushing takes its own scope, on that model; others learn nothing of the body or the model."""
    bad = here.client(principal).post(PUSH, content=b"{")
    assert here.client(principal).post(PUSH, json={"rows": [ROW]}).status_code == status
    assert bad.status_code == (415 if status == 200 else status)
