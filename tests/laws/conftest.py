"""Random tables for the laws of profiles: every task, every awkward value, few rows."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

from monitor.domain.model import Model
from monitor.profile.freezer import freeze
from monitor.profile.layout import Layout
from monitor.profile.profile import Profile

TASKS = ("binary", "multiclass", "regression", "ranking")
NASTY = [None, float("nan"), float("inf"), float("-inf"), 1e308, -1e308, 1e101, 0.0, -0.0, 5e-324, 2.0**53]
WORDS = [None, "a", "b", "é×", "", "a\x00", "1", "true", '"quoted"', "x" * 50]

ROLES: dict[str, frozenset[str]] = {
    "binary": frozenset({"id", "version", "prediction", "score", "target", "latency_ms", "status"}),
    "multiclass": frozenset({"id", "version", "prediction", "target", "status"}),
    "regression": frozenset({"id", "version", "prediction", "target", "latency_ms"}),
    "ranking": frozenset({"version", "item", "rank", "target"}),
}


def model_of(task: str) -> Model:
    """Return a model with groups, an intersection and segments."""
    columns = {"column:x": "numeric", "column:y": "numeric", "column:word": "categorical", "column:big": "categorical"}
    if task in ("binary", "multiclass"):
        columns |= {"prediction": "categorical", "target": "categorical"}
    else:
        columns |= {"target": "numeric"}
    columns |= {"binary": {"score": "numeric"}, "multiclass": {"score:a": "numeric", "score:b": "numeric"}}.get(
        task, {}
    )
    groups = (("word",), ("word", "big"))
    return Model("m", task, columns, ROLES[task], groups=groups, segments=("word",), k=(1, 3))  # type: ignore[arg-type]


def table_of(task: str, seed: int, n: int) -> pa.RecordBatch:
    """Make rows whose times are their numbers, in microseconds."""
    rng = np.random.default_rng(seed)

    def numeric(scale: float = 1.0) -> list[float | None]:
        plain = rng.normal(size=n) * scale
        return [NASTY[rng.integers(len(NASTY))] if rng.random() < 0.15 else float(v) for v in plain]

    def words(choice: list[str | None]) -> list[str | None]:
        return [choice[i] for i in rng.integers(len(choice), size=n)]

    made: dict[str, pa.Array] = {
        "id": pa.array([f"i{i}" for i in range(n)], pa.string()),
        "time": pa.array(np.arange(n), pa.timestamp("us", "UTC")),
        "version": pa.array(words([None, "v1", "v2"]), pa.string()),
        "column:x": pa.array(numeric(3.0), pa.float64()),
        "column:y": pa.array(np.round(rng.normal(size=n) * 2), pa.float64()),
        "column:word": pa.array(words(WORDS), pa.string()).dictionary_encode(),
        "column:big": pa.array(rng.integers(2**53, 2**53 + 3, size=n), pa.int64()),
        "latency_ms": pa.array(np.abs(rng.normal(size=n)) * 50, pa.float64()),
        "status": pa.array(words(["200", "500", None, "ok", "bad"]), pa.string()),
    }
    if task == "binary":
        made |= {"prediction": pa.array(words([None, "0", "1", "2"])), "target": pa.array(words([None, "0", "1"]))}
        seen = np.arange(n) + np.exp2(rng.uniform(-1, 45, size=n)).astype(np.int64)
        made["target_time"] = pa.array(seen, pa.timestamp("us", "UTC"), mask=rng.random(n) < 0.1)
        made["score"] = pa.array([None if rng.random() < 0.1 else float(v) for v in rng.random(n)], pa.float64())
    elif task == "multiclass":
        made |= {"prediction": pa.array(words([None, "a", "b"])), "target": pa.array(words([None, "a", "b", "c"]))}
        score = rng.random(n)
        made |= {"score:a": pa.array(score), "score:b": pa.array(1 - score)}
    elif task == "regression":
        made |= {"prediction": pa.array(numeric(2.0), pa.float64()), "target": pa.array(numeric(2.0), pa.float64())}
    else:
        made |= {"query": pa.array(np.arange(n) // 3), "item": pa.array(rng.integers(20, size=n))}
        made |= {"rank": pa.array(np.arange(n) % 3 + 1), "target": pa.array(words([None, "0", "1", "2"]))}
        del made["id"]
    return pa.RecordBatch.from_pydict(made)


@cache
def layout_of(task: str) -> Layout:
    """Return a task's layout, frozen from 300 rows."""
    return freeze(model_of(task), [table_of(task, 12345, 300)])


def differences(one: Profile, other: Profile, scale: dict[tuple[str, object], np.ndarray] | None = None) -> list[str]:
    """Return in what two profiles differ: counts exactly, sums by more than 1e-12 of their scale."""
    wrong = [f"part {name}" for name in one.parts.keys() ^ other.parts.keys()]
    for name in one.parts.keys() & other.parts.keys():
        a, b = one.parts[name], other.parts[name]
        if (a.width, a.keys, a.overflowed) != (b.width, b.keys, b.overflowed):
            wrong.append(f"labels of {name}")
            continue
        exact = ("cells", "counts", "lows", "highs")
        wrong += [f"{what} of {name}" for what in exact if not np.array_equal(getattr(a, what), getattr(b, what))]
        for row, key in enumerate(a.keys):
            allowed = 1e-12 * (np.abs(a.sums[row]) if scale is None else scale[name, key])
            if not (np.abs(a.sums[row] - b.sums[row]) <= allowed).all():
                wrong.append(f"sums of {name} {key}")
        if len(a.weights) != len(b.weights) or not np.allclose(a.weights, b.weights, rtol=1e-11, atol=1e-11):
            wrong.append(f"weights of {name}")
    return wrong


def scale_of(profiles: list[Profile]) -> dict[tuple[str, object], np.ndarray]:
    """Return the sum of the sizes of what is added up, per part and label."""
    found: dict[tuple[str, object], np.ndarray] = {}
    for profile in profiles:
        for name, tally in profile.parts.items():
            for row, key in enumerate(tally.keys):
                found[name, key] = found.get((name, key), 0.0) + np.abs(tally.sums[row])
    return found
