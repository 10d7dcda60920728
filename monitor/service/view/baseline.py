"""The baseline: the key metric of a model's reference itself, which its windows are held against."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from monitor.config import ModelConfig
from monitor.domain.calendar import Calendar
from monitor.domain.window import Window
from monitor.errors import MonitorError
from monitor.metrics.comparison import Comparison
from monitor.metrics.estimate import Estimate
from monitor.metrics.evaluate import evaluate_metric
from monitor.profile import bundle
from monitor.profile.late import with_late_truth
from monitor.profile.layout import Layout
from monitor.profile.profile import Profile, add, of_all_rows
from monitor.profile.reading import Reading
from monitor.rules.rule import metric_named
from monitor.service.key_metric import key_metric
from monitor.service.reference.reference import WHOLE
from monitor.service.tiles.blocks import without
from monitor.store import references, tiles
from monitor.store.engine import Store
from monitor.store.references import StoredReference

Found = tuple[int, Estimate | None]

_KEPT: WeakKeyDictionary[Engine, dict[tuple[int, str], Found]] = WeakKeyDictionary()
_ADDING = threading.Lock()


def baselines(store: Store, wanted: Mapping[int, ModelConfig], day: int) -> dict[int, Estimate]:
    """Return the key metric of references, by their number, as far as they have one.

    Ground truth that came after a reference was frozen counts; it is looked for again once a day. A trailing reference
    has no metric of its own.

    Parameters
    ----------
    wanted : mapping of int to ModelConfig
        The model of each reference, by the reference's number.
    day : int
        The present day, however it is counted.
    """
    kept = _KEPT.setdefault(store.engine, {})
    for number, model in wanted.items():
        key = number, key_metric(model)
        if not _of_the_day(kept.get(key), day):
            with _ADDING:  # who asks meanwhile waits for the answer: to add up twice at once takes twice the memory
                if not _of_the_day(kept.get(key), day):
                    kept[key] = day, _estimate(store, number, model)
    found = {number: kept[number, key_metric(model)][1] for number, model in wanted.items()}
    return {
        number: estimate for number, estimate in found.items() if estimate is not None and estimate.value is not None
    }


def _of_the_day(found: Found | None, day: int) -> bool:
    return found is not None and found[0] == day


def _estimate(store: Store, number: int, model: ModelConfig) -> Estimate | None:
    with store.read() as conn:
        stored = references.get(conn, number)
        if stored is None or stored.kind == "trailing":
            return None
        try:
            reading = _reading(conn, stored, model)
        except MonitorError:  # its counts were removed for their age
            return None
    return _of(Comparison(reading.layout.model, reading, reading, 1.0), key_metric(model))


def _of(comparison: Comparison, name: str) -> Estimate | None:
    """Return one metric of all rows; None when it is none of the model's."""
    metric = metric_named(name)
    found = () if metric is None else evaluate_metric(metric, comparison)
    whole = (one.estimate for one in found if (one.metric, one.column, one.group) == (name, None, None))
    return next(whole, None)


def _reading(conn: Connection, stored: StoredReference, model: ModelConfig) -> Reading:
    layout = Layout.from_bytes(stored.layout)
    frozen = bundle.from_bytes(stored.profile).get(WHOLE, Profile(layout.fingerprint, {}))
    if stored.start is None or stored.end is None:
        return Reading(layout, frozen)
    bounds = Calendar(model.window_timezone, model.window).tiles(stored.start, stored.end)
    excluded = [Window(period.start, period.end) for period in model.exclude]
    found = _whole(tiles.load_many(conn, stored.model_id, layout.fingerprint, bounds[0], bounds[-1]))
    kept = [Profile.from_bytes(tile.profile, of_all_rows) for tile in without(found, excluded) if tile.profile]
    return Reading(layout, with_late_truth(layout, frozen, add(kept)) if kept else frozen)


def _whole(found: Iterator[tiles.Tile]) -> Iterator[tiles.Tile]:
    return (tile for tile in found if (tile.version, tile.segment) == WHOLE)
