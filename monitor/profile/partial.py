"""Partial counts: what one part of the rows gives, in a form that travels and adds up, whatever order parts come in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from monitor.profile.build import VERSIONS, Builder, Place
from monitor.profile.digest import Digest, digests, tile_index
from monitor.profile.layout import Layout
from monitor.profile.profile import Profile, add
from monitor.profile.tally import Ints

KEYS = ("tile", "version", "segment")
SCHEMA = pa.schema(
    [("tile", pa.int64()), ("version", pa.string()), ("segment", pa.string()), ("profile", pa.binary()),
     ("digest", pa.string())]
)  # fmt: skip
Row = tuple[int, str | None, str | None, bytes | None, str | None]


@dataclass(frozen=True, eq=False)
class Counting:
    """Counts canonical batches where they are: `Builder` for one part of the rows.

    ``layout`` is a layout's stored form; none leaves the digests alone. ``starts`` are as the builder's. What it yields
    is one batch under ``SCHEMA``: a profile per place, a digest per tile; a row without a version marks a tile that has
    too many versions.
    """

    layout: bytes | None
    starts: Ints

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield what one part of the rows counts up to."""
        builder = None if self.layout is None else Builder(Layout.from_bytes(self.layout), self.starts)
        found: dict[int, Digest] = {}
        for batch in batches:
            for tile, digest in digests(batch, tile_index(batch, self.starts)).items():
                found[tile] = found.get(tile, Digest()) + digest
            if builder is not None:
                builder.add(batch)
        profiles = {} if builder is None else builder.finish()
        rows: list[Row] = [(*place, profile.to_bytes(), None) for place, profile in profiles.items()]
        rows += [(tile, "", "", None, digest.text) for tile, digest in found.items()]
        rows += [(tile, None, "", None, None) for tile in (builder.unversioned if builder else ())]
        yield _batch(rows)


@dataclass(frozen=True, eq=False)
class Counts:
    """Profiles by place and digests by tile."""

    profiles: dict[Place, Profile]
    digests: dict[int, Digest]


def combined(rows: pa.Table) -> pa.Table:
    """Return the sum of rows under ``SCHEMA`` that share their keys, as one row."""
    first = rows.slice(0, 1).to_pylist()[0]
    blobs = [blob for blob in rows.column("profile").to_pylist() if blob is not None]
    texts = [text for text in rows.column("digest").to_pylist() if text is not None]
    profile = add([Profile.from_bytes(blob) for blob in blobs]).to_bytes() if blobs else None
    digest = sum(map(Digest.parse, texts), Digest()).text if texts else None
    return pa.Table.from_batches([_batch([(first["tile"], first["version"], first["segment"], profile, digest)])])


def gathered(batches: Iterable[pa.RecordBatch]) -> Counts:
    """Add up all rows under ``SCHEMA``; tiles with too many versions keep their totals only."""
    pieces: dict[Place, list[Profile]] = {}
    found: dict[int, Digest] = {}
    crowded: set[int] = set()
    for batch in batches:
        for tile, version, segment, blob, text in zip(*(c.to_pylist() for c in batch.columns), strict=True):
            if version is None:
                crowded.add(tile)
                continue
            if blob is not None:
                pieces.setdefault(Place(tile, version, segment), []).append(Profile.from_bytes(blob))
            if text is not None:
                found[tile] = found.get(tile, Digest()) + Digest.parse(text)
    versions = Counter(place.tile for place in pieces if place.version)
    crowded |= {tile for tile, n in versions.items() if n > VERSIONS}
    return Counts({p: add(each) for p, each in pieces.items() if not p.version or p.tile not in crowded}, found)


def _batch(rows: list[Row]) -> pa.RecordBatch:
    columns = list(zip(*rows, strict=True)) or [()] * len(SCHEMA)
    return pa.RecordBatch.from_arrays(
        [pa.array(list(column), kind.type) for column, kind in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )
