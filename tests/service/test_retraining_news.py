"""What happens to a recommendation is pushed to webhooks, signed, once, with the state that it tells of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from monitor.alerts.recommendation import Block, Event, Grounds, Moved, Reason, Recommendation
from monitor.config.receiver import LogReceiver
from monitor.config.route import RouteConfig
from monitor.domain.principal import LOCAL
from monitor.notify.signature import signed_headers
from monitor.service.training import retraining
from monitor.service.training.news import push
from monitor.service.training.retraining import By
from monitor.store import clock, recommendations
from tests.alerts.conftest import HOUR, window
from tests.notify.conftest import served
from tests.service.post_office import Desk

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
HOSTILE = "\x1b[31m\nx" + "y" * 1000
NUMBER = "rec_01HK153X00WMA5R5T88QSR1ES9"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Give a desk with a webhook and a log, both routed to, and a recommendation that was just opened."""
    with served() as recorder:
        made = Desk(tmp_path, recorder)
        made.receive({"name": "trainer", "secret": SECRET})
        log = LogReceiver(name="people", type="log")
        routes = (RouteConfig(match={"kind": "retraining"}, receivers=("trainer", "people")),)
        update: dict[str, Any] = {"receivers": (*made.config.receivers, log), "routes": routes}
        made.config = made.config.model_copy(update=update)
        enter(made)
        yield made
        made.store.close()


def enter(desk: Desk) -> None:
    """Enter a recommendation whose texts are hostile."""
    with desk.store.write() as conn:
        now = clock.now(conn)
        reasons = (Reason(HOSTILE, "roc_auc", "critical", 0.61, 0.8, 210, 3, 3, HOSTILE),) * 30
        grounds = Grounds(reasons, tuple(window(i) for i in range(30)), window(1), 1000, 900)
        blocks = (Block("data_quality", HOSTILE),)
        found = Recommendation(NUMBER, "m", "open", 1, now, grounds, blocks)
        assert recommendations.open_(conn, desk.model_id, Moved(found, (Event(now, "opened", note=HOSTILE),)))


def pushed(desk: Desk) -> int:
    model = desk.config.model("m")
    assert model is not None
    return push(desk.store, desk.config, {desk.model_id: model})


def test_an_event_is_pushed_once_and_signed(desk: Desk) -> None:
    """The webhook hears of it with the whole recommendation; the log, which people read, does not."""
    assert pushed(desk) == 1
    assert pushed(desk) == 0
    assert desk.send() == 1
    [call] = desk.recorder.calls
    told = call.json
    assert told["type"] == "dev.model-monitor.retraining.opened"
    assert (told["subject"], told["source"]) == (NUMBER, "/models/m")
    data = told["data"]
    assert (data["kind"], data["model"], data["severity"]) == ("opened", "m", "critical")
    assert data["recommendation"]["id"] == NUMBER
    assert data["recommendation"]["due"] is False
    assert data["recommendation"]["blocked_by"][0]["code"] == "data_quality"
    assert len(call.body) < 20_000
    assert b"\\u001b" not in call.body
    at = int(call.headers["webhook-timestamp"])
    signed = signed_headers(told["id"], datetime.fromtimestamp(at, UTC), call.body, [SecretStr(SECRET)])
    assert call.headers["webhook-signature"] == signed["webhook-signature"]


def test_each_step_is_told_in_order(desk: Desk) -> None:
    """What happened between two looks is told event by event."""
    by = By(LOCAL)
    retraining.approve(desk.store, NUMBER, by=by)
    done = retraining.claim(desk.store, NUMBER, claimant="t", run_id="1", ttl=HOUR, by=by).recommendation.claim
    assert done is not None
    retraining.complete(desk.config, desk.store, done.id, done.fence, "deployed", model_version="v2", by=by)
    assert pushed(desk) == 4
    desk.send()
    kinds = {call.json["data"]["recommendation"]["version"]: call.json["data"]["kind"] for call in desk.recorder.calls}
    assert kinds == {1: "opened", 2: "approved", 3: "claimed", 4: "satisfied"}
    assert len({call.headers["webhook-id"] for call in desk.recorder.calls}) == 4


def test_nobody_to_tell(desk: Desk) -> None:
    """Without a webhook nothing is entered, nor later when one is added."""
    hooks = desk.config.receivers
    desk.config = desk.config.model_copy(update={"receivers": ()})
    assert pushed(desk) == 0
    desk.config = desk.config.model_copy(update={"receivers": hooks})
    assert pushed(desk) == 0
