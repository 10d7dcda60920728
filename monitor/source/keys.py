"""Keys of rows as text, so that 1, 1.0 and "1" are one key whichever the type of their column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitor.source.plain import as_text, plain


@dataclass(frozen=True)
class Keys:
    """The distinct complete keys of some rows.

    ``columns`` holds ``k0``, ``k1``, … (text, ``count`` each); ``codes`` (int64, one per row) is the
    number of the row's key, -1 where a part of it is missing.
    """

    columns: dict[str, pa.Array]
    codes: NDArray[np.int64]
    count: int


def key_columns(batch: pa.RecordBatch, names: Sequence[str]) -> list[pa.Array]:
    """Return the key columns of a batch as text."""
    return [as_text(plain(batch.column(name))) for name in names]


def distinct_keys(batches: Sequence[pa.RecordBatch], names: Sequence[str]) -> Keys:
    """Give every distinct key of some batches a number.

    Examples
    --------
    >>> keys = distinct_keys([pa.RecordBatch.from_pydict({"id": [5.0, None, 5.0, 6.0]})], ["id"])
    >>> keys.columns["k0"].to_pylist(), keys.codes.tolist()
    (['5', '6'], [0, -1, 0, 1])
    """
    texts = [key_columns(batch, names) for batch in batches]
    coded = [_coded([text[at] for text in texts]) for at in range(len(names))]
    codes, count = coded[0][0], len(coded[0][1])
    for more, values in coded[1:]:
        missing = (codes < 0) | (more < 0)
        codes = np.where(missing, -1, codes * max(len(values), 1) + more)
        count *= len(values)
    if len(names) > 1:
        used, inverse = np.unique(codes[codes >= 0], return_inverse=True)
        codes[codes >= 0] = inverse
        count = len(used)
    first = np.zeros(count, np.int64)
    present = np.flatnonzero(codes >= 0)
    first[codes[present][::-1]] = present[::-1]
    columns = {f"k{at}": values.take(pa.array(own[first])) for at, (own, values) in enumerate(coded)}
    return Keys(columns, codes, count)


def _coded(texts: list[pa.Array]) -> tuple[NDArray[np.int64], pa.Array]:
    """Return a number per row, -1 for missing, and the texts by number."""
    whole = pa.chunked_array(texts, pa.string()).combine_chunks()
    encoded = pc.dictionary_encode(whole)
    codes = pc.fill_null(encoded.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    return codes.copy(), encoded.dictionary
