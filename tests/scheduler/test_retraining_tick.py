"""A worker's tick takes back claims that have run out, and pushes what happened."""

from __future__ import annotations

from sqlalchemy import select

from monitor.config.receiver import WebhookReceiver
from monitor.config.route import RouteConfig
from monitor.scheduler.worker import Worker
from monitor.store import recommendations
from monitor.store.alert_tables import outbox
from tests.api.shop import Shop, first, shop
from tests.store.test_recommendations import age

__all__ = ["first", "shop"]  # fixtures that are used here


def test_a_tick_takes_back_what_ran_out(shop: Shop) -> None:
    """Nobody needs to ask: the claim is counted as failed, the recommendation is open again, the webhook hears it."""
    shop.claim()
    age(shop.store)
    hook = WebhookReceiver(name="hook", type="webhook", url="https://hooks.example.org/x")
    update = {"receivers": (hook,), "routes": (RouteConfig(receivers=("hook",)),)}
    worker = Worker(shop.config.model_copy(update=update), shop.store)
    worker.roll = worker._enlist(worker.config)
    worker.tick()
    with shop.store.read() as conn:
        (known,) = recommendations.page(conn)
        kinds = [event.kind for _, event in recommendations.events(conn, known.id)]
        entered = conn.execute(select(outbox.c.kind).where(outbox.c.receiver == "hook")).scalars().all()
    assert (known.recommendation.status, known.recommendation.attempts) == ("open", 1)
    assert kinds == ["opened", "claimed", "returned"]
    assert entered.count("retraining") == 3
    worker.tick()
    with shop.store.read() as conn:
        assert recommendations.page(conn) == [known]
