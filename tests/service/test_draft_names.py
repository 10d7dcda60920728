"""A starter monitor.yaml of tables whose columns have names with spaces, brackets and marks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from monitor.service.drafting.columns import Column
from monitor.service.drafting.draft import draft
from monitor.service.drafting.roles import named
from tests.service.test_draft import database, written

TIMES = pd.date_range("2024-01-01", periods=60, freq="1D")


def test_words_are_split_at_any_sign(tmp_path: Path) -> None:
    """A decision, a score and a version are found whatever stands between the words of their names."""
    rows = pd.DataFrame(
        {
            "tx": [f"t{i}" for i in range(60)],
            "made at": TIMES.strftime("%Y-%m-%d %H:%M:%S"),
            "model-ver": ["v1"] * 60,
            "flagged?": [i % 2 for i in range(60)],
            "p(fraud)": [(i * 0.618) % 1 for i in range(60)],
            "amount (EUR)": [i % 50 + 0.5 for i in range(60)],
        }
    )
    url = database(tmp_path / "bank.db", {"scorings": rows})
    model = written(tmp_path, draft(url, folder=tmp_path))
    assert model["task"] == "binary"
    assert model["source"]["predictions"] == {
        "table": "scorings", "id": "tx", "time": "made at", "version": "model-ver", "prediction": "flagged?",
        "score": "p(fraud)",
    }  # fmt: skip
    assert model["features"] == {"numeric": ["amount (EUR)"], "categorical": []}


def test_a_regression_is_seen_as_one(tmp_path: Path) -> None:
    """Numbers predicted and observed make a regression, not a binary model without anything predicted."""
    rows = pd.DataFrame(
        {
            "meter id": [f"m{i}" for i in range(60)],
            "at": TIMES.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "kWh predicted": [i * 1.5 for i in range(60)],
            "kWh actual": [i * 1.4 for i in range(60)],
        }
    )
    url = database(tmp_path / "grid.db", {"predictions": rows})
    model = written(tmp_path, draft(url, folder=tmp_path))
    assert model["task"] == "regression"
    assert model["source"]["predictions"] == {
        "table": "predictions", "id": "meter id", "time": "at", "prediction": "kWh predicted", "target": "kWh actual",
    }  # fmt: skip


def test_classes_with_signs_have_their_scores(tmp_path: Path) -> None:
    """The score of a class is found however both are spelled."""
    rows = pd.DataFrame(
        {
            "id": range(60),
            "time": TIMES.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "prediction": [("light blue", "dark-red", "x")[i % 3] for i in range(60)],
            "p(light blue)": [(i * 0.618) % 1 for i in range(60)],
            "p(dark red)": [(i * 0.414) % 1 for i in range(60)],
        }
    )
    url = database(tmp_path / "hues.db", {"predictions": rows})
    model = written(tmp_path, draft(url, folder=tmp_path))
    scores = {"light blue": "p(light blue)", "dark-red": "p(dark red)"}
    assert model["source"]["predictions"]["score"] == scores


@pytest.mark.parametrize(
    ("naive", "aware", "taken"),
    [
        ("made at", "made_utc", "made_utc"),
        ("timestamp", "timestamp_utc", "timestamp_utc"),
        ("predicted_at", "updated", "predicted_at"),
    ],
)
def test_a_time_with_a_zone_is_preferred(naive: str, aware: str, taken: str) -> None:
    """Of two times that suit alike that with a zone is taken; one whose name suits better wins over it."""
    columns = [Column(naive, "time", 9, 9, 9, naive=True), Column(aware, "time", 9, 9, 9)]
    found = named("time", columns)
    assert found is not None
    assert found.name == taken
