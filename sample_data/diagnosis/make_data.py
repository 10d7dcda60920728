"""Make the diagnoses of sample_data/diagnosis: 90 days, 4 classes, one group served worse.

``python sample_data/diagnosis/make_data.py`` writes the same bytes again with the same library
versions.
"""

from __future__ import annotations

import argparse
import gzip
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

BEGINS, DAYS, ROWS_PER_DAY = datetime(2025, 1, 6, tzinfo=UTC), 90, 400
DAY = 86_400
RECALL_FALLS = datetime(2025, 3, 5, 12, tzinfo=UTC)
CLASSES = {"asthma": 0.2, "bronchitis": 0.35, "healthy": 0.3, "pneumonia": 0.15}
SEXES = {"female": 0.52, "male": 0.48}
AGE_BANDS = {"0-17": 0.2, "18-39": 0.25, "40-64": 0.3, "65+": 0.25}
CLINICS = {"central": 0.45, "north": 0.3, "river": 0.25}
# mean of each class in the order above, spread, decimals
FEATURES = {
    "temperature": ((37.0, 37.7, 36.8, 38.6), 0.6, 1),
    "heart_rate": ((88, 84, 76, 98), 12.0, 0),
    "oxygen_saturation": ((94.5, 96.0, 97.5, 92.5), 1.5, 0),
    "respiratory_rate": ((22, 18, 15, 25), 3.0, 0),
    "crp": ((8, 22, 5, 90), 0.7, 0),
    "leukocytes": ((7.5, 9.5, 6.8, 13.5), 1.8, 1),
    "cough_days": ((9, 7, 2, 6), 0.6, 0),
}
SKEWED = ("crp", "cough_days")


def stamps(offsets: np.ndarray) -> pa.Array:
    """Return offsets in seconds from the file's beginning as UTC timestamps."""
    millis = np.int64(BEGINS.timestamp() * 1000) + offsets.astype(np.int64) * 1000
    return pa.array(millis, pa.timestamp("ms", "UTC"))


def draw(rng: np.random.Generator, shares: dict[str, float], n: int) -> np.ndarray:
    """Return ``n`` codes, each the position of a word, with these shares."""
    return np.searchsorted(np.cumsum(list(shares.values()))[:-1], rng.random(n), "right")


def words(codes: np.ndarray, shares: dict[str, float]) -> pa.DictionaryArray:
    """Return the words that the codes stand for."""
    return pa.DictionaryArray.from_arrays(codes.astype(np.int8), pa.array(list(shares)))


def features(rng: np.random.Generator, disease: np.ndarray) -> dict[str, pa.Array]:
    """Return what was measured at the bedside, the same for the same disease at all times."""
    columns = {}
    for name, (means, spread, decimals) in FEATURES.items():
        centre, noise = np.array(means)[disease], rng.standard_normal(len(disease)) * spread
        values = centre * np.exp(noise) if name in SKEWED else centre + noise
        if name == "oxygen_saturation":
            values = np.minimum(values, 100)
        missing = rng.random(len(disease)) < (0.04 if name == "crp" else 0.0)
        columns[name] = pa.array(values.round(decimals).astype(np.float32), mask=missing)
    return columns


def probabilities(rng: np.random.Generator, disease: np.ndarray, worse: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the model's probabilities, to three decimals and never 0, and its decision."""
    signal = np.eye(len(CLASSES))[disease] * np.where(worse, 1.0, 3.0)[:, None]
    logits = signal + np.log(list(CLASSES.values())) + rng.standard_normal(signal.shape)
    shares = 0.98 * np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True) + 0.005
    shares = shares.round(3)
    shares[:, -1] = 1 - shares[:, :-1].sum(axis=1)
    return shares.round(3).astype(np.float32), logits.argmax(axis=1)


def tables(seed: int, rows_per_day: int) -> dict[str, pa.Table]:
    """Return predictions and their late ground truth."""
    rng, n = np.random.default_rng(seed), DAYS * rows_per_day
    at = np.sort(np.floor((rng.integers(0, DAYS, n) + rng.beta(2, 2, n)) * DAY))
    disease, age_band = draw(rng, CLASSES, n), draw(rng, AGE_BANDS, n)
    fault = (RECALL_FALLS - BEGINS).total_seconds()
    worse = (at >= fault) & (age_band == list(AGE_BANDS).index("65+"))
    shares, decision = probabilities(rng, disease, worse)
    ids = pa.array(np.arange(1, n + 1), pa.int32())
    predictions = {"case_id": ids, "predicted_at": stamps(at)}
    predictions["sex"] = words(draw(rng, SEXES, n), SEXES)
    predictions["age_band"] = words(age_band, AGE_BANDS)
    predictions["clinic"] = words(draw(rng, CLINICS, n), CLINICS)
    predictions |= features(rng, disease)
    predictions |= {f"p_{name}": pa.array(shares[:, i]) for i, name in enumerate(CLASSES)}
    predictions["predicted"] = words(decision, CLASSES)
    predictions["latency_ms"] = pa.array(np.exp(4 + 0.4 * rng.standard_normal(n)).astype(np.int16))
    predictions["http_status"] = pa.array(np.where(rng.random(n) < 0.002, 500, 200), pa.int16())
    late = np.floor(at + (1 + 6 * rng.beta(1.5, 2.5, n)) * DAY)
    known = rng.random(n) < 0.97
    outcomes = {"case_id": ids, "confirmed_at": stamps(late), "diagnosis": words(disease, CLASSES)}
    return {"predictions": pa.table(predictions), "outcomes": pa.table(outcomes).filter(known)}


def make(folder: Path, seed: int = 1, rows_per_day: int = ROWS_PER_DAY) -> None:
    """Write predictions as Parquet and outcomes as zipped CSV into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    made = tables(seed, rows_per_day)
    packed = ["case_id", "predicted_at"]
    pq.write_table(
        made["predictions"],
        folder / "predictions.parquet",
        compression="zstd",
        compression_level=19,
        use_dictionary=[c for c in made["predictions"].column_names if c not in packed],
        column_encoding=dict.fromkeys(packed, "DELTA_BINARY_PACKED"),
    )
    outcomes = made["outcomes"].set_column(
        1, "confirmed_at", pc.strftime(made["outcomes"]["confirmed_at"], "%Y-%m-%dT%H:%M:00Z")
    )
    plain = outcomes.set_column(2, "diagnosis", outcomes["diagnosis"].cast(pa.string()))
    sheet = pa.BufferOutputStream()
    pa.csv.write_csv(plain, sheet, pa.csv.WriteOptions(quoting_style="needed"))
    path = folder / "outcomes.csv.gz"
    path.write_bytes(gzip.compress(sheet.getvalue().to_pybytes(), 9, mtime=0))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).parent)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows-per-day", type=int, default=ROWS_PER_DAY)
    arguments = parser.parse_args()
    make(arguments.output, arguments.seed, arguments.rows_per_day)
