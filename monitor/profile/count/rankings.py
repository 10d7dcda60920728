"""Counts of recommended lists: gathered row by row, judged request by request."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from monitor.profile.count.groups import part
from monitor.profile.encode import Encoded
from monitor.profile.hashing import hashes
from monitor.profile.layout import Layout
from monitor.profile.rankings import MEASURES
from monitor.profile.relevance import measures
from monitor.profile.slots import Slots, count
from monitor.profile.tally import Floats, Ints, Key, Tally


@dataclass(frozen=True, eq=False)
class Lists:
    """Rows of recommended lists, gathered until every request of their tile is whole.

    Rows of one request belong together when they fall into the same tile. ``vocabulary`` gives each attribute's
    texts their codes.
    """

    layout: Layout
    pieces: list[dict[str, np.ndarray]] = field(default_factory=list)
    vocabulary: dict[str, dict[str | None, int]] = field(default_factory=dict)

    def gather(self, rows: Encoded, tile: Ints, labels: dict[str, tuple[Ints, list[str | None]]]) -> None:
        """Keep of a batch what judging its requests will need."""
        place = rows.numbers("rank") if rows.has("rank") else -rows.numbers("score")
        blank = np.zeros(rows.n, dtype=np.uint64)
        piece: dict[str, np.ndarray] = {
            "tile": tile,
            "query": hashes(rows.batch.column("query")) if rows.has("query") else blank,
            "item": hashes(rows.batch.column("item")) if rows.has("item") else blank,
            "place": np.nan_to_num(place, nan=np.inf),
            "relevance": np.nan_to_num(rows.numbers("target"), nan=0.0),
        }
        for name, (codes, texts) in labels.items():
            known = self.vocabulary.setdefault(name, {})
            of = np.array([known.setdefault(text, len(known)) for text in texts] or [0])
            piece["label " + name] = of[codes]
        self.pieces.append(piece)

    def rows(self) -> dict[str, np.ndarray]:
        """Return all gathered rows, ordered by tile, request, place and item."""
        names = self.pieces[0]
        joined = {name: np.concatenate([p[name] for p in self.pieces]) for name in names}
        order = np.lexsort((joined["item"], joined["place"], joined["query"], joined["tile"]))
        return {name: values[order] for name, values in joined.items()}


def count_rankings(lists: Lists, rows: dict[str, np.ndarray], slot: Ints, slots: int) -> dict[str, list[Tally]]:
    """Judge every request at each k and sum its measures by slot and attribute set.

    A ``slot`` below 0 leaves a row out.
    """
    rows = {name: values[slot >= 0] for name, values in rows.items()}
    begins = _begins(rows)
    query = np.cumsum(begins) - 1
    first = np.flatnonzero(begins)
    within = np.arange(len(query)) - first[query] if len(query) else query
    where = Slots.of(slot[slot >= 0][first], slots)
    counted: dict[str, list[Tally]] = {}
    for attributes in lists.layout.model.attributes:
        per_k = [_judged(lists, rows, query, within, first, where, attributes, k) for k in lists.layout.model.k]
        counted[part("rankings", attributes)] = [_joined(tallies) for tallies in zip(*per_k, strict=True)]
    counted["items"] = _items(lists, rows, within, slot[slot >= 0], slots)
    return counted


def _begins(rows: dict[str, np.ndarray]) -> np.ndarray:
    tile, query = rows["tile"], rows["query"]
    return np.r_[True, (tile[1:] != tile[:-1]) | (query[1:] != query[:-1])] if len(tile) else np.zeros(0, dtype=bool)


def _judged(
    lists: Lists, rows: dict[str, np.ndarray], query: Ints, within: Ints, first: Ints, where: Slots,
    attributes: tuple[str, ...], k: int,
) -> list[Tally]:  # fmt: skip
    found = measures(query, within, rows["relevance"], len(first), k)
    sums: list[Floats] = []
    for name in MEASURES:
        value = where.take(found[name])
        known = ~np.isnan(value)
        sums += [known.astype(float), np.where(known, value, 0.0), np.where(known, value**2, 0.0)]
    code, texts = np.zeros(len(first), dtype=np.int64), []
    for name in attributes:
        texts.append(list(lists.vocabulary[name]))
        code = code * len(texts[-1]) + rows["label " + name][first]

    def keys(present: Ints) -> list[Key]:
        places = np.unravel_index(present, [len(t) for t in texts]) if texts else ()
        values = [[t[i] for i in at] for t, at in zip(texts, places, strict=True)]
        return [(*(v[i] for v in values), f"{k:06d}") for i in range(len(present))]

    return count(where, where.take(code), 1, keys, sums=sums)


def _joined(tallies: tuple[Tally, ...]) -> Tally:
    joined = tallies[0]
    for tally in tallies[1:]:
        joined = joined + tally
    return joined


def _keys(k: int, present: Ints) -> list[Key]:
    return [(f"{k:06d}",)] * len(present)


def _items(lists: Lists, rows: dict[str, np.ndarray], within: Ints, slot: Ints, slots: int) -> list[Tally]:
    """Count the first k places by reference item with label ``(k,)``; the last cell is for unknown items."""
    known = lists.layout.items
    at = np.searchsorted(known, rows["item"])
    hit = np.append(known, np.uint64(0))[at] == rows["item"] if len(known) else np.zeros(len(at), dtype=bool)
    index = np.where(hit, at, len(known))
    where = Slots.of(slot, slots)
    width = len(known) + 1
    per_k = []
    for k in lists.layout.model.k:
        address = np.where(within < k, index, -1)
        per_k.append(count(where, where.take(address), width, partial(_keys, k)))
    return [_joined(tallies) for tallies in zip(*per_k, strict=True)]
