"""Two streams joined outside any database: the same as a plain merge, for any types and names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from monitor.errors import SourceError
from monitor.source import join, scratch
from monitor.source.join import anti_join, count_orphans, left_join

START = datetime(2024, 3, 1, tzinfo=UTC)
US = pa.timestamp("us", "UTC")


def batch(**columns: Any) -> pa.RecordBatch:
    """Make a batch; times are microseconds in UTC."""
    arrays = {
        name: pa.array(values, US) if name == "target_time" else pa.array(values) for name, values in columns.items()
    }
    return pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))


def targets(predictions: list[Any], truth: list[Any], keys: tuple[str, ...] = ("id",)) -> list[Any]:
    """Join and return only the targets."""
    joined = left_join(predictions, truth, keys=keys)
    return [value for each in joined for value in each.column("target").to_pylist()]


@pytest.mark.parametrize("ids", ["int64", "float64", "string", "mixed"])
def test_joined_rows_equal_a_plain_merge(ids: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random ids with doubles on both sides, gaps and many chunks give what pandas gives."""
    monkeypatch.setattr(join, "_CHUNK_ROWS", 700)
    rng = np.random.default_rng(3)
    left = pd.DataFrame({"id": rng.integers(0, 4_000, 5_000), "x": rng.random(5_000)})
    right = pd.DataFrame(
        {
            "id": rng.integers(0, 5_000, 6_000),
            "target": rng.integers(0, 2, 6_000),
            "target_time": [START + timedelta(hours=int(h)) for h in rng.integers(0, 50, 6_000)],
        }
    )
    last = right.sort_values(["id", "target_time", "target"]).drop_duplicates("id", keep="last")
    expected = left.merge(last, on="id", how="left")
    kind = {"mixed": "int64"}.get(ids, ids)
    predictions = pa.Table.from_pandas(left.astype({"id": kind}), preserve_index=False)
    truth = pa.Table.from_pandas(right.astype({"id": "str" if ids == "mixed" else kind}), preserve_index=False)
    found = pa.Table.from_batches(left_join(predictions.to_batches(333), truth.to_batches(500)))
    assert found.column("x").to_pylist() == left["x"].tolist()
    assert found.column("target").to_pandas().astype(float).equals(expected["target"].astype(float))
    times = found.column("target_time").to_pandas()
    assert (times.dropna() == expected["target_time"].dropna()).all()
    assert times.isna().equals(expected["target_time"].isna())
    orphans = count_orphans(truth.to_batches(500), predictions.to_batches(333))
    assert orphans == (~right["id"].isin(left["id"])).sum() > 0


def test_ids_compare_as_text_when_types_differ() -> None:
    """1, 1.0 and "1" are one id; missing ones find nothing, and large ones keep every digit."""
    known = [batch(id=["1", None, str(2**53 + 1)], target=["a", "b", "c"])]
    assert targets([batch(id=[1, 2, None, 2**53 + 1, 2**53])], known) == ["a", None, None, "c", None]
    assert targets([batch(id=[1.0, None, float("nan")])], known) == ["a", None, None]
    assert targets([batch(id=pa.array(["1", "x"]).dictionary_encode())], known) == ["a", None]


def test_the_latest_counts_and_of_equal_times_the_largest() -> None:
    """A row without a time is older than any, a missing target smaller than any."""
    hours = [START + timedelta(hours=h) for h in range(3)]
    known = batch(
        id=[1, 1, 1, 2, 2, 2, 3, 3, 4, 4],
        target=[5, 9, 10, 1, 2, None, 7, 8, None, 3],
        target_time=[hours[2], hours[1], hours[0], hours[1], hours[1], hours[1], None, hours[0], None, None],
    )
    rows = batch(id=[1, 2, 3, 4])
    assert targets([rows], [known]) == [5, 2, 8, 3]
    assert targets([rows], [known.take(list(range(9, -1, -1)))]) == [5, 2, 8, 3]
    missing = batch(id=[1, 1], target=[1, None], target_time=hours[:2])
    assert targets([batch(id=[1])], [missing]) == [None]


