"""How ground truth finds its predictions, and what relations offer that join or sum up inside their database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

import pyarrow as pa

from monitor.source.relation import Relation, Request


@dataclass(frozen=True)
class Pairing:
    """The columns that identify a row on both sides, and what is wanted of the ground truth.

    ``keys`` are pairs (predictions' column, ground truth's column). ``truth`` asks the ground truth:
    its first column is the target, its ``time`` decides which row of a key counts, the latest; of
    equal or no times the largest target. ``timed`` says whether that time is to be given, too.
    """

    keys: tuple[tuple[str, str], ...]
    truth: Request
    timed: bool = True

    @property
    def wanted(self) -> tuple[str, ...]:
        """Return the ground truth's columns to give: target, then time when there is one."""
        time = self.truth.time
        return self.truth.columns[:1] + ((time,) if self.timed and time is not None else ())


@runtime_checkable
class JoiningRelation(Protocol):
    """A relation whose database joins it with another relation of the same database."""

    def read_joined(self, request: Request, truth: Relation, pairing: Pairing) -> Iterator[pa.RecordBatch]:
        """Stream ``request.columns``, then the target, then its time if ``pairing.truth`` has one."""

    def read_orphans(self, request: Request, truth: Relation, pairing: Pairing) -> Iterator[pa.RecordBatch]:
        """Stream the target and its time of ground truth rows whose key no prediction has."""


@runtime_checkable
class SummingRelation(Protocol):
    """A relation whose database counts and hashes the rows of each tile itself."""

    def read_sums(
        self, request: Request, bounds: Sequence[datetime], truth: Relation | None, pairing: Pairing | None
    ) -> Iterator[pa.RecordBatch] | None:
        """Stream tile (from 1), rows, rows with a target, and the sums of both hashes as text; None when it cannot."""
