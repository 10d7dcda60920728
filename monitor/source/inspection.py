"""Looking at a source before it is trusted: what `monitor validate` says about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pyarrow as pa

from monitor.errors import SourceError
from monitor.source.doubled import doubled_remark
from monitor.source.relation import Relation
from monitor.source.suggest import missing_column
from monitor.source.times import to_datetime

if TYPE_CHECKING:
    from monitor.source.source import Source

_NUMBERS = ("score", "latency_ms", "rank")


def inspect(source: Source) -> list[str]:
    """Look whether everything mapped is there and can be read.

    Returns
    -------
    list of str
        Remarks that are no faults, such as a log without rows.

    Raises
    ------
    SourceError
        A column is missing or of a wrong type, times are naive without a time zone, or nothing can be read.
    """
    demand_columns(source)
    _types(source)
    remarks = []
    extent = source.extent()
    if extent is not None:  # the newest rows show whether everything can be read and joined
        next(iter(source.scan(extent[1], extent[1] + timedelta(microseconds=1))), None)
        if twice := doubled_remark(source, extent):
            remarks.append(twice)
    elif source.request.time is not None:
        remarks.append(f"{source.predictions.name} has no row with a time")
    lost = source.untimed()
    if lost and extent is not None:
        remarks.append(lost_rows(lost, source))
    truth = source.ground_truth
    if truth is not None and truth.pairing.truth.time is not None:
        ask = truth.pairing.truth
        found = truth.relation.extent(replace(ask, columns=()))
        if found is None:
            remarks.append(f"{truth.relation.name} has no row with a time")
        for value in found or ():
            to_datetime(value, ask.timezone, truth.place)
    return remarks


def lost_rows(count: int, source: Source) -> str:
    """Say how many rows no window can hold."""
    rows = "1 row is" if count == 1 else f"{count} rows are"
    return f"{rows} in no window: {source.place} is empty or no time there"


def demand_columns(source: Source) -> None:
    """Raise SourceError for the first mapped column that is not there."""
    request = source.request
    wanted = [request.time, *request.where, *(column for _, column in source.roles), *source.columns]
    demand(source.predictions, wanted)
    if source.ground_truth is not None:
        truth = source.ground_truth
        demand(truth.relation, [*truth.columns, *truth.pairing.truth.where])


def demand(relation: Relation, wanted: Sequence[str | None]) -> None:
    """Raise SourceError for the first wanted column that a relation does not have."""
    known = relation.schema().names
    for name in wanted:
        if name is not None and name not in known:
            raise missing_column(relation.name, name, known)


def _types(source: Source) -> None:
    """Refuse roles whose column cannot hold what the role needs."""
    schema = source.schema()
    for role, column in source.roles:
        kind = schema.field(column).type
        if role.partition(":")[0] in _NUMBERS and (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
            raise SourceError(
                f"column {column!r} of {source.predictions.name} is mapped to `{role}` but holds times",
                f"map `{role}:` to a column of numbers",
                state="wrong_type",
            )
