"""The shape of pushed rows: which columns a model maps, what they must hold, and what tells rows apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.config import ModelConfig
from monitor.config.url import kind as kind_of_url
from monitor.store.logs import Kind, Which

RECEIVED = ""
"""The column of when a row came, of ground truth without a time of its own: no pushed column is called so."""


@dataclass(frozen=True)
class Shape:
    """What is known of pushed rows before the first one comes.

    ``columns`` are the kinds of the mapped columns, ``open`` where the first value decides. ``keys`` identify a row
    and may not be missing, nor may the ``time``, if there is one. In ``loose`` columns 1, 1.0, "1" and true are one
    value, in ``whole`` ones no fractions are taken. ``zone`` is that of times without one.
    """

    columns: dict[str, Kind]
    keys: tuple[str, ...]
    time: str | None
    loose: frozenset[str]
    zone: str | None = None
    whole: frozenset[str] = frozenset()


def shape(model: ModelConfig, which: Which) -> Shape | None:
    """Return the shape of a model's pushed rows; None when such rows are not pushed to us but read elsewhere."""
    source = model.source
    truth = source.ground_truth
    if which == "predictions":
        return _of_predictions(model) if kind_of_url(source.url) == "ingest" else None
    if truth is None or kind_of_url(truth.url or source.url) != "ingest":
        return None
    ids = (truth.query, truth.item) if model.task == "ranking" else (truth.id,)
    keys = tuple(name for name in ids if name is not None)
    outcome: Kind = "number" if model.task in ("regression", "ranking") else "open"
    columns: dict[str, Kind] = dict.fromkeys(keys, "text")
    columns[RECEIVED if truth.time is None else truth.time] = "instant"
    columns.setdefault(truth.target, outcome)
    return Shape(columns, keys, truth.time, frozenset({truth.target}), source.timezone)


def pushes(model: ModelConfig) -> list[tuple[Which, Shape]]:
    """Return the logs of a model that are pushed to us."""
    kinds: tuple[Which, ...] = ("predictions", "ground_truth")
    return [(which, found) for which in kinds if (found := shape(model, which)) is not None]


def _of_predictions(model: ModelConfig) -> Shape:
    block = model.source.predictions
    ids = (block.query, block.item) if model.task == "ranking" else (block.id,)
    keys = tuple(name for name in ids if name is not None)
    columns: dict[str, Kind] = {}
    for name, kind in _roles(model):
        if name is not None:
            columns.setdefault(name, kind)
    classes = {name for name in (block.prediction, block.target) if name is not None}
    status = model.source.operations.status if model.source.operations is not None else None
    return Shape(columns, keys, block.time, frozenset(classes | ({status} if status else set())), model.source.timezone)


def _roles(model: ModelConfig) -> Iterator[tuple[str | None, Kind]]:
    """Yield the mapped columns and their kinds, those that decide over others first."""
    block, operations = model.source.predictions, model.source.operations
    ranking = model.task == "ranking"
    outcome: Kind = "number" if model.task in ("regression", "ranking") else "open"
    yield from ((name, "text") for name in (block.id, block.query if ranking else None, block.item))
    yield block.time, "instant"
    yield block.version, "text"
    yield from ((name, "number") for name in _scores(block.score))
    yield from ((block.prediction, outcome), (block.target, outcome), (block.rank, "number"))
    if operations is not None:
        yield operations.latency_ms, "number"
        yield operations.status, "integer"
    yield from ((name, "number") for name in model.features.numeric)
    yield from ((name, "text") for name in model.features.categorical)
    crossed = [name for group in model.groups for name in group]
    yield from ((name, "text") for name in (*crossed, *model.segments))


def _scores(score: str | dict[str, str] | None) -> list[str]:
    return [] if score is None else [score] if isinstance(score, str) else list(score.values())
