"""A demo that goes on: which rows its clock brings, what stands in its logs, and what a step does."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from monitor.config import load
from monitor.service.backend import present
from monitor.service.demo import logs, samples, weeks
from monitor.service.demo.logs import WEEK, Place
from monitor.service.demo.trickle import HOUR, LONGEST, Clock, Trickle, after, closing
from monitor.service.opening import opened
from monitor.service.read import Selection, read
from tests.living import NAME, built

NOW = datetime(2026, 5, 13, 14, 30, tzinfo=UTC)
DAY = timedelta(days=1)
PLACES = {place.name: place for place in logs.places(NOW)}


@pytest.mark.parametrize("name", samples.NAMES)
def test_a_log_that_has_not_ended_needs_nothing(name: str) -> None:
    """A sample reaches a day beyond the demo's beginning by itself; after its end it needs a week for each week."""
    slack = timedelta(hours=5)  # flights end by the clocks of New York
    end = logs.ends(name).replace(tzinfo=UTC) + PLACES[name].shift + slack
    assert weeks.due(PLACES[name], NOW + DAY - slack) == []
    assert [len(weeks.due(PLACES[name], end + n * WEEK + DAY)) for n in range(3)] == [1, 2, 3]


@pytest.mark.parametrize("name", samples.NAMES)
def test_weeks_follow_one_another(name: str) -> None:
    """Each week begins where the one before ends, within the sample, and lap follows lap."""
    found = weeks.due(PLACES[name], NOW + 120 * WEEK)
    ends = logs.ends(name)
    assert [one.number for one in found] == list(range(len(found)))
    assert found[0].since == ends - weeks.LAPS[name] * WEEK
    for one, following in pairwise(found):
        begins = one.until if one.until != ends else ends - weeks.LAPS[name] * WEEK
        assert following.since == begins
        assert following.lap - one.lap == (one.until == ends)


@pytest.mark.parametrize("name", ["diagnosis", "house-prices", "recommendation", "fraud"])
def test_a_week_is_written_once_and_whole(name: str, tmp_path: Path) -> None:
    """The rows of a week after the end follow the log's last, under numbers of their own, with their ground truth."""
    place, until = PLACES[name], logs.ends(name) + PLACES[name].shift + DAY
    (tmp_path / name).mkdir()
    assert weeks.extend(tmp_path, place, until) == 1
    assert weeks.extend(tmp_path, place, until) == 0
    source = logs.model(name).source
    rows = pq.read_table(tmp_path / name / f"{Path(source.url).stem}-0000.parquet")
    times = rows.column(source.predictions.time).to_pylist()
    assert all(until - DAY < time <= until - DAY + WEEK for time in times)
    key = str(source.predictions.query or source.predictions.id)
    numbers = set(rows.column(key).to_pylist())
    assert min(numbers) > weeks.APART
    [truth] = (path for path in (tmp_path / name).iterdir() if not path.name.startswith(Path(source.url).stem))
    known = _numbers(truth, key)
    assert known
    assert known <= numbers


def _numbers(truth: Path, key: str) -> set[int]:
    if truth.suffix == ".parquet":
        return set(pq.read_table(truth).column(key).to_pylist())
    lines = gzip.decompress(truth.read_bytes()).decode().splitlines()
    return {int(found[0]) for line in lines if (found := weeks._NUMBER.search(line))}


def test_faults_are_planted_again_in_every_lap() -> None:
    """The lap after the end brings the faults of its weeks, cut where the lap begins."""
    place = PLACES["fraud"]
    end = logs.ends("fraud") + place.shift
    names = [fault.name for fault in samples.faults("fraud")]
    assert [fault.name for fault in weeks.planted(place, end - DAY)] == names
    again = weeks.planted(place, end + DAY)[len(names) :]
    assert [fault.name for fault in again] == names
    assert all(end <= fault.begins < fault.ends <= end + 7 * WEEK + DAY for fault in again)


def test_the_clock_goes_by_whole_hours_and_never_before_the_real_one(tmp_path: Path) -> None:
    """A folder without a clock has the present; one with an old clock too; one that runs ahead keeps ahead."""
    clock = Clock(tmp_path)
    assert not clock.goes
    assert abs(clock.now() - present()) < timedelta(minutes=5)
    clock.start(NOW - 1000 * DAY)
    assert clock.now() >= present() - timedelta(minutes=5)
    ahead = present() + 10 * DAY
    clock.set(ahead)
    clock.start(NOW)
    assert clock.now() == ahead
    assert after(NOW) == NOW.replace(hour=15, minute=0)
    assert after(after(NOW)) - after(NOW) == HOUR


def test_windows_close_by_each_models_own_zone() -> None:
    """UTC days are due at one o'clock; those of New York some hours later."""
    models = [logs.model("recommendation"), logs.model("flights")]
    night = NOW.replace(hour=0, minute=0)
    assert closing(models, night, night + HOUR) == models[:1]
    assert closing(models, night + 4 * HOUR, night + 5 * HOUR) == models[1:]
    assert closing(models, night + 5 * HOUR, night + DAY) == []


def test_a_day_that_passes_is_measured(tmp_path: Path) -> None:
    """Steps close a window whose rows are there, also beyond the sample's end; a folder begun again goes on."""
    place = built(tmp_path / "demo")
    config = load(tmp_path / "demo" / "monitor.yaml", {})
    with opened(config, writing=True) as store:
        Clock(tmp_path / "demo").set(logs.ends(NAME) + place.shift + DAY)
        trickle = Trickle(config, store)
        for _ in range(49):
            trickle.step()
        counts = list(read(config, store, Selection(models=(NAME,), metric="row_count")))
        assert trickle.clock.now() > logs.ends(NAME) + place.shift + 3 * DAY
        assert len({one.window_start for one in counts}) == len(counts)
        assert max(one.window_end for one in counts) > logs.ends(NAME) + place.shift + 2 * DAY
        assert all((one.value or 0) > 1000 for one in counts)
        trickle.clock.set(present() + LONGEST + DAY)
        trickle.step()
        assert trickle.clock.now() < present() + LONGEST + 2 * DAY
    assert logs.made(tmp_path / "demo") == [Place(NAME, place.weeks)]
    assert not trickle.behind
