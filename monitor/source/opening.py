"""From the source block of monitor.yaml to an opened source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.config.source import SourceConfig
from monitor.config.url import kind
from monitor.errors import SourceError
from monitor.source.canonical import roles
from monitor.source.ground_truth import GroundTruth
from monitor.source.inspection import demand, demand_columns
from monitor.source.pairing import Pairing
from monitor.source.registry import open_relation
from monitor.source.relation import Relation, Request
from monitor.source.source import Source

if TYPE_CHECKING:
    from monitor.source.ingest import Which

RECEIVED = ""  # the column of when a row was pushed, for ground truth without a time of its own


def open_source(
    config: SourceConfig,
    *,
    columns: Sequence[str] = (),
    folder: Path,
    task: str,
    rows_only: bool = False,
) -> Source:
    """Open somebody else's log for reading.

    Parameters
    ----------
    config : SourceConfig
        The source block of monitor.yaml.
    columns : sequence of str
        Raw columns of the predictions to read beside the roles: features, groups, segments.
    folder : Path
        Where relative paths begin: monitor.yaml's folder.
    task : str
        ``binary``, ``multiclass``, ``regression`` or ``ranking``.
    rows_only : bool
        Read a file of mere rows, such as ``reference.path``: roles whose column is not there are left
        out, the target is taken from the rows themselves, and no time is read.

    Returns
    -------
    Source
        To be closed after use.

    Raises
    ------
    SourceError
        The log cannot be opened, or a mapped column is not there.
    """
    ranking = task == "ranking"
    block = config.predictions
    query = None if ranking else block.query
    predictions = _opened(config, config.url, "predictions", block.table, query, folder)
    try:
        if rows_only:
            return _rows_only(config, predictions, columns, task)
        truth = _ground_truth(config, folder, ranking)
    except BaseException:
        predictions.close()
        raise
    request = Request((), block.time, where=dict(block.where), timezone=config.timezone)
    pairs = [pair for pair in roles(config, task) if truth is None or pair[0] != "target"]
    unique = not ranking and block.id is not None and predictions.unique(block.id)
    source = Source(predictions, truth, request, tuple(pairs), tuple(columns), unique)
    try:
        demand_columns(source)
    except BaseException:
        source.close()
        raise
    return source


def _opened(
    config: SourceConfig, url: str, which: Which, table: str | None, query: str | None, folder: Path
) -> Relation:
    """Open a log where its URL says it is: in the store when it was pushed to us."""
    if kind(url) == "ingest":
        from monitor.source.ingest import open_pushed  # noqa: PLC0415  both databases' drivers are loaded when needed

        return open_pushed(config.pushed, which)
    return open_relation(url, table=table, query=query, csv=config.csv, folder=folder)


def _rows_only(config: SourceConfig, predictions: Relation, columns: Sequence[str], task: str) -> Source:
    """Map what is there of the roles."""
    known = set(predictions.schema().names)
    pairs = dict(roles(config, task))
    if config.ground_truth is not None:
        pairs["target"] = config.ground_truth.target
    there = tuple(pair for pair in pairs.items() if pair[1] in known)
    demand(predictions, list(columns))
    return Source(predictions, None, Request(()), there, tuple(columns), unique_ids=False)


def _ground_truth(config: SourceConfig, folder: Path, ranking: bool) -> GroundTruth | None:
    """Open the ground truth, when there is one."""
    block, rows = config.ground_truth, config.predictions
    if block is None:
        return None
    names = ("query", "item") if ranking else ("id",)
    keys = []
    for name in names:
        left = getattr(rows, name)
        right = getattr(block, name) or left
        if left is None or right is None:
            raise SourceError(
                f"ground truth cannot be joined: `{name}` is not mapped",
                f"map `{name}:` in predictions and ground_truth",
            )
        keys.append((left, right))
    query = None if ranking else block.query
    relation = _opened(config, block.url or config.url, "ground_truth", block.table, query, folder)
    pushed = kind(block.url or config.url) == "ingest"
    ask = Request(
        (block.target,),
        RECEIVED if pushed and block.time is None else block.time,
        where=dict(block.where),
        timezone=config.timezone,
    )
    return GroundTruth(relation, Pairing(tuple(keys), ask), names)
