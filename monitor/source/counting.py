"""Counting where the rows are: for logs whose engine runs our code, only counts and hashes of doubles come here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from monitor.profile import hashed, partial
from monitor.profile.hashed import Hashing
from monitor.profile.hashing import Hashes
from monitor.profile.layout import Layout
from monitor.profile.partial import Counting, Counts
from monitor.profile.tally import Ints
from monitor.source.bounds import microseconds
from monitor.source.source import Source
from monitor.source.work import Chain, Work, WorkingRelation


def count(source: Source, bounds: Sequence[datetime], layout: Layout | None) -> Counts:
    """Count the rows of each tile; without a layout only their digests.

    Parameters
    ----------
    source : Source
        One that `works`.
    bounds : sequence of datetime
        The borders of adjacent tiles, aware, ascending.

    Raises
    ------
    SourceError
        The engine could not do it.
    """
    bare = layout is None
    rows, shaping = source.asked(bounds[0], bounds[-1], () if bare else None, timed=not bare)
    counting = Counting(None if layout is None else layout.to_bytes(), _starts(bounds))
    query = dict(source.roles).get("query")
    together = (rows.request.columns.index(query),) if query is not None and not bare else ()
    work = Work(Chain(shaping, counting), partial.SCHEMA, partial.KEYS, partial.combined, together)
    return partial.gathered(_relation(source).work(rows, work))


def doubled(source: Source, bounds: Sequence[datetime]) -> Mapping[int, Hashes]:
    """Return by tile the hashed ids that come more than once in it."""
    rows, shaping = source.asked(bounds[0], bounds[-1], (), timed=False)
    work = Work(Chain(shaping, Hashing(_starts(bounds))), hashed.SCHEMA)
    return hashed.doubled(_relation(source).repeated(rows, work))


def _relation(source: Source) -> WorkingRelation:
    if not isinstance(source.predictions, WorkingRelation):
        raise TypeError(f"{source.predictions.name} runs no code of ours")
    return source.predictions


def _starts(bounds: Sequence[datetime]) -> Ints:
    return np.array([microseconds(each) for each in bounds], np.int64)
