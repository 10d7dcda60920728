"""Raw columns by role: the one shape in which every kind of log reaches the profiles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from monitor.config.source import SourceConfig
from monitor.domain.category import category_text
from monitor.profile.digest import ROW_HASH, TARGET_HASH
from monitor.source.relation import Request
from monitor.source.times import to_utc

TARGET, TARGET_TIME = "target", "target_time"


@dataclass(frozen=True)
class RoleMapping:
    """Which raw column plays which role, in the order in which the roles are given.

    ``roles`` are pairs (canonical name, raw column), the time left out.
    """

    roles: tuple[tuple[str, str], ...]
    time: str | None
    zone: str | None
    place: str

    def raw(self) -> tuple[str, ...]:
        """Return the raw columns to read, each once; the time first."""
        names = ([] if self.time is None else [self.time]) + [name for _, name in self.roles]
        return tuple(dict.fromkeys(names))

    def apply(self, batch: pa.RecordBatch, request: Request, beside: pa.RecordBatch | None = None) -> pa.RecordBatch:
        """Name a batch's columns by role, turn times into UTC and keep exactly the asked rows.

        The first columns of ``batch`` are those of `raw`, in that order; the columns of ``beside``
        follow as they are. Rows without a time are in no window (see ``Source.untimed``).
        """
        at = {name: index for index, name in enumerate(self.raw())}
        columns: dict[str, pa.Array] = {}
        if self.time is not None:
            columns["time"] = to_utc(batch.column(at[self.time]), self.zone, self.place)
        for role, name in self.roles:
            columns[role] = canonical(role, batch.column(at[name]))
        if beside is not None:
            columns.update(zip(beside.schema.names, beside.columns, strict=True))
        found = pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
        return found if self.time is None else inside(found, request.start, request.end)


def roles(config: SourceConfig, task: str) -> tuple[tuple[str, str], ...]:
    """Return the pairs (canonical name, raw column) of predictions that the configuration maps."""
    block = config.predictions
    names = ["id", "version", "prediction", "target"]
    names += ["query", "item", "rank"] if task == "ranking" else []
    pairs = [(name, getattr(block, name)) for name in names]
    if isinstance(block.score, dict):
        pairs += [(f"score:{label}", column) for label, column in block.score.items()]
    else:
        pairs.append(("score", block.score))
    if config.operations is not None:
        pairs += [(name, getattr(config.operations, name)) for name in ("latency_ms", "status")]
    return tuple((role, column) for role, column in pairs if column is not None)


def canonical(role: str, values: pa.Array) -> pa.Array:
    """Give a column the type that its role and the profiles expect.

    Decimals become floats, dates timestamps, bytes and everything nested text; the version is text.

    Examples
    --------
    >>> canonical("version", pa.array([2, None])).to_pylist()
    ['2', None]
    """
    kind = values.type
    if role == "version" and not pa.types.is_string(kind):
        return as_text(values)
    if pa.types.is_decimal(kind):
        return values.cast(pa.float64())
    if pa.types.is_date(kind):
        return values.cast(pa.timestamp("us"), safe=False)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return values.cast(pa.string())
    if _plain(kind):
        return values
    return as_text(values)


def brought(raw: pa.RecordBatch) -> pa.RecordBatch:
    """Take the hashes that a log computed from the last two columns of a batch."""
    return pa.RecordBatch.from_arrays(raw.columns[-2:], names=[ROW_HASH, TARGET_HASH])


def as_text(values: pa.Array) -> pa.Array:
    """Write every value as the text of its category."""
    plain = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
    try:
        coded = pc.dictionary_encode(plain)
    except pa.ArrowNotImplementedError:
        return pa.array([category_text(value) for value in plain.to_pylist()], pa.string())
    texts = pa.array([category_text(value) for value in coded.dictionary.to_pylist()], pa.string())
    return texts.take(coded.indices)


def inside(batch: pa.RecordBatch, start: datetime | None, end: datetime | None, column: str = "time") -> pa.RecordBatch:
    """Keep the rows with ``start <= time < end``; rows without a time never."""
    time = batch.column(column)
    keep = time.is_valid()
    if start is not None:
        keep = pc.and_kleene(keep, pc.greater_equal(time, pa.scalar(start, time.type)))
    if end is not None:
        keep = pc.and_kleene(keep, pc.less(time, pa.scalar(end, time.type)))
    return batch if pc.all(keep).as_py() else batch.filter(keep)


def _plain(kind: pa.DataType) -> bool:
    """Tell whether the profiles know a type as it is."""
    if pa.types.is_dictionary(kind):
        return bool(pa.types.is_string(kind.value_type))
    tests = (
        pa.types.is_null, pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating,
        pa.types.is_string, pa.types.is_timestamp,
    )  # fmt: skip
    return any(test(kind) for test in tests)
