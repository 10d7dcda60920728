"""A reference that does not stand in the model's own log: a file, or a source of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from monitor.config import ModelConfig, SourceConfig, resolve_path
from monitor.source import Source, open_source


def open_elsewhere(config: ModelConfig, columns: Sequence[str], folder: Path) -> Source:
    """Open the file or source that a model's reference names; to be closed after use.

    Parameters
    ----------
    columns : sequence of str
        Raw columns beside the roles.
    folder : Path
        Where relative paths begin.

    Raises
    ------
    SourceError
        It cannot be opened, or lacks a column.
    """
    spec = config.reference
    if spec is not None and spec.source is not None:
        return open_source(spec.source, columns=columns, folder=folder, task=config.task)
    path = spec.path if spec is not None and spec.path is not None else ""
    block = _rows_only(config, file_url(path, folder))
    return open_source(block, columns=columns, folder=folder, task=config.task, rows_only=True)


def file_url(path: str, folder: Path) -> str:
    """Return the URL of a reference file, which may be a plain path.

    Examples
    --------
    >>> file_url("old.csv.gz", Path("/etc/monitor"))
    'csv:////etc/monitor/old.csv.gz'
    """
    if "://" in path:
        return path
    name = path.lower().removesuffix(".gz")
    kind = "parquet" if name.endswith(".parquet") else "jsonl" if name.endswith(".jsonl") else "csv"
    return f"{kind}:///{resolve_path(path, folder)}"


def _rows_only(config: ModelConfig, url: str) -> SourceConfig:
    """Take the target from the file itself, where it has the column that ground truth has."""
    truth, predictions = config.source.ground_truth, config.source.predictions
    target = predictions.target or (truth.target if truth else None)
    update: dict[str, object] = {"target": target, "where": {}, "table": None}
    if config.task != "ranking":
        update["query"] = None
    rows = predictions.model_copy(update=update)
    return config.source.model_copy(update={"url": url, "ground_truth": None, "predictions": rows})
