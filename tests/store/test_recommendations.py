"""One recommendation a model, one claimant at a time: the database says so, whoever asks at once."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from monitor.alerts.recommendation import Event, Grounds, Moved, Recommendation
from monitor.alerts.retraining import ClaimedError, ClaimLostError
from monitor.alerts.retraining import claim as claim_step
from monitor.config import load_text
from monitor.domain.principal import LOCAL
from monitor.errors import StoreError
from monitor.service.training import retraining
from monitor.service.training.retraining import By
from monitor.store import changes, models, recommendations
from monitor.store.retraining_tables import retraining_claims
from tests.store.conftest import T0

if TYPE_CHECKING:
    from monitor.domain.window import Window
    from monitor.store.engine import Store

THREADS = 50
ME = By(LOCAL)
HOUR = timedelta(hours=1)
CONFIG = load_text(
    "models: [{name: flights, task: binary, source: {url: 'ingest://', predictions: {id: a, time: b, score: c}}}]",
    file="monitor.yaml",
    env={},
)
CLAIMER = """
import sys
from datetime import timedelta
from pathlib import Path
from monitor.alerts.retraining import ClaimedError
from monitor.domain.principal import LOCAL
from monitor.service.training import retraining
from monitor.service.training.retraining import By
from monitor.store.engine import open_store
store = open_store(sys.argv[1], folder=Path("."))
print("ready", flush=True)
for line in sys.stdin:
    try:
        retraining.claim(store, line.strip(), claimant="trainer", run_id=sys.argv[2],
                         ttl=timedelta(hours=1), by=By(LOCAL))
        print("won", flush=True)
    except ClaimedError:
        print("lost", flush=True)
