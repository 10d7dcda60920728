"""Make the valuations and sales of sample_data/house-prices: 120 days, a market that runs away.

``python sample_data/house-prices/make_data.py`` writes the same bytes again with the same library
versions.
"""

from __future__ import annotations

import argparse
import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

BEGINS, DAYS, ROWS_PER_DAY = datetime(2025, 1, 6, tzinfo=UTC), 120, 160
DAY = 86_400
INFLATION, PLATEAU = datetime(2025, 2, 10, tzinfo=UTC), datetime(2025, 3, 24, tzinfo=UTC)
INFLATED = 1.25
SQUARE_FEET = (datetime(2025, 4, 1, 10, tzinfo=UTC), datetime(2025, 4, 15, 10, tzinfo=UTC))
FEET = 10.764
AGENCIES = {"homefinder": 0.3, "keystone": 0.4, "nestor": 0.3}
DISTRICTS = {"centre": 0.2, "east": 0.2, "hills": 0.15, "north": 0.25, "south": 0.2}
WORTH = {"centre": 0.35, "east": -0.1, "hills": 0.2, "north": 0.0, "south": -0.05}
ENERGY = {"A": 0.1, "B": 0.2, "C": 0.3, "D": 0.25, "E": 0.15}


def stamps(offsets: np.ndarray) -> pa.Array:
    """Return offsets in seconds from the file's beginning as UTC timestamps."""
    millis = np.int64(BEGINS.timestamp() * 1000) + offsets.astype(np.int64) * 1000
    return pa.array(millis, pa.timestamp("ms", "UTC"))


def seconds(instant: datetime) -> float:
    """Return the seconds from the file's beginning to an instant."""
    return (instant - BEGINS).total_seconds()


def draw(rng: np.random.Generator, shares: dict[str, float], n: int) -> np.ndarray:
    """Return ``n`` codes, each the position of a word, with these shares."""
    return np.searchsorted(np.cumsum(list(shares.values()))[:-1], rng.random(n), "right")


def words(codes: np.ndarray, shares: dict[str, float]) -> pa.DictionaryArray:
    """Return the words that the codes stand for."""
    return pa.DictionaryArray.from_arrays(codes.astype(np.int8), pa.array(list(shares)))


def houses(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """Return what is true of every house; the market's taste for it never changes."""
    area = np.exp(4.5 + 0.4 * rng.standard_normal(n)).clip(25, 350).round()
    return {
        "area_sqm": area,
        "rooms": (area / 28 + 0.7 * rng.standard_normal(n)).clip(1, 12).round(),
        "year_built": (2024 - 90 * rng.beta(1.3, 2, n)).round(),
        "centre_km": np.exp(1.3 + 0.7 * rng.standard_normal(n)).round(1),
        "floor": rng.integers(0, 6, n),
        "garden": rng.random(n) < 0.35,
        "district": draw(rng, DISTRICTS, n),
        "energy_class": draw(rng, ENERGY, n),
        "agency": draw(rng, AGENCIES, n),
    }


def value(house: dict[str, np.ndarray], area: np.ndarray) -> np.ndarray:
    """Return the model's price in euros of houses, of this many square metres each."""
    logarithm = 9.0 + 0.8 * np.log(area.clip(25, 400)) - 0.03 * house["centre_km"].clip(0, 20)
    logarithm += np.array(list(WORTH.values()))[house["district"]] + 0.08 * house["garden"]
    logarithm += 0.002 * (house["year_built"] - 1990) - 0.03 * house["energy_class"]
    return np.exp(logarithm)


def valuations(at: np.ndarray, house: dict[str, np.ndarray]) -> pa.Table:
    """Return the logged predictions: one agency sends square feet for two weeks."""
    wrong = (at >= seconds(SQUARE_FEET[0])) & (at < seconds(SQUARE_FEET[1]))
    wrong &= house["agency"] == list(AGENCIES).index("homefinder")
    area = np.where(wrong, (house["area_sqm"] * FEET).round(), house["area_sqm"])
    return pa.table(
        {
            "valuation_id": pa.array(np.arange(1, len(at) + 1), pa.int32()),
            "valued_at": stamps(at),
            "agency": words(house["agency"], AGENCIES),
            "district": words(house["district"], DISTRICTS),
            "energy_class": words(house["energy_class"], ENERGY),
            "area_sqm": pa.array(area, pa.int16()),
            "rooms": pa.array(house["rooms"], pa.int8()),
            "year_built": pa.array(house["year_built"], pa.int16()),
            "centre_km": pa.array(house["centre_km"], pa.float32()),
            "floor": pa.array(house["floor"], pa.int8()),
            "garden": pa.array(house["garden"]),
            "price_estimate": pa.array((value(house, area) / 1000).round() * 1000, pa.int32()),
        }
    )


def sales(rng: np.random.Generator, at: np.ndarray, house: dict[str, np.ndarray]) -> list[dict]:
    """Return the sales, two to five weeks later; one valuation in ten never becomes one."""
    market = np.interp(at, [seconds(INFLATION), seconds(PLATEAU)], [1.0, INFLATED])
    noise = np.exp(0.1 * rng.standard_normal(len(at)))
    price = (value(house, house["area_sqm"]) * market * noise / 1000).round() * 1000
    sold = np.floor(at / 60 + (14 + 21 * rng.beta(2, 2, len(at))) * 1440)
    return [
        {
            "valuation_id": int(i) + 1,
            "sold_at": (BEGINS + timedelta(minutes=sold[i])).isoformat(),
            "sold_price": int(price[i]),
        }
        for i in np.flatnonzero(rng.random(len(at)) < 0.9)
    ]


def make(folder: Path, seed: int = 1, rows_per_day: int = ROWS_PER_DAY) -> None:
    """Write valuations as Parquet and sales as zipped JSON lines into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rng, n = np.random.default_rng(seed), DAYS * rows_per_day
    at = np.sort(np.floor((rng.integers(0, DAYS, n) + rng.beta(2, 2, n)) * DAY))
    house = houses(rng, n)
    table, packed = valuations(at, house), ["valuation_id", "valued_at"]
    pq.write_table(
        table,
        folder / "valuations.parquet",
        compression="zstd",
        compression_level=19,
        use_dictionary=[c for c in table.column_names if c not in packed],
        column_encoding=dict.fromkeys(packed, "DELTA_BINARY_PACKED"),
    )
    lines = "".join(json.dumps(sale) + "\n" for sale in sales(rng, at, house))
    (folder / "sales.jsonl.gz").write_bytes(gzip.compress(lines.encode(), 9, mtime=0))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).parent)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows-per-day", type=int, default=ROWS_PER_DAY)
    arguments = parser.parse_args()
    make(arguments.output, arguments.seed, arguments.rows_per_day)
