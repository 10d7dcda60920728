"""What really happened: a relation, and how its rows find their predictions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyarrow as pa

from monitor.source.canonical import TARGET, TARGET_TIME, brought, canonical
from monitor.source.pairing import Pairing
from monitor.source.relation import Relation, Request
from monitor.source.times import UTC_MICROSECONDS, to_utc


@dataclass(frozen=True)
class GroundTruth:
    """A log of outcomes; ``names`` are the canonical names of the key columns, ``id`` as a rule."""

    relation: Relation
    pairing: Pairing
    names: tuple[str, ...]

    @property
    def place(self) -> str:
        """Name the time column, for messages."""
        return f"column {self.pairing.truth.time!r} of {self.relation.name}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the raw columns that are needed, each once."""
        ask = self.pairing.truth
        time = () if ask.time is None else (ask.time,)
        keys = (right for _, right in self.pairing.keys)
        return tuple(dict.fromkeys((*keys, *ask.columns, *time)))

    def stream(self, ask: Request) -> Iterator[pa.RecordBatch]:
        """Stream keys, target and its time under canonical names."""
        for raw in self.relation.read(replace(ask, columns=self.columns)):
            at = {name: raw.column(index) for index, name in enumerate(self.columns)}
            named = zip(self.names, self.pairing.keys, strict=True)
            columns = {name: canonical(name, at[key]) for name, (_, key) in named}
            time = None if ask.time is None else at[ask.time]
            columns |= self._outcome(at[ask.columns[0]], time)
            yield pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))

    def outcome(self, raw: pa.RecordBatch, width: int = 0, *, hashed: bool = False) -> pa.RecordBatch:
        """Take target and its time from behind the first ``width`` columns of a joined batch, and hashes if it has."""
        columns = self._outcome(*raw.columns[width : width + len(self.pairing.wanted)])
        if hashed:
            columns |= dict(zip((hashes := brought(raw)).schema.names, hashes.columns, strict=True))
        return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))

    def _outcome(self, target: pa.Array, time: pa.Array | None = None) -> dict[str, pa.Array]:
        if time is None:
            moments = pa.nulls(len(target), UTC_MICROSECONDS)
        else:
            moments = to_utc(time, self.pairing.truth.timezone, self.place)
        return {TARGET: canonical(TARGET, target), TARGET_TIME: moments}
