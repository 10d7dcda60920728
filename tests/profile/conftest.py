"""Counting small tables: a model, the layout frozen from rows, and the views of their profile."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from monitor.domain.model import Model
from monitor.profile.build import build
from monitor.profile.freezer import freeze
from monitor.profile.reading import Reading


def table(**columns: Any) -> pa.RecordBatch:
    """Make a canonical batch; ``column_x`` stands for ``column:x``, ``score_x`` for ``score:x``."""
    names = {k: k.replace("column_", "column:").replace("score_", "score:") for k in columns}
    arrays = {names[k]: v if isinstance(v, pa.Array) else pa.array(v) for k, v in columns.items()}
    return pa.RecordBatch.from_pydict(arrays)


def model(task: str, batch: pa.RecordBatch, **more: Any) -> Model:
    """Return a model whose columns are those of a batch."""
    columns: dict[str, Any] = {}
    for name, kind in zip(batch.schema.names, batch.schema.types, strict=True):
        number = pa.types.is_floating(kind) or pa.types.is_integer(kind)
        if name in ("prediction", "target"):
            columns[name] = "categorical" if task in ("binary", "multiclass") else "numeric"
        elif name.startswith(("column:", "score")):
            columns[name] = "numeric" if number or name.startswith("score") else "categorical"
    roles = frozenset(n for n in batch.schema.names if ":" not in n and n != "time")
    return Model("m", task, columns, roles, **more)  # type: ignore[arg-type]


def read(task: str, batch: pa.RecordBatch, reference: pa.RecordBatch | None = None, **more: Any) -> Reading:
    """Count a batch over bins frozen from a reference, by default itself, in two unequal batches."""
    layout = freeze(model(task, batch, **more), [batch if reference is None else reference])
    cut = len(batch) // 3
    return Reading(layout, build(layout, [batch.slice(0, cut), batch.slice(cut)]))
