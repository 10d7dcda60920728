"""The kind of a column nobody declared; a file of its own, so that comparing frames loads no source."""

from __future__ import annotations

import pyarrow as pa

from monitor.domain.model import Kind


def kind_of(kind: pa.DataType) -> Kind | None:
    """Return what a column of an Arrow type is taken for when nobody says; None for instants and for nothing at all."""
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "numeric"
    return None if pa.types.is_temporal(kind) or pa.types.is_null(kind) else "categorical"
