"""Evidently as a guest; all tests that import it are here, since that takes seconds."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from monitor.config.evidently import EvidentlyConfig, parse_evidently_metric
from monitor.domain.model import Model
from monitor.metrics import registered
from monitor.report.guests import guests
from monitor.report.measure import measure
from monitor.report.page import html

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.domain.model import Kind, Task

N = 400


def _rows(seed: int, shift: float = 0.0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    score = rng.random(N)
    return {
        "id": np.arange(N),
        "column:age": rng.normal(40 + shift, 10, N),
        "column:city": rng.choice(["Rome", "Oslo", "Ulm"], N),
        "column:all null": [None] * N,
        "column:constant": [1.0] * N,
        "column:</script><script>alert(1)</script>": rng.choice(["<img src=x onerror=alert(1)>", "b"], N),
        "column:many": [f"c{i}" for i in range(N)],
        "column:infinite": np.where(rng.random(N) < 0.1, np.inf, rng.normal(size=N)),
        "score": score,
        "target": (rng.random(N) < score).astype(int),
    }


def _model(rows: dict[str, Any], task: Task = "binary", **kinds: Kind) -> Model:
    numeric = {"column:age", "column:constant", "column:infinite", "score"}
    columns: dict[str, Kind] = {name: "numeric" if name in numeric else "categorical" for name in rows if name != "id"}
    return Model("m", task, columns | kinds, frozenset({"id", "score", "prediction", "target"} & set(rows)))


def _config(*metrics: object) -> EvidentlyConfig:
    return EvidentlyConfig(metrics=tuple(parse_evidently_metric(m) for m in metrics))


@pytest.fixture(scope="module")
def page() -> str:
    """Give the report about two samples with every kind of bad column."""
    old, new = _rows(1), _rows(2, 30.0)
    return html(pa.table(old), pa.table(new), _model(old), title="</title><script>alert(2)</script>")


def test_report_survives_bad_columns_and_names_them(page: str) -> None:
    """An empty and a constant column are taken out and listed; the rest is there."""
    assert "all null: left out, no values in the reference" in page
    assert "constant: left out, one and the same value everywhere" in page
    assert "Evidently failed" not in page
    assert page.count("<iframe") == 2


def test_report_escapes_what_is_hostile(page: str) -> None:
    """Neither a column's name, nor a category, nor the title becomes markup, inside the frames either."""
    import html as text

    assert "<script>alert" not in page
    for frame in page.split('srcdoc="')[1:]:
        inside = text.unescape(frame.split('"')[0])
        assert "<script>alert" not in inside
        assert "<img src=x" not in inside


def test_report_asks_no_other_host(page: str) -> None:
    """Scripts, styles and pictures are all inside the page."""
    import html as text
    import re

    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="https?:', text.unescape(page))


@pytest.mark.parametrize("task", ["multiclass", "regression", "ranking"])
def test_report_of_other_tasks(task: Task) -> None:
    """Every task has its page."""
    rng = np.random.default_rng(3)
    target = rng.integers(0, 3, N) if task == "multiclass" else rng.normal(size=N)
    rows: dict[str, Any] = {"column:age": rng.normal(size=N), "prediction": target, "target": target}
    kind: Kind = "categorical" if task == "multiclass" else "numeric"
    model = Model("m", task, {"column:age": "numeric", "prediction": kind, "target": kind}, frozenset(rows))
    found = html(pa.table(rows), pa.table(rows), model, title="t")
    assert "failed" not in found.split("<iframe")[0]
    assert found.count("<iframe") == (1 if task == "ranking" else 2)


def test_report_of_an_empty_window_says_so() -> None:
    """Without rows there is a page with notes and no error."""
    old = pa.table(_rows(1))
    found = html(old, old.slice(0, 0), _model(_rows(1)), title="t")
    assert "no values in the window" in found
    assert "nothing to show" in found


