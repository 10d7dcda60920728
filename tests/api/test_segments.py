"""Segments: what is told of a part of a model's rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.service.opening import opened
from monitor.service.run import Span, run
from tests.api.conftest import LATER, Post, write
from tests.service.conftest import DAY, START, empty_world, rows_of, truth_of

DRIFT = "/api/v1/models/m/drift"


@pytest.fixture(scope="module")
def divided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    """Give a model whose rows drift in one place only, for its last three days; rules judge each place."""
    world = empty_world(Path(tmp_path_factory.mktemp("divided")))
    world.model["segments"] = ["place"]
    world.model["rules"] = [
        {"metric": "drift_effect", "columns": "amount", "segments": "*", "above": 0.2, "severity": "critical"}
    ]
    early, late = rows_of(6, per_hour=20), rows_of(3, first=START + 6 * DAY, per_hour=20)
    rows = [*early, *((*row[:5], row[5] + 80.0 * (row[6] == "A"), row[6]) for row in late)]
    world.predict(rows)
    world.label(truth_of(rows))
    config = write(world)
    with opened(config, writing=True) as store:
        run(config, store, names=None, now=LATER, span=Span())
        yield Post(world, config, store, LATER)


def test_a_segment_has_a_document_of_its_own(divided: Post) -> None:
    """Where the rows drift it says so, elsewhere not; each has its own entity tag and key metric."""
    client = divided.client()
    here, there = (client.get(DRIFT, params={"segment": f"place={place}"}) for place in "AB")
    whole = client.get(DRIFT).json()
    assert (here.json()["verdict"], there.json()["verdict"]) == ("drift", "ok")
    assert (here.json()["segment"], "segment" in whole) == ({"place": "A"}, False)
    assert here.json()["features"]["top"][0]["group"] == {"place": "A"}
    assert whole["features"]["top"][0]["group"] == {"place": "A"}
    assert (there.json()["incident"], here.json()["incident"]) == (None, whole["incident"])
    assert here.json()["performance"]["n"] < whole["performance"]["n"]
    assert here.headers["etag"] != there.headers["etag"]
    again = client.get(DRIFT, params={"segment": '{"place": "A"}'}, headers={"if-none-match": here.headers["etag"]})
    assert again.status_code == 304


def test_what_nothing_judges_is_unknown(divided: Post) -> None:
    """A value that never came is no health."""
    told = divided.client().get(DRIFT, params={"segment": "place=nowhere"}).json()
    assert (told["verdict"], told["features"]["tested"], told["performance"]) == ("unknown", 0, None)


def test_measurements_of_a_segment(divided: Post) -> None:
    """Those inside it come, and no others."""
    client = divided.client()
    told = client.get("/api/v1/models/m/measurements", params={"segment": "place=B", "limit": 500}).json()["items"]
    assert {one["group"]["place"] for one in told} == {"B"}
    assert {"psi", "roc_auc"} <= {one["metric"] for one in told}


@pytest.mark.parametrize("text", ["amount=1", "place=A,version=1", "place", "null", "{", '{"place": "A", "x": null}'])
@pytest.mark.parametrize("path", ["drift", "measurements"])
def test_what_is_no_segment_is_said(divided: Post, path: str, text: str) -> None:
    """Whatever else is written is 422, and what could be written is said."""
    answer = divided.client().get(f"/api/v1/models/m/{path}", params={"segment": text})
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (422, "not-a-segment")
    assert "place=" in answer.json()["detail"]
