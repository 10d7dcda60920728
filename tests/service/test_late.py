"""Late, corrected and deleted rows and late ground truth make new revisions; the old ones stay."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.service.conftest import DAY, HOUR, START, World, rows_of, truth_of

NOW = START + 5 * DAY


@pytest.fixture
def late(world: World) -> World:
    """Give a log that has run once: five days, all labelled."""
    rows = rows_of(5)
    world.predict(rows)
    world.label(truth_of(rows))
    world.done(NOW)
    return world


def revisions(world: World) -> list[tuple[int, int, str | None]]:
    """Return day, revision and cause of all that came after the first."""
    return [
        ((r.window.start - START).days, r.revision, r.outcome.cause) for r in world.ledger(every=True) if r.revision
    ]


def test_late_rows_make_a_revision_and_keep_the_old(late: World) -> None:
    """A late row changes its window only; the old revision can still be read."""
    late.predict([("late", START + 3.5 * DAY, None, 1, 0.9, 50.0, "A")])
    done = late.done(NOW)
    assert (done.windows, done.revised) == (0, 1)
    assert revisions(late) == [(3, 1, "late_rows")]
    assert late.values("row_count")[START + 3 * DAY] == 49
    old = {m.revision: m.value for m in late.found(metric="row_count", start=START + 3 * DAY, all_revisions=True)}
    assert (old[0], old[1]) == (48, 49)


def test_a_late_row_before_the_first_moves_the_grid_back(late: World) -> None:
    """What comes before the first window gets windows of its own."""
    late.predict([("early", START - DAY, None, 1, 0.9, 50.0, "A")])
    done = late.done(NOW)
    assert (done.windows, done.revised) == (1, 0)
    assert late.ledger()[0].outcome.rows == 1


def test_deleted_rows_make_a_revision(late: World) -> None:
    """Rows that are gone are no longer counted."""
    late.execute(f"DELETE FROM predictions WHERE at >= '{(START + 4 * DAY).isoformat()}'")
    late.done(NOW)
    assert revisions(late) == [(4, 1, "late_rows")]
    assert late.values("row_count")[START + 4 * DAY] == 0


def test_a_corrected_label_makes_a_revision(late: World) -> None:
    """Ground truth that changes afterwards changes its window."""
    before = late.values("accuracy")
    late.execute("UPDATE outcomes SET happened = 1 - happened WHERE id = 'p03041200'")
    late.done(NOW)
    assert revisions(late) == [(3, 1, "corrected")]
    after = late.values("accuracy")
    assert after.pop(START + 3 * DAY) != before.pop(START + 3 * DAY)
    assert after == before


def test_first_labels_count_when_coverage_passes_a_step(world: World) -> None:
    """Coverage revises at 50, 80 and 95 %, not in between."""
    rows = rows_of(4)
    truth = [[t for t in truth_of(rows) if t[0].startswith(f"p03{day:02}")] for day in range(1, 5)]
    world.predict(rows)
    world.label([t for day in truth[:3] for t in day] + truth[3][:10])
    now, seen = START + 4 * DAY, []
    world.done(now)
    for upto in (20, 24, 30, 38, 39, 46, 48):
        now += 2 * HOUR
        world.execute("DELETE FROM outcomes WHERE id LIKE 'p0304%'")
        world.label(truth[3][:upto])
        seen.append(world.done(now).revised)
    assert seen == [0, 1, 0, 0, 1, 1, 0]
    assert revisions(world) == [(3, 1, "coverage"), (3, 2, "coverage"), (3, 3, "coverage")]
    flags = {
        m.revision: m.provisional for m in world.found(metric="accuracy", all_revisions=True, start=START + 3 * DAY)
    }
    assert flags == {0: True, 1: True, 2: True, 3: False}


def test_the_horizons_close_makes_the_last_revision(world: World) -> None:
    """A window whose labels never came is final once the horizon is over, with all that came until then."""
    rows = rows_of(4)
    world.predict(rows)
    world.label(truth_of(rows)[:150])
    world.done(START + 4 * DAY)
    world.label(truth_of(rows)[150:152])
    assert world.done(START + 13 * DAY).revised == 0
    world.label(truth_of(rows)[152:153])
    world.done(START + 14 * DAY)
    assert revisions(world) == [(3, 1, "closed")]
    (final,) = world.found(metric="accuracy", start=START + 3 * DAY, end=START + 4 * DAY)
    assert (final.provisional, final.n) == (False, 9)
    assert world.done(START + 15 * DAY).revised == 0


def test_a_label_after_the_close_changes_nothing(late: World) -> None:
    """Closed windows are final."""
    late.done(START + 30 * DAY)
    late.execute("UPDATE outcomes SET happened = 1 - happened WHERE id = 'p03041200'")
    assert late.done(START + 30 * DAY).revised == 0


def test_a_long_window_is_swept_from_its_beginning(world: World) -> None:
    """Late labels of a week's first days count as long as the week is open."""
    world.model |= {"window": "1w", "ground_truth_horizon": "2d"}
    rows = rows_of(14, per_hour=1)
    truth = truth_of(rows)
    world.predict(rows)
    world.label([t for t in truth if t[1] < START + 3 * DAY])
    world.done(START + 10 * DAY)
    world.label([t for t in truth if START + 3 * DAY <= t[1] < START + 10 * DAY])
    world.done(START + 11 * DAY)
    week = world.ledger()[1]
    assert (week.window.start.day, week.revision, week.outcome.labelled) == (4, 1, 167)


def test_within_the_hour_nothing_is_revised_twice(late: World) -> None:
    """After a revision the next waits an hour, and then comes without another change."""
    late.predict([("late", START + 3.5 * DAY, None, 1, 0.9, 50.0, "A")])
    assert late.done(NOW).revised == 1
    late.execute("UPDATE outcomes SET happened = 1 - happened WHERE id = 'p03041200'")
    assert late.done(NOW + HOUR / 2).revised == 0
    assert late.done(NOW + HOUR).revised == 1
    assert revisions(late) == [(3, 1, "late_rows"), (3, 2, "corrected")]


def test_a_replaced_row_is_not_forgotten_within_the_hour(late: World) -> None:
    """As many rows as before, but others: they are told by their ids."""
    late.predict([("late", START + 3.5 * DAY, None, 1, 0.9, 50.0, "A")])
    late.done(NOW)
    late.execute("UPDATE predictions SET id = 'other' WHERE id = 'p03041200'")
    assert late.done(NOW + HOUR / 2).revised == 0
    assert late.done(NOW + HOUR).revised == 1
    assert revisions(late)[-1] == (3, 2, "late_rows")


def test_five_revisions_at_most_and_the_fifth_at_the_close(world: World) -> None:
    """The fifth revision is kept for the horizon's close."""
    rows = rows_of(4)
    world.predict(rows)
    world.label(truth_of(rows)[:150])
    now: datetime = START + 4 * DAY
    world.done(now)
    for i in range(6):
        now += 2 * HOUR
        world.predict([(f"late{i}", START + 3.5 * DAY + timedelta(minutes=i), None, 1, 0.9, 50.0, "A")])
        world.done(now)
    assert len(revisions(world)) == 4
    world.done(START + 15 * DAY)
    assert [r[1] for r in revisions(world)] == [1, 2, 3, 4, 5]
    assert world.values("row_count")[START + 3 * DAY] == 48 + 6
