"""Work that is carried to the rows: what an engine that runs our own code where its rows are kept is asked to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import pyarrow as pa

from monitor.source.canonical import RoleMapping
from monitor.source.ground_truth import GroundTruth
from monitor.source.pairing import Pairing
from monitor.source.relation import Relation, Request

Batches = Iterable[pa.RecordBatch]


@dataclass(frozen=True)
class Rows:
    """Which rows are worked on: a request, and the ground truth that is joined to it, if any."""

    request: Request
    truth: Relation | None = None
    pairing: Pairing | None = None


@dataclass(frozen=True)
class Named:
    """A relation's name alone, which travels where an open relation cannot."""

    name: str


@dataclass(frozen=True)
class Shaping:
    """Turns raw batches into canonical ones, as `Source.scan` does, wherever it is taken."""

    mapping: RoleMapping
    request: Request
    truth: GroundTruth | None

    @classmethod
    def of(cls, mapping: RoleMapping, request: Request, truth: GroundTruth | None) -> Shaping:
        """Leave behind what cannot travel."""
        light = None if truth is None else replace(truth, relation=Named(truth.relation.name))  # type: ignore[arg-type]
        return cls(mapping, request, light)

    def __call__(self, raw: Batches) -> Iterator[pa.RecordBatch]:
        """Yield canonical batches, none of them empty."""
        width = len(self.request.columns)
        for batch in raw:
            beside = None if self.truth is None else self.truth.outcome(batch, width)
            found = self.mapping.apply(batch, self.request, beside)
            if found.num_rows:
                yield found


@dataclass(frozen=True)
class Work:
    """What is done to the rows of each part, and to what comes of it.

    ``each`` turns a part's raw batches into batches under ``schema``. ``combine`` adds up those rows that share
    ``keys``. ``together`` are the places of raw columns whose equal rows must meet in one part.
    """

    each: Callable[[Batches], Iterator[pa.RecordBatch]]
    schema: pa.Schema
    keys: tuple[str, ...] = ()
    combine: Callable[[pa.Table], pa.Table] | None = None
    together: tuple[int, ...] = ()


@runtime_checkable
class WorkingRelation(Protocol):
    """A relation whose engine runs our code on its rows, so that only what comes of it travels."""

    def work(self, rows: Rows, work: Work) -> Iterator[pa.RecordBatch]:
        """Stream what the work makes of the rows."""

    def repeated(self, rows: Rows, work: Work) -> Iterator[pa.RecordBatch]:
        """Stream the rows that occur more than once in what the work makes, each once."""


@dataclass(frozen=True)
class Chain:
    """One step after the other, in a form that travels."""

    first: Callable[[Batches], Iterator[pa.RecordBatch]]
    then: Callable[[Batches], Iterator[pa.RecordBatch]]

    def __call__(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        """Yield what the second step makes of the first one's batches."""
        return self.then(self.first(batches))
