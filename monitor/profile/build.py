"""Building: canonical batches become profiles by tile, version and segment."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from monitor.domain.model import FEATURE
from monitor.profile.count.columns import count_columns
from monitor.profile.count.confusion import count_confusion
from monitor.profile.count.delays import count_delays
from monitor.profile.count.moments import count_moments
from monitor.profile.count.operations import count_operations
from monitor.profile.count.rankings import Lists, count_rankings
from monitor.profile.count.residuals import count_residuals
from monitor.profile.count.rows import count_rows
from monitor.profile.count.scores import count_log_loss, count_scores
from monitor.profile.encode import Coded, Encoded
from monitor.profile.layout import Layout
from monitor.profile.portions import Portions
from monitor.profile.profile import Profile, add
from monitor.profile.slots import Slots
from monitor.profile.tally import Ints, Tally

VERSIONS = 100  # a version column with more values in one tile is none: its rows count in the total only
_PIECES = 8
_AHEAD = 2  # portions that wait for threads: memory does not grow with the rows
_VERSION = "\0version"  # no attribute's name


class Place(NamedTuple):
    """Whose rows a profile counts: those of a tile, or of one version or segment in it.

    ``tile`` is the tile's index, ``segment`` the JSON of ``{"attribute": value}``; both texts are empty for all rows.
    """

    tile: int
    version: str = ""
    segment: str = ""


Placing = Callable[[int], Place | None]
Piece = tuple[Place, Profile]


def segment_text(attribute: str, value: str | None) -> str:
    """Return the canonical JSON of a segment.

    Examples
    --------
    >>> segment_text("carrier", "UA")
    '{"carrier":"UA"}'
    """
    return json.dumps({attribute: value}, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, eq=False)
class Builder:
    """Counts batches as they come; ``starts`` (int64 microseconds, ascending) begin the tiles, the last one ends them.

    Without ``starts`` everything is one tile. Rows outside are an error of the caller. Threads of a ``pool`` count one
    portion of the rows each while the next is read.
    """

    layout: Layout
    starts: Ints | None = None
    pool: Executor | None = None
    pieces: dict[Place, list[Profile]] = field(default_factory=dict)
    lists: list[Lists] = field(default_factory=list)
    unversioned: set[int] = field(default_factory=set)  # tiles with more versions than a tile may have
    portions: Portions = field(default_factory=Portions)
    coming: deque[Future[list[Piece]]] = field(default_factory=deque)

    def add(self, batch: pa.RecordBatch) -> None:
        """Count the rows of a batch, small ones together with those that follow."""
        for portion in self.portions.add(batch):
            self._take(portion)

    def _take(self, portion: pa.RecordBatch) -> None:
        """Count a portion, or have a thread count it; what is counted is kept in the order of the rows."""
        rows, tile = Encoded(self.layout, portion), self._tiles(portion)
        if self.layout.model.task == "ranking":
            self._gather(rows, tile)
        if self.pool is None:
            self._keep(self._counted(rows, tile))
            return
        self.coming.append(self.pool.submit(self._counted, rows, tile))
        if len(self.coming) > _AHEAD:
            self._keep(self.coming.popleft().result())

    def _counted(self, rows: Encoded, tile: Ints) -> list[Piece]:
        """Return the profiles of a part's rows: of all, by version and by segment."""
        pieces = self._count(rows, tile, Place, whole=True)
        for name, (codes, texts) in self._views(rows, tile).items():
            place = partial(self._place, name, texts)
            pieces += self._count(rows, tile * len(texts) + codes, place, whole=name == "version")
        return pieces

    def finish(self) -> dict[Place, Profile]:
        """Return all profiles; places without rows are not in it."""
        for portion in self.portions.rest():
            self._take(portion)
        while self.coming:
            self._keep(self.coming.popleft().result())
        if self.lists and self.lists[0].pieces:
            self._rank(self.lists[0])
        versions = Counter(place.tile for place in self.pieces if place.version)
        self.unversioned.update(tile for tile, n in versions.items() if n > VERSIONS)
        kept = {p: pieces for p, pieces in self.pieces.items() if not p.version or p.tile not in self.unversioned}
        return {place: add(pieces) for place, pieces in kept.items()}

    def _tiles(self, batch: pa.RecordBatch) -> Ints:
        if self.starts is None:
            return np.zeros(batch.num_rows, dtype=np.int64)
        time = batch.column("time").cast(pa.int64()).to_numpy(zero_copy_only=False)
        return np.asarray(np.searchsorted(self.starts, time, side="right") - 1, dtype=np.int64)

    def _views(self, rows: Encoded, tile: Ints) -> dict[str, Coded]:
        """Return what else rows are counted by: the version and each segment attribute."""
        views = {FEATURE + name: rows.attribute(name) for name in self.layout.segments}
        return views | ({"version": self._versions(rows.version, tile)} if rows.has("version") else {})

    def _versions(self, coded: Coded, tile: Ints) -> Coded:
        """Return the versions of rows, none in tiles with too many: a column unique by row must not fill memory."""
        codes, texts = coded
        if len(texts) <= VERSIONS:
            return coded
        present = np.unique(tile * len(texts) + codes) // len(texts)
        tiles, versions = np.unique(present, return_counts=True)
        self.unversioned.update(tiles[versions > VERSIONS + 1].tolist())  # one of them may be none
        left_out = np.isin(tile, list(self.unversioned))
        return np.where(left_out, len(texts), codes), [*texts, None]

    def _place(self, name: str, texts: list[str | None], code: int) -> Place | None:
        """Return the place of a code; None for rows without a version and for segments the reference did not have."""
        tile, text = code // len(texts), texts[code % len(texts)]
        if name == "version":
            return Place(tile, version=text) if text else None
        attribute = name.removeprefix(FEATURE)
        known = text in self.layout.segments[attribute]
        return Place(tile, segment=segment_text(attribute, text)) if known else None

    def _count(self, rows: Encoded, code: Ints, place: Placing, *, whole: bool) -> list[Piece]:
        if len(code) and code.min() == code.max():
            present, slots = code[:1], Slots.of(np.zeros(len(code), dtype=np.int64), 1)
        else:
            present, slot = np.unique(code, return_inverse=True)
            slots = Slots.of(slot, len(present))
        parts = count_columns(rows, slots) | {"rows": count_rows(rows, slots)}
        if whole:
            parts |= _outcomes(rows, slots)
        return self._placed(parts, map(place, present.tolist()))

    def _placed(self, parts: dict[str, list[Tally]], places: Iterable[Place | None]) -> list[Piece]:
        found = []
        for s, where in enumerate(places):
            if where is not None:
                kept = {name: tallies[s] for name, tallies in parts.items() if tallies[s].keys or tallies[s].overflowed}
                found.append((where, Profile(self.layout.fingerprint, kept)))
        return found

    def _keep(self, found: Iterable[Piece]) -> None:
        for where, profile in found:
            pieces = self.pieces.setdefault(where, [])
            pieces.append(profile)
            if len(pieces) > _PIECES:
                pieces[:] = [add(pieces)]

    def _gather(self, rows: Encoded, tile: Ints) -> None:
        if not self.lists:
            self.lists.append(Lists(self.layout))
        names = {name for attributes in self.layout.model.attributes for name in attributes}
        labels = {name: rows.attribute(name) for name in names}
        self.lists[0].gather(rows, tile, labels | ({_VERSION: rows.version} if rows.has("version") else {}))

    def _rank(self, lists: Lists) -> None:
        rows = lists.rows()
        self._judge(lists, rows, rows["tile"], Place)
        if "label " + _VERSION in rows:
            texts = list(lists.vocabulary[_VERSION])
            code = rows["tile"] * len(texts) + rows["label " + _VERSION]
            self._judge(lists, rows, code, partial(self._place, "version", texts))

    def _judge(self, lists: Lists, rows: dict[str, Ints], code: Ints, place: Placing) -> None:
        present, slot = np.unique(code, return_inverse=True)
        self._keep(self._placed(count_rankings(lists, rows, slot, len(present)), map(place, present.tolist())))


def build(layout: Layout, batches: Iterable[pa.RecordBatch], pool: Executor | None = None) -> Profile:
    """Return the one profile of all rows, whatever their time; the zero profile for none."""
    builder = Builder(layout, pool=pool)
    for batch in batches:
        builder.add(batch)
    return builder.finish().get(Place(0), Profile(layout.fingerprint, {}))


def _outcomes(rows: Encoded, slots: Slots) -> dict[str, list[Tally]]:
    """Return the parts that performance, fairness, operations and multivariate drift rest on."""
    model = rows.layout.model
    parts: dict[str, list[Tally]] = {"moments": count_moments(rows, slots)}
    if "target" in model.roles:
        parts["delays"] = count_delays(rows, slots)
    if "latency_ms" in model.roles or "status" in model.roles:
        parts["operations"] = count_operations(rows, slots)
    if model.task in ("binary", "multiclass"):
        parts |= count_confusion(rows, slots) | count_scores(rows, slots)
        if "score" in model.roles or model.score_classes:
            parts |= count_log_loss(rows, slots)
    if model.task == "regression":
        parts |= count_residuals(rows, slots)
    return parts
