"""The sample data are small, seeded, clean where they say so, and show every planted fault to plain pandas."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.stats import ks_2samp
from sklearn.metrics import recall_score, roc_auc_score

ROOT = Path(__file__).parents[2] / "sample_data"
NAMES = ("diagnosis", "flights", "fraud", "house-prices", "recommendation")
PLANTED = tuple(name for name in NAMES if name != "flights")


def document(name: str, file: str) -> dict:
    """Return one of the YAML files of a data set."""
    return yaml.safe_load((ROOT / name / file).read_text())


def model(name: str) -> dict:
    """Return the only model in a data set's monitor.yaml."""
    [block] = document(name, "monitor.yaml")["models"]
    return block


def path(name: str, url: str) -> Path:
    """Return the file that a relative URL of a data set means."""
    return ROOT / name / url.partition(":///")[2]


@cache
def predictions(name: str) -> pd.DataFrame:
    """Return the logged predictions, their instants as ``time``."""
    source = model(name)["source"]
    rows = pd.read_parquet(path(name, source["url"]))
    return rows.rename(columns={source["predictions"]["time"]: "time"})


@cache
def ground_truth(name: str) -> pd.DataFrame:
    """Return ground truth, its instants as ``time``."""
    block = model(name)["source"]["ground_truth"]
    file = path(name, block["url"])
    if file.name.endswith(".csv.gz"):
        rows = pd.read_csv(file, parse_dates=[block["time"]])
    elif file.name.endswith(".jsonl.gz"):
        rows = pd.read_json(file, lines=True)
    else:
        rows = pd.read_parquet(file)
    return rows.rename(columns={block["time"]: "time"})


@cache
def labelled(name: str) -> pd.DataFrame:
    """Return predictions with ``target`` beside them, missing where none came."""
    block = model(name)["source"]["ground_truth"]
    key = [block["query"], block["item"]] if "query" in block else [block["id"]]
    truth = ground_truth(name).drop(columns="time").rename(columns={block["target"]: "target"})
    if "query" in block:
        truth = truth.astype({block["item"]: "str"})
        return predictions(name).astype({block["item"]: "str"}).merge(truth, on=key, how="left")
    return predictions(name).merge(truth, on=key, how="left")


