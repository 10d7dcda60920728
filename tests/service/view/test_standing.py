"""How models fare, told in one record."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from monitor.service.backend import Backend
from monitor.service.opening import opened
from monitor.service.run import run
from monitor.service.view.standing import Standing, standings
from tests.api.conftest import write
from tests.service.conftest import DAY, HOUR, START, World, rows_of, truth_of


@contextmanager
def backend(world: World, now: datetime) -> Iterator[Backend]:
    """Run everything that is due, and give what answers stand on."""
    config = write(world)
    with opened(config, writing=True) as store:
        run(config, store, names=None, now=now)
        yield Backend(store, lambda: config, lambda: now)


def standing(world: World, now: datetime, later: timedelta = timedelta(0)) -> Standing:
    """Return how the one model fares, ``later`` after it was run."""
    with backend(world, now) as found:
        [one] = standings(Backend(found.store, found.config, lambda: now + later))
    return one


def quiet(world: World, days: int = 6) -> None:
    """Log days that are all alike, with their ground truth."""
    rows = rows_of(days, per_hour=10)
    world.predict(rows)
    world.label(truth_of(rows))


def test_a_quiet_model_is_ok(world: World) -> None:
    """Nothing fires: the verdict is ok, with the key metric beside that of the reference."""
    quiet(world)
    one = standing(world, START + 6 * DAY + HOUR)
    assert (one.verdict, one.freshness, one.severity, one.incident) == ("ok", "fresh", None, None)
    assert one.window is not None
    assert one.window.end == START + 6 * DAY
    assert one.features.beyond == 0
    assert one.features.tested >= 2
    assert one.performance is not None
    assert one.performance.baseline is not None
    assert one.performance.measurement.metric == "roc_auc"
    assert one.performance.measurement.value == pytest.approx(one.performance.baseline.value, abs=0.05)


def test_a_moved_column_is_drift(world: World) -> None:
    """A column that moved far is named, with its numbers, and the incident that tells of it."""
    rows = [*rows_of(6, per_hour=20), *rows_of(4, first=START + 6 * DAY, per_hour=20, shift=80.0)]
    world.predict(rows)
    world.label(truth_of(rows))
    one = standing(world, START + 10 * DAY + HOUR)
    assert one.verdict == "drift"
    assert one.severity == "critical"
    assert [found.name for found in one.features.top] == ["amount"]
    found = one.features.top[0]
    assert None not in (found.value, found.limit)
    assert found.value > found.limit  # type: ignore[operator]
    assert one.incident is not None
    assert one.incident.startswith("inc_")
    assert one.since is not None


def test_who_asks_at_once_shares_what_is_added_up(world: World) -> None:
    """The reference's own metric is worked out once, however many ask for it before it is known."""
    quiet(world)
    barrier = threading.Barrier(4)

    def ask(found: Backend) -> Standing:
        barrier.wait()
        return standings(found)[0]

    with backend(world, START + 6 * DAY + HOUR) as found, ThreadPoolExecutor(4) as pool:
        told = list(pool.map(ask, [found] * 4))
    assert all(one.performance is not None and one.performance.baseline is not None for one in told)
    assert len({id(one.performance.baseline) for one in told if one.performance}) == 1


@pytest.mark.parametrize("drifted", [False, True])
def test_a_stale_model_is_unknown(world: World, drifted: bool) -> None:
    """Whose next window is late is never called ok, nor anything else that was true before."""
    quiet(world)
    if drifted:
        world.predict(rows_of(4, first=START + 6 * DAY, per_hour=20, shift=80.0))
    days = 10 if drifted else 6
    one = standing(world, START + days * DAY + HOUR, later=2 * DAY)
    assert (one.verdict, one.freshness, one.state) == ("unknown", "stale", "late")
    assert one.expected_at == START + (days + 1) * DAY


def test_a_model_without_windows_is_unknown(world: World) -> None:
    """Nothing was ever measured: nothing is known."""
    quiet(world, 2)
    one = standing(world, START + 2 * DAY)
    assert one.verdict == "unknown"
    assert one.window is None


def test_a_change_of_the_columns_is_told_as_broken_data(world: World) -> None:
    """A table that lost a column says nothing of drift: the data are broken."""
    quiet(world)
    with backend(world, START + 6 * DAY + HOUR):
        pass
    world.execute("ALTER TABLE predictions RENAME COLUMN amount TO total")
    one = standing(world, START + 7 * DAY + 2 * HOUR)
    assert (one.verdict, one.state) == ("unknown", "failing")


def test_the_number_of_queries_does_not_grow_with_the_models(world: World) -> None:
    """Six models cost as many queries as two."""
    quiet(world)
    counted = []
    for number in (1, 5):
        world.more = [{**world.model, "name": f"m{i}"} for i in range(number)]
        with backend(world, START + 6 * DAY + HOUR) as found:
            standings(found)  # what the references themselves show is kept
            asked: list[str] = []
            event.listen(found.store.engine, "before_cursor_execute", lambda _c, _k, sql, *_, a=asked: a.append(sql))
            assert len(standings(found)) == number + 1
            counted.append(len(asked))
    assert counted[0] == counted[1]
