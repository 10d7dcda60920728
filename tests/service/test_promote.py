"""A past interval becomes the reference: from now on, told in the change feed, and taken back again."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from monitor.config import load
from monitor.domain.window import Window
from monitor.errors import UsageError
from monitor.service import promote as promotion
from monitor.service.opening import opened
from monitor.service.promote import Promoted, Standing
from monitor.service.run import Span
from monitor.store import changes, references
from tests.service.conftest import DAY, HOUR, START, World, rows_of, truth_of

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = START + 8 * DAY


@contextmanager
def desk(world: World) -> Iterator[tuple[Any, Any]]:
    """Open configuration and store as a command does."""
    file = world.folder / "monitor.yaml"
    document = {"store": "sqlite:///monitor.db", "models": [world.model, *world.more]}
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    config = load(file)
    with opened(config, writing=True) as store:
        yield config, store


def promote(world: World, first: float, last: float, now: datetime = NOW, **more: Any) -> Promoted:
    with desk(world) as (config, store):
        return promotion.promote(config, store, "m", Window(START + first * DAY, START + last * DAY), now, **more)


def undo(world: World, now: datetime = NOW) -> Promoted:
    with desk(world) as (config, store):
        return promotion.undo(config, store, "m", now)


def versions(world: World) -> list[Standing]:
    with desk(world) as (config, store):
        return list(promotion.history(store, list(config.models)))


def shifted(world: World) -> World:
    """Log three days like the reference, then others, with ground truth."""
    rows = rows_of(3) + rows_of(7, first=START + 3 * DAY, shift=500)
    world.predict(rows)
    world.label(truth_of(rows))
    return world


def test_windows_to_come_are_measured_against_it_and_old_ones_stay(world: World) -> None:
    """What drifted from the old reference is the new normal, and no stored measurement changes."""
    shifted(world).done(START + 6 * DAY)
    before = world.found()
    done = promote(world, 3, 6)
    assert (done.version, done.changed, done.rows, done.labelled) == (2, True, 144, 144)
    world.done(NOW)
    psi = world.values("psi", column="amount")
    assert psi[START + 5 * DAY] > 3
    assert psi[START + 6 * DAY] < 1
    assert [m for m in world.found() if m.window_start < START + 6 * DAY] == before
    flags = {run.window.start: run.outcome.in_reference for run in world.ledger()}
    assert [flags[START + day * DAY] for day in (2, 3, 6)] == [True, False, False]


def test_the_same_again_changes_nothing(world: World) -> None:
    """A retraining job that asks twice makes one version."""
    shifted(world).done(START + 6 * DAY)
    first, again = promote(world, 3, 6), promote(world, 3, 6, NOW + HOUR)
    assert (again.version, again.changed) == (first.version, False)
    assert len(versions(world)) == 2


def test_the_change_feed_tells_of_it(world: World) -> None:
    """One row of kind reference with the interval and the version; none when nothing changed or on a dry run."""
    shifted(world).done(START + 6 * DAY)
    promote(world, 3, 6, dry=True)
    promote(world, 3, 6)
    promote(world, 3, 6)
    undo(world)
    told = [c for c in world.read(lambda conn: changes.since(conn, 0)) if c.kind == "reference"]
    assert [(c.window, c.revision) for c in told] == [
        (Window(START + 3 * DAY, START + 6 * DAY), 2),
        (Window(START, START + 3 * DAY), 3),
    ]


def test_a_dry_run_stores_nothing(world: World) -> None:
    """It counts what there is and leaves the reference as it was."""
    shifted(world).done(START + 6 * DAY)
    done = promote(world, 3, 5, dry=True)
    assert (done.version, done.rows, done.labelled) == (None, 96, 96)
    assert "96 rows are few" in done.remarks[0]
    assert len(versions(world)) == 1


def test_going_back_brings_the_old_reference_back(world: World) -> None:
    """The step back is a version of its own, and the next window is measured as before the promotion."""
    shifted(world).done(START + 6 * DAY)
    promote(world, 3, 6)
    back = undo(world)
    assert (back.version, back.restores, back.period) == (3, 1, Window(START, START + 3 * DAY))
    world.done(NOW)
    assert world.values("psi", column="amount")[START + 7 * DAY] > 3
    with pytest.raises(UsageError, match="no reference before"):
        undo(world)
    assert [(s.version.version, s.version.kind, s.in_force) for s in versions(world)] == [
        (3, "period", True), (2, "promoted", False), (1, "period", False),
    ]  # fmt: skip


def test_another_reference_in_the_file_wins_and_its_own_comes_back(world: World) -> None:
    """``reference:`` changed after a promotion is in force; changed back, the promotion is again."""
    shifted(world).done(START + 6 * DAY)
    promote(world, 3, 6)
    old = world.model["reference"]
    world.model["reference"] = {"start": "2024-03-01", "end": "2024-03-03"}
    world.done(START + 7 * DAY)
    assert world.values("psi", column="amount")[START + 6 * DAY] > 3
    assert [s.version.kind for s in versions(world) if s.in_force] == ["period"]
    world.model["reference"] = old
    world.done(NOW)
    assert world.values("psi", column="amount")[START + 7 * DAY] < 1
    assert [s.version.kind for s in versions(world) if s.in_force] == ["promoted"]


@pytest.mark.parametrize("reference", [None, {"last": "2d", "lag": "1d"}, {"start": "2024-03-01", "end": "2024-03-20"}])
def test_it_ends_learning_and_trailing_and_waiting(world: World, reference: dict[str, str] | None) -> None:
    """A promoted interval is fixed, whatever the configuration's own reference is, and needs none before it."""
    del world.model["reference"]
    world.model |= {"reference": reference} if reference else {}
    shifted(world)
    promote(world, 3, 5)
    done = world.done(NOW)
    assert (done.windows, done.learning_until, done.remarks) == (8, None, [])
    psi = world.values("psi", column="amount")
    assert psi[START + DAY] > 3
    assert psi[START + 7 * DAY] < 1


