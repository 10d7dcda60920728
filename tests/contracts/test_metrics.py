"""What every metric promises, by walking the registry: a new one is tested by being there."""

from __future__ import annotations

import ast
import inspect
import math

import numpy as np
import pyarrow as pa
import pytest

from monitor.domain.model import Model
from monitor.metrics import registered
from monitor.metrics.comparison import Comparison
from monitor.metrics.evaluate import evaluate
from monitor.profile.build import build
from monitor.profile.freezer import freeze
from monitor.profile.profile import Profile
from monitor.profile.reading import Reading

METRICS = registered()
OWN = {name: m for name, m in METRICS.items() if m.reads != "change" and m.function.__module__.startswith("monitor.")}
FEATURES = {"column:x": "numeric", "column:y": "numeric", "column:c": "categorical"}
ROLES = {"time", "target", "target_time", "latency_ms", "status", "version"}


def model(task):
    """Return a model of a task that logs all it can."""
    kind = "numeric" if task == "regression" else "categorical"
    columns = dict(FEATURES)
    roles = set(ROLES)
    if task != "ranking":
        columns |= {"prediction": kind, "target": kind}
        roles |= {"prediction"}
    if task == "binary":
        columns |= {"score": "numeric"}
        roles |= {"score"}
    if task == "multiclass":
        columns |= {f"score:{c}": "numeric" for c in "012"}
        roles |= {f"score:{c}" for c in "012"}
    if task == "ranking":
        roles |= {"query", "item", "rank"}
    groups = (("c",),) if task != "ranking" else ()
    return Model("m", task, columns, roles=frozenset(roles), groups=groups, min_group_size=5)


def words(values):
    """Return values as an Arrow column of text."""
    return pa.array(np.asarray(values).astype(str), pa.string())


def rows(task, n, shift=0.0, seed=0):
    """Draw a canonical batch; a shift moves features, raises errors and slows answers."""
    rng = np.random.default_rng(seed)
    stamps = pa.array(np.arange(n) * 1_000_000 + 10_000_000).cast(pa.timestamp("us", "UTC"))
    x = rng.normal(shift, 1, n)
    given = {
        "id": pa.array(np.arange(n)), "time": stamps, "target_time": stamps, "version": words(["v1"] * n),
        "column:x": pa.array(x), "column:y": pa.array(x * (1 - shift) + rng.normal(size=n)),
        "column:c": words(rng.choice(["a", "b", "c"], n, p=[0.5 - shift / 4, 0.3 + shift / 4, 0.2])),
        "latency_ms": pa.array(rng.exponential(20 * (1 + shift), n)),
        "status": pa.array(np.where(rng.random(n) < 0.05 + shift / 4, 500, 200)),
    }  # fmt: skip
    return pa.RecordBatch.from_pydict(given | outcomes(task, n, shift, rng))


def outcomes(task, n, shift, rng):
    """Draw what a model of this task says and what came true."""
    if task == "regression":
        target = rng.normal(10, 2, n)
        return {"target": pa.array(target), "prediction": pa.array(target + rng.normal(shift, 1 + shift, n))}
    if task == "ranking":
        relevant = rng.random(n) < 0.3
        place = np.arange(n) % 10 + 1
        query, item = words(np.arange(n) // 10), words(rng.integers(0, 40, n))
        return {"query": query, "item": item, "rank": pa.array(place), "target": pa.array(relevant.astype(np.int64))}
    k = 2 if task == "binary" else 3
    target = rng.integers(0, k, n)
    wrong = rng.random(n) < 0.15 + shift / 4
    said = np.where(wrong, (target + 1) % k, target)
    share = np.clip(rng.beta(8, 2, n), 0, 1)
    named = {"target": words(target), "prediction": words(said)}
    if task == "binary":
        return named | {"score": pa.array(np.where(said == 1, share, 1 - share))}
    return named | {f"score:{c}": pa.array(np.where(said == c, share, (1 - share) / 2)) for c in range(k)}


TASKS = ("binary", "multiclass", "regression", "ranking")


@pytest.fixture(scope="module", params=TASKS)
def sides(request):
    """Give, per task, the model and readings of reference, same, drifted, one and no rows."""
    described = model(request.param)
    reference = rows(request.param, 2000)
    layout = freeze(described, [reference])

    def reading(batch):
        profile = Profile(layout.fingerprint, {}) if batch is None else build(layout, [batch])
        return Reading(layout, profile)

    drifted, one = rows(request.param, 1000, shift=0.8, seed=1), rows(request.param, 1, seed=2)
    return described, *map(reading, (reference, reference, drifted, one, None))


def findings(described, reference, current):
    """Return everything that is measured."""
    found = list(evaluate(Comparison(described, reference, current, 3600.0)))
    assert found
    return found


@pytest.mark.parametrize("name", sorted(OWN))
def test_a_file_is_named_for_its_metric(name):
    """One metric, one file, in the folder of its kind, told by its name."""
    metric = OWN[name]
    *_, folder, file = metric.function.__module__.split(".")
    assert folder == metric.kind
    assert file == metric.function.__name__
    assert file == metric.name.replace("@", "_at_")


@pytest.mark.parametrize("name", sorted(OWN))
def test_a_file_registers_one_metric(name):
    """A second metric of a folder's file would be found by nobody."""
    tree = ast.parse(inspect.getsource(inspect.getmodule(OWN[name].function)))
    decorators = [d for f in tree.body if isinstance(f, ast.FunctionDef) for d in f.decorator_list]
    assert len([d for d in decorators if isinstance(d, ast.Call) and ast.unparse(d.func) == "metric"]) == 1


@pytest.mark.parametrize("name", sorted(METRICS))
def test_a_title_is_one_sentence(name):
    """It stands alone in the dashboard and ends in a full stop."""
    title = METRICS[name].title
    assert title.endswith(".")
    assert title[0].isupper()
    assert "\n" not in title
    assert 10 < len(title) < 160


@pytest.mark.parametrize("name", sorted(OWN))
def test_a_docstring_says_what_it_returns_and_shows_it(name):
    """Range, when undefined, and an example that runs."""
    text = inspect.getdoc(OWN[name].function)
    assert "Returns\n-------" in text
    assert "Examples\n--------" in text
    assert ">>>" in text


@pytest.mark.parametrize("name", sorted(METRICS))
def test_words_around_a_metric_fit_together(name):
    """The ideal lies in the limits; what gets worse by rising is best at the bottom."""
    metric = METRICS[name]
    low, high = metric.limits
    ideal = metric.ideal
    if ideal is not None:
        assert low is None or ideal >= low
        assert high is None or ideal <= high
        if metric.worse == "lower" and high is not None:
            assert ideal == high
        if metric.worse == "higher" and low == 0:
            assert ideal == 0


def test_no_rows_give_reasons(sides):
    """An empty window has its row count; everything else is undefined and says why."""
    described, reference, _, _, _, nothing = sides
    for found in findings(described, reference, nothing):
        estimate = found.estimate
        if found.metric == "row_count":
            assert estimate.value == 0
        else:
            assert estimate.value is None, found
            assert estimate.reason, found
            assert "failed" not in estimate.reason, found


def test_no_reference_rows_give_reasons(sides):
    """Drift from nothing is undefined and says why."""
    described, _, same, _, _, nothing = sides
    for found in findings(described, nothing, same):
        if METRICS.get(found.metric) and METRICS[found.metric].kind == "drift":
            assert found.estimate.value is None, found
            assert found.estimate.reason, found
            assert "failed" not in found.estimate.reason, found


def test_equal_counts_are_no_drift(sides):
    """The reference against itself has the ideal value of every drift metric."""
    described, reference, same, *_ = sides
    seen = set()
    for found in findings(described, reference, same):
        metric = METRICS.get(found.metric)
        if metric and metric.kind == "drift":
            assert found.estimate.value == pytest.approx(metric.ideal, abs=1e-9), found
            seen.add(metric.name)
    assert seen >= {m.name for m in METRICS.values() if m.kind == "drift"}


def test_values_keep_their_limits(sides):
    """Values and bounds lie in the limits, bounds enclose values, with many rows and with one."""
    described, reference, _, drifted, one, _ = sides
    for current in (drifted, one):
        for found in findings(described, reference, current):
            metric = METRICS.get(found.metric) or METRICS.get(found.metric.split("@")[0] + "@k")
            estimate = found.estimate
            assert "failed" not in (estimate.reason or ""), found
            if estimate.value is None:
                continue
            low, high = metric.limits
            for x in (estimate.low, estimate.value, estimate.high):
                assert x is None or math.isfinite(x), found
                assert x is None or low is None or x >= low, found
                assert x is None or high is None or x <= high, found
            assert estimate.low is None or estimate.low <= estimate.value <= estimate.high, found


def test_directions_are_honest(sides):
    """A window that is worse in every way moves each drift and performance metric the way that it calls worse."""
    described, reference, same, drifted, *_ = sides
    before, after = (
        {(f.metric, f.column): f.estimate.value for f in findings(described, reference, window) if f.group is None}
        for window in (same, drifted)
    )
    wrong = []
    for place, value in after.items():
        metric = METRICS.get(place[0])
        past = before.get(place)
        if metric is None or value is None or past is None or metric.kind not in ("drift", "performance", "operations"):
            continue
        if (metric.worse == "higher" and value < past - 0.02) or (metric.worse == "lower" and value > past + 0.02):
            wrong.append((place, past, value))
    assert not wrong
