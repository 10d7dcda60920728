"""The weeks after a sample's end: its last ones once more, so that a demo that goes on never runs out of rows.

Once its log has ended a sample is told again from some weeks before its end, lap by lap, each row under a number of its
own. A lap begins before planted faults do: those of the end are seen to pass, others to begin.
"""

from __future__ import annotations

import gzip
import re
import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from monitor.service.demo import logs, samples
from monitor.service.demo.logs import DATABASE, WEEK, Place
from monitor.service.demo.samples import Fault

LAPS = {"flights": 52, "fraud": 7, "diagnosis": 5, "house-prices": 6, "recommendation": 4}  # weeks of each
APART = 10_000_000  # between the number of a row and that of the same row a lap later
_NUMBERS = ("prediction_id", "payment_id", "case_id", "valuation_id", "row_id", "request_id")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Week:
    """A week after a sample's end, counted from 0: rows of ``(since, until]``, for the ``lap``-th time again."""

    number: int
    lap: int
    since: datetime
    until: datetime


def week(name: str, ends: datetime, number: int) -> Week:
    """Return a week after the end of a sample, the instant of its last prediction.

    Examples
    --------
    >>> found = week("recommendation", datetime(2025, 6, 16), 5)
    >>> found.lap, str(found.since.date()), str(found.until.date())
    (2, '2025-05-26', '2025-06-02')
    """
    laps, place = divmod(number, LAPS[name])
    since = ends - (LAPS[name] - place) * WEEK
    return Week(number, laps + 1, since, since + WEEK)


def due(place: Place, until: datetime) -> list[Week]:
    """Return the weeks that a sample's log needs to reach an instant, the oldest first."""
    ends = logs.ends(place.name)
    wanted = -((ends + place.shift - logs.local(place.name, until)) // WEEK)
    return [week(place.name, ends, number) for number in range(wanted)]


def extend(folder: Path, place: Place, until: datetime) -> int:
    """Write what a log lacks to reach an instant, by whole weeks; return how many."""
    missing = list(takewhile(lambda one: not _there(folder, place, one), reversed(due(place, until))))
    for one in reversed(missing):
        _write(folder, place, one)
    return len(missing)


def planted(place: Place, until: datetime) -> list[Fault]:
    """Return what was planted in a sample, in each of its laps too that has begun at an instant."""
    faults = samples.faults(place.name, place.shift)
    found, lasts = list(faults), LAPS[place.name] * WEEK
    begins, shift = logs.ends(place.name).replace(tzinfo=UTC) + place.shift, lasts
    while begins < until:
        again = [replace(one, begins=max(begins, one.begins + shift), ends=one.ends + shift) for one in faults]
        found += [one for one in again if one.begins < one.ends]
        begins, shift = begins + lasts, shift + lasts
    return found


def _there(folder: Path, place: Place, one: Week) -> bool:
    if place.name != "flights":
        return _file(folder, place, _names(place.name)[0], one).exists()
    since = one.since + place.shift + one.lap * LAPS[place.name] * WEEK
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        found = connection.execute("SELECT 1 FROM predictions WHERE predicted_at > ? LIMIT 1", (f"{since:%F %T}",))
        return found.fetchone() is not None


def _names(name: str) -> tuple[str, str]:
    """Return the names of a sample's two files: predictions, ground truth."""
    source = logs.model(name).source
    truth = source.ground_truth
    return Path(source.url).name, Path((truth and truth.url) or "").name


def _file(folder: Path, place: Place, name: str, one: Week) -> Path:
    stem, _, ending = name.partition(".")
    return folder / place.name / f"{stem}-{one.number:04}.{ending}"


def _write(folder: Path, place: Place, one: Week) -> None:
    """Write a week, its predictions last: by them it is known to be there."""
    home, source = samples.folder() / place.name, logs.model(place.name).source
    shift = place.shift + one.lap * LAPS[place.name] * WEEK
    rows, truth = _names(place.name)
    table = pq.read_table(home / rows)
    clock = table.column(source.predictions.time)
    ends = [pa.scalar(at, clock.type) for at in (one.since, one.until)]
    table = table.filter(pc.and_(pc.greater(clock, ends[0]), pc.less_equal(clock, ends[1])))
    key = str(source.predictions.query or source.predictions.id)
    keys = table.column(key)
    ahead = logs.later(_renumbered(table, one.lap), shift)
    if not truth.endswith(".parquet"):
        text = gzip.decompress((home / truth).read_bytes()).decode("utf-8")
        text = logs.moved(_lines(text, set(keys.to_pylist()), one.lap), shift, logs.DATE_OF_TIME)
        _put(_file(folder, place, truth, one), gzip.compress(text.encode("utf-8"), 3))
    else:
        told = pq.read_table(home / truth)
        told = told.filter(pc.is_in(told.column(key), keys.combine_chunks()))
        told = logs.later(_renumbered(told, one.lap), shift)
        if place.name == "flights":
            _insert(folder / DATABASE, ahead, told)
            return
        _put(_file(folder, place, truth, one), _parquet(told))
    _put(_file(folder, place, rows, one), _parquet(ahead))


def _renumbered(table: pa.Table, lap: int) -> pa.Table:
    for name in set(_NUMBERS) & set(table.column_names):
        place, field = table.column_names.index(name), table.schema.field(name)
        table = table.set_column(place, field, pc.add(table.column(name), pa.scalar(lap * APART, field.type)))
    return table


def _lines(text: str, keys: Collection[int], lap: int) -> str:
    """Return the lines of which the first number is one of these, that number the lap's; and lines without any."""
    found = []
    for line in text.splitlines(keepends=True):
        number = _NUMBER.search(line)
        if number is None:
            found.append(line)
        elif int(number[0]) in keys:
            found.append(f"{line[: number.start()]}{int(number[0]) + lap * APART}{line[number.end() :]}")
    return "".join(found)


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return bytes(sink.getvalue())


def _put(path: Path, content: bytes) -> None:
    """Let a file appear whole: somebody may be reading the log."""
    half = path.with_name(f".{path.name}")
    half.write_bytes(content)
    half.replace(path)


def _insert(database: Path, rows: pa.Table, truth: pa.Table) -> None:
    with closing(sqlite3.connect(database)) as connection:
        logs.insert(connection, "outcomes", truth)
        logs.insert(connection, "predictions", rows)
        connection.commit()
