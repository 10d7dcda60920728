"""Roles: which columns of two frames are outputs, ground truth and features, and what task that makes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from monitor.config.near import cure
from monitor.domain.category import class_text
from monitor.domain.model import Kind, Task
from monitor.errors import UsageError
from monitor.profile.values import categories, numbers
from monitor.service.comparing.frame import Frame
from monitor.service.comparing.kind import kind_of

CLASSES = 20  # more whole numbers than these in a target are amounts, not classes

Asked = str | bool | None


@dataclass(frozen=True)
class Roles:
    """The raw column of each canonical name, the kinds of features, and what was left out with the reason."""

    columns: Mapping[str, str]
    features: Mapping[str, Kind]
    left_out: Mapping[str, str]

    def batches(self, rows: Frame) -> Iterator[pa.RecordBatch]:
        """Yield the rows in canonical batches; a column that they lack is not in them."""
        there = {name: raw for name, raw in self.columns.items() if raw in rows.schema.names}
        wanted = list(dict.fromkeys(there.values()))
        at = [wanted.index(raw) for raw in there.values()]
        for batch in rows.batches(wanted or rows.schema.names[:1]):
            if there:
                yield pa.RecordBatch.from_arrays([batch.column(i) for i in at], names=list(there))
            else:
                yield batch


def role(asked: Asked, usual: str, known: Iterable[str]) -> str | None:
    """Return the column that plays a role: the one asked for, or the one of the usual name; False is none.

    Raises
    ------
    UsageError
        There is no such column.
    """
    if asked is False:
        return None
    names = list(known)
    if asked is None or asked is True:
        return usual if usual in names else None
    demand(asked, names, usual)
    return asked


def demand(name: str, known: Sequence[str], use: str) -> None:
    """Raise UsageError unless a column is there."""
    if name not in known:
        shown = ", ".join(map(repr, known[:20])) or "none at all"
        raise UsageError(f"{use}: neither frame has a column {name!r}", cure(name, known, f"columns: {shown}"))


def features(
    frames: Sequence[Frame],
    taken: Iterable[str],
    numeric: Iterable[str] | None,
    categorical: Iterable[str] | None,
    exclude: Iterable[str],
) -> tuple[dict[str, Kind], dict[str, str]]:
    """Return the features with their kinds, and the columns left out with the reason.

    Listed ones when any are listed; else all that have no role: numbers are numeric, text, booleans and what is empty
    categorical, instants left out since they always move on.
    """
    known = names(frames)
    if numeric is not None or categorical is not None:
        listed: dict[str, Kind] = dict.fromkeys(numeric or (), "numeric")
        listed |= dict.fromkeys(categorical or (), "categorical")
        for name in listed:
            demand(name, known, "features")
        return listed, {}
    found: dict[str, Kind] = {}
    left: dict[str, str] = {}
    for name in known:
        kinds = [rows.schema.field(name).type for rows in frames if name in rows.schema.names]
        typed = next((kind for kind in kinds if not pa.types.is_null(kind)), None)
        kind = "categorical" if typed is None else kind_of(_value_type(typed))
        if name in exclude:
            left[name] = "excluded"
        elif kind is None:
            left[name] = "an instant, which always moves on"
        elif name not in taken:
            found[name] = kind
    return found, left


def names(frames: Iterable[Frame]) -> list[str]:
    """Return the columns that any frame has, in their order."""
    return list(dict.fromkeys(name for rows in frames for name in rows.schema.names))


def task_of(frames: Sequence[Frame], outcome: str | None, positive: str) -> Task:
    """Return the task that an outcome's values speak for; binary when there is no outcome.

    Numbers with fractions or more than 20 distinct values make a regression. Else they are classes: at most two, of
    which one is the positive class, or 0 and 1, are binary, others multiclass.
    """
    if outcome is None:
        return "binary"
    found: set[str | None] = set()
    for rows in frames:
        for batch in rows.batches([outcome]) if outcome in rows.schema.names else ():
            column = batch.column(0)
            if _fractional(column):
                return "regression"
            found |= set(categories(column, class_text)[1])
    classes = found - {None}
    if len(classes) > CLASSES and all(_amount(rows, outcome) for rows in frames):
        return "regression"
    binary = len(classes) <= 2 and (positive in classes or classes <= {"0", "1"})
    return "binary" if binary else "multiclass"


def _fractional(column: pa.Array) -> bool:
    if not pa.types.is_floating(column.type) and not pa.types.is_decimal(column.type):
        return False
    values = numbers(column)
    known = values[values == values]  # noqa: PLR0124  NaN is not itself
    return bool((known != known.round()).any())


def _amount(rows: Frame, name: str) -> bool:
    if name not in rows.schema.names:
        return True
    kind = rows.schema.field(name).type
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _value_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