def reference(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows inside the reference window."""
    block = model(name)["reference"]
    zone = rows["time"].dt.tz
    start, end = (pd.Timestamp(block[key], tz=zone) for key in ("start", "end"))
    return rows[(rows["time"] >= start) & (rows["time"] < end)]


def moved(reference: pd.Series, current: pd.Series) -> float:
    """Return the KS statistic of numbers, the total variation distance of categories."""
    if pd.api.types.is_numeric_dtype(reference) and not pd.api.types.is_bool_dtype(reference):
        if current.notna().sum() == 0:
            return 0.0
        return float(ks_2samp(reference.dropna(), current.dropna()).statistic)
    p, q = (side.astype("str").value_counts(normalize=True) for side in (reference, current))
    return float(p.sub(q, fill_value=0).abs().sum() / 2)


def ndcg_at_5(rows: pd.DataFrame) -> float:
    """Return the mean over lists of ten, 0 for a list without a click."""
    rows = rows.sort_values(["request_id", "position"])
    gains = rows["target"].fillna(0).to_numpy().reshape(-1, 10)
    discount = 1 / np.log2(np.arange(2, 7))
    ideal = (-np.sort(-gains, axis=1)[:, :5] * discount).sum(axis=1)
    return float(np.mean((gains[:, :5] * discount).sum(axis=1) / np.where(ideal > 0, ideal, 1)))


def mean_error(rows: pd.DataFrame) -> float:
    """Return the mean of estimate − price."""
    return float((rows["price_estimate"] - rows["target"]).mean())


def coverage(reference: pd.DataFrame, rows: pd.DataFrame) -> float:
    """Return the share of the reference's items that the rows recommend."""
    items = set(reference["item_id"].unique())
    return len(items & set(rows["item_id"].unique())) / len(items)


def unseen(reference: pd.Series, rows: pd.Series) -> float:
    """Return the share of rows with a category that the reference never had."""
    return float((~rows.isin(reference.unique().tolist())).mean())


METRICS = {
    "roc_auc": lambda known, _rows, _held, _column: roc_auc_score(known["target"].astype(bool), known["fraud_score"]),
    "recall_macro": lambda known, _rows, _held, _column: recall_score(
        known["target"], known["predicted"].astype("str"), average="macro"
    ),
    "mean_error": lambda known, _rows, _held, _column: mean_error(known),
    "ndcg@5": lambda _known, rows, _held, _column: ndcg_at_5(rows),
    "coverage@10": lambda _known, rows, held, _column: coverage(held, rows),
    "unseen_rate": lambda _known, rows, held, column: unseen(held[column], rows[column]),
    "missing_rate_change": lambda _known, rows, held, column: rows[column].isna().mean() - held[column].isna().mean(),
    "drift_effect": lambda _known, rows, held, column: moved(held[column], rows[column]),
}


def measure(fault: dict, held: pd.DataFrame, rows: pd.DataFrame) -> float:
    """Return the value of the fault's metric over the rows of its group."""
    for attribute, value in (fault["group"] or {}).items():
        held, rows = held[held[attribute] == value], rows[rows[attribute] == value]
    return METRICS[fault["metric"]](rows[rows["target"].notna()], rows, held, fault["column"])


def effects(name: str, rows: pd.DataFrame) -> dict[str, float]:
    """Return how far every feature has moved from the reference."""
    block, source = model(name).get("features", {}), model(name)["source"]["predictions"]
    listed = [*block.get("numeric", []), *block.get("categorical", [])]
    roles = {"time", *(role for role in source.values() if isinstance(role, str))}
    columns = listed or [column for column in predictions(name).columns if column not in roles]
    held = reference(name, predictions(name))
    return {column: moved(held[column], rows[column]) for column in columns}


def days(rows: pd.DataFrame, begins: pd.Timestamp, ends: pd.Timestamp) -> list[pd.DataFrame]:
    """Return the rows of every whole day between two instants."""
    grid = pd.date_range(begins.ceil("D"), ends.floor("D"), freq="D")
    return [rows[(rows["time"] >= start) & (rows["time"] < end)] for start, end in pairwise(grid)]


FAULTS = [(name, fault) for name in NAMES for fault in document(name, "faults.yaml")["faults"]]


def test_folder_is_small() -> None:
    """All sample data together stay below 12 MB, and below 8.5 MB as they are."""
    files = [file for file in ROOT.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    assert sum(file.stat().st_size for file in files) < 8.5e6
    assert not [file for file in files if file.name == "__init__.py"]


@pytest.mark.parametrize("name", NAMES)
def test_monitor_yaml_names_files_and_columns_that_are_there(name: str) -> None:
    """Every file and column that a monitor.yaml names is in the folder."""
    block = model(name)
    source, truth = block["source"], block["source"]["ground_truth"]
    assert block["name"] == {"flights": "flight-delay"}.get(name, name)
    assert document(name, "monitor.yaml")["store"] == "sqlite:///monitor.db"
    score = source["predictions"].get("score")
    columns = {role for role in source["predictions"].values() if isinstance(role, str)}
    columns |= set(score.values()) if isinstance(score, dict) else set()
    columns |= set(source.get("operations", {}).values()) | set(block.get("importance", {}))
    columns |= {column for key in ("numeric", "categorical") for column in block["features"].get(key, [])}
    columns |= {column for group in block.get("groups", []) for column in np.atleast_1d(group).tolist()}
    columns |= set(block.get("segments", []))
    assert columns - {source["predictions"]["time"]} <= set(predictions(name).columns)
    wanted = {truth[key] for key in ("id", "query", "item", "target") if key in truth}
    assert wanted <= set(ground_truth(name).columns)


@pytest.mark.parametrize(
    ("name", "rows", "labelled_rows", "positive", "begins", "last_day"),
    [
        ("diagnosis", 36_000, 34_919, None, "2025-01-06", "2025-04-05"),
        ("flights", 336_776, 327_346, 0.237, "2013-01-01", "2013-12-31"),
        ("fraud", 162_000, 162_000, 0.005, "2025-03-03", "2025-05-31"),
        ("house-prices", 19_200, 17_243, None, "2025-01-06", "2025-05-05"),
        ("recommendation", 105_000, 14_742, None, "2025-04-07", "2025-06-15"),
    ],
)
def test_shape_is_as_the_readme_says(
    name: str, rows: int, labelled_rows: int, positive: float | None, begins: str, last_day: str
) -> None:
    """Rows, labelled rows, positive rate and span are those of the README."""
    log, truth, readme = predictions(name), ground_truth(name), (ROOT / name / "README.md").read_text()
    assert (len(log), len(truth)) == (rows, labelled_rows)
    assert f"{rows:,}".replace(",", " ") in readme
    assert f"{labelled_rows:,}".replace(",", " ") in readme
    assert (str(log["time"].min().date()), str(log["time"].max().date())) == (begins, last_day)
    assert log["time"].is_monotonic_increasing
    assert log["time"].dt.date.nunique() >= 60
    assert log[model(name)["source"]["predictions"]["id"]].is_unique
    if positive is not None:
        assert labelled(name)["target"].dropna().astype(float).mean() == pytest.approx(positive, abs=0.0005)


@pytest.mark.parametrize("name", NAMES)
def test_reference_lasts_two_weeks_and_precedes_every_fault(name: str) -> None:
    """The reference is at least 14 days long and ends before anything is planted."""
    block = model(name)["reference"]
    start, end = (pd.Timestamp(block[key], tz="UTC") for key in ("start", "end"))
    assert end - start >= pd.Timedelta(days=14)
    assert all(end <= pd.Timestamp(fault["begins"]) for fault in document(name, "faults.yaml")["faults"])


@pytest.mark.parametrize(("name", "fault"), FAULTS, ids=[fault["name"] for _, fault in FAULTS])
def test_fault_begins_early_enough_and_is_in_the_readme(name: str, fault: dict) -> None:
    """A fault begins ten days before the file's end, lasts for days, and the README gives its instants."""
    begins, ends = pd.Timestamp(fault["begins"]), pd.Timestamp(fault["ends"])
    assert begins <= predictions(name)["time"].max() - pd.Timedelta(days=10)
    assert ends - begins >= pd.Timedelta(days=5)
    readme = (ROOT / name / "README.md").read_text()
    row = next(line for line in readme.splitlines() if line.startswith(f"| `{fault['name']}`"))
    for word in (begins.strftime("%Y-%m-%d %H:%M"), ends.strftime("%Y-%m-%d %H:%M"), f"`{fault['metric']}`"):
        assert word in row
    assert fault["column"] is None or f"`{fault['column']}`" in row


@pytest.mark.parametrize(("name", "fault"), FAULTS, ids=[fault["name"] for _, fault in FAULTS])
def test_fault_shows_and_only_from_its_instant(name: str, fault: dict) -> None:
    """The metric moves by at_least inside the fault, and by less than a third of it on the days before."""
    rows = labelled(name)
    held = reference(name, rows)
    sign = 1 if fault["direction"] == "rises" else -1
    begins, ends = pd.Timestamp(fault["begins"]), pd.Timestamp(fault["ends"])
    spans = [(held["time"].min().floor("D"), held["time"].max()), (held["time"].max(), begins), (begins, ends)]
    base, before, inside = (
        float(np.median([measure(fault, held, day) for day in days(rows, *span)])) for span in spans
    )
    assert sign * (inside - base) >= fault["at_least"], (base, inside)
    assert abs(before - base) < fault["at_least"] / 3, (base, before)


@pytest.mark.parametrize("name", PLANTED)
def test_reference_is_clean(name: str) -> None:
    """The halves of the reference hold the same distributions of every feature."""
    rows = reference(name, predictions(name))
    half = rows["time"].min().normalize() + pd.Timedelta(days=14)
    for part in (rows[rows["time"] < half], rows[rows["time"] >= half]):
        assert max(effects(name, part).values()) < 0.04


@pytest.mark.parametrize("name", PLANTED)
def test_columns_without_a_fault_never_move(name: str) -> None:
    """Features in which nothing is planted are the same after the reference as in it."""
    planted = {fault["column"] for fault in document(name, "faults.yaml")["faults"]}
    rows = predictions(name)
    later = rows[rows["time"] > reference(name, rows)["time"].max()]
    calm = {column: effect for column, effect in effects(name, later).items() if column not in planted}
    assert all(effect < 0.03 for effect in calm.values()), calm


def test_fraud_labels_come_late_and_chargebacks_first() -> None:
    """Every label that comes within 29 days is a fraud; the rest follow on day 30."""
    rows = predictions("fraud").merge(ground_truth("fraud"), on="payment_id", suffixes=("", "_known"))
    late = (rows["time_known"] - rows["time"]).dt.total_seconds() / 86_400
    assert rows.loc[late < 29.5, "is_fraud"].all()
    assert not rows.loc[late >= 29.5, "is_fraud"].any()
    assert 1 <= late.min() < late.max() <= 30


def test_flights_sink_with_the_seasons() -> None:
    """Without anything planted the model discriminates worse from September on than in its reference."""
    rows = labelled("flights").dropna(subset="target")
    held, autumn = reference("flights", rows), rows[rows["time"] >= "2013-09-01"]
    area = [roc_auc_score(part["target"].astype(int), part["probability"]) for part in (held, autumn)]
    assert area[0] == pytest.approx(0.663, abs=0.002)
    assert area[1] < area[0] - 0.03
