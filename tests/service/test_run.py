"""A run measures every due window once, and another run over the same rows changes nothing."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from monitor.service.record import record
from tests.service.conftest import DAY, START, World, rows_of, truth_of


def fill(world: World, days: float = 5) -> None:
    rows = rows_of(days)
    world.predict(rows)
    world.label(truth_of(rows))


def keys(found: Any) -> Counter[str]:
    names = ("model", "version", "window_start", "window_end", "revision", "metric", "column", "group")
    return Counter(repr([record(m)[name] for name in names]) for m in found)


def test_every_due_window_is_measured_once(world: World) -> None:
    """The first run stores all windows up to the clock as revision 0; the second nothing."""
    fill(world)
    first = world.done(START + 6 * DAY)
    found = world.found(all_revisions=True)
    assert (first.windows, first.revised, len(first.run_ids)) == (6, 0, 6)
    assert [run.window.start for run in world.ledger()] == [START + i * DAY for i in range(6)]
    second = world.done(START + 6 * DAY)
    assert (second.windows, second.revised, second.run_ids) == (0, 0, [])
    assert world.found(all_revisions=True) == found


def test_no_measurement_comes_twice(world: World) -> None:
    """Results are unique by model, version, window, revision, metric, column and group."""
    world.model["source"]["predictions"]["version"] = "version"
    world.model |= {"groups": ["place", ["place", "version"]], "segments": ["place"]}
    fill(world, 4)
    world.done(START + 4 * DAY)
    found = keys(world.found(all_revisions=True))
    assert len(found) > 1000
    assert not [key for key, n in found.items() if n > 1]


def test_windows_of_the_reference_are_measured_and_marked(world: World) -> None:
    """Windows that overlap the reference carry ``in_reference``, the later ones do not."""
    fill(world)
    world.done(START + 5 * DAY)
    marked = {m.window_start: m.in_reference for m in world.found(metric="row_count")}
    assert list(marked.values()) == [True, True, True, False, False]


def test_an_empty_window_has_rows_zero_and_reasons(world: World) -> None:
    """Without rows ``row_count`` is 0, and every other metric is null and says why."""
    fill(world, 4)
    world.done(START + 6 * DAY)
    found = world.found(start=START + 5 * DAY)
    values = {(m.metric, m.column): m for m in found}
    assert values.pop(("row_count", None)).value == 0
    assert values
    assert {key: m.value for key, m in values.items() if m.value is not None or not m.reason} == {}


def test_only_what_the_clock_allows_is_due(world: World) -> None:
    """A window is due when its end plus the delay is past."""
    world.model["delay"] = "2h"
    fill(world)
    assert world.done(START + 4 * DAY + timedelta(hours=1)).windows == 3
    assert world.done(START + 4 * DAY + timedelta(hours=2)).windows == 1


def test_without_a_clock_windows_end_soon_after_the_last_row(world: World) -> None:
    """Old data do not yield years of empty windows."""
    world.model["catchup_window"] = "2d"
    fill(world, 4)
    world.done(None)
    assert [run.outcome.rows for run in world.ledger()] == [48, 48, 48, 48, 0]


def test_an_empty_log_is_no_fault(world: World) -> None:
    """A log without rows is a remark."""
    done = world.done(START)
    assert done.remarks == ["the log has no rows yet"]


def test_values_do_not_depend_on_how_often_one_runs(world: World, tmp_path_factory: Any) -> None:
    """Running day by day gives the same measurements as running once."""
    fill(world)
    for day in range(3, 7):
        world.done(START + day * DAY)
    often = world.found()
    once = World(tmp_path_factory.mktemp("once"), world.model)
    once.folder.joinpath("logs.db").write_bytes(world.path.read_bytes())
    once.done(START + 6 * DAY)
    assert once.found() == often


def test_an_unforeseen_failure_shows_no_password(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a driver raises becomes the model's error, its password hidden, and the run goes on."""
    world.predict(rows_of(2))
    world.model["source"]["url"] = "postgresql://me:s3cr3t-word@127.0.0.1:1/logs"

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("could not open postgresql://me:s3cr3t-word@127.0.0.1:1/logs with s3cr3t-word")

    monkeypatch.setattr("monitor.service.job.open_source", broken)
    error = str(world.run(START + 2 * DAY)[0].error)
    assert "RuntimeError" in error
    assert "s3cr3t" not in error
