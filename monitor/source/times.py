"""The one place that knows the forms in which logs write time, and turns each into UTC.

Known: timestamps with and without a zone, dates, seconds to nanoseconds since the epoch (told apart
by their size), and ISO 8601 text with a space or a ``T``, any fraction, ``Z``, an offset or neither.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.errors import SourceError
from monitor.source.iso import parse_iso
from monitor.source.local import EARLIEST, LATEST, localize

UTC_MICROSECONDS = pa.timestamp("us", "UTC")
# A number below 1e11 counts seconds (until the year 5138), below 1e14 milliseconds, and so on.
EPOCH_LIMITS = ((1e11, 1_000_000), (1e14, 1_000), (1e17, 1))
_YEAR = 366 * 86_400_000_000


def to_utc(values: pa.Array, zone: str | None, place: str) -> pa.Array:
    """Turn raw times of any known form into UTC; null where a value is no time.

    A time without a zone is local time of ``zone``: an hour that a switch repeats means its first
    pass, a time that a switch skips means the first instant after it.

    Parameters
    ----------
    values : Array
        Timestamps, dates, numbers or text; text may mix forms.
    zone : str or None
        The zone of naive times and dates.
    place : str
        Names the column in messages.

    Returns
    -------
    Array of timestamp[us, UTC]
        Same length. Null for null, unparsable and not finite values, and outside years 2 to 9998: the first and the
        last year of the calendar are what programs write for "never", and leave no room for a window beside them.

    Raises
    ------
    SourceError
        State ``wrong_type``: a naive time and no zone, or a type that cannot be a time.

    Examples
    --------
    >>> to_utc(pa.array(["2013-03-10 02:30:00", "nonsense"]), "America/New_York", "t")[0].as_py().hour
    7
    >>> seconds, milliseconds = to_utc(pa.array([1700000000, 1700000000000]), None, "t").to_pylist()
    >>> seconds == milliseconds
    True
    """
    kind = values.type
    if pa.types.is_dictionary(kind):
        return to_utc(values.dictionary_decode(), zone, place)
    if pa.types.is_null(kind):
        return pa.nulls(len(values), UTC_MICROSECONDS)
    if pa.types.is_timestamp(kind):
        moments = values.cast(pa.timestamp("us", kind.tz), safe=False)
        return _clipped(moments if kind.tz else localize(moments, zone, place))
    if pa.types.is_date(kind):
        return _clipped(localize(values.cast(pa.timestamp("us"), safe=False), zone, place))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _clipped(_from_epoch(values))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _clipped(_from_text(values.cast(pa.string()), zone, place))
    raise SourceError(
        f"{place} holds {kind}, which is no time",
        "map `time` to a column of timestamps, dates, ISO text or seconds since the epoch",
        state="wrong_type",
    )


def to_datetime(value: object, zone: str | None, place: str) -> datetime | None:
    """Turn one raw time into an aware UTC datetime; None when it is no time.

    Examples
    --------
    >>> to_datetime("2013-01-01T00:00:00+01:00", None, "t")
    datetime.datetime(2012, 12, 31, 23, 0, tzinfo=datetime.timezone.utc)
    """
    moment: datetime | None = to_utc(pa.array([value]), zone, place).cast(pa.timestamp("us"))[0].as_py()
    return None if moment is None else moment.replace(tzinfo=UTC)


def _from_epoch(values: pa.Array) -> pa.Array:
    """Scale numbers to microseconds by their size."""
    missing = pc.is_null(values, nan_is_null=True).to_numpy(zero_copy_only=False)
    if pa.types.is_integer(values.type):
        numbers = pc.fill_null(values.cast(pa.int64(), safe=False), 0).to_numpy()
        micros = np.zeros(len(numbers), np.int64)
    else:
        numbers = pc.fill_null(values.cast(pa.float64()), 0.0).to_numpy()
        missing = missing | ~np.isfinite(numbers)
        numbers = np.where(missing, 0.0, numbers)
        micros = np.zeros(len(numbers), np.float64)
    size, below = np.abs(numbers.astype(np.float64)), 0.0
    for limit, factor in EPOCH_LIMITS:
        here = (size >= below) & (size < limit)
        micros[here] = numbers[here] * factor
        below = limit
    micros[size >= below] = numbers[size >= below] // 1000
    if micros.dtype != np.int64:
        micros = np.rint(np.clip(micros, EARLIEST - 1, LATEST + 1)).astype(np.int64)
    return pa.array(micros, mask=missing).cast(UTC_MICROSECONDS)


def _from_text(values: pa.Array, zone: str | None, place: str) -> pa.Array:
    """Parse ISO text, all of one kind at full speed and mixed kinds part by part."""
    for kind in (pa.timestamp("us"), UTC_MICROSECONDS):
        try:
            moments = values.cast(kind)
        except pa.ArrowInvalid:
            continue
        return moments if kind.tz else localize(moments, zone, place)
    found = parse_iso(values)
    aware = pc.subtract(found.clock, found.offset).cast(UTC_MICROSECONDS)
    naive = pc.if_else(found.naive, found.clock, None)
    if naive.null_count < len(naive):
        aware = pc.if_else(found.naive, localize(naive, zone, place), aware)
    numbers = _from_epoch(found.whole).cast(UTC_MICROSECONDS)
    return pc.coalesce(aware, numbers, _from_epoch(found.decimal))


def _clipped(moments: pa.Array) -> pa.Array:
    """Make null what Python's calendar cannot hold (infinity, overflown numbers), or only just."""
    micros = moments.cast(pa.int64())
    fits = pc.and_(pc.greater_equal(micros, EARLIEST + _YEAR), pc.less_equal(micros, LATEST - _YEAR))
    return pc.if_else(fits, moments, pa.scalar(None, moments.type)).cast(UTC_MICROSECONDS)
