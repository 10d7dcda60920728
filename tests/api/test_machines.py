"""What machines go by: the change feed, the configuration, metrics, limits and rates."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import threading
import time
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import event

from monitor.api.app import as_principal, create
from monitor.api.limits import MOST_DEPTH, limited
from monitor.api.rate import Rate, rated
from monitor.api.scraper import TOKEN
from monitor.domain.principal import LOCAL, ROLES, Principal
from monitor.errors import UsageError
from monitor.scheduler.timings import Timings
from monitor.service.view import change
from monitor.store import changes, models
from monitor.store.changes import Change
from monitor.store.lease import Lease
from monitor.store.tables import counters
from tests.api.asgi import Asgi
from tests.api.conftest import Post, write

JSON = {"content-type": "application/json"}
SCRAPE = "5d0f9b1c7a3e8462d0f9b1c7a3e84625"
EDITOR = Principal("user ed", ROLES["editor"])


def append(post: Post, number: int = 1) -> None:
    """Let something happen."""
    with post.store.write() as conn:
        changes.append(conn, [Change(1, "window", datetime.now(UTC)) for _ in range(number)])


def test_changes_come_once_and_in_order(post: Post) -> None:
    """Pages of the feed hold every change once, and the last cursor goes on with what is new."""
    client = post.client()
    first = client.get("/api/v1/changes", params={"limit": 4}).json()
    rest = client.get("/api/v1/changes", params={"cursor": first["cursor"]}).json()
    assert [one["seq"] for one in first["items"] + rest["items"]] == list(range(1, 7 + 1))[
        : len(first["items"]) + len(rest["items"])
    ]
    assert {one["type"] for one in first["items"]} == {"window"}
    assert client.get("/api/v1/changes", params={"cursor": rest["cursor"]}).json() == {
        "items": [],
        "cursor": rest["cursor"],
    }
    append(post)
    assert len(client.get("/api/v1/changes", params={"cursor": rest["cursor"]}).json()["items"]) == 1
    assert client.get("/api/v1/changes", params={"types": "revision"}).json()["items"] == []
    now = client.get("/api/v1/changes", params={"cursor": "now"}).json()
    assert now["items"] == []
    append(post)
    assert len(client.get("/api/v1/changes", params={"cursor": now["cursor"]}).json()["items"]) == 1


def test_waiting_ends_with_news(post: Post) -> None:
    """Whoever waits is answered soon after something has happened, long before the time is over."""
    client = post.client()
    cursor = client.get("/api/v1/changes", params={"cursor": "now"}).json()["cursor"]
    timer = threading.Timer(0.7, append, (post,))
    timer.start()
    begun = time.monotonic()
    told = client.get("/api/v1/changes", params={"cursor": cursor, "wait": 50}, timeout=60).json()
    timer.join()
    assert len(told["items"]) == 1
    assert time.monotonic() - begun < 30


def test_an_old_cursor_is_gone(post: Post) -> None:
    """What was removed for its age cannot be told: 410 and from where to read anew; from the start on all is well."""
    client = post.client()
    cursor = client.get("/api/v1/changes", params={"limit": 1}).json()["cursor"]
    with post.store.write() as conn:
        conn.execute(counters.delete().where(counters.c.name == changes.REMOVED))
        conn.execute(counters.insert().values(name=changes.REMOVED, value=3))
    gone = client.get("/api/v1/changes", params={"cursor": cursor})
    assert (gone.status_code, gone.json()["type"].rpartition(":")[2]) == (410, "cursor-expired")
    assert client.get("/api/v1/changes", params={"cursor": gone.json()["oldest"]}).status_code == 200


def test_few_may_wait(post: Post) -> None:
    """Five requests of one caller may wait, the sixth is told so at once."""
    app = create(post.backend(), access=as_principal(LOCAL))

    async def ask() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            waiting = [client.get("/api/v1/changes?cursor=now&wait=2", timeout=60) for _ in range(6)]
            return [answer.status_code for answer in await asyncio.gather(*waiting)]

    assert sorted(asyncio.run(ask())) == [200] * 5 + [429]


def test_changes_of_other_models_are_not_told(post: Post) -> None:
    """Who may not see the model reads nothing of it."""
    elsewhere = post.client(Principal("key x", ROLES["viewer"], ("fraud-*",)))
    assert elsewhere.get("/api/v1/changes").json()["items"] == []


def test_who_sees_little_is_not_read_everything(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long feed in which nothing is his is gone through in pieces: the cursors of empty answers go on."""
    monkeypatch.setattr(change, "SPAN", 10)
    monkeypatch.setattr(change, "MOST_SPANS", 2)
    begin = post.client().get("/api/v1/changes", params={"cursor": "now"}).json()["cursor"]
    append(post, 65)
    with post.store.write() as conn:
        other = models.register(conn, "other", "{}", "digest", datetime.now(UTC)).model_id
        changes.append(conn, [Change(other, "window", datetime.now(UTC))])
    elsewhere = post.client(Principal("key x", ROLES["viewer"], ("other",)))
    read: list[int] = []
    event.listen(post.store.engine, "before_cursor_execute", lambda _c, _k, sql, *_: read.append("FROM changes" in sql))
    told, asked = [], 0
    while not told:
        answer = elsewhere.get("/api/v1/changes", params={"cursor": begin}).json()
        told, begin, asked = answer["items"], answer["cursor"], asked + 1
    assert ([one["model"] for one in told], asked, sum(read)) == (["other"], 4, 7)
    waiting = elsewhere.get("/api/v1/changes", params={"wait": 20}, timeout=30).json()
    assert len(waiting["items"]) == 1  # who waits is not sent away while there is more to go through


