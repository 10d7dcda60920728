"""Make the card payments of sample_data/fraud: 90 days, 46 features, four planted faults.

``python sample_data/fraud/make_data.py`` writes the same bytes again with the same library versions.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from columns import AMOUNTS, CATEGORIES, COUNTS, FLAGS, SHARES, WEIGHTS

BEGINS, DAYS, ROWS_PER_DAY = datetime(2025, 3, 3, tzinfo=UTC), 90, 1800
DAY = 86_400
DECAY = (datetime(2025, 4, 3, tzinfo=UTC), datetime(2025, 4, 21, tzinfo=UTC))
STUCK = (datetime(2025, 4, 16, 8, tzinfo=UTC), datetime(2025, 4, 24, 16, tzinfo=UTC))
NEW_CATEGORY = datetime(2025, 5, 7, tzinfo=UTC)
NULL = datetime(2025, 5, 14, 14, 30, tzinfo=UTC)
CANARY, PROMOTED = datetime(2025, 4, 10, 9, tzinfo=UTC), datetime(2025, 4, 17, 9, tzinfo=UTC)


def seconds(instant: datetime) -> float:
    """Return the seconds from the file's beginning to an instant."""
    return (instant - BEGINS).total_seconds()


def stamps(offsets: np.ndarray) -> pa.Array:
    """Return offsets in seconds from the file's beginning as UTC timestamps."""
    millis = np.int64(BEGINS.timestamp() * 1000) + offsets.astype(np.int64) * 1000
    return pa.array(millis, pa.timestamp("ms", "UTC"))


def significant(values: np.ndarray, digits: int = 2) -> np.ndarray:
    """Return positive values rounded to a few significant digits."""
    scale = 10.0 ** (np.floor(np.log10(values)) - digits + 1)
    return (np.round(values / scale) * scale).astype(np.float32)


def column(name: str, g: np.ndarray) -> np.ndarray:
    """Return what is logged of a feature that is normally distributed underneath."""
    if name in AMOUNTS:
        median, spread = AMOUNTS[name]
        return significant(median * np.exp(spread * g))
    if name in SHARES:
        return (1 / (1 + np.exp(2.5 - 1.2 * g))).round(2).astype(np.float32)
    if name in COUNTS:
        scale, spread = COUNTS[name]
        return np.minimum(scale * np.exp(spread * g), 100).astype(np.int16)
    return g > FLAGS[name]


def features(rng: np.random.Generator, at: np.ndarray) -> tuple[dict[str, pa.Array], np.ndarray]:
    """Return the logged columns, faults included, and the risk that the model sees in them."""
    columns, risk = {}, np.zeros(len(at))
    for name in [*AMOUNTS, *SHARES, *COUNTS, *FLAGS]:
        g = rng.standard_normal(len(at))
        missing = rng.random(len(at)) < (0.03 if name == "km_from_last" else 0.0)
        if name == "ip_risk":
            missing |= at >= seconds(NULL)
        values = column(name, g)
        if name == "seconds_since_last":
            values[(at >= seconds(STUCK[0])) & (at < seconds(STUCK[1]))] = 0
        columns[name] = pa.array(values, mask=missing)
        risk += np.where(missing, 0.0, WEIGHTS.get(name, 0.0) * g)
    for name, shares in CATEGORIES.items():
        codes = np.searchsorted(np.cumsum(list(shares.values()))[:-1], rng.random(len(at)), "right")
        words = list(shares)
        if name == "merchant_category":
            codes[(at >= seconds(NEW_CATEGORY)) & (rng.random(len(at)) < 0.09)] = len(words)
            words.append("crypto_exchange")
        columns[name] = pa.DictionaryArray.from_arrays(codes.astype(np.int8), pa.array(words))
    return columns, risk / np.sqrt(sum(w * w for w in WEIGHTS.values()))


def truth(rng: np.random.Generator, at: np.ndarray, risk: np.ndarray) -> np.ndarray:
    """Return which payments were fraud: 0.5 %, ever less of it where the model looks."""
    first, last = (seconds(instant) for instant in DECAY)
    seen = np.interp(at, [first, last], [1.0, 0.35])
    real = seen * risk + np.sqrt(1 - seen**2) * rng.standard_normal(len(at))
    return rng.random(len(at)) < 1 / (1 + np.exp(8.1 - 2.5 * real))


def versions(rng: np.random.Generator, at: np.ndarray) -> pa.Array:
    """Return the model's version: 2.1 until a canary of 20 % with 2.2, then 2.2 alone."""
    newer = (at >= seconds(PROMOTED)) | ((at >= seconds(CANARY)) & (rng.random(len(at)) < 0.2))
    return pa.DictionaryArray.from_arrays(pa.array(newer.astype(np.int8)), pa.array(["2.1", "2.2"]))


def tables(seed: int, rows_per_day: int) -> dict[str, pa.Table]:
    """Return predictions and their late ground truth."""
    rng, n = np.random.default_rng(seed), DAYS * rows_per_day
    at = np.sort(np.floor((rng.integers(0, DAYS, n) + rng.beta(2, 2, n)) * DAY))
    columns, risk = features(rng, at)
    fraud = truth(rng, at, risk)
    # float32 of a rounded logit keeps few distinct values, so the file stays small
    score = 1 / (1 + np.exp(8.1 - 2.5 * risk.round(2)))
    ids = pa.array(np.arange(1, n + 1), pa.int32())
    head = {"payment_id": ids, "predicted_at": stamps(at), "model_version": versions(rng, at)}
    tail = {"fraud_score": pa.array(score.astype(np.float32)), "flagged": pa.array(score >= 0.05)}
    # chargebacks come within days; that nothing came is known after 30
    days_late = np.where(fraud, 1 + 28 * rng.beta(1.2, 3, n), 30)
    observed = stamps(np.floor(at + days_late * DAY))
    known = {"payment_id": ids, "observed_at": observed, "is_fraud": pa.array(fraud)}
    return {"predictions": pa.table(head | columns | tail), "outcomes": pa.table(known)}


def make(folder: Path, seed: int = 1, rows_per_day: int = ROWS_PER_DAY) -> None:
    """Write both files into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rising = ["payment_id", "predicted_at", "observed_at"]
    for name, table in tables(seed, rows_per_day).items():
        packed = [column for column in table.column_names if column in rising]
        pq.write_table(
            table,
            folder / f"{name}.parquet",
            compression="zstd",
            compression_level=19,
            row_group_size=32_768,
            use_dictionary=[c for c in table.column_names if c not in packed],
            column_encoding=dict.fromkeys(packed, "DELTA_BINARY_PACKED"),
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).parent)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows-per-day", type=int, default=ROWS_PER_DAY)
    arguments = parser.parse_args()
    make(arguments.output, arguments.seed, arguments.rows_per_day)
