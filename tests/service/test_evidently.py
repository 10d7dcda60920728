"""Evidently's metrics of a window, on samples read from the log."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.config import load
from monitor.domain.window import Window
from monitor.service.job import open_job
from monitor.service.opening import opened
from monitor.service.reference.reference import resolve
from monitor.service.reports.evidently import findings
from tests.service.conftest import DAY, START, World, rows_of, truth_of

FORMS = {
    "period": {"start": "2024-03-01", "end": "2024-03-04"},
    "trailing": {"last": "2d", "lag": "1d"},
    "learned": None,
}


@pytest.mark.parametrize("form", FORMS)
def test_metrics_of_a_window_are_the_same_twice(world: World, form: str) -> None:
    """Every form of reference gives the sample to compare with, and the same one again; before it, learning."""
    world.model["evidently"] = {"metrics": ["RowCount", {"ValueDrift": {"column": "amount"}}, "NoSuch"], "rows": 40}
    world.model["exclude"] = [{"start": "2024-03-02", "end": "2024-03-03"}]
    world.model.pop("reference")
    if FORMS[form]:
        world.model["reference"] = FORMS[form]
    rows = rows_of(16) + rows_of(2, first=START + 16 * DAY, shift=500)
    world.predict(rows)
    world.label(truth_of(rows))
    now = START + 18 * DAY
    world.done(now)
    config = load(world.folder / "monitor.yaml")
    with opened(config) as store:
        job = open_job(config.models[0], config, store, now, lambda *_: None)
        assert job is not None
        reference = resolve(job)
        last = Window(START + 17 * DAY, now)
        once, again = ({f.metric: (f.column, f.estimate) for f in findings(job, reference, last)} for _ in range(2))
        early = list(findings(job, reference, Window(START, START + DAY)))
        job.source.close()
    assert once == again
    assert once["evidently.RowCount"][1].value == 40
    assert once["evidently.ValueDrift"][0] == "amount"
    assert once["evidently.ValueDrift"][1].value == pytest.approx(0.0, abs=1e-6)
    assert once["evidently.NoSuch"][1].reason == "Evidently failed: LookupError: evidently.metrics has no NoSuch"
    assert all(f.estimate.reason == "learning" for f in early) == (form == "trailing")


def test_no_metrics_asked_for_read_nothing(world: World) -> None:
    """Without ``evidently:`` there is nothing to find."""
    world.predict(rows_of(4))
    world.done(START + 4 * DAY)
    config = load(world.folder / "monitor.yaml")
    with opened(config) as store:
        job = open_job(config.models[0], config, store, datetime(2024, 3, 9, tzinfo=UTC), lambda *_: None)
        assert job is not None
        assert list(findings(job, resolve(job), Window(START, START + DAY))) == []
        job.source.close()


def test_a_run_stores_them_beside_ours(world: World) -> None:
    """``evidently:`` metrics are measured with every window and read back like any other."""
    world.model["evidently"] = {"metrics": ["RowCount"], "rows": 40}
    world.predict(rows_of(5))
    world.done(START + 5 * DAY)
    stored = [m for m in world.found(metric="evidently.RowCount") if m.version is None]
    assert {m.value for m in stored} == {40.0}
    assert len(stored) == 5
