"""Fitting: pushed rows against the log that is to take them; the good ones as a table, the others told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.profile.hashing import Hashes, hashes, mix
from monitor.service.pushing.column import ARROW, Column, column
from monitor.service.pushing.log_shape import RECEIVED, Shape
from monitor.service.pushing.rows import RowFault, Rows
from monitor.service.pushing.value import EXACT
from monitor.store.logs import Kind

MOST_COLUMNS = {"sqlite": 1_900, "postgresql": 900}  # with room for what each of them needs itself
LONGEST_KEY = 500


@dataclass(frozen=True)
class Fitted:
    """What a log can take of some rows.

    ``wanted`` are the columns that it must get first, or whose kind must change. ``digests`` tell one row of the
    table from another under the same key. ``faults`` are in the order of the rows.
    """

    table: pa.Table
    digests: list[int]
    wanted: dict[str, Kind]
    faults: list[RowFault]


def fit(rows: Rows, known: Mapping[str, Kind], shape: Shape, most: int, now: datetime) -> Fitted:
    """Fit rows into a log.

    Parameters
    ----------
    known : mapping
        The kinds of the log's columns, by name.
    most : int
        How many columns a log may have.
    now : datetime
        When the rows came, aware.
    """
    faults = list(rows.faults)
    columns: dict[str, Column] = {}
    wanted: dict[str, Kind] = {}
    for name, values in rows.columns.items():
        found = column(values, known.get(name), loose=name in shape.loose, whole=name in shape.whole, zone=shape.zone)
        faults += [RowFault(at, name, detail) for at, detail in found.faults.items()]
        if found.kind == "open":
            continue  # nothing but missing values
        if known.get(name) != found.kind:
            if name not in known and len(known) + len(wanted) >= most:
                faults += _too_many(name, found, most)
                continue
            wanted[name] = found.kind
        columns[name] = found
    faults += _incomplete(rows, columns, shape)
    bad = {fault.index for fault in faults}
    table = pa.table({name: found.values for name, found in columns.items()}) if columns else None
    if table is None or len(bad) >= rows.number:
        table, wanted = pa.table({name: pa.array([], found.values.type) for name, found in columns.items()}), {}
    elif bad:
        table = table.filter(pa.array(np.isin(np.arange(rows.number), list(bad), invert=True)))
    wanted = {name: kind for name, kind in wanted.items() if table.column(name).null_count < table.num_rows}
    table = table.select(
        [name for name in table.column_names if name in wanted or known.get(name) == columns[name].kind]
    )
    digests = _digests(table)
    if RECEIVED in shape.columns:
        table = table.append_column(RECEIVED, pa.array([now] * table.num_rows, ARROW["instant"]))
    return Fitted(table, digests, wanted, sorted(faults, key=lambda fault: fault.index))


def _too_many(name: str, found: Column, most: int) -> list[RowFault]:
    detail = f"is one column too many: a log has at most {most}"
    return [RowFault(int(at), name, detail) for at in np.flatnonzero(found.values.is_valid())]


def _incomplete(rows: Rows, columns: Mapping[str, Column], shape: Shape) -> list[RowFault]:
    """Tell the rows that lack what identifies them, or their time, for no other reason."""
    told = {fault.index for fault in rows.faults}
    faults = []
    for name in (*shape.keys, *((shape.time,) if shape.time is not None else ())):
        found = columns.get(name)
        missing = np.ones(rows.number, bool) if found is None else np.asarray(found.values.is_null())
        known = set() if found is None else found.faults.keys()
        if found is not None and name in shape.keys:
            sizes = pc.fill_null(pc.utf8_length(found.values), 1)
            odd = np.flatnonzero((sizes.to_numpy() == 0) | (sizes.to_numpy() > LONGEST_KEY))
            detail = f"identifies the row: send 1 to {LONGEST_KEY} characters"
            faults += [RowFault(int(at), name, detail) for at in odd]
        lacking = [int(at) for at in np.flatnonzero(missing) if at not in told and at not in known]
        faults += [RowFault(at, name, "is missing: every row needs it") for at in lacking]
    return faults


def _digests(table: pa.Table) -> list[int]:
    """Hash every row, the same however its columns are ordered and whichever missing ones were added since."""
    total = np.zeros(table.num_rows, np.uint64)
    with np.errstate(over="ignore"):
        for name in table.column_names:
            values = table.column(name).combine_chunks()
            salt = hashes(pa.array([name]))
            total += np.where(np.asarray(values.is_valid()), mix(_hashed(values) ^ mix(salt)), np.uint64(0))
    return list(total.view(np.int64).tolist())


def _hashed(values: pa.Array) -> Hashes:
    """Hash a column's values: text by its characters, all else as numbers, so that 1 and 1.0 are one value."""
    if pa.types.is_string(values.type):
        return hashes(values)
    whole = not pa.types.is_floating(values.type)
    numbers = pc.fill_null(values.cast(pa.int64()) if whole else values, 0).to_numpy(zero_copy_only=False)
    bits = mix((numbers.astype(np.float64) + 0.0).view(np.uint64))  # the sum makes the negative zero a zero
    if not whole:
        return bits
    exact = (numbers <= EXACT) & (numbers >= -EXACT)
    return np.where(exact, bits, mix(~numbers.view(np.uint64)))
