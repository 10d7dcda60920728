"""A source: somebody else's predictions with the ground truth that belongs to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b

import pyarrow as pa
import pyarrow.compute as pc

from monitor.source.canonical import TARGET, TARGET_TIME, RoleMapping, brought, inside
from monitor.source.ground_truth import GroundTruth
from monitor.source.pairing import JoiningRelation
from monitor.source.relation import Identity, Relation, Request
from monitor.source.times import to_datetime, to_utc
from monitor.source.work import Rows, Shaping, WorkingRelation


@dataclass(frozen=True)
class Source:
    """Predictions and their ground truth, read in canonical batches.

    ``request`` says which rows of ``predictions`` belong to the model. ``columns`` are the raw columns
    that `scan` gives beside the roles. ``unique_ids``: a key proves that no id comes twice.
    """

    predictions: Relation
    ground_truth: GroundTruth | None
    request: Request
    roles: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    unique_ids: bool

    def schema(self) -> pa.Schema:
        """Return the raw columns of the predictions and their Arrow types."""
        return self.predictions.schema()

    def extent(self) -> tuple[datetime, datetime] | None:
        """Return the first and last prediction time, aware UTC; None when no row has a time."""
        found = self.predictions.extent(self.request)
        if found is None:
            return None
        zone, place = self.request.timezone, self.place
        first, last = (to_datetime(value, zone, place) for value in found)
        if first is None or last is None:  # an end is no instant, as that of year 9999; what lies between may be
            return self._ends()
        return first, last

    def _ends(self) -> tuple[datetime, datetime] | None:
        """Find the first and last prediction time by looking at every row."""
        known: list[datetime] = []
        for batch in self.scan(columns=()):
            span = pc.min_max(batch.column("time"))
            known = [min([*known, span["min"].as_py()]), max([*known, span["max"].as_py()])]
        return (known[0].astimezone(UTC), known[1].astimezone(UTC)) if known else None

    def scan(
        self,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        columns: Sequence[str] | None = None,
        hashed: bool = False,
        timed: bool = True,
    ) -> Iterator[pa.RecordBatch]:
        """Stream canonical batches of the predictions with ``start <= time < end``.

        Parameters
        ----------
        start, end : datetime, optional
            Aware; None means no bound.
        columns : sequence of str, optional
            Raw columns beside the roles; default those the source was opened with, ``()`` for none.
        hashed : bool
            Add the hashes that the log computes itself, if it `hashes`: then `digests` of the batches are the same
            as `fingerprints`.
        timed : bool
            Whether ``target_time`` is wanted; without it, it may be null.

        Yields
        ------
        RecordBatch
            ``time`` (timestamp[us, UTC], never null), the mapped roles, ``target`` and ``target_time``
            of the latest ground truth (null without any), and ``column:<name>``. Never empty.
        """
        mapping = self._mapping(self.columns if columns is None else tuple(columns))
        request = replace(self.request, columns=mapping.raw(), start=start, end=end)
        hashed = hashed and self.hashes
        request = replace(request, identity=self.identity if hashed else None)
        truth, width = self.ground_truth, len(request.columns)
        batches: Iterator[pa.RecordBatch]
        if truth is None:
            rows = self.predictions.read(request)
            batches = (mapping.apply(raw, request, brought(raw) if hashed else None) for raw in rows)
        elif isinstance(self.predictions, JoiningRelation) and self._one_database(truth):
            truth = replace(truth, pairing=replace(truth.pairing, timed=timed))
            joined = self.predictions.read_joined(request, truth.relation, truth.pairing)
            outcome = truth.outcome
            batches = (mapping.apply(raw, request, outcome(raw, width, hashed=hashed)) for raw in joined)
        else:
            batches = self._joined_outside(truth, mapping, request)
        return (batch for batch in batches if batch.num_rows)

    def stamp(self) -> str | None:
        """Return a text that is another one whenever the log may have changed; None when only reading tells."""
        truth = self.ground_truth
        relations = [self.predictions] + ([] if truth is None else [truth.relation])
        found = [relation.stamp() for relation in relations]
        if None in found:
            return None
        asked = (self.request, self.roles, None if truth is None else truth.pairing, [r.name for r in relations])
        return blake2b(repr((found, asked)).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()

    def clock(self) -> datetime | None:
        """Return the present by the clock of the server that keeps the predictions, aware UTC; None without one."""
        return self.predictions.clock()

    @property
    def hashes(self) -> bool:
        """Tell whether the log hashes its rows itself."""
        return self.predictions.hashes and (self.ground_truth is None or self._one_database(self.ground_truth))

    @property
    def works(self) -> bool:
        """Tell whether our own code runs where the rows are kept; see `monitor.source.counting`."""
        return isinstance(self.predictions, WorkingRelation) and (
            self.ground_truth is None or self._one_database(self.ground_truth)
        )

    def asked(
        self, start: datetime, end: datetime, columns: Sequence[str] | None = None, *, timed: bool = True
    ) -> tuple[Rows, Shaping]:
        """Return which rows `scan` would read, and what makes canonical batches of them; arguments are as there."""
        mapping = self._mapping(self.columns if columns is None else tuple(columns))
        request, truth = replace(self.request, columns=mapping.raw(), start=start, end=end), self.ground_truth
        if truth is None:
            return Rows(request), Shaping.of(mapping, request, None)
        truth = replace(truth, pairing=replace(truth.pairing, timed=timed))
        return Rows(request, truth.relation, truth.pairing), Shaping.of(mapping, request, truth)

    @property
    def identity(self) -> Identity:
        """Say which raw columns identify a prediction, and which holds its target if the predictions do."""
        known = dict(self.roles)
        names = ("id",) if "id" in known else ("query", "item") if {"query", "item"} <= known.keys() else ()
        return Identity(tuple(known[name] for name in names), known.get(TARGET))

    def orphans(self, start: datetime | None = None, end: datetime | None = None) -> int:
        """Count the ground truth rows that no prediction belongs to; bounds as in `orphan_rows`."""
        return sum(batch.num_rows for batch in self.orphan_rows(start, end))

    def orphan_rows(self, start: datetime | None = None, end: datetime | None = None) -> Iterator[pa.RecordBatch]:
        """Stream the ground truth rows that no prediction belongs to.

        Those with ``start <= target_time < end``; all when ground truth has no time column.
        """
        truth = self.ground_truth
        if truth is None:
            return iter(())
        batches: Iterator[pa.RecordBatch]
        timed = truth.pairing.truth.time is not None and (start is not None or end is not None)
        ask = replace(truth.pairing.truth, start=start, end=end)
        if isinstance(self.predictions, JoiningRelation) and self._one_database(truth):
            pairing = replace(truth.pairing, truth=ask)
            found = self.predictions.read_orphans(self.request, truth.relation, pairing)
            batches = (truth.outcome(raw) for raw in found)
        else:
            batches = self._orphans_outside(truth, ask)
        return (inside(b, start, end, TARGET_TIME) if timed else b for b in batches)

    def untimed(self) -> int:
        """Count the predictions whose time is missing or cannot be read; they are in no window."""
        request = self.request
        if request.time is None:
            return 0
        found = self.predictions.read(replace(request, columns=(request.time,)))
        return sum(to_utc(raw.column(0), request.timezone, self.place).null_count for raw in found)

    def close(self) -> None:
        """Give back connections and files."""
        self.predictions.close()
        if self.ground_truth is not None:
            self.ground_truth.relation.close()

    @property
    def place(self) -> str:
        """Name the predictions' time column, for messages."""
        return f"column {self.request.time!r} of {self.predictions.name}"

    def _mapping(self, columns: tuple[str, ...]) -> RoleMapping:
        roles = (*self.roles, *((f"column:{name}", name) for name in dict.fromkeys(columns)))
        return RoleMapping(roles, self.request.time, self.request.timezone, self.place)

    def _one_database(self, truth: GroundTruth) -> bool:
        here = self.predictions.database
        return here is not None and here == truth.relation.database

    def _joined_outside(self, truth: GroundTruth, mapping: RoleMapping, request: Request) -> Iterator[pa.RecordBatch]:
        """Join two streams that live apart."""
        from monitor.source.join import left_join  # noqa: PLC0415  DuckDB is loaded when needed

        rows = (mapping.apply(raw, request) for raw in self.predictions.read(request))
        return left_join(rows, truth.stream(truth.pairing.truth), keys=truth.names)

    def _orphans_outside(self, truth: GroundTruth, ask: Request) -> Iterator[pa.RecordBatch]:
        """Find by two streams the ground truth that no prediction belongs to."""
        from monitor.source.join import anti_join  # noqa: PLC0415

        keys = tuple(left for left, _ in truth.pairing.keys)
        ids = self.predictions.read(replace(self.request, columns=keys))
        named = (raw.rename_columns(list(truth.names)) for raw in ids)
        return anti_join(truth.stream(ask), named, keys=truth.names)
