"""The samples moved to the present: logs, databases and one monitor.yaml in a folder of their own."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from monitor.config import ModelConfig, load
from monitor.errors import UsageError
from monitor.service.demo import samples

WEEK = timedelta(weeks=1)
AHEAD = timedelta(days=1)
MARK = "made-by-monitor-demo.json"
DATABASE = "flights.db"
CLOCK = "clock-of-monitor-demo.json"
_DATE = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
DATE_OF_TIME = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)(?=[T ]\d\d:)")
TABLES = {"predictions": "prediction_id", "outcomes": "prediction_id"}


@dataclass(frozen=True)
class Place:
    """One sample in the demo's folder: by how many weeks it was moved."""

    name: str
    weeks: int

    @property
    def shift(self) -> timedelta:
        """How far its instants were moved."""
        return self.weeks * WEEK


def places(now: datetime) -> list[Place]:
    """Return the samples, each with the smallest number of weeks that puts its last prediction a day after ``now``."""
    return [Place(name, _weeks(name, now)) for name in samples.NAMES]


def prepare(folder: Path, wanted: list[Place]) -> bool:
    """Make room for the samples and write monitor.yaml; tell whether there is anything to build.

    A folder that holds the same already is left as it is.

    Raises
    ------
    UsageError
        The folder holds something else.
    """
    mark = folder / MARK
    if made(folder) == wanted:
        return False
    if folder.exists() and any(folder.iterdir()) and not mark.is_file() and not (folder / "monitor.yaml").is_file():
        raise UsageError(f"the folder {folder} is not empty", "name another with --folder, or remove it")
    if folder.exists():
        _clear(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "monitor.yaml").write_text(_document(wanted), encoding="utf-8")
    return True


def build(folder: Path, place: Place) -> int:
    """Write one sample's logs into the folder; return the number of predictions."""
    source = samples.folder() / place.name
    if place.name == "flights":
        return _database(source, folder / DATABASE, place.shift)
    target = folder / place.name
    target.mkdir(exist_ok=True)
    rows = 0
    for path in sorted(source.iterdir()):
        move = _MOVERS.get("".join(path.suffixes))
        if move is not None:
            found = move(path, target / path.name, place.shift)
            rows = rows if found is None else max(rows, found)
    return rows


def made(folder: Path) -> list[Place]:
    """Return what was built in a folder; nothing where no demo was."""
    mark = folder / MARK
    known: dict[str, int] = json.loads(mark.read_text(encoding="utf-8")) if mark.is_file() else {}
    return [Place(name, weeks) for name, weeks in known.items()]


def finish(folder: Path, built: list[Place]) -> None:
    """Note what was built, so that the next demo need not."""
    (folder / MARK).write_text(json.dumps({place.name: place.weeks for place in built}), encoding="utf-8")


def _clear(folder: Path) -> None:
    """Remove what an earlier demo made, and nothing else."""
    for name in samples.NAMES:
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in (MARK, CLOCK, "monitor.yaml", DATABASE, "monitor.db", "monitor.db-wal", "monitor.db-shm"):
        (folder / name).unlink(missing_ok=True)


@cache
def model(name: str) -> ModelConfig:
    """Return the model of a sample, its dates the sample's own."""
    return load(samples.folder() / name / "monitor.yaml", {}).models[0]


@cache
def ends(name: str) -> datetime:
    """Return the instant of a sample's last prediction, as it stands there: flights have no zone."""
    source = model(name).source
    file = samples.folder() / name / source.url.rpartition("/")[2]
    last: datetime = pc.max(pq.read_table(file, columns=[source.predictions.time]).column(0)).as_py()
    return last


def local(name: str, instant: datetime) -> datetime:
    """Return an instant as a sample writes it: flights by the clocks of New York, without a zone."""
    if ends(name).tzinfo is not None:
        return instant
    return instant.astimezone(ZoneInfo(model(name).source.timezone or "UTC")).replace(tzinfo=None)


