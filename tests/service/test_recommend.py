"""A fall of performance that stays is a reason to train anew; broken data, a cool-down and few labels speak against."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from monitor.alerts.recommendation import Recommendation
from monitor.alerts.retraining import NotDueError
from monitor.config import load
from monitor.domain.principal import LOCAL
from monitor.service.oncall.incidents import resolve
from monitor.service.opening import opened
from monitor.service.sending.telling import tell
from monitor.service.training import retraining
from monitor.service.training.recommend import recommend
from monitor.service.training.retraining import By
from monitor.store import changes, incidents, models, recommendations
from tests.service.conftest import DAY, HOUR, START, World, empty_world, rows_of, truth_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from monitor.store.engine import Store

DAYS, FELL = 22, 16
END = START + DAYS * DAY
ME = By(LOCAL)


@pytest.fixture(scope="module")
def first_fallen(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Give a world in which a fall was measured and recommended."""
    world = empty_world(tmp_path_factory.mktemp("fallen"))
    log(world)
    look(world, END)
    return world


@pytest.fixture
def fallen(first_fallen: World, tmp_path: Path) -> World:
    """Give a copy of it."""
    copy = tmp_path / "copy"
    shutil.copytree(first_fallen.folder, copy)
    return World(copy, dict(first_fallen.model))


def log(world: World, *, fell: int = FELL, days: int = DAYS, wrong: bool = True) -> None:
    """Log 22 days; from the 16th on the ground truth is the opposite of what it was."""
    world.model["ground_truth_horizon"] = "1d"
    rows = rows_of(days, per_hour=6)
    world.predict(rows)
    flips = START + fell * DAY if wrong else START + 2 * days * DAY
    truth = truth_of(rows)
    world.label([(i, at, 1 - y if at >= flips + HOUR else y) for i, at, y in truth])


def look(world: World, now: datetime) -> list[Recommendation]:
    """Let a run that ends at an instant decide, and return all recommendations, the newest first."""
    world.done(now)
    return told(world, now)


def told(world: World, now: datetime) -> list[Recommendation]:
    """Decide once more without measuring anything."""
    config = load(world.folder / "monitor.yaml")
    with opened(config, writing=True) as store:
        tell(config, store, now=now)
    return known(world)


def known(world: World) -> list[Recommendation]:
    return [one.recommendation for one in world.read(recommendations.page)]


def kinds(world: World) -> list[str]:
    return [one.kind for one in world.read(lambda conn: changes.since(conn, 0)) if one.subject]


def act(world: World, action: Callable[[Store], Any]) -> Any:
    with opened(load(world.folder / "monitor.yaml"), writing=True) as store:
        return action(store)


def claimed(world: World, number: str, run_id: str = "1") -> Any:
    def ask(store: Store) -> Any:
        return retraining.claim(store, number, claimant="ann", run_id=run_id, ttl=HOUR, by=ME)

    return act(world, ask)


def completed(world: World, held: Any, outcome: Any) -> Recommendation:
    config = load(world.folder / "monitor.yaml")
    ticket = held.recommendation.claim
    done = act(
        world,
        lambda store: retraining.complete(config, store, ticket.id, ticket.fence, outcome, model_version="v2", by=ME),
    )
    return done.recommendation  # type: ignore[no-any-return]


def test_a_fall_that_stays_is_recommended(fallen: World) -> None:
    """Concept drift is recommended once, with its evidence and the rows to train on; looking again changes nothing."""
    world = fallen
    (found,) = known(world)
    assert (found.status, found.due, found.blocks) == ("open", True, ())
    (reason,) = found.grounds.reasons
    assert (reason.metric, reason.breaches) == ("roc_auc", 3)
    assert found.grounds.confidence == "high"
    assert found.grounds.training.start == START + FELL * DAY
    assert found.grounds.training.end <= END
    assert found.grounds.labelled > 200
    assert kinds(world) == ["retraining.opened"]
    assert told(world, END + HOUR) == [found]
    assert kinds(world) == ["retraining.opened"]


def test_one_bad_day_is_not_enough(world: World) -> None:
    """A single window below the limit recommends nothing."""
    log(world, fell=FELL, days=FELL + 1)
    assert look(world, START + (FELL + 1) * DAY + 2 * DAY) == []


def test_a_quiet_model_is_left_alone(world: World) -> None:
    """Without a fall nothing is recommended."""
    log(world, wrong=False)
    assert look(world, END) == []


