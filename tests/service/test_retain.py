"""Old windows go whole and stay gone; a run goes on from what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, select

from monitor.config import RetentionConfig, load
from monitor.errors import StaleLeaseError
from monitor.failpoints import arm
from monitor.service.opening import opened
from monitor.service.retention.prune import prune_models
from monitor.service.retention.retain import Retained, retain_leased
from monitor.service.run import Span
from monitor.service.workbench import Workbench
from monitor.store import claims, clock, due, models, runs, tables
from monitor.store.lease import RETAIN
from tests.service.conftest import DAY, HOUR, START, World, rows_of, truth_of
from tests.service.test_rollup import kept, lengths

LATER = START + 16 * DAY
PER_RUN = (
    select(tables.runs.c.id, func.count(tables.measurements.c.run_id))
    .outerjoin(tables.measurements, tables.measurements.c.run_id == tables.runs.c.id)
    .where(tables.runs.c.rows > 0)
    .group_by(tables.runs.c.id)
)
SHORT = RetentionConfig(hourly_counts="forever", measurements=7 * DAY, revisions=DAY, changes=5 * DAY)


@pytest.fixture
def world(world: World) -> World:
    """Give a model whose windows close two days after their end, sixteen of them measured."""
    world.model |= {"ground_truth_horizon": "1d", "catchup_window": "1d"}
    world.predict(rows_of(14))
    world.label(truth_of(rows_of(14)))
    world.done(LATER)
    return world


def counts(world: World) -> dict[str, int]:
    """Count the rows of the tables that grow."""

    def ask(conn: Connection) -> dict[str, int]:
        named = (tables.measurements, tables.runs, tables.tiles, tables.tile_facts, tables.series)
        return {t.name: conn.execute(select(func.count()).select_from(t)).scalar_one() for t in named}

    return dict(world.read(ask))


def test_old_windows_go_and_stay_gone(world: World) -> None:
    """Windows older than is wanted go with measurements, runs and counts; no run brings them back unasked."""
    before = world.values("psi", column="amount")
    size = counts(world)
    done = kept(world, SHORT)
    assert (done.windows, done.days, done.left) == (9, 0, 0)
    after = world.values("psi", column="amount")
    assert after == {at: value for at, value in before.items() if at + DAY > LATER - 7 * DAY}
    left = counts(world)
    assert size["measurements"] - left["measurements"] == done.measurements
    assert size["runs"] - left["runs"] == done.windows
    assert size["tiles"] - left["tiles"] == done.tiles > 0
    assert left["tile_facts"] == left["tiles"]
    assert kept(world, SHORT) == Retained()
    assert world.done(LATER + DAY).windows == 1
    assert counts(world)["tiles"] == left["tiles"] + 24


def test_windows_that_are_asked_for_come_back(world: World) -> None:
    """An interval that was removed can be measured again from the log."""
    before = world.values("psi", column="amount")
    kept(world, SHORT)
    assert world.done(LATER, span=Span(START + 4 * DAY, START + 6 * DAY)).windows == 2
    again = world.values("psi", column="amount")
    assert [again[START + d * DAY] for d in (4, 5)] == [before[START + d * DAY] for d in (4, 5)]


def test_counts_of_the_reference_stay(world: World) -> None:
    """The hours of the reference in force outlive their windows: late ground truth is put beside them."""
    kept(world, SHORT)
    assert lengths(world)[HOUR] == 24 * 3 + 24 * 7 + 24 * 3


def test_defaults_remove_no_window(world: World) -> None:
    """Without a word in monitor.yaml every measurement is kept, and hours for 90 days."""
    size = counts(world)
    assert kept(world, RetentionConfig(), now=LATER + 70 * DAY) == Retained()
    assert counts(world) == size
    done = kept(world, RetentionConfig(), now=LATER + 400 * DAY)
    assert done.days > 10
    assert counts(world)["measurements"] == size["measurements"]


def test_what_would_go_is_foretold(world: World) -> None:
    """A dry run names the same numbers as what is then removed, and changes nothing."""
    text = "retention: {hourly_counts: 1d, measurements: 9d, changes: 4d}\n"
    path = world.folder / "monitor.yaml"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    config = load(path)
    with opened(config, writing=True) as store:
        size = counts(world)
        told = prune_models(config, store, LATER, dry=True)
        assert counts(world) == size
        done = prune_models(config, store, LATER)
    assert told == {"m": done["m"]}
    assert done["m"].windows == 7
    assert done["m"].days > 0


def test_the_newest_revision_is_never_too_old(world: World) -> None:
    """Of a window measured twice the older revision goes, and the latest is read as ever."""
    world.done(LATER, span=Span(START, START + 3 * DAY, restate=True))
    before = world.values("row_count")
    done = kept(world, RetentionConfig(revisions=DAY), now=LATER + 2 * DAY)
    assert done.revisions == 3
    assert world.values("row_count") == before
    assert {run.revision for run in world.ledger(every=True) if run.window.start < START + 3 * DAY} == {1}


def test_a_retired_model_grows_old_too(world: World) -> None:
    """Its windows go by age; a model of another file that shares the store is let alone."""

    def retire(conn: Connection) -> bool:
        return models.retire(conn, "m", LATER)

    path = world.folder / "monitor.yaml"
    text = path.read_text(encoding="utf-8").replace("name: m\n", "name: other\n")
    path.write_text(text + "retention: {measurements: 7d}\n", encoding="utf-8")
    config = load(path)
    with opened(config, writing=True) as store:
        assert prune_models(config, store, LATER) == {}
        with store.write() as conn:
            retire(conn)
        done = prune_models(config, store, LATER + timedelta(days=1))
        assert done["m"].windows == 10
        with store.read() as conn:
            assert len(runs.history(conn)) == 6


def test_a_worker_retains_once_a_day(world: World) -> None:
    """The leased chore does it by the configuration and is due again tomorrow; with a lost lease nothing happens."""
    config = load(world.folder / "monitor.yaml")
    with opened(config, writing=True) as store:
        with store.write() as conn:
            now = clock.now(conn)
            due.schedule(conn, 1, RETAIN, now)
            versions = [stored.config_version_id or 0 for stored in models.every(conn)]
            lease = claims.claim(conn, "me", now, timedelta(minutes=1), versions)
        assert lease is not None
        assert lease.kind == RETAIN
        bench = Workbench(config, store)
        with pytest.raises(StaleLeaseError):
            retain_leased(bench, replace(lease, fence=lease.fence - 1))
        assert set(lengths(world)) == {HOUR}
        retain_leased(bench, lease)
        assert DAY in lengths(world)
        with store.read() as conn:
            row = conn.execute(select(tables.chores).where(tables.chores.c.kind == RETAIN)).one()
        assert row.owner is None
        assert DAY <= row.due_at - now < DAY + timedelta(minutes=10)


def test_retaining_may_be_stopped_after_any_step(world: World) -> None:
    """Stopped after each of its steps in turn, it leaves windows whole and time covered once, and ends the same."""
    world.done(LATER, span=Span(START + 8 * DAY, START + 12 * DAY, restate=True))
    everything = RetentionConfig(hourly_counts=DAY, measurements=9 * DAY, revisions=DAY, changes=DAY)
    full = {run.id: run for run in world.ledger(every=True)}
    wanted = len({m.window_start for m in world.found()})
    steps, last = 0, None
    while last is None and steps < 40:
        passed: list[str] = []

        def stop(name: str, passed: list[str] = passed) -> None:
            passed.append(name)
            if len(passed) == 3:  # the first only marks what is about to go
                raise InterruptedError(name)

        disarm = arm(stop)
        try:
            last = kept(world, everything, now=LATER + 2 * DAY)
        except InterruptedError:
            steps += 1
        finally:
            disarm()
        covered = sum(span // HOUR * number for span, number in lengths(world).items())
        assert covered >= 24 * 12
        each = dict(world.read(lambda conn: [tuple(row) for row in conn.execute(PER_RUN)]))
        assert len(set(each.values())) == 1
        assert set(each) <= set(full)
    assert 4 < steps < 40
    left = counts(world)
    assert left["runs"] == len({run.window for run in world.ledger()}) < wanted
    assert left["tile_facts"] == left["tiles"]
    assert kept(world, everything, now=LATER + 2 * DAY) == Retained()
