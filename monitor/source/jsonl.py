"""JSON lines, packed with gzip or not; one type per key for the whole file.

All rows are read once for the types. A key whose values are of several kinds is text for every row,
nested values are JSON text, dates stay the text they were, integers beyond int64 become text.
"""

# ruff: noqa: S608  paths, names and types are bound or quoted
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from monitor.config.source import CsvConfig
from monitor.source.files import find, no_table, reading
from monitor.source.fileset import FileSet, batch_rows, scanned
from monitor.source.relation import Relation, Request
from monitor.source.scratch import scratch

SCHEMES = ("jsonl",)
ENDINGS = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
_ARROW = {"BIGINT": pa.int64(), "DOUBLE": pa.float64(), "BOOLEAN": pa.bool_(), '"NULL"': pa.null()}
_DUCKDB = {pa.int64(): "BIGINT", pa.float64(): "DOUBLE", pa.bool_(): "BOOLEAN"}
_LINES = "format='newline_delimited', compression=?, maximum_object_size=67108864"
_DESCRIBED = f"""
    DESCRIBE SELECT * FROM read_json(?, {_LINES}, records=true, sample_size=-1,
    field_appearance_threshold=0, map_inference_threshold=-1, maximum_depth=2)
"""
_FIELDS = f"SELECT * FROM read_json(?, {_LINES}, records=true, columns=?)"
_ROWS = f"read_json(?, {_LINES}, records=false, columns=?)"
_OBJECTS = f"SELECT {{chosen}} FROM {_ROWS}"
_KEYS = f"""
    SELECT key FROM (SELECT unnest(json_keys("row")) AS key
    FROM read_json(?, {_LINES}, records=false, columns={{'row': 'JSON'}})) GROUP BY key ORDER BY key
"""


def open_relation(url: str, *, table: str | None, query: str | None, csv: CsvConfig | None, folder: Path) -> Relation:
    """Open the files of ``jsonl:///dir/*.jsonl``.

    Raises
    ------
    SourceError
        There is no such file, or a table or query is asked for.
    """
    del csv
    no_table(url, table, query)
    return FileSet(url, find(url, folder, ENDINGS), JsonLinesReader())


@dataclass(frozen=True)
class JsonLinesReader:
    """How a file of JSON lines is read."""

    def schema(self, path: str) -> pa.Schema:
        """Return the file's keys; the whole file is read once for their types."""
        with reading(path):
            state = Path(path).stat()
            return _typed(path, state.st_size, state.st_mtime_ns)

    def batches(self, path: str, schema: pa.Schema, request: Request) -> Iterator[pa.RecordBatch]:
        """Stream the wanted keys of every row."""
        del request
        types = [_DUCKDB.get(field.type, "VARCHAR") for field in schema]
        with reading(path), scratch() as database:
            source, columns = _FIELDS, dict(zip(schema.names, types, strict=True))
            if _clash(schema.names):
                source, columns = _OBJECTS.format(chosen=_extracts(schema.names)), {"row": "JSON"}
            values = [[escaped(path)], _packing(path), columns or {"": "VARCHAR"}]
            found = database.sql(source, params=values)
            for batch in found.to_arrow_reader(batch_rows(len(schema))):
                yield batch.rename_columns(schema.names) if len(schema) else batch

    def extremes(self, path: str, schema: pa.Schema, request: Request) -> Iterator[pa.Array]:
        """Give the times of every row."""
        return scanned(self, path, schema, request)


def escaped(path: str) -> str:
    """Return a path in which DuckDB sees no pattern.

    Examples
    --------
    >>> escaped("/logs/a[1]*.jsonl")
    '/logs/a[[]1][*].jsonl'
    """
    return re.sub(r"([*?\[])", r"[\1]", path)


@lru_cache(maxsize=4096)
def _typed(path: str, size: int, changed: int) -> pa.Schema:
    """Find the keys and types of all rows; remembered as long as the file does not change."""
    del changed
    if not size:
        return pa.schema([])
    values = [[escaped(path)], _packing(path)]
    with scratch() as database:
        found = database.execute(_DESCRIBED, values).fetchall()
        types = {name: _ARROW.get(kind, pa.string()) for name, kind, *_ in found}
        if _suspicious(list(types)):
            # DuckDB renames keys that differ by case only; such are told apart here, as text
            keys = [key for (key,) in database.execute(_KEYS, values).fetchall()]
            double = _clashing(keys)
            types = {key: pa.string() if key in double else types[key] for key in keys}
    return pa.schema(list(types.items()))


def _packing(path: str) -> str:
    return "gzip" if path.lower().endswith(".gz") else "uncompressed"


def _suspicious(names: list[str]) -> bool:
    """Tell whether a name may be another one's double, renamed."""
    known = {name.lower() for name in names}
    return any(re.sub(r"_\d+$", "", low) in known - {low} for low in known)


def _clashing(names: list[str]) -> set[str]:
    """Return the names that differ from another one by case only."""
    low = [name.lower() for name in names]
    return {name for name in names if low.count(name.lower()) > 1}


def _clash(names: list[str]) -> bool:
    return bool(_clashing(names))


def _extracts(names: list[str]) -> str:
    """Return SQL that takes keys out of a JSON object, whatever their names hold."""
    pointers = ["/" + name.replace("~", "~0").replace("/", "~1") for name in names]
    texts = ["'" + pointer.replace("'", "''") + "'" for pointer in pointers]
    return ", ".join(f'json_extract_string("row", {text}) AS c{i}' for i, text in enumerate(texts))
