"""Text that says when: ISO 8601 in its many spellings, and numbers written as text."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

_ISO = (
    r"^(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[ Tt](?P<hour>\d\d)(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?)?"
    r" ?(?P<zone>[Zz]|UTC|(?P<sign>[+-])(?P<hours>\d\d)(?::?(?P<minutes>\d\d))?)?)?$"
)
_WHOLE = r"^[+-]?\d{1,18}$"
_DECIMAL = r"^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,3})?$"


@dataclass(frozen=True)
class IsoParts:
    """What text was found to say, row by row; all arrays have the length of the input.

    ``clock`` is the time on the wall (timestamp[us], null when the text is no ISO time), ``offset``
    its distance from UTC (duration[us], null when none is written), ``naive`` whether there is a
    clock but no offset, ``whole`` and ``decimal`` the number when the text is one instead.
    """

    clock: pa.Array
    offset: pa.Array
    naive: pa.Array
    whole: pa.Array
    decimal: pa.Array


def parse_iso(values: pa.Array) -> IsoParts:
    """Take text apart into the clock, the offset and numbers; impossible dates are null.

    Examples
    --------
    >>> parts = parse_iso(pa.array(["2013-02-30 10:00", "2013-02-03T10:00:00.5Z", "1700000000"]))
    >>> parts.clock.is_valid().to_pylist(), parts.whole.to_pylist()
    ([False, True, False], [None, None, 1700000000])
    """
    found = pc.extract_regex(values, _ISO)
    part = {field.name: pc.struct_field(found, field.name) for field in found.type}
    clock = _clock(part)
    offset = pc.if_else(clock.is_valid(), _offset(part), None)
    naive = pc.and_(clock.is_valid(), pc.invert(offset.is_valid()))
    whole = _where(values, _WHOLE)
    decimal = pc.if_else(whole.is_valid(), None, _where(values, _DECIMAL))
    return IsoParts(clock, offset, naive, whole.cast(pa.int64()), decimal.cast(pa.float64()))


def _where(values: pa.Array, pattern: str) -> pa.Array:
    """Keep the texts that match, null the rest."""
    return pc.if_else(pc.match_substring_regex(values, pattern), values, None)


def _clock(part: dict[str, pa.Array]) -> pa.Array:
    """Put day, hour, minute, second and fraction together."""
    two = [_or(part[name], "00") for name in ("hour", "minute", "second")]
    text = pc.binary_join_element_wise(part["day"], pc.binary_join_element_wise(*two, ":"), " ")
    moments = pc.strptime(text, format="%Y-%m-%d %H:%M:%S", unit="us", error_is_null=True)
    # strptime lets 30 February through as 1 March
    honest = pc.equal(pc.strftime(moments.cast(pa.timestamp("s")), format="%Y-%m-%d %H:%M:%S"), text)
    moments = pc.if_else(honest, moments, None)
    digits = pc.utf8_rpad(pc.utf8_slice_codeunits(_or(part["fraction"], "0"), 0, 6), 6, "0")
    return pc.add(moments, digits.cast(pa.int64()).cast(pa.duration("us")))


def _offset(part: dict[str, pa.Array]) -> pa.Array:
    """Return the written distance from UTC; null when none is written."""
    hours, minutes = (_or(part[name], "00").cast(pa.int64()) for name in ("hours", "minutes"))
    size = pc.add(pc.multiply(hours, 3600), pc.multiply(minutes, 60))
    signed = pc.if_else(pc.equal(part["sign"], "-"), pc.negate(size), size)
    micros = pc.multiply(signed, 1_000_000).cast(pa.duration("us"))
    written = pc.and_(part["zone"].is_valid(), pc.not_equal(part["zone"], ""))
    return pc.if_else(pc.fill_null(written, False), micros, None)


def _or(values: pa.Array, default: str) -> pa.Array:
    """Replace what was not written: null outside a match, empty inside one."""
    filled = pc.fill_null(values, "")
    return pc.if_else(pc.equal(filled, ""), default, filled)
