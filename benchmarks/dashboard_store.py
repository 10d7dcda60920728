"""A store as large as a dashboard may meet: many models, many columns, every hour of a season, made without a log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import yaml
from numpy.typing import NDArray
from sqlalchemy import Connection, insert

from monitor.config import Config, load
from monitor.domain.category import class_text
from monitor.domain.model import Model
from monitor.profile import bundle
from monitor.profile.build import Builder
from monitor.profile.freezer import freeze
from monitor.profile.layout import Layout
from monitor.profile.profile import Profile
from monitor.service.apply import apply
from monitor.store import changes, models, references, series, tiles
from monitor.store.changes import Change
from monitor.store.engine import Store
from monitor.store.measurements import INSERT
from monitor.store.series import SeriesKey
from monitor.store.tables import runs

HOUR = timedelta(hours=1)
ROWS = 400  # an hour
BY_COLUMN = ("drift_effect", "drift_pvalue", "missing_rate")
OVERALL = ("row_count", "roc_auc", "recall", "precision", "f1", "accuracy", "average_precision", "brier_score")
MORE_BY_COLUMN = ("psi", "total_variation_distance", "mean_shift", "missing_rate_change", "mean", "out_of_range_rate")
GROUPS = ("a", "b", "c", "d")
RATES = ("selection_rate", "recall", "roc_auc", "false_positive_rate")
GAPS = ("demographic_parity_difference", "demographic_parity_ratio", "equal_opportunity_difference")


def configured(folder: Path, number: int, columns: int) -> Config:
    """Write a monitor.yaml with so many models of so many numeric features, and read it."""
    features = [f"feature_{i:02d}" for i in range(columns)]
    source = {"url": "sqlite:///logs.db", "predictions": {
        "table": "t", "id": "id", "time": "at", "prediction": "said", "score": "score", "target": "came"}}  # fmt: skip
    found = [
        {"name": f"model-{i:02d}", "task": "binary", "source": source, "features": {"numeric": features},
         "groups": ["place"], "window": "1h", "ground_truth_horizon": "1h"}
        for i in range(number)
    ]  # fmt: skip
    file = folder / "monitor.yaml"
    file.write_text(yaml.safe_dump({"store": "sqlite:///monitor.db", "models": found}), encoding="utf-8")
    return load(file, {})


def fill(config: Config, store: Store, end: datetime, days: int, columns: int, *, whole: int = 5) -> int:
    """Fill the store; return how many measurements it has.

    Every model has drift, p and missing rate of each column and what its performance tab shows; the first ``whole``
    have the other metrics that the page of one column shows too, which nobody reads for all models at once.
    """
    apply(config, store, end)
    rng = np.random.default_rng(0)
    layout, hour = _counted(config.models[0].name, columns, rng)
    written = 0
    for place, model in enumerate(config.models):
        with store.write() as conn:
            found = models.find(conn, model.name)
            assert found is not None
            starts = [end - (days * 24 - i) * HOUR for i in range(days * 24)]
            reference = _reference(conn, found.id, layout, hour, starts[0])
            numbers = _runs(conn, found.id, starts, reference)
            for key in _keys(columns, whole=place < whole):
                written += _series(conn, found.id, key, numbers, rng)
            last = [tiles.Tile(s, s + HOUR, ROWS, ROWS, hour.to_bytes()) for s in starts[-120:]]
            tiles.upsert_many(conn, found.id, layout.fingerprint, last)
            changes.append(conn, [Change(found.id, "window", end)])
    return written


def _counted(name: str, columns: int, rng: np.random.Generator) -> tuple[Layout, Profile]:
    """Return the bins of a reference and the counts of one hour over them."""
    kinds: dict[str, Any] = {f"column:feature_{i:02d}": "numeric" for i in range(columns)}
    kinds |= {"prediction": "categorical", "score": "numeric", "target": "categorical", "column:place": "categorical"}
    roles = frozenset({"prediction", "score", "target"})
    model = Model(name, "binary", kinds, roles=roles, groups=(("place",),))
    layout = freeze(model, [_rows(20_000, columns, rng)])
    builder = Builder(layout)
    builder.add(_rows(ROWS, columns, rng))
    return layout, next(p for place, p in builder.finish().items() if not place.version and not place.segment)


def _rows(n: int, columns: int, rng: np.random.Generator) -> pa.RecordBatch:
    score = rng.random(n)
    at = pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * n, pa.timestamp("us", "UTC"))
    found: dict[str, Any] = {f"column:feature_{i:02d}": rng.normal(size=n) for i in range(columns)}
    found |= {"id": np.arange(n), "score": score, "column:place": rng.choice(list(GROUPS), n)}
    came = rng.random(n) < score
    said = [class_text(bool(x)) for x in score > 0.5]
    found |= {"prediction": said, "target": [class_text(bool(x)) for x in came]}
    return pa.RecordBatch.from_pydict({"time": at, **found})


def _reference(conn: Connection, model_id: int, layout: Layout, hour: Profile, start: datetime) -> int:
    blob = bundle.to_bytes({("", ""): hour})
    return references.save(
        conn, model_id, spec_digest="bench", fingerprint=layout.fingerprint, kind="period", rows=ROWS,
        layout=layout.to_bytes(), profile=blob, now=start, start=start, end=start + 14 * 24 * HOUR,
    ).id  # fmt: skip


def _runs(conn: Connection, model_id: int, starts: list[datetime], reference: int) -> NDArray[np.int64]:
    rows = [
        {"model_id": model_id, "window_start": s, "window_end": s + HOUR, "status": "done", "reference_id": reference,
         "rows": ROWS, "labelled": ROWS, "coverage": 1.0, "created_at": s + HOUR, "finished_at": s + HOUR,
         "closed": True}
        for s in starts
    ]  # fmt: skip
    conn.execute(insert(runs), rows)
    found = conn.execute(runs.select().where(runs.c.model_id == model_id).with_only_columns(runs.c.id))
    return np.array(sorted(found.scalars()))


def _keys(columns: int, *, whole: bool) -> Iterator[SeriesKey]:
    for metric in OVERALL:
        yield SeriesKey(None, metric, None, None)
    for i in range(columns):
        for metric in (*BY_COLUMN, *(MORE_BY_COLUMN if whole else ())):
            yield SeriesKey(None, metric, f"feature_{i:02d}", None)
    for metric in RATES:
        for group in GROUPS:
            yield SeriesKey(None, metric, None, f'{{"place":"{group}"}}')
    for metric in GAPS:
        yield SeriesKey(None, metric, "place", None)


def _series(
    conn: Connection, model_id: int, key: SeriesKey, numbers: NDArray[np.int64], rng: np.random.Generator
) -> int:
    number = series.ids(conn, model_id, [key])[key]
    values = rng.beta(2, 60, len(numbers)).tolist()
    rows = [
        (number, run, value, value * 0.9, value * 1.1, ROWS, 0, None)
        for run, value in zip(numbers.tolist(), values, strict=True)
    ]
    conn.exec_driver_sql(f"{INSERT} VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    return len(rows)