def test_drift_alone_is_no_reason(world: World) -> None:
    """A column that moves while performance holds recommends nothing."""
    world.model["ground_truth_horizon"] = "1d"
    rows = rows_of(FELL, per_hour=6) + rows_of(DAYS - FELL, first=START + FELL * DAY, per_hour=6, shift=60.0)
    world.predict(rows)
    world.label(truth_of(rows))
    assert look(world, END) == []


def test_broken_data_block(world: World) -> None:
    """A column that goes missing together with performance says: do not retrain, the data are broken."""
    log(world)
    world.execute(f"UPDATE predictions SET amount = NULL WHERE at >= '{(START + FELL * DAY).isoformat()}'")
    (found,) = look(world, END)
    assert not found.due
    assert [block.code for block in found.blocked_by] == ["data_quality"]
    assert "amount" in found.blocked_by[0].detail
    with pytest.raises(NotDueError, match="the data are broken"):
        claimed(world, found.id)
    freed = act(world, lambda store: retraining.approve(store, found.id, by=ME)).recommendation
    assert freed.due
    assert claimed(world, found.id).recommendation.status == "claimed"
    assert kinds(world) == ["retraining.opened", "retraining.approved", "retraining.claimed"]


def test_performance_that_recovers_ends_it(fallen: World) -> None:
    """When the fall is over and nobody has claimed it, it expires."""
    world = fallen
    more = rows_of(4, first=END, per_hour=6)
    world.predict(more)
    world.label(truth_of(more))
    (found,) = look(world, END + 5 * DAY)
    assert found.status == "expired"
    assert kinds(world) == ["retraining.opened", "retraining.expired"]
    *_, (_, last) = world.read(lambda conn: recommendations.events(conn, found.id))
    assert last.note == "no fall of performance is open any more"


def test_resolving_its_incident_by_hand_ends_it(fallen: World) -> None:
    """Whoever resolves hears that it ends, and its history tells who it was; a second time says nothing."""
    world = fallen
    config = load(world.folder / "monitor.yaml")
    (before,) = known(world)
    (incident,) = [one for one in world.read(incidents.every) if not one.incident.no_data]
    done = act(world, lambda store: resolve(config, store, incident.id, actor="ann", note="seasonal"))
    assert (done.changed, done.ends) == (True, before.id)
    again = act(world, lambda store: resolve(config, store, incident.id, actor="ann"))
    assert (again.changed, again.ends) == (False, None)
    (found,) = told(world, END + HOUR)
    assert found.status == "expired"
    *_, (_, last) = world.read(lambda conn: recommendations.events(conn, found.id))
    assert (last.kind, last.note) == ("expired", "no fall of performance is open any more: resolved by ann")


def test_what_is_claimed_outlives_its_incident(fallen: World) -> None:
    """Resolving by hand does not end what somebody is at, and does not say so."""
    world = fallen
    config = load(world.folder / "monitor.yaml")
    (before,) = known(world)
    claimed(world, before.id)
    (incident,) = [one for one in world.read(incidents.every) if not one.incident.no_data]
    assert act(world, lambda store: resolve(config, store, incident.id, actor="ann")).ends is None
    assert [one.status for one in told(world, END + HOUR)] == ["claimed"]


def test_a_deployment_ends_it_and_opens_the_cool_down(fallen: World) -> None:
    """What windows of the old version still show after the deployment recommends nothing."""
    world = fallen
    (found,) = known(world)
    over = completed(world, claimed(world, found.id), "deployed")
    assert over.status == "satisfied"
    assert over.cooldown_until is not None
    assert over.closed_at is not None
    assert over.cooldown_until - over.closed_at == timedelta(days=6)
    assert [one.status for one in told(world, END + DAY)] == ["satisfied"]
    assert kinds(world)[-2:] == ["retraining.satisfied", "reference_wanted"]


def test_a_refusal_keeps_quiet_until_its_cool_down_is_over(fallen: World) -> None:
    """What a person has declined is recommended again only later, if it is still so."""
    world = fallen
    (found,) = known(world)
    config = load(world.folder / "monitor.yaml")
    over = act(world, lambda store: retraining.decline(config, store, found.id, by=ME, note="known")).recommendation
    assert over.cooldown_until is not None
    assert [one.status for one in told(world, over.cooldown_until - HOUR)] == ["declined"]
    assert [one.status for one in told(world, over.cooldown_until + HOUR)] == ["open", "declined"]


def test_a_model_that_is_retired_is_recommended_no_more(fallen: World) -> None:
    """What was open for it expires."""
    with opened(load(fallen.folder / "monitor.yaml"), writing=True) as store:
        with store.write() as conn:
            models.retire(conn, "m", END)
        assert recommend(store, {}) == 1
        assert recommend(store, {}) == 0
    assert [one.status for one in known(fallen)] == ["expired"]