def test_a_ranking_is_joined_by_query_and_item() -> None:
    """Both columns must be equal, and a pair with a missing part finds nothing."""
    rows = batch(query=["q1", "q1", "q2", None, "q2"], item=[1, 2, 1, 1, None])
    known = batch(query=["q1", "q2", "q1", None], item=["1", "1", "7", "1"], target=[1.0, 2.0, 3.0, 4.0])
    assert targets([rows], [known], ("query", "item")) == [1.0, None, 2.0, None, None]
    left = pa.Table.from_batches(anti_join([known], [rows], keys=("query", "item")))
    assert left.column("target").to_pylist() == [3.0, 4.0]


@pytest.mark.parametrize(
    ("parts", "expected", "kind"),
    [
        ([[True], [False]], [True, False], pa.bool_()),
        ([[1], [2**62]], [1, 2**62], pa.int64()),
        ([[None], [0.5]], [None, 0.5], pa.float64()),
        ([[1], [0.5]], [1.0, 0.5], pa.float64()),
        ([[1], ["x"]], ["1", "x"], pa.string()),
        ([[None], [None]], [None, None], pa.null()),
        ([pa.array([1], pa.int8()), pa.array([2], pa.uint8())], [1, 2], pa.int64()),
        ([pa.array(["a"]).dictionary_encode(), ["b"]], ["a", "b"], pa.string()),
    ],
)
def test_targets_keep_one_type(parts: list[Any], expected: list[Any], kind: pa.DataType) -> None:
    """Batches of differing types give targets of the type that holds all."""
    known = [
        pa.RecordBatch.from_arrays([pa.array([at]), pa.array(part) if isinstance(part, list) else part],
                                   names=["id", "target"])
        for at, part in enumerate(parts)
    ]  # fmt: skip
    joined = list(left_join([batch(id=[0, 1])], known))
    assert joined[0].column("target").to_pylist() == expected
    assert joined[0].schema.field("target").type == kind


def test_hostile_names_and_types_pass_untouched() -> None:
    """Other columns come back as they were, whatever their names and types."""
    columns = {
        "id": pa.array([1, 2]),
        'column:a"; DROP TABLE x --': pa.array(["x", None]).dictionary_encode(),
        "column:Age": pa.array([2**64 - 1, 0], pa.uint64()),
        "column:age": pa.nulls(2),
    }
    rows = pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
    (found,) = left_join([rows], [batch(id=[2], target=[1])])
    assert found.select(list(columns)).equals(rows)
    assert found.schema.names == [*columns, "target", "target_time"]


def test_empty_sides() -> None:
    """No predictions give nothing, no ground truth gives missing targets, and all is orphaned."""
    known = batch(id=[1, None], target=[1, 1])
    assert list(left_join([], [known])) == []
    (found,) = left_join([batch(id=[1])], [])
    assert found.column("target").to_pylist() == found.column("target_time").to_pylist() == [None]
    assert count_orphans([known], []) == 2
    assert count_orphans([], [batch(id=[1])]) == 0
    assert targets([batch(id=pa.array([], pa.int64())), batch(id=[1])], [known]) == [1]


def test_a_fault_of_a_stream_comes_through_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader's own error is raised, and the spill folder is gone."""
    monkeypatch.setattr(scratch.tempfile, "tempdir", str(tmp_path))

    def broken() -> Any:
        yield batch(id=[1], target=[1])
        raise SourceError("the line is cut")

    with pytest.raises(SourceError, match="the line is cut"):
        list(left_join([batch(id=[1])], broken()))
    half = left_join([batch(id=[1]), batch(id=[2])], [batch(id=[1], target=[1])])
    next(half)
    half.close()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []


def test_more_ground_truth_than_memory_spills(monkeypatch: pytest.MonkeyPatch) -> None:
    """A join whose ground truth does not fit its share of memory still ends, and is right."""
    monkeypatch.setattr(scratch, "MEMORY", "40MB")
    size = 50_000
    known = (
        batch(id=[f"a-rather-long-identifier-{i:020d}" for i in range(k * size, (k + 1) * size)], target=[k] * size)
        for k in range(20)
    )
    rows = batch(id=[f"a-rather-long-identifier-{k * size:020d}" for k in range(20)])
    assert targets([rows], known) == list(range(20))  # type: ignore[arg-type]
