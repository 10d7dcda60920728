"""Every form of reference: learned, a period, trailing, a file, a source of its own; excluded intervals stay out."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pandas as pd
import pytest

from monitor.service.run import Span
from tests.service.conftest import DAY, HOUR, START, World, rows_of, same, source_block, truth_of


def psi(world: World, column: str = "amount") -> dict[int, float | None]:
    """Return drift of a column by day of the log."""
    return {(at - START).days: value for at, value in world.values("psi", column=column).items()}


def test_without_a_reference_the_first_fourteen_days_are_learned(world: World) -> None:
    """With 13 days nothing is measured, with 14 everything is, as revision 0."""
    del world.model["reference"]
    rows = rows_of(15, per_hour=1)
    world.predict(rows)
    world.label(truth_of(rows))
    waiting = world.done(START + 13 * DAY)
    assert (waiting.windows, waiting.learning_until) == (0, START + 14 * DAY)
    assert world.ledger() == []
    learned = world.done(START + 14 * DAY)
    assert (learned.windows, learned.learning_until) == (14, None)
    world.done(START + 15 * DAY)
    assert {run.revision for run in world.ledger()} == {0}
    assert [run.outcome.in_reference for run in world.ledger()] == [True] * 14 + [False]


def test_a_trailing_reference_needs_its_first_full_period(world: World) -> None:
    """Windows before it have null drift because of learning; later ones compare with what trails them."""
    world.model["reference"] = {"last": "2d", "lag": "1d"}
    rows = rows_of(4) + rows_of(2, first=START + 4 * DAY, shift=500)
    world.predict(rows)
    world.done(START + 6 * DAY)
    found = psi(world)
    assert [day for day, value in found.items() if value is None] == [0, 1, 2]
    reasons = {m.reason for m in world.found(metric="psi", column="amount", end=START + 3 * DAY)}
    assert reasons == {"learning"}
    assert found[3] < 1 < found[4]
    assert found[5] > 1
    assert not any(run.outcome.in_reference for run in world.ledger())


def test_a_trailing_reference_is_counted_also_for_windows_picked_out(world: World, tmp_path_factory: object) -> None:
    """``--from`` skips the windows before, not the rows that the reference is made of."""
    world.model["reference"] = {"last": "2d", "lag": "1d"}
    world.predict(rows_of(6))
    world.done(START + 6 * DAY, span=Span(start=START + 5 * DAY))
    picked = world.values("psi", column="amount")
    world.done(START + 6 * DAY)
    assert list(picked) == [START + 5 * DAY]
    assert picked[START + 5 * DAY] is not None
    second = World(world.folder / "all", world.model)
    second.folder.mkdir()
    second.path.write_bytes(world.path.read_bytes())
    second.done(START + 6 * DAY)
    assert second.values("psi", column="amount")[START + 5 * DAY] == picked[START + 5 * DAY]


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_reference_file_is_the_same_as_the_rows_it_holds(world: World, kind: str) -> None:
    """``reference.path`` with the log's column names gives the drift that the period itself gives."""
    rows = rows_of(5)
    world.predict(rows)
    world.label(truth_of(rows))
    world.done(START + 5 * DAY)
    period = {(m.metric, m.column, m.window_start): m.value for m in world.found(start=START + 3 * DAY)}
    assert len(period) > 200
    frame = pd.DataFrame(rows[: 3 * 48], columns=["id", "at", "version", "decided", "score", "amount", "place"])
    frame["happened"] = [t[2] for t in truth_of(rows)[: 3 * 48]]
    frame = frame.drop(columns=["at", "version", "id"])
    path = world.folder / f"reference.{kind}"
    frame.to_parquet(path) if kind == "parquet" else frame.to_csv(path, index=False)
    world.model |= {"name": "other", "reference": {"path": path.name}}
    world.done(START + 5 * DAY)
    file = {(m.metric, m.column, m.window_start): m.value for m in world.found(start=START + 3 * DAY)}
    assert same(file, period)
    assert not any(run.outcome.in_reference for run in world.ledger())


def test_a_reference_may_come_from_a_source_of_its_own(world: World) -> None:
    """A ``source`` block names another database with the same roles."""
    world.predict(rows_of(2, shift=500))
    with sqlite3.connect(world.folder / "past.db") as past:
        past.execute(
            "CREATE TABLE predictions (id, at TEXT, version, decided INT, score REAL, amount REAL, place TEXT)"
        )
        rows = [(r[0], r[1].isoformat(), *r[2:]) for r in rows_of(3, first=START - 300 * DAY)]
        past.executemany("INSERT INTO predictions VALUES (?,?,?,?,?,?,?)", rows)
    past.close()
    block = source_block("sqlite:///past.db")
    del block["ground_truth"], world.model["source"]["ground_truth"]
    world.model["reference"] = {"source": block}
    world.done(START + 2 * DAY)
    assert all(value > 3 for value in psi(world).values())
    assert all(value < 0.2 for value in psi(world, "score").values())


def test_excluded_intervals_are_measured_but_belong_to_no_reference(world: World) -> None:
    """A day of nonsense inside the reference neither widens its range nor counts in it."""
    world.model["exclude"] = [{"start": "2024-03-02", "end": "2024-03-03"}]
    world.predict(rows_of(1) + rows_of(1, first=START + DAY, shift=1000) + rows_of(3, first=START + 2 * DAY))
    world.done(START + 5 * DAY)
    assert world.values("row_count")[START + DAY] == 48
    assert world.values("out_of_range_rate", column="amount")[START + DAY] == 1.0
    assert all(value < 0.5 for day, value in psi(world).items() if day != 1)


def test_a_reference_in_the_future_is_waited_for(world: World) -> None:
    """Until it is over nothing is measured, and that is said."""
    world.predict(rows_of(3))
    done = world.done(START + 2 * DAY)
    assert done.windows == 0
    assert "has no reference before 2024-03-04" in done.remarks[0]


def test_a_reference_without_rows_is_a_fault_with_a_cure(world: World) -> None:
    """An empty period is refused."""
    world.model["reference"] = {"start": "2023-01-01", "end": "2023-02-01"}
    world.predict(rows_of(3))
    (done,) = world.run(START + 3 * DAY)
    assert done.error is not None
    assert done.error.hint is not None
    assert "has no rows" in done.error.message


def test_ground_truth_of_the_reference_follows_while_bins_stay(world: World) -> None:
    """Labels that come late for reference rows change what performance is compared with, not what drift is."""
    rows = rows_of(5)
    world.predict(rows)
    world.model |= {"groups": ["place"], "fairness": {"min_group_size": 5}}
    world.label(truth_of(rows)[:30])
    world.done(START + 5 * DAY)
    before = psi(world)
    world.label(truth_of(rows)[30:])
    world.predict([(f"late{i}", START + DAY + i * HOUR / 60, None, 1, 0.9, 900.0, "A") for i in range(30)])
    world.done(START + 5 * DAY + timedelta(hours=1))
    after = psi(world)
    assert {day: after[day] for day in (3, 4)} == {day: before[day] for day in (3, 4)}
    change = world.values("demographic_parity_difference_change", column="place")
    assert change[START + 4 * DAY] is not None
