"""Which type a column of text takes when a value does not fit the type that was guessed."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as is_

TEXT = pa.string()
_SECONDS, _NANOSECONDS = pa.timestamp("s"), pa.timestamp("ns")
_UTC_SECONDS, _UTC_NANOSECONDS = pa.timestamp("s", "UTC"), pa.timestamp("ns", "UTC")
_WIDER = {
    pa.int64(): (pa.uint64(), pa.float64()),
    pa.uint64(): (pa.float64(),),
    pa.date32(): (_SECONDS, _NANOSECONDS),
    _SECONDS: (_NANOSECONDS,),
    _UTC_SECONDS: (_UTC_NANOSECONDS,),
    pa.null(): (
        pa.int64(), pa.uint64(), pa.float64(), pa.bool_(), pa.date32(), _SECONDS, _NANOSECONDS,
        _UTC_SECONDS, _UTC_NANOSECONDS,
    ),
    TEXT: (pa.binary(),),
}  # fmt: skip


def first_rung(values: pa.Array) -> pa.DataType:
    """Return the type to begin with, given a guess for the first block.

    Large whole numbers that were guessed as floats may be identifiers, so integers come first.
    """
    kind = values.type
    if is_.is_floating(kind):
        known = values.filter(pc.is_finite(values))
        whole = pc.all(pc.equal(pc.floor(known), known)).as_py()
        if whole and len(known) and pc.max(known).as_py() >= 2.0**63:
            return pa.uint64()
    return TEXT if is_.is_time(kind) or is_.is_duration(kind) else kind


def next_rung(kind: pa.DataType, text: str | None, decimal: str) -> pa.DataType:
    """Return the next wider type that holds ``text``, the value that did not fit; at last text.

    Examples
    --------
    >>> next_rung(pa.int64(), "1,5", ","), next_rung(pa.int64(), "n/a", ".")
    (DataType(double), DataType(string))
    >>> next_rung(pa.int64(), "99999999999999999999", ".")
    DataType(string)
    """
    wider = _WIDER.get(kind, ())
    if text is None:
        return wider[0] if kind == TEXT else TEXT
    digits = text.strip().lstrip("+-")
    for each in wider:
        if is_.is_floating(each) and digits.isdigit() and not is_.is_null(kind):
            # as a float it would lose digits that may tell two rows apart
            continue
        if _fits(text, each, decimal):
            return each
    return TEXT


def _fits(text: str, kind: pa.DataType, decimal: str) -> bool:
    plain = text.strip().replace(decimal, ".") if is_.is_floating(kind) else text.strip()
    try:
        pc.cast(pa.scalar(plain), kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False
    return True