def _weeks(name: str, now: datetime) -> int:
    behind: int = -((ends(name) - local(name, now) - AHEAD) // WEEK)
    return max(0, behind)


def _document(wanted: list[Place]) -> str:
    lines = ["# Five sample models, moved to the present by `monitor demo`.", "store: sqlite:///monitor.db", "models:"]
    for place in wanted:
        text = (samples.folder() / place.name / "monitor.yaml").read_text(encoding="utf-8")
        about = text.partition("\n")[0]
        block = moved(text.partition("\nmodels:\n")[2].rstrip(), place.shift, _DATE)
        lines += ["", f"  {about}", _flights(block) if place.name == "flights" else _inside(block, place.name)]
    return "\n".join(lines) + "\n"


def _inside(block: str, name: str) -> str:
    """Let a log be read from all its files: one of the sample, and one for each week that is added later."""
    return re.sub(r"\b(parquet|csv|jsonl):///(\w+)\.", rf"\1:///{name}/\2*.", block)


def _flights(block: str) -> str:
    """Let the flights be read from two tables of a database."""
    block = block.replace("url: parquet:///predictions.parquet", f"url: sqlite:///{DATABASE}")
    block = block.replace("      predictions:\n", "      predictions:\n        table: predictions\n")
    block = block.replace("the times in both files", "the times in both tables")
    return block.replace('url: "parquet:///outcomes.parquet"', "table: outcomes")


def _database(source: Path, target: Path, shift: timedelta) -> int:
    """Write the flights' two tables, times as local text without a zone as many logs have them."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        counts = [_table(connection, source, name, key, shift) for name, key in TABLES.items()]
        connection.execute("CREATE INDEX predictions_by_time ON predictions (predicted_at)")
        connection.commit()
    return counts[0]


def _table(connection: sqlite3.Connection, source: Path, name: str, key: str, shift: timedelta) -> int:
    rows = later(pq.read_table(source / f"{name}.parquet"), shift)
    columns = ", ".join(f'"{field.name}" {_affinity(field)}' for field in rows.schema)
    connection.execute(f"CREATE TABLE {name} ({columns}, PRIMARY KEY ({key}))")
    insert(connection, name, rows)
    return int(rows.num_rows)


def insert(connection: sqlite3.Connection, name: str, rows: pa.Table) -> None:
    """Add rows to one of the flights' tables."""
    marks = ", ".join("?" * rows.num_columns)
    for batch in rows.to_batches(50_000):
        values = zip(*(_plain(column) for column in batch.columns), strict=True)
        connection.executemany(f"INSERT INTO {name} VALUES ({marks})", values)  # noqa: S608 - names are ours


def _affinity(field: pa.Field) -> str:
    if pa.types.is_integer(field.type) or pa.types.is_boolean(field.type):
        return "INTEGER"
    return "REAL" if pa.types.is_floating(field.type) else "TEXT"


def _plain(column: pa.Array) -> list[object]:
    if pa.types.is_timestamp(column.type):
        column = pc.strftime(column.cast(pa.timestamp("s"), safe=False), "%Y-%m-%d %H:%M:%S")
    elif pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return list(column.to_pylist())


def later(rows: pa.Table, shift: timedelta) -> pa.Table:
    """Return a table with every instant in it moved."""
    for i, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type):
            found = pc.add(rows.column(i), pa.scalar(shift, pa.duration(field.type.unit)))
            rows = rows.set_column(i, field, found.cast(field.type))
    return rows


def _parquet(path: Path, target: Path, shift: timedelta) -> int:
    rows = later(pq.read_table(path), shift)
    pq.write_table(rows, target)
    return int(rows.num_rows)


def _packed(path: Path, target: Path, shift: timedelta) -> None:
    text = gzip.decompress(path.read_bytes()).decode("utf-8")
    target.write_bytes(gzip.compress(moved(text, shift, DATE_OF_TIME).encode("utf-8"), 3))


def moved(text: str, shift: timedelta, pattern: re.Pattern[str]) -> str:
    """Return the text with every date in it moved: by whole weeks nothing else of an instant changes."""
    known: dict[str, str] = {}

    def one(match: re.Match[str]) -> str:
        if match[0] not in known:
            known[match[0]] = (date(int(match[1]), int(match[2]), int(match[3])) + shift).isoformat()
        return known[match[0]]

    return pattern.sub(one, text)


_MOVERS: dict[str, Callable[[Path, Path, timedelta], int | None]] = {
    ".parquet": _parquet,
    ".csv.gz": _packed,
    ".jsonl.gz": _packed,
}
