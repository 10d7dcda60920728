"""A trailing reference and seasons: a log whose days look alike, and whose hours do not, alarms nobody."""

from __future__ import annotations

from datetime import UTC, datetime
from math import pi, sin

import numpy as np
import pytest

from monitor.domain.verdict import Verdict
from monitor.domain.window import Window
from monitor.rules.life import Life
from monitor.rules.season import ALL, DAY, WEEK
from monitor.service.job import open_job
from monitor.service.reference.reference import earliest, trail
from monitor.store import incidents, verdicts
from tests.service.conftest import DAY as A_DAY
from tests.service.conftest import HOUR, START, World, rows_of
from tests.service.test_promote import desk

PER_WINDOW, HOURS = 120, 3
DRIFT = "drift_effect above 0.05"


def logged(world: World, days: int, *, weekly: float = 0.0, shifted: float = 0.0, seed: int = 7) -> World:
    """Log days of one rhythm: numbers and categories that follow the hour; the last two ``shifted``, in sd."""
    random, rows = np.random.default_rng(seed), []
    for window in range(days * 24 // HOURS):
        begins = START + window * HOURS * HOUR
        rhythm = 0.7 * sin(2 * pi * window * HOURS / 24) + weekly * (begins.weekday() >= 5)
        amounts = random.normal(rhythm + shifted * (window * HOURS >= (days - 2) * 24), 1, PER_WINDOW)
        places = random.choice(list("ABC"), PER_WINDOW, p=[0.4 + 0.15 * rhythm, 0.3, 0.3 - 0.15 * rhythm])
        for i in range(PER_WINDOW):
            at, score = begins + i * HOURS * HOUR / PER_WINDOW, float(random.random())
            rows.append((f"p{at:%m%d%H%M%S}", at, "v", int(score > 0.5), score, float(amounts[i]), str(places[i])))
    world.predict(rows)
    world.model |= {"window": f"{HOURS}h", "ground_truth_horizon": "1d"}
    return world


def told(world: World) -> list[Verdict]:
    """Return what was said of drift, of every window that was judged."""
    found = world.read(lambda conn: [v for each in verdicts.load(conn, 1) for v in each])
    return [v for v in found if v.rule == DRIFT and v.state != "none"]


def opened_incidents(world: World) -> int:
    """Count the incidents that there ever were."""
    return len(list(world.read(lambda conn: incidents.every(conn, resolved=True))))


def test_a_rhythm_of_the_day_alarms_nobody(world: World) -> None:
    """Four days of a daily cycle beside the week that trails them: each hour is compared with its like."""
    world.model["reference"] = {"last": "7d", "lag": "1d"}
    logged(world, 12).done(START + 12 * A_DAY)
    said = told(world)
    assert len(said) > 100
    assert not [v for v in said if v.state == "breach"]
    assert opened_incidents(world) == 0


def test_it_does_when_hours_are_compared_with_all_of_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same days turn the test red when the season is left out."""
    monkeypatch.setattr(Life, "beside", lambda _self, _windows, whole: (ALL, whole))
    world.model["reference"] = {"last": "7d", "lag": "1d"}
    logged(world, 12).done(START + 12 * A_DAY)
    assert len([v for v in told(world) if v.state == "breach"]) > 20


def test_a_shift_beyond_the_rhythm_is_found(world: World) -> None:
    """What moves by three quarters of a standard deviation is found beside its like, and says what it was beside."""
    world.model["reference"] = {"last": "7d", "lag": "1d"}
    logged(world, 11, shifted=0.75).done(START + 11 * A_DAY)
    breaches = [v for v in told(world) if v.state == "breach"]
    assert {v.labels["column"] for v in breaches} == {"amount"}
    assert {v.evidence.season for v in breaches if v.evidence} == {DAY}
    assert min(v.window.start for v in breaches) <= START + 9 * A_DAY + 2 * HOURS * HOUR


def test_what_trails_a_day_has_whole_days(world: World) -> None:
    """It is counted by the calendar, the same for all windows of a day, across a change of clocks, and no sooner."""
    world.model |= {"window": "1h", "window_timezone": "America/New_York", "reference": {"last": "7d", "lag": "1d"}}
    world.predict(rows_of(13))
    world.done(START + A_DAY)
    with desk(world) as (config, store):
        job = open_job(config.models[0], config, store, START + 13 * A_DAY, lambda *_: None)
        assert job is not None
        for hour in (0, 7, 22):
            begins = datetime(2024, 3, 12, 4, tzinfo=UTC) + hour * HOUR
            found = trail(job, begins)  # clocks moved on the 10th
            assert found == Window(datetime(2024, 3, 4, 5, tzinfo=UTC), datetime(2024, 3, 11, 4, tzinfo=UTC))
            assert earliest(job, begins) <= found.start
        assert trail(job, START) is None
        early = trail(job, START + 3 * A_DAY)
        assert early is not None
        assert early.start == job.grid_start
        job.source.close()


def test_four_weeks_tell_the_hours_of_the_week(world: World) -> None:
    """With 28 days every hour of the week trails four times: weekends are compared with weekends."""
    world.model["reference"] = {"last": "28d", "lag": "1d"}
    logged(world, 33, weekly=0.8).done(START + 33 * A_DAY)  # the last four days: Saturday to Tuesday
    said = told(world)
    assert len(said) > 100
    assert not [v for v in said if v.state == "breach"]
    assert {v.evidence.season for v in said if v.evidence and v.evidence.season} <= {WEEK}
