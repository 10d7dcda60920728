"""What can be read: models, the drift document, windows and measurements by the page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from monitor.domain.principal import LOCAL, ROLES, Principal
from tests.api.conftest import Post
from tests.service.conftest import DAY, START


def test_models(post: Post) -> None:
    """The models that a caller may see are listed with how each fares."""
    told = post.client().get("/api/v1/models").json()
    assert [(one["name"], one["verdict"], one["key_metric"]) for one in told["items"]] == [("m", "ok", "roc_auc")]
    assert told["next_cursor"] is None
    elsewhere = post.client(Principal("key other", ROLES["viewer"], ("fraud-*",)))
    assert elsewhere.get("/api/v1/models").json()["items"] == []
    for path in ("", "/drift", "/windows", "/measurements"):
        assert elsewhere.get(f"/api/v1/models/m{path}").status_code == 404


def test_drift(post: Post) -> None:
    """The document says how the model fares, in the words of the contract."""
    told = post.client().get("/api/v1/models/m/drift").json()
    assert (told["model"], told["verdict"], told["severity"], told["incident"]) == ("m", "ok", None, None)
    assert told["window"] == {"start": "2024-03-06T00:00:00Z", "end": "2024-03-07T00:00:00Z", "revision": 0}
    assert told["freshness"]["state"] == "fresh"
    assert told["performance"]["metric"] == "roc_auc"
    assert told["performance"]["ci"][0] < told["performance"]["value"] < told["performance"]["ci"][1]
    assert told["features"]["drifted"] == 0


def test_drift_is_not_sent_twice(post: Post) -> None:
    """The same answer again is 304, and takes no look at measurements, tiles or verdicts."""
    client = post.client()
    first = client.get("/api/v1/models/m/drift")
    assert first.headers["cache-control"] == "private, no-cache"
    asked: list[str] = []
    event.listen(post.store.engine, "before_cursor_execute", lambda _c, _k, sql, *_: asked.append(sql))
    again = client.get("/api/v1/models/m/drift", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert len([sql for sql in asked if "SELECT" in sql]) <= 1
    assert not [sql for sql in asked if "measurements" in sql or "tiles" in sql or "verdicts" in sql]
    assert client.get("/api/v1/models/m/drift", headers={"if-none-match": '"other"'}).status_code == 200


def test_drift_changes_with_the_clock(post: Post) -> None:
    """Nothing is stored, but the next window is late: the entity tag is another one and the verdict unknown."""
    client = post.client()
    first = client.get("/api/v1/models/m/drift")
    post.now += timedelta(days=3)
    later = client.get("/api/v1/models/m/drift", headers={"if-none-match": first.headers["etag"]})
    assert later.status_code == 200
    assert (later.json()["verdict"], later.json()["freshness"]["state"]) == ("unknown", "stale")


def test_windows_by_the_page(post: Post) -> None:
    """Pages hold every window once, the newest first."""
    client, seen, cursor = post.client(), [], None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        page = client.get("/api/v1/models/m/windows", params={"limit": 4} | more).json()
        seen += [one["start"] for one in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == [f"2024-03-0{day}T00:00:00Z" for day in (6, 5, 4, 3, 2, 1)]
    some = client.get("/api/v1/models/m/windows", params={"from": "2024-03-02", "to": "2024-03-04"}).json()["items"]
    assert [one["start"][:10] for one in some] == ["2024-03-03", "2024-03-02"]


def test_one_window(post: Post) -> None:
    """One window comes with everything measured in it; one that is not there, and another revision, is 404."""
    told = post.client().get("/api/v1/models/m/windows/2024-03-05").json()
    assert (told["revision"], told["revisions"], told["rows"]) == (0, [0], 240)
    assert {one["metric"] for one in told["measurements"]} >= {"psi", "roc_auc", "row_count"}
    for path in ("2024-03-05?revision=1", "2031-01-01"):
        assert post.client().get(f"/api/v1/models/m/windows/{path}").status_code == 404
    assert post.client().get("/api/v1/models/m/windows/soon").status_code == 400


@pytest.mark.parametrize("limit", [7, 500])
def test_measurements_by_the_page(post: Post, limit: int) -> None:
    """Pages hold every measurement once, as they are stored."""
    client, seen, cursor = post.client(), [], None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        page = client.get("/api/v1/models/m/measurements", params={"limit": limit, "metric": "psi"} | more).json()
        seen += [(one["window_start"], one["column"], one["value"]) for one in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    stored = [(f"{m.window_start:%Y-%m-%dT%H:%M:%SZ}", m.column, m.value) for m in post.world.found(metric="psi")]
    assert seen == stored
    assert len(seen) == 6 * len({column for _, column, _ in seen})


def test_measurements_of_one_thing(post: Post) -> None:
    """Metric, column, group and version choose; ``null`` means none."""
    client = post.client()
    asked = {"metric": "mean", "column": "amount", "group": "null", "from": (START + 5 * DAY).isoformat()}
    told = client.get("/api/v1/models/m/measurements", params=asked).json()["items"]
    assert [(one["column"], one["group"], one["n"]) for one in told] == [("amount", None, 240)]
    assert client.get("/api/v1/models/m/measurements", params={"column": "null", "metric": "psi"}).json()["items"] == []


@pytest.mark.parametrize(
    "asked", ["limit=501", "limit=-1", "limit=x", "cursor=nonsense", "cursor=W10", "cursor=%F0%9F"]
)
@pytest.mark.parametrize("path", ["models", "models/m/windows", "models/m/measurements"])
def test_bad_pages(post: Post, path: str, asked: str) -> None:
    """A limit beyond the bounds and a cursor of another list are problems."""
    answer = post.client(LOCAL).get(f"/api/v1/{path}?{asked}")
    assert answer.status_code == (400 if "cursor" in asked else 422)
    assert answer.json()["errors"]


def test_a_tag_tells_nobody_more_than_he_may_hear(post: Post) -> None:
    """Who has the entity tag is told that nothing changed, if he may read the model, until something did."""
    path = "/api/v1/models/m/drift"
    tag = post.client().get(path).headers["etag"]
    asked = {"if-none-match": f'"other", {tag}'}
    assert post.client().get(path, headers=asked).status_code == 304
    everybody = (
        (None, 401),
        (Principal("key x", ROLES["viewer"], ("fraud-*",)), 404),
        (Principal("key y", ROLES["ingest"]), 403),
    )
    for principal, status in everybody:
        assert post.client(principal).get(path, headers=asked).status_code == status
    assert post.client().get("/api/v1/models/other/drift", headers=asked).status_code == 404
    post.now += timedelta(days=3)
    assert post.client().get(path, headers=asked).status_code == 200
