"""Pushed rows grow old: they go once their windows are settled, their hours added up, and no reference needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from monitor.config import ModelConfig, RetentionConfig
from monitor.domain.window import Window
from monitor.service.job import reference_digest
from monitor.service.pushing.log_shape import Shape, pushes
from monitor.service.retention.expired import settled_after
from monitor.service.tiles.sweep import merged
from monitor.store import expiry, log_expiry, logs, references, runs, tile_facts
from monitor.store.log_expiry import OldRows
from monitor.store.logs import Which

Write = Callable[[Callable[[Connection], Any]], Any]
_BEGINNING = datetime.min.replace(tzinfo=UTC)


def old_rows(
    conn: Connection, retention: RetentionConfig, model_id: int, model: ModelConfig | None, now: datetime
) -> list[OldRows]:
    """Return which pushed rows of a model may go, predictions first.

    Nothing that could be counted again goes: rows of days whose hours are still apart, of windows that are not settled
    or not measured yet, of the reference in force and of every one that `promote --undo` could bring back. Ground truth
    goes with its prediction; where predictions are read elsewhere, by its own time.
    """
    last = runs.last(conn, model_id)
    if model is None or retention.pushed_rows is None or last is None:
        return []
    before = min(now - max(retention.pushed_rows, settled_after(model)), last.window.start)
    kept = tuple(merged([w for w in _needed(conn, model_id, model, before) if w.start < before]))
    found: dict[Which, OldRows] = {}
    for which, shape in pushes(model):
        log, column = logs.find(conn, model_id, which), _time(shape)
        if log is None or column is None or column not in log.columns:
            continue
        late = tuple(Window(w.start, w.end + model.ground_truth_horizon) for w in kept)
        beside = found.get("predictions")
        if which == "predictions":
            found[which] = OldRows(log, column, before, kept)
        elif beside is None:
            found[which] = OldRows(log, column, before, late)
        else:
            same = dict(zip(_keys(model, "predictions"), shape.keys, strict=True))
            found[which] = OldRows(log, column, before, (), (beside.log, same))
    return list(found.values())


def remove_old_rows(found: list[OldRows], write: Write) -> int:
    """Remove them in small steps, each by ``write`` in a transaction; returns how many."""
    number = 0
    for old in found:
        while gone := write(partial(log_expiry.remove_some, old=old)):
            number += gone
    return number


def _needed(conn: Connection, model_id: int, model: ModelConfig, before: datetime) -> Iterator[Window]:
    """Yield the intervals whose rows may be read again."""
    facts = tile_facts.load(conn, model_id, _BEGINNING, before)
    yield from (Window(one.start, one.end) for one in facts if not one.rolled)
    yield from expiry.unsettled(conn, model_id, before)
    for one in references.history(conn, model_id, reference_digest(model)):
        if one.start and one.end:
            yield Window(one.start, one.end)
    if model.reference is not None and model.reference.start and model.reference.end:
        yield Window(model.reference.start, model.reference.end)


def _time(shape: Shape) -> str | None:
    return next((name for name, kind in shape.columns.items() if kind == "instant"), None)


def _keys(model: ModelConfig, which: Which) -> tuple[str, ...]:
    return next(shape.keys for kind, shape in pushes(model) if kind == which)
