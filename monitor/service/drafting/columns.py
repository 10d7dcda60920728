"""What a first look at a table tells about its columns."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from monitor.errors import SourceError
from monitor.source import Relation, Request
from monitor.source.times import to_utc

SAMPLE = 20_000
MANY = 30
TIMELY = re.compile(r"(^|_)(time|timestamp|ts|date|datetime|at|when|epoch|dt)$|^(time|date)_?", re.IGNORECASE)

Kind = Literal["time", "integer", "float", "boolean", "text", "other"]


@dataclass(frozen=True)
class Column:
    """One column of a sample: ``present`` of its ``rows`` are not missing, ``distinct`` of those differ.

    ``low`` and ``high`` bound numbers. ``values`` are the values, the most frequent first, when there are at most 30.
    ``naive`` tells that its times carry no zone.
    """

    name: str
    kind: Kind
    rows: int
    present: int
    distinct: int
    low: float | None = None
    high: float | None = None
    values: tuple[object, ...] = ()
    naive: bool = False
    longest: int = 0

    @property
    def unique(self) -> bool:
        """Whether each row has a value of its own."""
        return 0 < self.rows == self.present == self.distinct

    @property
    def number(self) -> bool:
        """Whether it holds numbers."""
        return self.kind in ("integer", "float")

    @property
    def share(self) -> bool:
        """Whether all its numbers lie within 0 and 1 and are not just these two."""
        return (
            self.kind == "float"
            and self.low is not None
            and self.high is not None
            and (0 <= self.low <= self.high <= 1 and self.distinct > 2)
        )

    @property
    def text_like(self) -> bool:
        """Whether it looks like words written freely, or like an identifier: too many values to count."""
        return self.kind == "text" and (
            self.longest > 80 or (self.present > MANY and self.distinct > 0.5 * self.present)
        )


def plain(name: str) -> str:
    """Return a name's words joined by underscores, without a last one that only says UTC.

    Examples
    --------
    >>> [plain(name) for name in ("flagged?", "p(fraud)", "kWh predicted", "model-ver", "made_UTC", "y")]
    ['flagged', 'p_fraud', 'kWh_predicted', 'model_ver', 'made', 'y']
    """
    words = [word for word in re.split(r"[\W_]+", name) if word]
    return "_".join(words[:-1] if len(words) > 1 and words[-1].lower() == "utc" else words)


def look(relation: Relation) -> list[Column]:
    """Return the columns of a relation, as the first rows show them.

    Raises
    ------
    SourceError
        It cannot be read.
    """
    names = tuple(relation.schema().names)
    rows = relation.read(Request(names))
    with closing(rows):  # type: ignore[type-var]
        batch = next(rows, None)
    if batch is None:
        return [Column(field.name, _kind(field.type), 0, 0, 0) for field in relation.schema()]
    return [_column(name, array) for name, array in zip(names, batch.slice(0, SAMPLE).columns, strict=True)]


def _column(name: str, array: pa.Array) -> Column:
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = _kind(array.type)
    present = len(array) - array.null_count
    if (
        (kind == "text" or (kind in ("integer", "float") and TIMELY.search(plain(name))))
        and present
        and _is_time(array)
    ):
        kind = "time"
    if kind == "other":
        return Column(name, kind, len(array), present, 0)
    counts = sorted(array.drop_null().value_counts().to_pylist(), key=lambda one: -one["counts"])
    values = tuple(one["values"] for one in counts) if len(counts) <= MANY else ()
    low, high = _ends(array) if kind in ("integer", "float") else (None, None)
    longest = pc.max(pc.utf8_length(array)).as_py() or 0 if kind == "text" else 0
    naive = kind == "time" and _naive(array)
    return Column(name, kind, len(array), present, len(counts), low, high, values, naive, longest)


def _kind(kind: pa.DataType) -> Kind:
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return "time"
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "float"
    words = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind)
    return "text" if words else "other"


def _is_time(array: pa.Array) -> bool:
    try:
        found = to_utc(array, "UTC", "")
    except SourceError:
        return False
    if found.null_count > array.null_count:
        return False
    since = pc.min(found).cast(pa.int64()).as_py()
    return since is not None and since > 100_000_000 * 1_000_000  # later than 1973: small numbers are no times


def _naive(array: pa.Array) -> bool:
    try:
        to_utc(array, None, "")
    except SourceError:
        return True
    return False


def _ends(array: pa.Array) -> tuple[float | None, float | None]:
    numbers = array.cast(pa.float64(), safe=False)
    ends = pc.min_max(numbers.filter(pc.is_finite(numbers)))
    return ends["min"].as_py(), ends["max"].as_py()
