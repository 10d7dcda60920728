"""The same rows give the same canonical content, whichever database holds them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from monitor.source.inspection import inspect

START = datetime(2024, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
COLUMNS = ["amount", "age", "flag", "name", "ratio", "odd name; --", "empty"]


def rows_of(batches: Any) -> list[dict[str, Any]]:
    """Put all batches' rows together, by id."""
    rows = [row for batch in batches for row in batch.to_pylist()]
    return sorted(rows, key=lambda row: str(row["id"]))


def fill(database: Any) -> None:
    """Make predictions every half hour of three days, with ground truth for some."""
    moment = "TEXT" if database.sqlite else "timestamptz"
    truth = "boolean"
    database.fill(
        "predictions",
        f'id bigint primary key, at {moment}, version text, score double precision, decided integer, '
        'amount numeric(10,2), age integer, flag boolean, name text, ratio real, '
        '"odd name; --" text, empty text, latency double precision',
        [
            (
                i, (START + i * timedelta(minutes=30)).isoformat(sep=" "), f"v{i % 2}", i / 144,
                int(i > 70), i * 1.25 if i % 7 else None, i % 90, bool(i % 2), "a'b\"ü%:x"[: i % 9],
                i / 4, "x" * (i % 3), None, i / 2,
            )
            for i in range(144)
        ],
    )  # fmt: skip
    later = [(i, START + (10 + i) * DAY, bool(i % 3)) for i in range(0, 160, 2)]
    again = [(i, START + (20 + i) * DAY, not i % 3) for i in range(0, 160, 10)]
    database.fill(
        "outcomes",
        f"prediction bigint, seen {moment}, happened {truth}",
        [(i, at.isoformat(sep=" "), value) for i, at, value in later + again],
    )


def block(database: Any) -> dict[str, Any]:
    """Say where everything stands."""
    return {
        "url": database.url,
        "predictions": {
            "table": "predictions", "id": "id", "time": "at", "version": "version",
            "score": "score", "prediction": "decided",
        },
        "ground_truth": {
            "table": "outcomes", "id": "prediction", "time": "seen", "target": "happened",
        },
        "operations": {"latency_ms": "latency"},
    }  # fmt: skip


def expected() -> list[dict[str, Any]]:
    """Compute the second day's rows without any database."""
    found = []
    for i in range(48, 96):
        known = i % 2 == 0
        late = i % 10 == 0
        found.append({
            "time": START + i * timedelta(minutes=30), "id": i, "version": f"v{i % 2}",
            "prediction": int(i > 70), "score": i / 144, "latency_ms": i / 2,
            "column:amount": i * 1.25 if i % 7 else None, "column:age": i % 90,
            "column:flag": bool(i % 2), "column:name": "a'b\"ü%:x"[: i % 9], "column:ratio": i / 4,
            "column:odd name; --": "x" * (i % 3), "column:empty": None,
            "target": (not i % 3 if late else bool(i % 3)) if known else None,
            "target_time": START + ((20 if late else 10) + i) * DAY if known else None,
        })  # fmt: skip
    return sorted(found, key=lambda row: str(row["id"]))


def test_one_day_is_the_same_from_every_database(database: Any, opened: Any) -> None:
    """A window holds exactly its rows, each with the latest ground truth of its id."""
    fill(database)
    source = opened(block(database), columns=COLUMNS)
    found = list(source.scan(START + DAY, START + 2 * DAY))
    assert rows_of(found) == expected()
    assert found[0].schema.field("time").type == pa.timestamp("us", "UTC")
    assert source.unique_ids


def test_numbers_about_the_whole_log_agree(database: Any, opened: Any) -> None:
    """Extent, orphans and untimed rows do not depend on the kind of database."""
    fill(database)
    source = opened(block(database))
    assert inspect(source) == []
    assert source.extent() == (START, START + 143 * timedelta(minutes=30))
    assert source.orphans() == 8 + 1
    assert source.orphans(START + 154 * DAY, START + 160 * DAY) == 3
    assert source.untimed() == 0


def test_no_columns_reads_the_roles_only(database: Any, opened: Any) -> None:
    """The sweep for late rows does not pay for features."""
    fill(database)
    source = opened(block(database), columns=COLUMNS)
    batch = next(source.scan(START, START + DAY, columns=()))
    assert not [name for name in batch.schema.names if name.startswith("column:")]


def test_a_query_stands_in_place_of_a_table(database: Any, opened: Any) -> None:
    """The operator's own SELECT, colons, percent signs and semicolon included, is read like a table."""
    fill(database)
    asked = block(database)
    asked["predictions"] |= {
        "table": None,
        "query": "SELECT *, 'a:b%c' AS tag FROM predictions WHERE name NOT LIKE '%zz%' AND id > 50;",
    }
    source = opened(asked, columns=["tag", "amount"])
    rows = rows_of(source.scan(START + DAY, START + 2 * DAY))
    assert [row["id"] for row in rows] == list(range(51, 96))
    assert {row["column:tag"] for row in rows} == {"a:b%c"}
    assert [row["target"] for row in rows] == [row["target"] for row in expected()[3:]]


def test_where_keeps_one_model_of_many(database: Any, opened: Any) -> None:
    """Equality holds for predictions and ground truth, whatever type the column has."""
    database.fill(
        "log",
        "model text, batch integer, live boolean, id text, at text, y integer"
        if database.sqlite
        else "model text, batch integer, live boolean, id text, at timestamptz, y integer",
        [
            (model, batch, live, f"{model}-{i}", f"2024-03-01 {i:02}:00:00+00:00", i % 2)
            for i in range(10)
            for model, batch, live in (("a", 1, True), ("b'; --", 2, False))
        ],
    )
    where = {"model": "b'; --", "batch": 2, "live": False}
    source = opened(
        {
            "url": database.url,
            "predictions": {"table": "log", "where": where, "id": "id", "time": "at", "target": "y"},
        }
    )
    rows = rows_of(source.scan())
    assert [row["id"] for row in rows] == [f"b'; ---{i}" for i in range(10)]
    assert [row["target"] for row in rows] == [0, 1] * 5