def test_config_is_told_without_secrets(post: Post) -> None:
    """Models as they are in force, receivers with their secrets hidden; a viewer may not."""
    told = post.client(EDITOR).get("/api/v1/config")
    assert told.json()["models"][0]["name"] == "m"
    assert post.client(Principal("v", ROLES["viewer"])).get("/api/v1/config").status_code == 403


def test_config_names_no_model_that_is_not_seen(post: Post) -> None:
    """To whom only some models are shown, routes and receivers do not name the others."""
    routes = [{"match": {"model": "m"}, "receivers": ["secretly"]}]
    post.config = write(post.world, receivers=[{"name": "secretly", "type": "log"}], routes=routes)
    assert "secretly" in post.client(EDITOR).get("/api/v1/config").text
    told = post.client(Principal("user eve", ROLES["editor"], ("other-*",))).get("/api/v1/config")
    assert (told.status_code, told.json()["models"], "secretly" in told.text) == (200, [], False)


def test_config_is_tried(post: Post) -> None:
    """A text is checked and compared, and nothing is changed; no variable of the environment is told."""
    editor = post.client(EDITOR)
    text = (post.world.folder / "monitor.yaml").read_text(encoding="utf-8")
    same = editor.post("/api/v1/config:check", content=text)
    assert same.json() == {"changes": [{"name": "m", "kind": "unchanged", "keys": []}]}
    changed = editor.post("/api/v1/config:check", content=text.replace("ground_truth_horizon: 10d", "threshold: 0.7"))
    assert [one["kind"] for one in changed.json()["changes"]] == ["changed"]
    assert "threshold" in changed.json()["changes"][0]["keys"]
    wrong = editor.post("/api/v1/config:check", content="models: [{name: x, task: ${PATH}}]")
    assert wrong.status_code == 422
    assert wrong.json()["errors"]
    assert "/bin" not in wrong.text


