"""One log, written as Parquet, and what two readers make of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from monitor.config import Config, load
from monitor.profile.build import Builder
from monitor.profile.layout import Layout
from monitor.profile.partial import Counts
from monitor.service.modelling import model_of, raw_columns
from monitor.source import Source, open_source
from monitor.source.bounds import microseconds
from monitor.source.counting import count
from monitor.source.fingerprints import fingerprints

START = datetime(2024, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

YAML = """
store: sqlite:///monitor.db
models:
  - name: m
    task: binary
    source:
      url: {url}
      predictions: {{{table} id: id, time: at, version: version, prediction: guess, score: score}}
      ground_truth: {{{truth} id: id, time: known_at, target: target}}
    features: {{numeric: [amount, "od d`; --"], categorical: [name]}}
    groups: [name]
    segments: [name]
    reference: {{start: 2024-03-01, end: 2024-03-02}}
    window: 1h
"""


def write(folder: Path, rows: int = 6_000) -> None:
    """Write predictions of three days in four files, with gaps in every type, and ground truth that was corrected."""
    rng = np.random.default_rng(7)
    amount = rng.lognormal(0, 2, rows)
    amount[::50] = np.nan
    names = np.array(["NA", "a'b", 'q"x;,', "ü\n2", None], dtype=object)[rng.integers(0, 5, rows)]
    score = rng.random(rows)
    at = [START + timedelta(seconds=int(s)) for s in np.sort(rng.integers(0, 3 * 86_400, rows))]
    table = pa.table({
        "id": [f"id-{i}" for i in range(rows)], "at": pa.array(at, pa.timestamp("us", "UTC")), "amount": amount,
        "name": pa.array(names.tolist(), pa.string()), "od d`; --": rng.integers(0, 40, rows), "score": score,
        "guess": (score > 0.5).astype(int), "version": rng.choice(["v1", "v2"], rows),
    })  # fmt: skip
    (folder / "rows").mkdir()
    for part in range(4):
        pq.write_table(table.take(np.arange(part, rows, 4)), folder / "rows" / f"part-{part}.parquet")
    labelled = np.flatnonzero(rng.random(rows) < 0.8)
    target, again = (rng.random(len(labelled)) < score[labelled]).astype(int), rng.random(len(labelled)) < 0.1
    known = [at[i] + 2 * HOUR for i in labelled]
    first = {"id": [f"id-{i}" for i in labelled], "known_at": known, "target": target}
    later = [i for i, twice in enumerate(again) if twice]
    corrected = {
        "id": [first["id"][i] for i in later], "known_at": [known[i] + HOUR for i in later],
        "target": [1 - int(target[i]) for i in later],
    }  # fmt: skip
    (folder / "truth").mkdir()
    for part, rows_of in enumerate((corrected, first)):
        columns = {**rows_of, "known_at": pa.array(rows_of["known_at"], pa.timestamp("us", "UTC"))}
        pq.write_table(pa.table(columns), folder / "truth" / f"part-{part}.parquet")


@dataclass(frozen=True)
class Reader:
    """The log as one kind of source reads it."""

    config: Config
    source: Source

    def model(self) -> Any:
        """Return the model as the counting rooms see it."""
        return model_of(self.config.models[0], self.source.schema())


def reader(folder: Path, url: str | None = None) -> Reader:
    """Open the log as files, or by Spark where a URL is given."""
    if url is None:
        text = YAML.format(url="parquet:///rows/*.parquet", table="", truth='url: "parquet:///truth/*.parquet",')
    else:
        text = YAML.format(url=f'"{url}"', table='table: "parquet:rows",', truth='table: "parquet:truth",')
    path = folder / ("files.yaml" if url is None else "spark.yaml")
    path.write_text(text, encoding="utf-8")
    config = load(path)
    [model] = config.models
    bare = open_source(model.source, folder=folder, task=model.task)
    columns = raw_columns(model_of(model, bare.schema()))
    bare.close()
    return Reader(config, open_source(model.source, columns=columns, folder=folder, task=model.task))


def counted(read: Reader, layout: Layout, bounds: list[datetime]) -> Counts:
    """Count the log by whichever way its source takes."""
    if read.source.works:
        return count(read.source, bounds, layout)
    builder = Builder(layout, np.array([microseconds(b) for b in bounds], np.int64))
    for batch in read.source.scan(bounds[0], bounds[-1]):
        builder.add(batch)
    return Counts(builder.finish(), fingerprints(read.source, bounds))
