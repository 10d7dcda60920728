"""The same rows give the same content, whichever kind of file holds them."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor.config.source import SourceConfig
from monitor.source import Request, open_relation, open_source

START = datetime(2024, 3, 1, tzinfo=UTC)
KINDS = ["parquet", "csv", "csv.gz", "tsv", "jsonl", "jsonl.gz", "duckdb"]


def frame(rows: int = 400) -> pd.DataFrame:
    """Make predictions every quarter of an hour, with gaps in every type."""
    rng = np.random.default_rng(7)
    score = rng.random(rows)
    score[::9] = np.nan
    return pd.DataFrame(
        {
            "id": np.arange(rows),
            "big": 2**53 + 1 + np.arange(rows),
            "at": [START + timedelta(minutes=15) * i for i in range(rows)],
            "score": score,
            "flag": rng.random(rows) > 0.5,
            "name": [None if i % 5 == 0 else ["NA", "a'b", 'q"x;,', "ü\n2", "null"][i % 5] for i in range(rows)],
            'od"d; DROP --': rng.integers(0, 9, rows),
        }
    )


def write(data: pd.DataFrame, folder: Path, kind: str, name: str = "rows") -> str:
    """Write a frame as one kind of file; return its URL, relative to the folder."""
    path = folder / f"{name}.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pandas(data), path, row_group_size=50)
    elif kind == "duckdb":
        with duckdb.connect(str(path)) as connection:
            connection.register("data", pa.Table.from_pandas(data))
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM data")
    elif kind.startswith("json"):
        lines = [json.dumps(clean(row)) for row in data.to_dict("records")]
        text = "\n".join(lines).encode()
        path.write_bytes(gzip.compress(text) if kind.endswith("gz") else text)
    else:
        data.to_csv(path, index=False, sep="\t" if kind == "tsv" else ",")
    return f"{'csv' if kind == 'tsv' else kind.split('.', maxsplit=1)[0]}:///{path.name}"


def clean(row: dict[Any, Any]) -> dict[str, Any]:
    """Write a row as JSON knows values."""
    return {
        str(key): value.isoformat() if isinstance(value, datetime) else None if pd.isna(value) else value
        for key, value in row.items()
    }


def opened(url: str, folder: Path) -> Any:
    """Open the relation that `write` wrote."""
    return open_relation(url, table="rows" if url.startswith("duckdb") else None, folder=folder)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_the_same_rows(kind: str, tmp_path: Path) -> None:
    """Values, missing ones and types of a column are those that were written."""
    data = frame()
    relation = opened(write(data, tmp_path, kind), tmp_path)
    names = tuple(name for name in data.columns if name != "at")
    found = pa.Table.from_batches(relation.read(Request(names)))
    relation.close()
    expected = pa.Table.from_pandas(data[list(names)], preserve_index=False)
    expected = expected.set_column(4, "name", expected["name"].cast(pa.string()))
    assert found.to_pydict() == expected.to_pydict()
    assert found.schema.types == expected.schema.types


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_the_same_window(kind: str, tmp_path: Path) -> None:
    """A window holds the rows from its start up to, not including, its end; the extent is the log's."""
    url = write(frame(), tmp_path, kind)
    table = {"table": "rows"} if kind == "duckdb" else {}
    block = {"url": url, "predictions": {**table, "id": "id", "time": "at", "score": "score"}}
    source = open_source(SourceConfig.model_validate(block), columns=["name"], folder=tmp_path, task="binary")
    start = START + timedelta(days=1)
    found = pa.Table.from_batches(source.scan(start, start + timedelta(hours=6)))
    extent = source.extent()
    source.close()
    assert found.column("id").to_pylist() == list(range(96, 120))
    assert found.column("time")[0].as_py() == start
    assert extent == (START, START + timedelta(minutes=15) * 399)


@pytest.mark.parametrize("kind", KINDS)
def test_where_chooses_rows_by_equality(kind: str, tmp_path: Path) -> None:
    """A number given as text finds the number, a truth value the truth value."""
    data = frame()
    relation = opened(write(data, tmp_path, kind), tmp_path)
    where = {'od"d; DROP --': "3", "flag": True, "name": "a'b"}
    found = pa.Table.from_batches(relation.read(Request(("id",), where=where)), pa.schema([("id", pa.int64())]))
    relation.close()
    chosen = (data['od"d; DROP --'] == 3) & data["flag"] & (data["name"] == "a'b")
    assert found.column("id").to_pylist() == data[chosen]["id"].tolist()
    assert chosen.any()


@pytest.mark.parametrize("kind", ["parquet", "csv.gz", "jsonl", "duckdb"])
def test_ground_truth_elsewhere_is_joined(kind: str, tmp_path: Path) -> None:
    """The latest outcome of an id counts, though it lives in another kind of file and is text there."""
    url = write(frame(), tmp_path, kind)
    outcomes = pd.DataFrame({"key": ["1", "1", "2", "900", "3"], "seen": START, "y": [0, 1, 1, 1, None]})
    outcomes["seen"] = [START + timedelta(days=d) for d in (2, 1, 1, 1, 1)]
    truth = write(outcomes, tmp_path, "parquet", "outcomes")
    block = {
        "url": url,
        "predictions": {"table": "rows" if kind == "duckdb" else None, "id": "id", "time": "at"},
        "ground_truth": {"url": truth, "id": "key", "time": "seen", "target": "y"},
    }
    source = open_source(SourceConfig.model_validate(block), folder=tmp_path, task="binary")
    found = pa.Table.from_batches(source.scan(START, START + timedelta(hours=1))).to_pydict()
    orphans = source.orphans()
    source.close()
    assert found["target"] == [None, 0, 1, None]
    assert found["target_time"][1] == START + timedelta(days=2)
    assert orphans == 1
