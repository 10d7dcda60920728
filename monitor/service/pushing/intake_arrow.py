"""Intake of Arrow's IPC streams: checked throughout before any of it is used, for anybody may have written them."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pyarrow as pa

from monitor.service.pushing.array import flat, unfolded
from monitor.service.pushing.rows import MOST_COLUMNS, IntakeError, Rows, name_problem

AT_ONCE = 10_000
MOST_ROWS = 1_000_000
MOST_UNFOLDED = 64_000_000  # bytes of text in a part
_RECORD_BATCH, _DICTIONARY_BATCH = 3, 2
_VERSION_5 = 4  # versions are counted from 0
_PLAIN = "write the stream without compression (IpcWriteOptions(compression=None))"


def parts(body: bytes) -> Iterator[Rows]:
    """Yield the rows of a stream in parts of bounded size.

    Raises
    ------
    IntakeError
        It is no such stream, is compressed or shares long texts among its rows (a small body could fill the memory),
        has too many rows or columns, or a column's name twice.
    """
    try:
        _refuse_compressed(body)
        reader = pa.ipc.open_stream(pa.py_buffer(body))
        batches = list(reader)
        for batch in batches:
            batch.validate(full=True)
    except (pa.ArrowException, ValueError, OSError, struct.error, IndexError) as error:
        raise IntakeError(
            "the body is no Arrow IPC stream", "write one by pyarrow.ipc.new_stream", state="malformed"
        ) from error
    _demand(reader.schema, sum(batch.num_rows for batch in batches))
    names = reader.schema.names
    for batch in batches:
        for start in range(0, batch.num_rows, AT_ONCE):
            part = batch.slice(start, AT_ONCE)
            columns = [flat(column) for column in part.columns]
            if sum(map(unfolded, columns)) > MOST_UNFOLDED:
                most = MOST_UNFOLDED // 1_000_000
                raise IntakeError(
                    f"the texts of {part.num_rows} rows, shared ones unfolded, are more than {most} MB",
                    "send shorter texts",
                    state="too_large",
                )
            yield Rows(part.num_rows, dict(zip(names, columns, strict=True)))


def _demand(schema: pa.Schema, rows: int) -> None:
    names = schema.names
    if len(names) > MOST_COLUMNS or rows > MOST_ROWS:
        raise IntakeError(
            f"the stream has {rows} rows and {len(names)} columns; {MOST_ROWS} and {MOST_COLUMNS} are the most",
            "send it in parts",
            state="too_large",
        )
    for name in names:
        problem = "stands twice" if names.count(name) > 1 else name_problem(name)
        if problem is not None:
            raise IntakeError(f"column {name[:80]!r} {problem}", "rename the column", state="wrong_shape")


def _refuse_compressed(body: bytes) -> None:
    reader = pa.ipc.MessageReader.open_stream(pa.py_buffer(body))
    while True:
        try:
            message = reader.read_next_message()
        except StopIteration:
            return
        if _compressed(message.metadata.to_pybytes()):
            raise IntakeError("the stream is compressed", _PLAIN, state="unsupported")


def _compressed(header: bytes) -> bool:
    """Tell whether a message's header names a compression: a flatbuffer's table, field 3 of a batch.

    Before version 5 of the format it stood among the message's own words instead, field 4: none are taken there.
    """
    message = struct.unpack_from("<I", header, 0)[0]
    version = _field(header, message, 0)
    old = version is None or struct.unpack_from("<h", header, version)[0] < _VERSION_5
    if old and _field(header, message, 4) is not None:
        return True
    kind = _field(header, message, 1)
    found = _field(header, message, 2)
    if kind is None or found is None:
        return False
    what = header[kind]
    batch = found + struct.unpack_from("<I", header, found)[0]
    if what == _DICTIONARY_BATCH:
        inner = _field(header, batch, 1)
        if inner is None:
            return False
        batch = inner + struct.unpack_from("<I", header, inner)[0]
    return what in (_RECORD_BATCH, _DICTIONARY_BATCH) and _field(header, batch, 3) is not None


def _field(header: bytes, table: int, slot: int) -> int | None:
    """Return where a field of a flatbuffer's table is; None when it is absent."""
    vtable = table - struct.unpack_from("<i", header, table)[0]
    size = struct.unpack_from("<H", header, vtable)[0]
    entry = 4 + 2 * slot
    if vtable < 0 or entry + 2 > size:
        return None
    offset: int = struct.unpack_from("<H", header, vtable + entry)[0]
    return table + offset if offset else None
