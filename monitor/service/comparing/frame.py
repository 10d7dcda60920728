"""Frames: whatever rows come as (pandas, polars, Arrow, arrays by name, files), they are read as Arrow batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from monitor.domain.category import category_text
from monitor.errors import UsageError
from monitor.profile.values import is_text

BATCH_ROWS = 131_072
_SUFFIXES = {".csv": "csv", ".tsv": "csv", ".feather": "feather", ".arrow": "feather", ".orc": "orc"}


@dataclass(frozen=True)
class Frame:
    """Rows that can be read more than once: ``batches`` gives the columns asked for, in that order."""

    schema: pa.Schema
    batches: Callable[[Sequence[str]], Iterator[pa.RecordBatch]]


def frame(rows: Any, what: str) -> Frame:
    """Return rows as a frame; nothing is copied that Arrow can look at where it is.

    Parameters
    ----------
    rows : object
        A pandas or polars frame, an Arrow table, batch, reader or dataset, a mapping of names to arrays, a path of a
        Parquet, Arrow or CSV file or of a folder, or anything with ``__arrow_c_stream__``.
    what : str
        How messages name it.

    Raises
    ------
    UsageError
        It is none of these, is no file, or has two columns of one name.
    """
    if isinstance(rows, str | Path):
        return _of_dataset(_open(Path(rows), what))
    if type(rows).__module__.startswith("pyarrow._dataset"):
        return _of_dataset(rows)
    table = _table(rows, what)
    names = [str(name) for name in table.column_names]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise UsageError(f"{what} has two columns named {twice[0]!r}", "rename one of them")
    return _of_table(table)


def _table(rows: Any, what: str) -> pa.Table:
    if isinstance(rows, pa.Table):
        return rows
    if isinstance(rows, pa.RecordBatch):
        return pa.Table.from_batches([rows])
    if isinstance(rows, pa.RecordBatchReader):
        return rows.read_all()
    if isinstance(rows, Mapping):
        return _of_arrays([str(name) for name in rows], [array(values) for values in rows.values()], what)
    room = type(rows).__module__.partition(".")[0]
    if room == "pandas" and hasattr(rows, "columns"):
        return _of_arrays(
            [str(name) for name in rows.columns], [_of_series(column) for _, column in rows.items()], what
        )
    if room == "polars" and hasattr(rows, "collect"):
        rows = rows.collect()
    if hasattr(rows, "__arrow_c_stream__"):
        return pa.table(rows)
    raise UsageError(
        f"{what} is a {type(rows).__name__}, which is no table",
        "give a pandas or polars frame, an Arrow table, a dict of arrays or the path of a Parquet file",
    )


def _of_arrays(names: list[str], arrays: list[pa.Array | pa.ChunkedArray], what: str) -> pa.Table:
    lengths = {len(each) for each in arrays}
    if len(lengths) > 1:
        raise UsageError(f"the columns of {what} differ in length", "give arrays of one length")
    return pa.Table.from_arrays(arrays, names=names)


def _of_series(series: Any) -> pa.Array | pa.ChunkedArray:
    """Return a pandas column: numpy's own memory where it has one, else what its array type gives as Arrow."""
    plain = type(series.dtype).__module__.startswith("numpy")
    return array(series.to_numpy() if plain else series.array)


def array(values: Any) -> pa.Array | pa.ChunkedArray:
    """Return values as Arrow, as text where Arrow has no type for them or they are of several.

    Examples
    --------
    >>> array([1, "a", None]).to_pylist()
    ['1', 'a', None]
    """
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values
    mixed = str(getattr(values, "dtype", None)) == "object"
    try:
        found = pa.array(values, from_pandas=True if mixed else None)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        found = pa.array([_text(value) for value in values], pa.large_string())
    return found.storage if isinstance(found, pa.ExtensionArray) else found


def _text(value: object) -> str | None:
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    text = category_text(value)
    return None if text is None else text.encode("utf-8", "backslashreplace").decode()


def _of_table(table: pa.Table) -> Frame:
    def batches(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        chosen = table.select(list(columns))
        pieces = max((column.num_chunks for column in chosen.columns), default=1)
        if pieces > 1 + table.num_rows // BATCH_ROWS:
            chosen = chosen.combine_chunks()
        yield from (batch for batch in chosen.to_batches() if batch.num_rows)

    return Frame(table.schema, batches)


def _of_dataset(dataset: Any) -> Frame:
    def batches(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        for piece in _pieces(dataset):
            found = piece.to_batches(schema=dataset.schema, columns=list(columns), batch_size=BATCH_ROWS)
            yield from (batch for batch in found if batch.num_rows)

    return Frame(dataset.schema, batches)


def _pieces(dataset: Any) -> Iterator[Any]:
    """Yield the parts of a dataset that are read at a time: of a scan over all, a gigabyte waits for its reader."""
    for file in dataset.get_fragments():
        yield from file.split_by_row_group() if hasattr(file, "split_by_row_group") else [file]


def _open(path: Path, what: str) -> Any:
    import pyarrow.dataset  # noqa: PLC0415  only files need it

    if not path.exists():
        raise UsageError(f"{what}: there is no file {path}", "relative paths begin at the working directory")
    try:
        found = pyarrow.dataset.dataset(path, format=_SUFFIXES.get(path.suffix.lower(), "parquet"))
        if found.format.default_extname != "parquet":
            return found
        texts = [field.name for field in found.schema if is_text(field.type)]  # stored as dictionaries: read them so
        return pyarrow.dataset.dataset(path, format=pyarrow.dataset.ParquetFileFormat(dictionary_columns=texts))
    except (OSError, pa.ArrowException) as error:
        raise UsageError(f"{what}: {path} cannot be read: {error}", "give a Parquet, Arrow or CSV file") from None