store.close()
"""


def fresh(number: str, day: Window) -> Moved:
    grounds = Grounds((), (day,), day, 1000, 900)
    return Moved(Recommendation(number, "flights", "open", 1, T0, grounds), (Event(T0, "opened"),))


@pytest.fixture
def number(store: Store, model_id: int, day: Window) -> str:
    """Give a recommendation that is open."""
    with store.write() as conn:
        assert recommendations.open_(conn, model_id, fresh("rec_A", day))
    return "rec_A"


def claimed(store: Store, number: str, run_id: str = "1") -> Any:
    return retraining.claim(store, number, claimant="trainer", run_id=run_id, ttl=HOUR, by=ME).recommendation.claim


def age(store: Store) -> None:
    """Let the claims have run out."""
    with store.write() as conn:
        conn.execute(update(retraining_claims).values(expires_at=T0))


def test_it_is_read_as_it_was_written(store: Store, number: str, day: Window) -> None:
    """A recommendation, its claim and its history come back whole."""
    held = claimed(store, number)
    with store.read() as conn:
        found = recommendations.get(conn, number)
        events = recommendations.events(conn, number)
    assert found is not None
    assert (found.recommendation.claim, found.recommendation.status) == (held, "claimed")
    assert found.recommendation.grounds == fresh(number, day).recommendation.grounds
    assert [(version, one.kind, one.actor) for version, one in events] == [
        (1, "opened", None),
        (2, "claimed", "trainer"),
    ]
    with store.read() as conn:
        told = changes.since(conn, 0)
    assert [(one.kind, one.subject) for one in told] == [("retraining.claimed", number)]


def test_a_model_has_one_that_is_not_over(store: Store, model_id: int, number: str, day: Window) -> None:
    """A second one is not entered until the first is over; without the index that keeps it out it would be."""
    with store.write() as conn:
        assert recommendations.open_(conn, model_id, fresh("rec_B", day)) is None
    with store.write() as conn:
        conn.execute(text("DROP INDEX uq_recommendations_live"))
        assert recommendations.open_(conn, model_id, fresh("rec_B", day)) is not None


def test_one_claim_is_active(store: Store, number: str) -> None:
    """Whoever does not look first is stopped by the database; without its index two would hold it."""
    claimed(store, number)

    def careless() -> None:
        """Claim what was read before anybody had claimed it, at the version that it has now."""
        with store.write() as conn:
            known = recommendations.get(conn, number)
            assert known is not None
            stale = replace(known.recommendation, status="open", claim=None)
            moved = claim_step(stale, number="clm_X", claimant="bob", run_id="2", ttl=HOUR, fence=99, at=T0)
            recommendations.save(conn, known, moved)

    with pytest.raises(IntegrityError):
        careless()
    with store.write() as conn:
        conn.execute(text("DROP INDEX uq_retraining_claims_active"))
    careless()


def test_what_was_changed_meanwhile_is_not_overwritten(store: Store, number: str) -> None:
    """Who writes what he read before somebody else wrote is refused."""
    with store.read() as conn:
        old = recommendations.get(conn, number)
    assert old is not None
    claimed(store, number)
    with pytest.raises(StoreError, match="changed meanwhile"), store.write() as conn:
        recommendations.save(conn, old, Moved(replace(old.recommendation, version=2)))


def test_fifty_threads_claim_at_once(store: Store, number: str) -> None:
    """Exactly one wins; the others hear who has it."""
    start = Barrier(THREADS)

    def attempt(i: int) -> str:
        start.wait()
        try:
            return str(claimed(store, number, str(i)).run_id)
        except ClaimedError as error:
            return f"lost to {error.claim.run_id}"

    with ThreadPoolExecutor(THREADS) as pool:
        said = list(pool.map(attempt, range(THREADS)))
    [winner] = [one for one in said if not one.startswith("lost")]
    assert said.count(f"lost to {winner}") == THREADS - 1


def test_processes_claim_at_once(store: Store, store_url: str, model_id: int, number: str, day: Window) -> None:
    """Of two processes exactly one wins each recommendation."""
    numbers = ["rec_A"]
    with store.write() as conn:
        for i in range(9):
            other = models.register(conn, f"m{i}", "{}", "first", T0).model_id
            assert recommendations.open_(conn, other, fresh(f"rec_B{i}", day))
            numbers.append(f"rec_B{i}")
    hands = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIMER, store_url, str(i)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for i in range(2)
    ]
    for hand in hands:
        assert hand.stdout is not None
        assert hand.stdout.readline() == "ready\n"
    for hand in hands:
        assert hand.stdin is not None
        hand.stdin.write("\n".join(numbers) + "\n")
        hand.stdin.close()
    answers = [hand.stdout.read().split() for hand in hands if hand.stdout]
    for hand in hands:
        assert hand.stdout is not None
        hand.stdout.close()
    assert [hand.wait() for hand in hands] == [0, 0]
    assert [sorted(each) for each in zip(*answers, strict=True)] == [["lost", "won"]] * len(numbers)


def test_who_comes_late_has_lost(store: Store, number: str) -> None:
    """After a claim has run out another gets a higher fence; the old holder may neither prolong nor complete."""
    old = claimed(store, number, "1")
    age(store)
    with pytest.raises(ClaimLostError, match="expired"):
        retraining.complete(CONFIG, store, old.id, old.fence, "deployed", model_version=None, by=ME)
    new = claimed(store, number, "2")
    assert new.fence > old.fence
    with pytest.raises(ClaimLostError):
        retraining.heartbeat(store, old.id, old.fence)
    with pytest.raises(ClaimLostError):
        retraining.complete(CONFIG, store, old.id, new.fence, "deployed", model_version=None, by=ME)
    done = retraining.complete(CONFIG, store, new.id, new.fence, "deployed", model_version="v2", by=ME)
    assert (done.recommendation.status, done.recommendation.attempts) == ("satisfied", 1)
    with store.read() as conn:
        kinds = [one.kind for one in changes.since(conn, 0)]
    assert kinds == [
        "retraining.claimed", "retraining.returned", "retraining.claimed", "retraining.satisfied", "reference_wanted",
    ]  # fmt: skip
