"""The demo: samples moved to the present, and planted faults found in what is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from monitor.config import Config, load
from monitor.errors import UsageError
from monitor.service.demo import logs, samples
from monitor.service.demo.findings import finding
from monitor.service.demo.incidents import caught, incidents
from monitor.service.demo.logs import MARK, Place, build, finish, places, prepare
from monitor.service.opening import opened
from monitor.service.read import Selection, read
from monitor.service.run import run

NOW = datetime(2026, 5, 13, 14, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize("now", [NOW, NOW + timedelta(days=3, hours=7), NOW.replace(hour=0)])
def test_the_last_row_is_a_day_ahead(now: datetime) -> None:
    """Each sample moves by the smallest number of weeks that puts its last prediction at least a day after now."""
    for place in places(now):
        source = load(samples.folder() / place.name / "monitor.yaml", {}).models[0].source
        file = samples.folder() / place.name / source.url.rpartition("/")[2]
        last = max(pq.read_table(file, columns=[source.predictions.time]).column(0).to_pylist())
        ahead = last.replace(tzinfo=UTC) + place.shift - now
        slack = timedelta(hours=5) if place.name == "flights" else timedelta(0)  # its times are New York's
        assert DAY - slack <= ahead < DAY + timedelta(weeks=1)


def test_faults_have_begun() -> None:
    """Moved to the present, every planted fault has begun two days ago at least."""
    moved = [fault for place in places(NOW) for fault in samples.faults(place.name, place.shift)]
    assert len(moved) == 11
    assert all(fault.begins < NOW - 2 * DAY for fault in moved)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """Nothing is written into, or removed from, a folder that holds other things."""
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        prepare(tmp_path, places(NOW))
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_the_same_demo_is_not_built_twice(tmp_path: Path) -> None:
    """A second demo in the same week uses what is there; a later one begins afresh and keeps what is not its own."""
    home = tmp_path / ".demo"
    assert prepare(home, places(NOW))
    finish(home, places(NOW))
    assert not prepare(home, places(NOW))
    (home / "notes.txt").write_text("mine")
    assert prepare(home, places(NOW + timedelta(weeks=1)))
    assert (home / "notes.txt").exists()
    assert not (home / MARK).exists()


Watched = Callable[[str], tuple[Config, Place, str]]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """Give a function that builds and runs a sample's model as the demo does; once each, to be read only."""
    return cache(lambda name: _watched(tmp_path_factory.mktemp(name), name))


def _watched(folder: Path, name: str) -> tuple[Config, Place, str]:
    wanted = places(NOW)
    place = next(place for place in wanted if place.name == name)
    prepare(folder / "demo", wanted)
    build(folder / "demo", place)
    config = load(folder / "demo" / "monitor.yaml", {})
    model = config.models[samples.NAMES.index(name)].name
    with opened(config, writing=True) as store:
        [done] = run(config, store, names=[model], now=NOW)
        assert done.error is None
    return config, place, model


def test_one_sample_from_its_files_to_its_faults(watched: Watched) -> None:
    """The recommender is moved, run, and shows its four faults; what is later than now is not measured."""
    config, place, model = watched("recommendation")
    faults = samples.faults(place.name, place.shift)
    with opened(config) as store:
        found = [finding(config, store, model, fault) for fault in faults]
        newest = max(one.window_end for one in read(config, store, Selection(models=(model,), metric="row_count")))
    assert all(one.shows for one in found)
    assert all(one.since and timedelta(0) <= one.since - one.fault.begins < 3 * DAY for one in found)
    assert newest == NOW.replace(hour=0, minute=0)


@pytest.mark.parametrize("name", ["recommendation", "house-prices", "diagnosis", "fraud"])
def test_every_planted_fault_has_its_incident(watched: Watched, name: str) -> None:
    """Each fault has a member of an incident that tells of it; where nothing is planted none opens, and none joins."""
    config, place, model = watched(name)
    faults = samples.faults(place.name, place.shift)
    with opened(config) as store:
        told, found = caught(store, model, faults), incidents(store, model, faults)
    assert [one.fault.name for one in told if one.incident is None] == []
    assert all(one.at and one.at > one.fault.begins for one in told)
    assert {one.incident for one in told} == {one.id for one in found}
    assert not any(one.stray for one in found)


def test_every_model_of_the_demo_is_read_as_its_sample(tmp_path: Path) -> None:
    """The demo's monitor.yaml differs from the samples' in places and dates only."""
    wanted = places(NOW)
    prepare(tmp_path / "demo", wanted)
    made = load(tmp_path / "demo" / "monitor.yaml", {})
    for place, model in zip(wanted, made.models, strict=True):
        [known] = load(samples.folder() / place.name / "monitor.yaml", {}).models
        assert model.reference is not None
        assert known.reference is not None
        assert model.reference.start is not None
        assert known.reference.start is not None
        assert abs(model.reference.start - known.reference.start - place.shift) <= timedelta(hours=1)
        assert model.model_copy(update={"source": known.source, "reference": None, "exclude": ()}) == known.model_copy(
            update={"reference": None, "exclude": ()}
        )


def test_dates_move_by_weeks() -> None:
    """Only dates change in text, also over leap days."""
    text = '{"id": "2024-02-28", "at": "2024-02-28T23:59:59Z"}'
    moved = logs.moved(text, timedelta(weeks=1), logs.DATE_OF_TIME)
    assert moved == '{"id": "2024-02-28", "at": "2024-03-06T23:59:59Z"}'
