"""A starter monitor.yaml: roles are guessed from names and values, marked, and can be used as they are."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
import yaml

from monitor.config import load
from monitor.errors import UsageError
from monitor.service.checking.validate import validate
from monitor.service.drafting.draft import Draft, address, draft
from tests.sample_data.test_sample_data import ROOT

SAMPLES = {
    "fraud": ("predictions.parquet", "outcomes.parquet", "binary"),
    "diagnosis": ("predictions.parquet", "outcomes.csv.gz", "multiclass"),
    "recommendation": ("recommendations.parquet", None, "ranking"),
    "house-prices": ("valuations.parquet", "sales.jsonl.gz", "regression"),
    "flights": ("predictions.parquet", "outcomes.parquet", "binary"),
}


def written(folder: Path, made: Draft) -> dict[str, Any]:
    """Write a draft, demand that it validates, and return its model."""
    file = folder / "monitor.yaml"
    file.write_text(made.text, encoding="utf-8")
    for verdict in validate(load(file, {})):
        assert (verdict.errors, verdict.faults) == ([], [])
    [model] = yaml.safe_load(made.text)["models"]
    return dict(model)


@pytest.mark.parametrize("name", SAMPLES)
def test_roles_of_the_samples_are_found(tmp_path: Path, name: str) -> None:
    """For each sample the guess maps the roles as the monitor.yaml that comes with it."""
    file, truth, task = SAMPLES[name]
    known = yaml.safe_load((ROOT / name / "monitor.yaml").read_text())["models"][0]
    url = f"parquet:///{ROOT / name / file}"
    more = {} if truth is None else {"truth_url": str(ROOT / name / truth)}
    model = written(tmp_path, draft(url, folder=tmp_path, **more))
    assert model["task"] == task
    assert model["source"]["predictions"] == known["source"]["predictions"]
    for role, column in known["source"]["ground_truth"].items() if truth else ():
        assert role == "url" or model["source"]["ground_truth"][role] == column
    assert model["source"].get("operations") == known["source"].get("operations")
    assert model.get("positive_class") == known.get("positive_class")


def database(path: Path, tables: dict[str, pd.DataFrame]) -> str:
    """Write tables to a SQLite file."""
    connection = sqlite3.connect(path)
    for name, rows in tables.items():
        rows.to_sql(name, connection, index=False)
    connection.close()
    return f"sqlite:///{path.name}"


def log(rows: int = 60) -> pd.DataFrame:
    """Make a log of a churn model, as somebody might name it."""
    days = pd.date_range("2024-01-01", periods=rows, freq="1D").strftime("%Y-%m-%d %H:%M:%S")
    return pd.DataFrame(
        {
            "customer_uuid": [f"u-{i}" for i in range(rows)],
            "scored_on": days,
            "model_name": ["churn" if i % 3 else "upsell" for i in range(rows)],
            "churn_probability": [(i * 0.618) % 1 for i in range(rows)],
            "age": [20 + i % 50 for i in range(rows)],
            "plan": ["basic" if i % 2 else "pro" for i in range(rows)],
            "comment": [f"called about matter number {i} " * 4 for i in range(rows)],
            "agent_id": list(range(1000, 1000 + rows)),
            "updated_at": days,
        }
    )


def test_a_strange_table(tmp_path: Path) -> None:
    """Ground truth is found beside it, other models' rows are left out, and columns that say nothing are named."""
    rows = log()
    left = pd.DataFrame(
        {"customer_uuid": rows["customer_uuid"], "left": [i % 2 for i in range(60)], "on": rows["scored_on"]}
    )
    prices = pd.DataFrame({"plan": ["basic"], "price": [1.0]})
    url = database(tmp_path / "crm.db", {"scorings": rows, "leavers": left, "prices": prices})
    made = draft(url, folder=tmp_path)
    model = written(tmp_path, made)
    assert (made.table, made.truth) == ("scorings", "leavers")
    assert model["name"] == "churn"
    assert model["source"]["timezone"] == "UTC"
    assert model["source"]["predictions"] == {
        "table": "scorings", "where": {"model_name": "churn"}, "id": "customer_uuid", "time": "scored_on",
        "score": "churn_probability",
    }  # fmt: skip
    assert model["source"]["ground_truth"]["target"] == "left"
    assert model["features"] == {"numeric": ["age"], "categorical": ["plan"]}
    assert set(made.guess.left_out) == {"comment", "agent_id", "updated_at"}