def test_metrics_become_estimates() -> None:
    """Values are floats; several values of one metric have names of their own."""
    old, new = _rows(1), _rows(2, 30.0)
    config = _config(
        "RowCount", {"ValueDrift": {"column": "age"}}, {"ValueDrift": {"column": "city"}}, "DriftedColumnsCount",
        {"MeanValue": {"column": "age"}}, "Accuracy", "RocAuc",
    )  # fmt: skip
    found = {(name, column): e for name, column, e in measure(config, pa.table(old), pa.table(new), _model(old))}
    assert found["evidently.RowCount", None].value == N
    assert found["evidently.ValueDrift", "age"].value == pytest.approx(0.0, abs=1e-9)
    assert found["evidently.MeanValue", "age"].value == pytest.approx(new["column:age"].mean())
    assert found["evidently.DriftedColumnsCount.count", None].value >= 1
    assert found["evidently.RocAuc", None].value == pytest.approx(0.83, abs=0.08)
    assert all(e.value is None or type(e.value) is float for e in found.values())


def test_one_bad_metric_harms_no_other() -> None:
    """What Evidently cannot do is undefined with a reason, the next metric is computed."""
    old = _rows(1)
    config = _config(
        {"ValueDrift": {"column": "nowhere"}}, {"MeanValue": {"column": "all null"}}, {"MeanValue": {"colum": "age"}},
        "NoSuchMetric", {"ValueDrift": {"column": "age", "method": "nonsense"}}, "RowCount",
    )  # fmt: skip
    found = measure(config, pa.table(old), pa.table(old), _model(old))
    assert [e.value is None for _, _, e in found] == [True] * 5 + [False]
    assert all(e.reason for _, _, e in found[:-1])


def test_no_rows_give_reasons() -> None:
    """An empty window leaves every metric undefined."""
    old = _rows(1)
    [(name, _, estimate)] = measure(_config("RowCount"), pa.table(old), None, _model(old))
    assert (name, estimate.reason) == ("evidently.RowCount", "no rows in the window")


def test_ten_thousand_categories() -> None:
    """The chi-square test and the report bear a column of ten thousand categories."""
    words = {"column:word": [f"w{i}" for i in range(10_000)]}
    model = Model("m", "binary", {"column:word": "categorical"})
    [(_, _, estimate)] = measure(_config({"ValueDrift": {"column": "word"}}), pa.table(words), pa.table(words), model)
    assert estimate.value == pytest.approx(1.0)
    assert guests(model, pa.table(words), pa.table(words)).current["word"].nunique() <= 100


def test_evidently_cries_wolf_on_categories_and_ours_does_not() -> None:
    """Without drift at 1 000 rows beside 1 000, its test flags about half of ten-category columns, ours about 5 %.

    Evidently takes the reference for exact and tests goodness of fit; both sides being samples, its statistic is
    about twice as large as it should be. So Pearson's two-sample statistic is right.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        from evidently.legacy.calculations.stattests import chi_stat_test
        from evidently.legacy.core import ColumnType
    from monitor.report.judges import homogeneity

    rng = np.random.default_rng(0)
    theirs = ours = 0
    for _ in range(200):
        old, new = (pd.Series(rng.integers(0, 10, 1000).astype(str)) for _ in range(2))
        theirs += chi_stat_test(old, new, ColumnType.Categorical, 0.05).drifted
        ours += homogeneity(old, new) < 0.05
    assert theirs > 70
    assert ours < 20


def test_one_outlier_blinds_their_psi_and_not_ours(counted: Callable[..., Any]) -> None:
    """A shift of one deviation with a single value of 10 000: its PSI nearly vanishes, ours stays.

    Evidently cuts equal widths over both sides together, so one far value puts all others into one bin. Our bins are
    quantiles of the reference, open at the ends.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        from evidently.legacy.calculations.stattests import psi_stat_test
        from evidently.legacy.core import ColumnType
    rng = np.random.default_rng(0)
    old, new = rng.normal(size=5000), rng.normal(1, 1, 5000)
    far = np.append(new, 1e4)
    blind = psi_stat_test(pd.Series(old), pd.Series(far), ColumnType.Numerical, 0.1).drift_score
    reference, plain, shifted = (h.coarse(10) for h in counted(old.tolist(), new.tolist(), far.tolist()))
    psi = registered()["psi"].function
    assert blind < 0.1
    assert psi(reference, shifted) == pytest.approx(psi(reference, plain), rel=0.01)
    assert psi(reference, shifted) > 0.5