def test_metrics(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text is one that Prometheus reads, every model is in it; the token opens it and nothing else."""
    monkeypatch.setenv(TOKEN, SCRAPE)
    timings = Timings()
    for seconds in (0.05, 0.7, 1000.0):
        timings.note(Lease(1, "window", "w", 1, post.now), seconds)
    timings.tell(post.store)
    timings.tell(post.store)  # told once
    nobody = post.client(None)
    assert nobody.get("/metrics").status_code == 401
    scraper = {"authorization": f"Bearer {SCRAPE}"}
    told = nobody.get("/metrics", headers=scraper)
    assert 'model_monitor_verdict{model="m",verdict="ok"} 1' in told.text
    assert 'model_monitor_performance{model="m",metric="roc_auc"}' in told.text
    assert "model_monitor_label_coverage" in told.text
    for line in (
        'job_seconds_bucket{kind="window",le="0.1"} 1',
        'job_seconds_bucket{kind="window",le="900"} 2',
        'job_seconds_bucket{kind="window",le="+Inf"} 3',
        'job_seconds_count{kind="window"} 3',
        'job_seconds_sum{kind="window"} 1000.75',
        'model_job_seconds_total{model="m",kind="window"} 1000.75',
        'retraining_due{model="m"} 0',
    ):
        assert f"\nmodel_monitor_{line}\n" in told.text
    assert told.text.count("# TYPE model_monitor_job_seconds ") == 1
    assert "model_monitor_http_requests_total" in nobody.get("/metrics", headers=scraper).text
    assert nobody.get("/api/v1/models", headers=scraper).status_code == 401
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed: the text was not checked by it")
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=told.text, text=True, capture_output=True, check=False
    )
    assert checked.returncode in (0, 3), checked.stdout + checked.stderr
    assert "error" not in checked.stderr


@pytest.mark.parametrize(
    ("weak", "said"),
    [
        (SCRAPE[:31], "has 31 bytes: at least 32 are wanted"),
        ("t" * 32, "is made of few characters"),
        (f"change-me-{SCRAPE}", "looks like one from a page of instructions"),
    ],
)
def test_a_weak_token_is_refused(post: Post, monkeypatch: pytest.MonkeyPatch, weak: str, said: str) -> None:
    """What could be guessed lets nobody in, and how to make another is said; the token itself is not."""
    monkeypatch.setenv(TOKEN, weak)
    with pytest.raises(UsageError, match=f"{TOKEN} {said}") as refused:
        create(post.backend())
    assert "openssl rand -hex 32" in str(refused.value)
    assert weak not in str(refused.value)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"url": "/api/v1/models", "headers": {"x-long": "x" * 20_000}}, 431),
        ({"url": "/api/v1/models?cursor=" + "x" * 62_000}, 414),
        ({"method": "POST", "url": "/api/v1/silences", "content": b"x" * 6_000_000}, 413),
        ({"method": "POST", "url": "/api/v1/silences", "json": "x" * 6_000_000}, 413),
        ({"method": "POST", "url": "/api/v1/silences", "content": b"[" * 40, "headers": JSON}, 422),
        ({"method": "PATCH", "url": "/api/v1/users/x:batch", "json": "x" * 6_000_000}, 413),
        ({"method": "PATCH", "url": "/api/v1/users/x:batch", "content": b"[" * 40, "headers": JSON}, 422),
    ],
)  # fmt: skip
def test_too_much_is_refused(post: Post, asked: dict[str, object], status: int) -> None:
    """Headers, addresses, bodies and JSON beyond their bounds are problems before anybody reads them."""
    answer = post.client().request(asked.pop("method", "GET"), asked.pop("url"), **asked)  # type: ignore[arg-type]
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert MOST_DEPTH == 32


def test_bodies_without_a_length_are_bounded_too(post: Post) -> None:
    """A body that comes in pieces is given up as soon as it is too long."""

    async def pieces():  # type: ignore[no-untyped-def]
        for _ in range(80):
            yield b"x" * 100_000

    answer = post.client(EDITOR).post("/api/v1/config:check", content=pieces())
    assert answer.status_code == 413


def test_half_a_request_does_nothing() -> None:
    """Whoever goes away before the end of a body has asked for nothing: it is not taken for an empty one."""
    asked: list[object] = []
    sent: list[dict[str, object]] = []
    pieces = [{"type": "http.request", "body": b'{"note": ', "more_body": True}, {"type": "http.disconnect"}]

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        asked.append(await receive())

    async def receive() -> dict[str, object]:
        return pieces.pop(0)

    async def send(message) -> None:  # type: ignore[no-untyped-def]
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/api/v1/incidents/x/ack", "raw_path": b"", "query_string": b"",
             "headers": [(b"content-type", b"application/json")]}  # fmt: skip
    asyncio.run(limited(app)(scope, receive, send))  # type: ignore[arg-type]
    assert (asked, sent[0]["status"]) == ([], 400)


def test_strangers_are_slowed_down(post: Post) -> None:
    """Who shows no key that was ever accepted has few requests; an accepted key has its own."""

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        good = any(value == b"Bearer good" for _, value in scope["headers"])
        if good:
            scope["monitor.principal"] = EDITOR
        is_open = scope["path"] == "/healthz"
        await send({"type": "http.response.start", "status": 200 if good or is_open else 401, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def ask(path: str = "/", **headers: str) -> int:
        transport = httpx.ASGITransport(layer, client=("203.0.113.9", 1))

        async def once() -> int:
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return (await client.get(path, headers=headers)).status_code

        return asyncio.run(once())

    layer = rated(app, known=Rate("key", 1.0, 50.0), stranger=Rate("address", 0.001, 3.0))
    assert ask(authorization="Bearer good") == 200
    assert [ask(authorization=f"Bearer {n}") for n in range(4)] == [401, 401, 429, 429]
    assert [ask(authorization="Bearer good") for _ in range(9)] == [200] * 9
    layer = rated(app, known=Rate("key", 1.0, 50.0), stranger=Rate("address", 0.001, 3.0))
    assert [ask("/healthz", cookie="a=b") for _ in range(4)] == [200, 200, 200, 429]


def test_answers_are_packed(post: Post) -> None:
    """What is long comes as gzip to whoever takes it."""
    answer = Asgi(create(post.backend(), access=as_principal(LOCAL))).get("/openapi.json")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json()["openapi"].startswith("3.1")
    assert "ratelimit-remaining" in answer.headers
    assert {part.strip() for part in answer.headers["vary"].split(",")} == {
        "Accept-Encoding",
        "Authorization",
        "Accept",
    }
