"""CSV and TSV files, packed with gzip or not; one type per column for the whole file.

Types are guessed from the first block and then tried on every row; a column whose later rows do not fit
takes the next wider type, text at last, for all its rows. An empty cell is missing; ``NA``, ``NULL`` and
the like are missing in columns of numbers, dates and booleans only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from monitor.config.source import CsvConfig
from monitor.source.files import find, no_table, reading
from monitor.source.fileset import FileSet, scanned
from monitor.source.ladder import first_rung, next_rung
from monitor.source.plain import plain, plain_schema
from monitor.source.relation import Relation, Request

SCHEMES = ("csv",)
ENDINGS = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
# Arrow reads 32 blocks ahead; a row must fit into one
_BLOCK_BYTES = 1 << 20
_MISSING = (
    "", "NA", "N/A", "#N/A", "#NA", "n/a", "null", "NULL", "Null", "None", "\\N", "NaN", "nan", "-nan",
    "-NaN", "<NA>",
)  # fmt: skip
_MISFIT = re.compile(r"In CSV column #(\d+): .*?CSV conversion error to [^:]*:(?: invalid value '(.*)')?", re.DOTALL)


def open_relation(url: str, *, table: str | None, query: str | None, csv: CsvConfig | None, folder: Path) -> Relation:
    """Open the files of ``csv:///dir/*.csv.gz``; ``.tsv`` is separated by tabs unless ``csv:`` says else.

    Raises
    ------
    SourceError
        There is no such file, or a table or query is asked for.
    """
    no_table(url, table, query)
    return FileSet(url, find(url, folder, ENDINGS), CsvReader(csv or CsvConfig()))


@dataclass(frozen=True)
class CsvReader:
    """How a CSV file is read."""

    options: CsvConfig

    def schema(self, path: str) -> pa.Schema:
        """Return the file's columns; the whole file is read once for their types."""
        with reading(path):
            return plain_schema(self._types(path))

    def batches(self, path: str, schema: pa.Schema, request: Request) -> Iterator[pa.RecordBatch]:
        """Stream the wanted columns of every row."""
        del request
        with reading(path):
            own = self._types(path)
            types = {
                field.name: pa.binary() if own.field(field.name).type == pa.binary() else field.type
                for field in schema
                if field.name in own.names
            }
            # without a column of its own a file still counts rows, by its first one
            only = list(types) or own.names[:1]
            for batch in _stream(path, self._signs(path), types, only):
                yield _without_empty(batch)

    def extremes(self, path: str, schema: pa.Schema, request: Request) -> Iterator[pa.Array]:
        """Give the times of every row."""
        return scanned(self, path, schema, request)

    def _types(self, path: str) -> pa.Schema:
        state = Path(path).stat()
        return _typed(path, state.st_size, state.st_mtime_ns, self._signs(path))

    def _signs(self, path: str) -> tuple[str, str]:
        """Return the delimiter and the decimal sign."""
        tabs = path.lower().removesuffix(".gz").endswith(".tsv") and self.options.delimiter == ","
        return "\t" if tabs else self.options.delimiter, self.options.decimal


@lru_cache(maxsize=4096)
def _typed(path: str, size: int, changed: int, signs: tuple[str, str]) -> pa.Schema:
    """Find types that every row fits; remembered as long as the file does not change."""
    del size, changed
    with _stream(path, signs, {}, None) as guess:
        names = guess.schema.names
        if len(set(names)) < len(names):
            return guess.schema
        block = next(iter(guess), None)
    if block is None:
        return guess.schema
    types = {name: first_rung(block.column(name)) for name in names}
    del block
    while misfit := _misfit(path, signs, types):
        name = names[int(misfit[1])]
        types[name] = next_rung(types[name], misfit[2], signs[1])
    return pa.schema(list(types.items()))


def _misfit(path: str, signs: tuple[str, str], types: dict[str, pa.DataType]) -> re.Match[str] | None:
    """Read a file through; return the first column and value that do not fit their type."""
    try:
        with _stream(path, signs, types, None) as stream:
            for _ in stream:
                pass
    except pa.ArrowInvalid as error:
        found = _MISFIT.match(str(error))
        if found is None:
            raise
        return found
    return None


def _stream(
    path: str,
    signs: tuple[str, str],
    types: dict[str, pa.DataType],
    only: list[str] | None,
) -> arrow_csv.CSVStreamingReader:
    packed = "gzip" if path.lower().endswith(".gz") else None
    return arrow_csv.open_csv(
        pa.input_stream(path, compression=packed),
        arrow_csv.ReadOptions(block_size=_BLOCK_BYTES),
        arrow_csv.ParseOptions(delimiter=signs[0], newlines_in_values=True),
        arrow_csv.ConvertOptions(
            column_types=types,
            include_columns=only,
            decimal_point=signs[1],
            null_values=_MISSING,
        ),
    )


def _without_empty(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Make empty text missing."""
    arrays = [
        pc.if_else(pc.equal(column, ""), None, column) if column.type == pa.string() else column
        for column in map(plain, batch.columns)
    ]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)
