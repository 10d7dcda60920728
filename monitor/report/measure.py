"""Metrics of Evidently as estimates: on samples, each by itself, never NaN."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from monitor.config.evidently import EvidentlyConfig, EvidentlyMetric
from monitor.domain.model import Model, published_name
from monitor.metrics.estimate import Estimate, undefined
from monitor.report.guests import Guests, guests
from monitor.report.judges import LEVEL, NUMERIC, register
from monitor.report.quiet import quiet

Measured = tuple[str, str | None, Estimate]
_COLUMNS = ("column", "columns", "x_column", "y_column")


def measure(
    config: EvidentlyConfig, reference: pa.Table | None, current: pa.Table | None, model: Model
) -> list[Measured]:
    """Compute each configured metric of Evidently on samples of canonical rows.

    Returns
    -------
    list of (name, column, Estimate)
        ``evidently.<Metric>``, with ``.<part>`` when the metric has several values, such as
        ``evidently.DriftedColumnsCount.share``. A metric that fails has no value, with the reason, and harms no other.
        ``n`` counts the rows of the current sample.
    """
    if current is None or reference is None:
        reason = "no rows in the window" if current is None else "no rows in the reference"
        return [(f"evidently.{m.name}", _column(m), undefined(reason)) for m in config.metrics]
    with quiet():
        rows = guests(model, reference, current)
        return [found for metric in config.metrics for found in _safely(metric, rows)]


def _safely(metric: EvidentlyMetric, rows: Guests) -> list[Measured]:
    name, column, n = f"evidently.{metric.name}", _column(metric), len(rows.current)
    why = rows.left_out.get(column or "")
    if why is not None:
        return [(name, column, undefined(why, n=n))]
    try:
        return list(_values(metric, rows)) or [(name, column, undefined("the metric gave no value", n=n))]
    except Exception as error:  # noqa: BLE001  Evidently may raise anything; the other metrics stay
        reason = f"Evidently failed: {type(error).__name__}: {error}"[:300]
        return [(name, column, undefined(reason, n=n))]


def _values(metric: EvidentlyMetric, rows: Guests) -> Iterator[Measured]:
    from evidently import Dataset, Report  # noqa: PLC0415

    made = _class(metric.name)(**_arguments(metric, rows))
    definition = _definition(rows)
    old, new = (Dataset.from_pandas(frame, data_definition=definition) for frame in (rows.reference, rows.current))
    for found in Report([made]).run(new, old).dict()["metrics"]:
        value, n = found["value"], len(rows.current)
        parts = value.items() if isinstance(value, Mapping) else [(None, value)]
        for part, number in parts:
            name = f"evidently.{metric.name}" + ("" if part is None else f".{part}")
            yield name, _column(metric), _estimate(number, n)


def _class(name: str) -> Any:
    import evidently.metrics  # noqa: PLC0415

    found = getattr(evidently.metrics, name, None)
    if found is None:
        raise LookupError(f"evidently.metrics has no {name}")
    return found


def _arguments(metric: EvidentlyMetric, rows: Guests) -> dict[str, Any]:
    """Return the arguments: columns by their names in the frames, tests named where Evidently would choose by size."""
    harmless = {published_name(column): name for column, name in rows.names.items()}
    arguments = dict(metric.arguments)
    for key in _COLUMNS:
        value = arguments.get(key)
        if isinstance(value, str):
            arguments[key] = harmless.get(value, value)
        elif isinstance(value, list | tuple):
            arguments[key] = [harmless.get(v, v) for v in value]
    takes = inspect.signature(_class(metric.name)).parameters
    if metric.name == "ValueDrift" and "method" not in arguments:
        numeric = arguments.get("column") in rows.of_kind("numeric")
        arguments |= {"method": NUMERIC if numeric else register(), "threshold": arguments.get("threshold", LEVEL)}
    if {"cat_method", "num_method"} <= set(takes) and "method" not in arguments:
        named = {"cat_method": register(), "num_method": NUMERIC, "cat_threshold": LEVEL, "num_threshold": LEVEL}
        arguments = named | arguments
    return arguments


def _definition(rows: Guests) -> Any:
    from evidently import (  # noqa: PLC0415
        BinaryClassification,
        DataDefinition,
        MulticlassClassification,
        Regression,
    )

    target, prediction = rows.names.get("target"), rows.names.get("prediction")
    more: dict[str, Any] = {}
    if target and prediction and rows.model.task == "regression":
        more["regression"] = [Regression(target=target, prediction=prediction)]
    elif target and rows.model.task == "multiclass" and prediction:
        more["classification"] = [MulticlassClassification(target=target, prediction_labels=prediction)]
    elif target and rows.model.task == "binary":
        kind = {"prediction_labels": prediction, "prediction_probas": rows.names.get("score")}
        kind = {key: name for key, name in kind.items() if name}
        if kind:
            more["classification"] = [BinaryClassification(target=target, pos_label=rows.model.positive, **kind)]
    return DataDefinition(
        numerical_columns=rows.of_kind("numeric"), categorical_columns=rows.of_kind("categorical"), **more
    )


def _column(metric: EvidentlyMetric) -> str | None:
    column = metric.arguments.get("column")
    return column if isinstance(column, str) else None


def _estimate(value: Any, n: int) -> Estimate:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return undefined("the value is not a number", n=n)
    return Estimate(number, n=n) if math.isfinite(number) else undefined("the value is not a finite number", n=n)