@pytest.mark.parametrize(
    ("first", "last", "problem", "hint"),
    [
        (6, 9, "is not over yet", "and its delay of 1:00:00 has passed"),
        (7, 8, "is not over yet", "and its delay of 1:00:00 has passed"),
        (3, 4 + 1 / 48, "not made of whole hours", "2024-03-04T00:00Z to 2024-03-05T01:00Z"),
        (5, 6, "lies wholly in intervals that are excluded", "`exclude:`"),
        (-5, -2, "has no rows", "the log has rows from 2024-03-01 00:00 to"),
    ],
)
def test_what_cannot_be_a_reference_is_refused(
    world: World, first: float, last: float, problem: str, hint: str
) -> None:
    """Each refusal names the interval and the cure, and nothing is stored."""
    world.model |= {"delay": "1h", "exclude": [{"start": "2024-03-06", "end": "2024-03-07"}]}
    shifted(world).done(START + 5 * DAY)
    with pytest.raises(UsageError, match=problem) as refused:
        promote(world, first, last)
    assert hint in str(refused.value.hint)
    assert len(versions(world)) == 1


def test_remarks_say_what_to_know(world: World) -> None:
    """Few rows, ground truth still to come and an excluded part are said, not refused."""
    world.model["exclude"] = [{"start": "2024-03-06", "end": "2024-03-07"}]
    rows = rows_of(8)
    world.predict(rows)
    world.label(truth_of(rows)[:180])
    done = promote(world, 3, 6)
    few, labels, excluded = done.remarks
    assert few.startswith("96 rows are few")
    assert labels.startswith("38% of its rows have their ground truth yet")
    assert excluded == "excluded intervals in it are left out"


def test_a_late_label_of_an_old_window_is_measured_against_its_own_reference(world: World) -> None:
    """Windows keep the reference they were measured with until somebody restates them, also when they are revised."""
    rows = rows_of(3) + rows_of(5, first=START + 3 * DAY, shift=500)
    truth = truth_of(rows)
    world.predict(rows)
    world.label(truth[: 4 * 48])
    world.done(START + 6 * DAY)
    promote(world, 3, 6)
    world.label(truth[4 * 48 :])
    world.done(NOW)
    revised = [run for run in world.ledger() if run.revision]
    assert [(r.window.start, r.revision, r.outcome.cause) for r in revised] == [
        (START + day * DAY, 1, "coverage") for day in (4, 5)
    ]
    assert {r.outcome.reference_id for r in revised} == {world.ledger()[0].outcome.reference_id}
    psi = world.values("psi", column="amount")
    assert psi[START + 5 * DAY] > 3
    assert psi[START + 6 * DAY] < 1


def test_a_window_is_named_by_its_beginning(world: World) -> None:
    """``--window`` takes the window of the grid that begins there, in every kind of grid, and no other."""
    for window, days in (("1d", 1), ("1w", 7), ("1mo", 31), ({"size": "7d", "every": "1d"}, 7), ("6h", 0.25)):
        world.model["window"] = window
        with desk(world) as (config, _):
            at = START + 3 * DAY if days == 7 else START
            found = promotion.window_from(config.models[0], at)
            assert found == Window(at, at + days * DAY)
            with pytest.raises(UsageError, match="begins at 2024-03-01T00:30Z") as refused:
                promotion.window_from(config.models[0], START + timedelta(minutes=30))
            assert "the next one begins at 2024-0" in str(refused.value.hint)


def test_no_reference_is_lost(world: World) -> None:
    """All versions stay in the store, those of other configurations too."""
    shifted(world).done(START + 6 * DAY, span=Span())
    for first in (3, 4, 5):
        promote(world, first, 6)
    undo(world)
    found = world.read(lambda conn: references.history(conn, 1))
    assert [v.version for v in found] == [1, 2, 3, 4, 5]
    assert [v.restores for v in found] == [None, None, None, None, 3]
