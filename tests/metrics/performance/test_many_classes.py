"""Thousands of classes, and more combinations of group and class than are kept."""

from __future__ import annotations

import tracemalloc
from math import sqrt

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import f1_score, matthews_corrcoef

from monitor.domain.model import Model
from monitor.metrics.comparison import Comparison
from monitor.metrics.evaluate import Finding, evaluate
from monitor.metrics.performance.confusion_count import confusion_count
from monitor.metrics.performance.f1_macro import f1_macro
from monitor.metrics.performance.f1_weighted import f1_weighted
from monitor.metrics.performance.matthews_correlation import matthews_correlation
from monitor.metrics.performance.precision_weighted import precision_weighted
from monitor.profile.build import build
from monitor.profile.cells import Cells
from monitor.profile.confusion import Confusion
from monitor.profile.freezer import freeze
from monitor.profile.reading import Reading
from monitor.profile.tally import LIMIT

CLASSES = 20_000
TOO_MANY = "more than 100,000 combinations of group and class in one tile or window: they are not counted"


def found(batch: pa.RecordBatch, reference: pa.RecordBatch, task: str = "multiclass") -> list[Finding]:
    """Measure a batch against a reference; column ``g`` is a group."""
    kind = "numeric" if task == "regression" else "categorical"
    columns = {"prediction": kind, "target": kind}
    model = Model("m", task, columns, frozenset(columns), groups=(("g",),), min_group_size=1)  # type: ignore[arg-type]
    layout = freeze(model, [reference])
    both = [Reading(layout, build(layout, [side])) for side in (reference, batch)]
    return list(evaluate(Comparison(model, *both, 3600.0)))


def rows(target: list[str], prediction: list[str], group: list[str]) -> pa.RecordBatch:
    """Make a canonical batch of outcomes."""
    return pa.RecordBatch.from_pydict({"target": target, "prediction": prediction, "column:g": group})


def correlation(true: np.ndarray, said: np.ndarray) -> float:
    """Return the correlation of two labellings, without scikit-learn's square of all classes (Gorodkin 2004)."""
    n, classes = len(true), max(true.max(), said.max()) + 1
    often, called = (np.bincount(side, minlength=classes).astype(float) for side in (true, said))
    both = n * (true == said).sum() - often @ called
    return both / sqrt((n * n - called @ called) * (n * n - often @ often))


def test_the_correlation_without_a_square_is_scikit_learn_s() -> None:
    """On few classes both can be had."""
    rng = np.random.default_rng(4)
    true, said = rng.integers(0, 30, (2, 500))
    said[:300] = true[:300]
    assert correlation(true, said) == pytest.approx(matthews_corrcoef(true, said), abs=1e-12)


def test_twenty_thousand_classes_fit_into_memory_and_totals_stay_exact() -> None:
    """Numbers over all classes are scikit-learn's; those by class are one null with the reason."""
    rng = np.random.default_rng(3)
    true = rng.permutation(np.repeat(np.arange(CLASSES), 2))
    said = np.where(rng.random(len(true)) < 0.7, true, rng.integers(0, CLASSES, len(true)))
    batch = rows([f"c{i}" for i in true], [f"c{i}" for i in said], ["a"] * len(true))
    tracemalloc.start()
    findings = found(batch, batch.slice(0, 100))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300e6, peak
    whole = {f.metric: f.estimate for f in findings if f.group is None and f.column is None}
    assert whole["accuracy"].value == pytest.approx((true == said).mean(), abs=1e-12)
    assert whole["matthews_correlation"].value == pytest.approx(correlation(true, said), abs=1e-9)
    assert whole["f1_macro"].value == pytest.approx(f1_score(true, said, average="macro"), abs=1e-9)
    assert whole["target_coverage"].value == 1
    for name in ("recall", "precision", "confusion_count"):
        assert whole[name].value is None, name
        assert whole[name].reason == "more than 1,000 classes: numbers by class are not kept", name
    assert len(findings) < 1_000


@pytest.mark.parametrize("seed", range(4))
def test_listed_cells_give_what_a_square_gives(seed: int) -> None:
    """Value and interval are the same whether the confusion is a square or a list of its cells."""
    rng = np.random.default_rng(seed)
    square = rng.poisson(rng.choice([0.1, 1, 5]), (30, 30)) + np.diag(rng.poisson(20, 30))
    square[7, :], square[:, 7] = 0, 0
    classes, none = tuple(f"{i:02}" for i in range(30)), np.zeros(30, dtype=np.int64)
    dense, listed = (Confusion(classes, table, none, none) for table in (square, Cells.of(square)))
    for metric in (matthews_correlation, f1_macro, f1_weighted, precision_weighted):
        assert metric(dense) == metric(listed)
    assert confusion_count(listed, "03", "03").value == square[3, 3]
    assert confusion_count(listed, "07", "03").value == 0
    assert (dense.n, dense.hits.tolist()) == (listed.n, listed.hits.tolist())


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_more_groups_than_are_kept_say_so(task: str) -> None:
    """Every number by group names the limit and none claims that ground truth is missing; the total is untouched."""
    n = LIMIT + 1
    few = rows(["1", "0"] * 50, ["1", "1"] * 50, ["a"] * 100)
    many = rows(["1"] * n, ["1"] * n, [f"g{i}" for i in range(n)])
    if task == "regression":
        few, many = (_numeric(batch) for batch in (few, many))
    findings = found(many, few, task)
    name = "mean_absolute_error" if task == "regression" else "accuracy"
    total, one = (next(f for f in findings if (f.metric, f.group) == (name, g)) for g in (None, {"g": "a"}))
    assert (total.estimate.value, total.estimate.n) == (0.0 if task == "regression" else 1.0, n)
    assert one.estimate.reason == TOO_MANY
    grouped = [f for f in findings if f.group == {"g": "a"} or f.column == "g"]
    assert {f.estimate.reason for f in grouped} == {TOO_MANY}
    if task == "binary":
        assert {"recall", "demographic_parity_difference", "equalized_odds_ratio"} <= {f.metric for f in grouped}


def test_groups_that_nobody_knows_are_still_reported() -> None:
    """Without a group in the reference either, the attribute stands in the column's place."""
    n = LIMIT + 1
    many = rows(["1"] * n, ["1"] * n, [f"g{i}" for i in range(n)])
    findings = found(many, many, "binary")
    lost = {f.metric for f in findings if f.column == "g" and f.estimate.reason == TOO_MANY}
    assert {"accuracy", "recall", "accuracy_difference", "accuracy_difference_change"} <= lost


def _numeric(batch: pa.RecordBatch) -> pa.RecordBatch:
    cast = {name: batch.column(name).cast(pa.float64()) for name in ("target", "prediction")}
    return pa.RecordBatch.from_pydict({**cast, "column:g": batch.column("column:g")})
