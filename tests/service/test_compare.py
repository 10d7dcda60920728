"""Comparing two frames without store or file."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from scipy import stats
from sklearn import metrics as sk

import monitor
from monitor.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

N = 4_000


def _columns(seed: int, shift: float = 0.0, n: int = N) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    score = rng.random(n)
    return {
        "age": np.round(rng.normal(40 + shift, 10, n)),
        "income": np.where(rng.random(n) < 0.1, np.nan, np.exp(rng.normal(shift / 10, 1, n))),
        "city": rng.choice(np.array(["Rome", "Oslo", "<b>Ulm</b>", "東京"], dtype=object), n),
        "member": rng.random(n) < 0.3,
        "score": score,
        "target": (rng.random(n) < score).astype(int),
    }


def _found(result: monitor.service.comparing.compared.Compared) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    return {(e.metric, e.column, json.dumps(e.group)): (e.value, e.low, e.high, e.n, e.reason) for e in result}


def test_every_kind_of_frame_gives_the_same_numbers(tmp_path: Path) -> None:
    """pandas, polars, Arrow, arrays and files hold the same rows, so they measure the same."""
    old, new = _columns(1), _columns(2, 3.0)
    wanted = _found(monitor.compare(pd.DataFrame(old), pd.DataFrame(new)))
    tables = [pa.table({name: pa.array(v, from_pandas=True) for name, v in side.items()}) for side in (old, new)]
    paths = [tmp_path / name for name in ("old.parquet", "new.parquet")]
    for table, path in zip(tables, paths, strict=True):
        pq.write_table(table, path, row_group_size=700)
    pairs: list[tuple[Any, Any]] = [
        (old, new),
        tuple(tables),
        (tables[0].combine_chunks().to_batches()[0], tables[1].to_reader(max_chunksize=10)),
        (pl.from_arrow(tables[0]), pl.from_arrow(tables[1]).lazy()),
        tuple(paths),
        (str(paths[0]), ds.dataset(paths[1])),
        (pd.DataFrame(old).astype({"city": "category"}), pd.DataFrame(new).astype({"city": object})),
    ]
    for reference, current in pairs:
        found = _found(monitor.compare(reference, current))
        assert found.keys() == wanted.keys()
        for key, (value, low, high, n, reason) in found.items():
            assert (n, reason) == wanted[key][3:], key
            pairs_of_numbers = zip((value, low, high), wanted[key][:3], strict=True)
            for mine, theirs in pairs_of_numbers:
                assert (mine is None) == (theirs is None), key
                assert mine is None or mine == pytest.approx(theirs, rel=1e-9, abs=1e-12), key


def test_values_equal_scipy_and_scikit_learn() -> None:
    """Statistics over frames are those of scipy and scikit-learn."""
    old, new = _columns(3), _columns(4, 2.0)
    ages = np.unique(old["age"])  # distances are exact between values that the reference has
    new["age"] = ages[np.searchsorted(ages[:-1], new["age"])]
    found = monitor.compare(pd.DataFrame(old), pd.DataFrame(new))
    ks = stats.ks_2samp(old["age"], new["age"], method="asymp")
    assert found["kolmogorov_smirnov_statistic", "age"].value == pytest.approx(ks.statistic, abs=1e-12)
    table = [[int((side["city"] == c).sum()) for c in np.unique(old["city"])] for side in (old, new)]
    chi = stats.chi2_contingency(table, correction=False)
    assert found["chi_square_statistic", "city"].value == pytest.approx(chi.statistic, rel=1e-9)
    assert found["chi_square_pvalue", "city"].value == pytest.approx(chi.pvalue, rel=1e-9)
    assert found["wasserstein_distance", "age"].value == pytest.approx(
        stats.wasserstein_distance(old["age"], new["age"]), rel=1e-9
    )
    y, p = new["target"], new["score"]
    for name, value in {
        "accuracy": sk.accuracy_score(y, p >= 0.5),
        "recall": sk.recall_score(y, p >= 0.5),
        "brier_score": sk.brier_score_loss(y, p),
        "log_loss": sk.log_loss(y, p),
    }.items():
        assert found[name][0].value == pytest.approx(value, rel=1e-9), name
    assert found["roc_auc"][0].value == pytest.approx(sk.roc_auc_score(y, p), abs=1e-3)
    assert found["missing_rate", "income"].value == pytest.approx(np.isnan(new["income"]).mean(), abs=1e-12)


@pytest.mark.parametrize(
    ("target", "task"),
    [
        ([0, 1, 1, 0], "binary"),
        ([True, False, None, True], "binary"),
        ([1.0, 0.0, None, 1.0], "binary"),
        (["yes", "no", "no", "yes"], "multiclass"),
        (["a", "b", "c", None], "multiclass"),
        ([1, 2, 3, 4], "multiclass"),
        ([1.5, 2.0, 3.0, 4.0], "regression"),
        (list(range(100)), "regression"),
        ([None, None], "binary"),
    ],
)
def test_task_is_read_from_the_target(target: list[object], task: str) -> None:
    """The values of the target decide the task when none is given."""
    rows = pa.table({"x": pa.array(range(len(target))), "target": pa.array(target)})
    assert monitor.compare(rows, rows).task == task


def test_positive_class_makes_two_words_binary() -> None:
    """Two classes are binary once the positive one is named."""
    rows = {"target": ["yes", "no"] * 50, "prediction": ["yes", "no"] * 50}
    found = monitor.compare(rows, rows, positive_class="yes")
    assert (found.task, found["accuracy"][0].value) == ("binary", 1.0)


def test_ranking_from_a_frame() -> None:
    """A ranking has its columns by their usual names."""
    rows = {"query": [1, 1, 2, 2], "item": ["a", "b", "a", "c"], "rank": [1, 2, 1, 2], "target": [1, 0, 0, 1]}
    found = monitor.compare(rows, rows, "ranking", k=(1, 2))
    assert found["precision@1"][0].value == 0.5
    assert found["hit_rate@2"][0].value == 1.0


def test_groups_and_segments() -> None:
    """Groups bring performance and gaps, segments drift inside them."""
    old, new = _columns(5), _columns(6)
    found = monitor.compare(old, new, groups=["city"], segments=["member"])
    assert {e.group["city"] for e in found["recall"] if e.group and "city" in e.group} == set(old["city"])
    assert found["demographic_parity_difference", "city"].value is not None
    inside = {json.dumps(e.group) for e in found["psi"] if e.column == "age"}
    assert inside == {"null", '{"member": "true"}', '{"member": "false"}'}


def test_hostile_columns_are_counted_and_kill_nothing() -> None:
    """NaN, infinities, nothing, giant integers, mixed types and odd names are measured or given a reason."""
    old: dict[str, Any] = {
        "all null": [None] * 50,
        "constant": [1.0] * 50,
        "inf": [np.inf, -np.inf, np.nan, 1e308, -1e308] * 10,
        "giant": [2**60 + i for i in range(50)],
        "mixed": [1, "a", None, 2.5, b"x"] * 10,
        "'; DROP TABLE x; --": ["\u202e", "", "<script>", "a\x00b", "\ud800"] * 10,
        "at": pd.date_range("2024-01-01", periods=50),
        "many": [str(i) for i in range(50)],
        "only before": [1] * 50,
    }
    new = {name: values for name, values in old.items() if name != "only before"} | {"only now": ["x"] * 50}
    found = monitor.compare(old, new)
    assert found.left_out == {"at": "an instant, which always moves on"}
    assert {e.column for e in found if e.column} == {*old, "only now"} - {"at"}
    assert found["missing_rate", "all null"].value == 1.0
    assert found["missing_rate", "only before"].value == 1.0
    assert all((e.value is None) == (e.reason is not None) for e in found)
    assert not [e for e in found if e.reason and "the metric failed" in e.reason]
    json.dumps(found.records(), allow_nan=False)
    page = found._repr_html_()
    assert "<script>" not in page
    assert "DROP TABLE" in page


def test_empty_current_has_reasons() -> None:
    """No rows now is a row count of 0 and reasons, no error."""
    found = monitor.compare(pd.DataFrame({"x": [1.0, 2.0]}), pd.DataFrame({"x": np.zeros(0)}))
    assert found["row_count"][0].value == 0
    assert found["psi", "x"].reason


@pytest.mark.parametrize(
    ("reference", "current", "options", "words"),
    [
        ([1, 2], {"x": [1]}, {}, "reference is a list"),
        ({"x": [1]}, "/nowhere.parquet", {}, "no file /nowhere.parquet"),
        ({"x": [1]}, {"x": [1]}, {"prediction": "pred"}, "no column|neither frame has a column 'pred'"),
        ({"x": [1]}, {"x": [1]}, {"groups": ["y"]}, "neither frame has a column 'y'"),
        ({"x": [1]}, {"x": [1]}, {"task": "clustering"}, "no task 'clustering'"),
        ({"x": []}, {"x": [1]}, {}, "the reference has no rows"),
        ({"x": [1], "y": [1, 2]}, {"x": [1]}, {}, "differ in length"),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), {"x": [1]}, {}, "two columns named 'x'"),
        ({"x": [1]}, {"x": [1]}, {"task": "ranking"}, "needs the columns query"),
    ],
)
def test_wrong_calls_name_the_cure(reference: Any, current: Any, options: dict[str, Any], words: str) -> None:
    """What cannot work is refused with what is wrong."""
    with pytest.raises(UsageError, match=words) as caught:
        monitor.compare(reference, current, **options)
    assert caught.value.hint


def test_result_as_frame_and_filter() -> None:
    """Results become a frame, are filtered by field, and are found by metric and column."""
    found = monitor.compare(_columns(7), _columns(8, 20.0))
    table = found.to_pandas()
    assert list(table.columns) == ["metric", "column", "group", "value", "low", "high", "n", "reason"]
    assert len(table) == len(found)
    assert {e.metric for e in found.where(metric="psi", column="age")} == {"psi"}
    assert {name for name, _ in found.drift()[:2]} == {"age", "income"}
    assert "age" in repr(found)
    with pytest.raises(KeyError):
        found["psi", "nothing"]


def test_feature_named_like_a_role() -> None:
    """A column called score that is a feature is published under another name."""
    rows = {"score": [1.0, 2.0, 3.0], "x": [1, 2, 3]}
    found = monitor.compare(rows, rows, score=False)
    assert found["psi", "feature:score"].value == 0.0


def test_inputs_stay_as_they_were() -> None:
    """Frames are looked at, not changed."""
    old, new = pd.DataFrame(_columns(9)), pd.DataFrame(_columns(10))
    before = old.copy(deep=True), new.copy(deep=True)
    monitor.compare(old, new)
    pd.testing.assert_frame_equal(old, before[0])
    pd.testing.assert_frame_equal(new, before[1])


def test_import_is_light() -> None:
    """Importing the package loads next to nothing, comparing rows no more than counting needs."""
    code = (
        "import sys, monitor; assert 'numpy' not in sys.modules;"
        "monitor.compare({'x': [1, 2]}, {'x': [2, 3]});"
        "assert not {'evidently', 'plotly', 'sqlalchemy', 'pyarrow.dataset'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=600)