def test_the_table_must_be_named_when_it_is_not_plain(tmp_path: Path) -> None:
    """Of many tables none is taken at random; they are listed."""
    url = database(tmp_path / "x.db", {"one": log(), "two": log()})
    with pytest.raises(UsageError, match="--table is missing") as caught:
        draft(url, folder=tmp_path)
    assert caught.value.hint == "its tables are one, two"


def test_duckdb(tmp_path: Path) -> None:
    """The tables of a DuckDB file are looked at as well."""
    rows = log()  # noqa: F841 - DuckDB finds it by its name
    with duckdb.connect(str(tmp_path / "logs.duckdb")) as connection:
        connection.execute("CREATE TABLE predictions AS SELECT * FROM rows")
    made = draft("duckdb:///logs.duckdb", folder=tmp_path)
    assert written(tmp_path, made)["source"]["predictions"]["table"] == "predictions"


def test_postgres(tmp_path: Path, postgres_database: str) -> None:
    """The tables of a PostgreSQL database are looked at as well."""
    import sqlalchemy as sa

    engine = sa.create_engine(postgres_database.replace("postgresql://", "postgresql+psycopg://"))
    log().to_sql("predictions", engine, index=False)
    engine.dispose()
    made = draft(postgres_database, folder=tmp_path)
    assert written(tmp_path, made)["source"]["predictions"]["id"] == "customer_uuid"


def test_hostile_names_are_quoted(tmp_path: Path) -> None:
    """Whatever columns, tables and categories are called, the file means exactly that."""
    rows = log().rename(columns={"age": 'a"ge: [x] # ${HOME}', "plan": "no"})
    rows["model_name"] = "it's: {odd}"
    url = database(tmp_path / "x.db", {'t"; DROP TABLE x': rows})
    model = load_text(tmp_path, draft(url, folder=tmp_path))
    assert model.features.numeric == ('a"ge: [x] # ${HOME}',)
    assert model.features.categorical == ("no",)
    assert model.source.predictions.table == 't"; DROP TABLE x'


def load_text(folder: Path, made: Draft) -> Any:
    """Load a draft and return its model."""
    (folder / "monitor.yaml").write_text(made.text, encoding="utf-8")
    return load(folder / "monitor.yaml", {}).models[0]


def test_an_empty_table_is_guessed_by_names(tmp_path: Path) -> None:
    """A table without rows is a start too, and the reader is told."""
    connection = sqlite3.connect(tmp_path / "x.db")
    connection.execute("CREATE TABLE p (prediction_id TEXT, predicted_at TIMESTAMP, prediction INTEGER, age REAL)")
    connection.close()
    with pytest.raises(UsageError, match="no column looks like the time"):
        draft("sqlite:///x.db", folder=tmp_path)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("logs.csv.gz", "csv:///logs.csv.gz"),
        ("logs.db", "sqlite:///logs.db"),
        ("sub/logs.jsonl", "jsonl:///sub/logs.jsonl"),
        ("sqlite:///x.db", "sqlite:///x.db"),
    ],
)
def test_paths_become_urls(given: str, url: str) -> None:
    """A plain path is understood by its ending."""
    assert address(given, Path.cwd()) == url


@pytest.mark.parametrize("given", ["logs.xlsx", "sqlite://logs.db", "nonsense"])
def test_what_cannot_be_read_is_refused(given: str) -> None:
    """Anything else is refused with a cure."""
    with pytest.raises(UsageError) as caught:
        address(given, Path.cwd())
    assert caught.value.hint
