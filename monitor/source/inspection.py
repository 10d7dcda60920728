"""Looking at a source before it is trusted: what `monitor validate` says about it."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from monitor.errors import SourceError
from monitor.source.opening import demand_columns
from monitor.source.source import Source
from monitor.source.times import to_datetime

_NUMBERS = ("score", "latency_ms", "rank")


def inspect(source: Source) -> list[str]:
    """Return remarks about a source; raise SourceError for what would make it useless."""
    demand_columns(source)
    _types(source)
    remarks = []
    if source.request.time is not None and source.extent() is None:
        remarks.append(f"{source.predictions.name} has no row with a time")
    else:
        next(iter(source.scan(columns=())), None)
    truth = source.ground_truth
    if truth is not None and truth.pairing.truth.time is not None:
        ask = truth.pairing.truth
        found = truth.relation.extent(replace(ask, columns=()))
        if found is None:
            remarks.append(f"{truth.relation.name} has no row with a time")
        for value in found or ():
            to_datetime(value, ask.timezone, truth.place)
    return remarks


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
