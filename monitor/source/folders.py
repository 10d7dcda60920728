"""Columns that stand in folder names, ``…/year=2013/month=01/part.parquet``, as Hive and Spark write them."""

from __future__ import annotations

from urllib.parse import unquote

import pyarrow as pa

from monitor.source.demand import typed
from monitor.source.relation import Request

_MISSING = "__HIVE_DEFAULT_PARTITION__"


def folder_values(path: str) -> dict[str, pa.Scalar]:
    """Return the columns in a path: whole numbers are int64, all else is text.

    Examples
    --------
    >>> {name: value.as_py() for name, value in folder_values("/logs/year=2013/city=S%C3%A3o/a.parquet").items()}
    {'year': 2013, 'city': 'São'}
    """
    values = {}
    for part in path.split("/")[:-1]:
        name, sign, text = part.partition("=")
        if sign and name:
            values[unquote(name)] = _scalar(unquote(text))
    return values


def excluded(path: str, columns: list[str], request: Request) -> bool:
    """Tell whether ``where`` asks for another folder than the one of ``path``.

    ``columns`` are those in the file itself, which come before the folders'.
    """
    return any(
        name in request.where and name not in columns and not _same(value, request.where[name])
        for name, value in folder_values(path).items()
    )


def _same(value: pa.Scalar, wanted: object) -> bool:
    """Compare as the folder's own type, or as text where folders are united to text."""
    if not value.is_valid:
        return wanted is None
    try:
        return bool(typed(wanted, value.type) == value) or str(wanted) == str(value.as_py())
    except (pa.ArrowException, OverflowError):
        return str(wanted) == str(value.as_py())


def with_folders(batch: pa.RecordBatch, path: str, wanted: list[str]) -> pa.RecordBatch:
    """Add the wanted folder columns that the batch does not have itself."""
    for name, value in folder_values(path).items():
        if name in wanted and name not in batch.schema.names:
            batch = batch.append_column(name, pa.repeat(value, batch.num_rows))
    return batch


def _scalar(text: str) -> pa.Scalar:
    if text == _MISSING:
        return pa.scalar(None)
    if text.isascii() and text.isdigit() and len(text) < 19:
        return pa.scalar(int(text), pa.int64())
    return pa.scalar(text)
