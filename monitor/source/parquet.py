"""Parquet files: only the wanted columns, only the row groups whose statistics allow the window.

Folders named ``key=value`` in the path add a column each. A row group is decoded piece by piece, so
memory depends on the number of columns and not of rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.types as is_
from pyarrow import fs
from pyarrow import parquet as pq

from monitor.config.source import CsvConfig
from monitor.errors import SourceError
from monitor.source.demand import condition
from monitor.source.files import find, no_table, reading
from monitor.source.fileset import FileSet, batch_rows, scanned
from monitor.source.folders import excluded, folder_values, with_folders
from monitor.source.plain import plain_schema, plain_type
from monitor.source.relation import Relation, Request

SCHEMES = ("parquet",)
ENDINGS = (".parquet", ".pq", ".parq")
_PAGE_BYTES = 1 << 20


def open_relation(url: str, *, table: str | None, query: str | None, csv: CsvConfig | None, folder: Path) -> Relation:
    """Open the files of ``parquet:///dir/*.parquet``.

    Raises
    ------
    SourceError
        There is no such file, or a table or query is asked for.
    """
    del csv
    no_table(url, table, query)
    return FileSet(url, find(url, folder, ENDINGS), ParquetReader(fs.LocalFileSystem()))


@dataclass(frozen=True)
class ParquetReader:
    """How a Parquet file of some file system is read; ``secrets`` never show in messages."""

    filesystem: fs.FileSystem
    secrets: tuple[str, ...] = ()

    def schema(self, path: str) -> pa.Schema:
        """Return the file's columns and those of its folders."""
        with reading(path, *self.secrets):
            own = plain_schema(self._fragment(path).physical_schema)
            added = [(k, v.type) for k, v in folder_values(path).items() if k not in own.names]
            return pa.schema([*own, *(pa.field(*each) for each in added)])

    def batches(self, path: str, schema: pa.Schema, request: Request) -> Iterator[pa.RecordBatch]:
        """Stream the wanted columns of the row groups that may hold rows inside."""
        with reading(path, *self.secrets):
            fragment = self._fragment(path)
            groups = [group.id for group in possible(fragment, request)]
            yield from self._decoded(fragment, groups, schema.names)

    def extremes(self, path: str, schema: pa.Schema, request: Request) -> Iterator[pa.Array]:
        """Take first and last times from statistics, and read the row groups that have none."""
        if request.where or request.start or request.end:
            yield from scanned(self, path, schema, request)
            return
        time = str(request.time)
        with reading(path, *self.secrets):
            fragment, unknown = self._fragment(path), []
            for group in fragment.row_groups:
                ends = _ends(fragment.physical_schema, group, time)
                if ends is None:
                    unknown.append(group.id)
                else:
                    yield ends
            for batch in self._decoded(fragment, unknown, [time]):
                yield batch.column(time)

    def _fragment(self, path: str) -> ds.ParquetFileFragment:
        return ds.ParquetFileFormat().make_fragment(path, self.filesystem)

    def _decoded(
        self, fragment: ds.ParquetFileFragment, groups: list[int], wanted: list[str]
    ) -> Iterator[pa.RecordBatch]:
        """Stream row groups one after the other: local pages as needed, remote ones in one request."""
        own = fragment.physical_schema.names
        names = [name for name in wanted if name in own]
        local = isinstance(self.filesystem, fs.LocalFileSystem)
        with self.filesystem.open_input_file(fragment.path) as handle:
            file = pq.ParquetFile(
                handle,
                metadata=fragment.metadata,
                pre_buffer=not local,
                buffer_size=_PAGE_BYTES if local else 0,
            )
            for group in groups:
                # without a column of its own a file still counts rows, by its first one
                for batch in file.iter_batches(batch_rows(len(names)), [group], names or own[:1]):
                    yield with_folders(batch, fragment.path, wanted)


def possible(fragment: ds.ParquetFileFragment, request: Request) -> list[ds.RowGroupInfo]:
    """Return the row groups that neither statistics nor folders rule out."""
    raw = fragment.physical_schema
    if excluded(fragment.path, raw.names, request):
        return []
    exact = {f.name for f in raw if plain_type(f.type) == f.type and not is_.is_dictionary(f.type)}
    time = request.time if request.time in exact else None
    where = {name: value for name, value in request.where.items() if name in exact}
    try:
        rule = condition(raw, replace(request, time=time, where=where), fragment.path)
    except SourceError:
        # a type of this file only; the united type decides row by row
        rule = condition(raw, replace(request, time=time, where={}), fragment.path)
    if rule is None:
        return list(fragment.row_groups)
    return list(fragment.subset(filter=rule, schema=raw).row_groups)


def _ends(schema: pa.Schema, group: ds.RowGroupInfo, time: str) -> pa.Array | None:
    """Return a row group's first and last time if its statistics are sure to tell them."""
    ends = (group.statistics or {}).get(time)
    if ends is None or ends.get("min") is None or ends.get("max") is None:
        return None
    kind = schema.field(time).type
    if not (is_.is_integer(kind) or is_.is_timestamp(kind) or is_.is_date(kind)):
        return None
    return pa.array([ends["min"], ends["max"]], kind)
