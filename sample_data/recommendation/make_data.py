"""Make the lists and clicks of sample_data/recommendation: 70 days, lists of 10, a shift in taste.

``python sample_data/recommendation/make_data.py`` writes the same bytes again with the same library
versions.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

BEGINS, DAYS, LISTS_PER_DAY = datetime(2025, 4, 7, tzinfo=UTC), 70, 150
DAY = 86_400
SHIFT = datetime(2025, 5, 26, 12, tzinfo=UTC)
ITEMS, REPLACED, CANDIDATES, SHOWN = 400, 120, 30, 10
CATEGORIES = ["books", "films", "garden", "kitchen", "music", "sports", "toys", "travel"]
NEW_CATEGORY = "outlet"
DEVICES = {"app": 0.5, "desktop": 0.35, "tablet": 0.15}
USERS = {"new": 0.3, "returning": 0.7}


def stamps(offsets: np.ndarray) -> pa.Array:
    """Return offsets in seconds from the file's beginning as UTC timestamps."""
    millis = np.int64(BEGINS.timestamp() * 1000) + offsets.astype(np.int64) * 1000
    return pa.array(millis, pa.timestamp("ms", "UTC"))


def words(codes: np.ndarray, vocabulary: list[str]) -> pa.DictionaryArray:
    """Return the words that the codes stand for."""
    return pa.DictionaryArray.from_arrays(codes.astype(np.int16), pa.array(vocabulary))


def draw(rng: np.random.Generator, shares: dict[str, float], n: int) -> np.ndarray:
    """Return ``n`` codes, each the position of a word, with these shares."""
    return np.searchsorted(np.cumsum(list(shares.values()))[:-1], rng.random(n), "right")


def catalogue(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return category, popularity believed and popularity true, before and after the shift.

    The first items leave at the shift, as many new ones come, and half of the rest swap places in
    people's favour; the model goes on believing what it learnt.
    """
    n = ITEMS + REPLACED
    category = rng.integers(0, len(CATEGORIES), n)
    category[ITEMS:] = len(CATEGORIES)
    believed = rng.standard_normal(n)
    # nobody has clicked a new item yet, and the model takes that for luck
    believed[ITEMS:] = 0.3
    true = believed.copy()
    moved = np.arange(REPLACED, n)[rng.random(ITEMS) < 0.6]
    true[moved] = rng.permutation(true[moved])
    return {"category": category, "believed": believed, "before": believed, "after": true}


def lists(rng: np.random.Generator, shifted: np.ndarray, goods: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the items of every list, best first, and how relevant each turned out: 0, 1 or 2."""
    n = len(shifted)
    first = np.where(shifted, REPLACED, 0)[:, None]
    candidates = first + rng.random((n, ITEMS)).argpartition(CANDIDATES)[:, :CANDIDATES]
    taste = rng.standard_normal(candidates.shape)
    believed = goods["believed"][candidates] + taste + 0.8 * rng.standard_normal(taste.shape)
    ranked = np.argsort(-believed, axis=1)[:, :SHOWN]
    items = np.take_along_axis(candidates, ranked, axis=1)
    popularity = np.where(shifted[:, None], goods["after"][items], goods["before"][items])
    appeal = popularity + np.take_along_axis(taste, ranked, axis=1)
    clicked = rng.random(items.shape) < 1 / (1 + np.exp(4.5 - 1.6 * appeal))
    return items, clicked * (1 + (rng.random(items.shape) < 0.15))


def tables(seed: int, lists_per_day: int) -> dict[str, pa.Table]:
    """Return the recommended items and the clicks on them."""
    rng, n = np.random.default_rng(seed), DAYS * lists_per_day
    at = np.sort(np.floor((rng.integers(0, DAYS, n) + rng.beta(2, 2, n)) * DAY))
    goods = catalogue(rng)
    items, relevance = lists(rng, at >= (SHIFT - BEGINS).total_seconds(), goods)
    request, item, flat = np.repeat(np.arange(1, n + 1), SHOWN), items.ravel(), relevance.ravel()
    names = [f"item-{i:03}" for i in range(ITEMS + REPLACED)]
    visits = np.minimum(np.exp(1.5 + rng.standard_normal(n)), 200).astype(np.int16)
    shown = {
        "row_id": pa.array(np.arange(1, len(item) + 1), pa.int32()),
        "shown_at": stamps(np.repeat(at, SHOWN)),
        "request_id": pa.array(request, pa.int32()),
        "position": pa.array(np.tile(np.arange(1, SHOWN + 1), n), pa.int8()),
        "item_id": words(item, names),
        "item_category": words(goods["category"][item], [*CATEGORIES, NEW_CATEGORY]),
        "item_popularity": pa.array(goods["believed"][item].round(2), pa.float32()),
        "device": words(np.repeat(draw(rng, DEVICES, n), SHOWN), list(DEVICES)),
        "user_type": words(np.repeat(draw(rng, USERS, n), SHOWN), list(USERS)),
        "user_visits": pa.array(np.repeat(visits, SHOWN)),
    }
    hit, later = flat > 0, np.floor(5 + rng.exponential(400, len(flat)))
    clicks = {
        "request_id": pa.array(request[hit], pa.int32()),
        "item_id": words(item[hit], names),
        "clicked_at": stamps((np.repeat(at, SHOWN) + later)[hit]),
        "relevance": pa.array(flat[hit], pa.int8()),
    }
    return {"recommendations": pa.table(shown), "clicks": pa.table(clicks)}


def make(folder: Path, seed: int = 1, lists_per_day: int = LISTS_PER_DAY) -> None:
    """Write both files into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rising = ["row_id", "request_id", "shown_at", "clicked_at"]
    for name, table in tables(seed, lists_per_day).items():
        packed = [column for column in table.column_names if column in rising]
        pq.write_table(
            table,
            folder / f"{name}.parquet",
            compression="zstd",
            compression_level=19,
            use_dictionary=[c for c in table.column_names if c not in packed],
            column_encoding=dict.fromkeys(packed, "DELTA_BINARY_PACKED"),
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).parent)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lists-per-day", type=int, default=LISTS_PER_DAY)
    arguments = parser.parse_args()
    make(arguments.output, arguments.seed, arguments.lists_per_day)
