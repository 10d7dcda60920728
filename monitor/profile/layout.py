"""The layout: a model's columns with their frozen bins, and the fingerprint that profiles carry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.domain.model import Model
from monitor.profile.bins import Bins, CategoricalBins, NumericBins
from monitor.profile.codec import pack, unpack

_WORDS = ("name", "min_group_size", "reference_group")  # what may change without moving a single count


@dataclass(frozen=True, eq=False)
class Layout:
    """Everything that decides where a row is counted.

    ``bins`` maps every histogrammed column of the model to its bins, in the model's order; ``items`` (sorted
    uint64) are hashes of the items that the reference recommended (ranking only); ``segments`` maps every segment
    attribute to the values it had in the reference, the 100 most frequent: only inside those can drift be measured.
    """

    model: Model
    bins: Mapping[str, Bins]
    items: NDArray[np.uint64]
    segments: Mapping[str, tuple[str | None, ...]]

    @cached_property
    def offsets(self) -> dict[str, int]:
        """Where each column's bins begin in the common address space."""
        sizes = [len(b) for b in self.bins.values()]
        starts = np.cumsum([0, *sizes])[:-1].tolist()
        return dict(zip(self.bins, starts, strict=True))

    @cached_property
    def size(self) -> int:
        """Bins of all columns together."""
        return max(1, sum(len(b) for b in self.bins.values()))

    @cached_property
    def numeric(self) -> dict[str, NumericBins]:
        """The numeric columns."""
        return {name: b for name, b in self.bins.items() if isinstance(b, NumericBins)}

    @cached_property
    def spread(self) -> dict[str, NumericBins]:
        """The numeric features that vary in the reference: those of the second moments."""
        return {n: b for n, b in self.numeric.items() if n.startswith("column:") and b.deviation > 0}

    @cached_property
    def fingerprint(self) -> str:
        """A hash of columns and bins; profiles of different fingerprints refuse to add."""
        header, arrays = self._parts()
        header = header | {"model": {k: v for k, v in header["model"].items() if k not in _WORDS}}
        digest = blake2b(json.dumps(header, sort_keys=True).encode("utf-8", "surrogatepass"), digest_size=12)
        for array in arrays:
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def probabilities(self, column: str) -> bool:
        """Tell whether all reference values of a score lay in [0, 1]."""
        bins = self.bins.get(column)
        if not isinstance(bins, NumericBins) or not len(bins.edges):
            return False
        return bool(bins.edges[0] >= 0 and bins.edges[-1] <= np.nextafter(1.0, 2.0))

    def to_bytes(self) -> bytes:
        """Return the stored form."""
        return pack(*self._parts())

    @classmethod
    def from_bytes(cls, blob: bytes) -> Layout:
        """Read the stored form."""
        header, arrays = unpack(blob)
        bins: dict[str, Bins] = {}
        for at, (name, kind, extra) in enumerate(header["bins"]):
            first, mass = arrays[1 + 2 * at], arrays[2 + 2 * at]
            if kind == "numeric":
                bins[name] = NumericBins(first, extra[0], extra[1], mass)
            else:
                bins[name] = CategoricalBins(tuple(extra), first.astype(np.uint64), mass)
        segments = {name: tuple(values) for name, values in header["segments"].items()}
        return cls(_model(header["model"]), bins, arrays[0].astype(np.uint64), segments)

    def _parts(self) -> tuple[dict[str, Any], list[NDArray[Any]]]:
        described: list[list[Any]] = []
        arrays: list[NDArray[Any]] = [self.items]
        for name, bins in self.bins.items():
            if isinstance(bins, NumericBins):
                described.append([name, "numeric", [bins.centre, bins.deviation]])
                arrays += [bins.edges, bins.mass]
            else:
                described.append([name, "categorical", list(bins.categories)])
                arrays += [bins.known, bins.mass]
        model = asdict(self.model) | {"roles": sorted(self.model.roles), "columns": list(self.model.columns.items())}
        segments = {name: list(values) for name, values in self.segments.items()}
        return {"model": model, "bins": described, "segments": segments}, arrays


def _model(stored: dict[str, Any]) -> Model:
    return Model(
        **stored
        | {
            "columns": dict(stored["columns"]),
            "roles": frozenset(stored["roles"]),
            "groups": tuple(tuple(g) for g in stored["groups"]),
            "segments": tuple(stored["segments"]),
            "k": tuple(stored["k"]),
        }
    )
