"""Ground truth finds its predictions inside the database, whatever both sides look like."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

DAY = datetime(2024, 3, 1, tzinfo=UTC)


def moment(database: Any) -> str:
    """Return the type of a time column."""
    return "text" if database.sqlite else "timestamptz"


def fill(database: Any, truth: list[tuple[Any, Any, Any]], *, left: str, right: str) -> None:
    """Make ten predictions, one an hour, and the given ground truth."""
    ids = [f"{i}" if left == "text" else i for i in range(10)]
    rows = [(key, f"2024-03-01 {i:02}:00:00+00:00") for i, key in enumerate(ids)]
    database.fill("p", f"id {left}, at {moment(database)}", rows)
    database.fill("g", f"ref {right}, seen {moment(database)}, y integer", truth)


def block(database: Any, **truth: Any) -> dict[str, Any]:
    """Say where both stand."""
    mapped = {"table": "g", "id": "ref", "time": "seen", "target": "y"} | truth
    return {
        "url": database.url,
        "predictions": {"table": "p", "id": "id", "time": "at"},
        "ground_truth": {key: value for key, value in mapped.items() if value is not None},
    }


def targets(source: Any) -> dict[int, Any]:
    """Return the target of each id."""
    rows = [row for batch in source.scan() for row in batch.to_pylist()]
    assert len(rows) == 10
    return {int(row["id"]): row["target"] for row in rows}


@pytest.mark.parametrize(("left", "right"), [
    ("text", "text"), ("integer", "integer"), ("text", "integer"), ("integer", "text"),
    ("bigint", "numeric"),
])  # fmt: skip
def test_the_latest_ground_truth_counts(left: str, right: str, database: Any, opened: Any) -> None:
    """Corrections win by their time, not their place; early and missing ones are no trouble."""
    key = str if right == "text" else int
    truth = [
        (key(1), "2024-03-03 00:00:00+00:00", 11), (key(1), "2024-03-02 00:00:00+00:00", 10),
        (key(2), "2024-02-01 00:00:00+00:00", 20), (key(3), None, 30),
        (key(4), None, 40), (key(4), "2024-03-01 00:00:00+00:00", 41),
        (key(5), "2024-03-02 00:00:00+00:00", 50), (key(5), "2024-03-02 00:00:00+00:00", 52),
        (key(5), "2024-03-02 00:00:00+00:00", 51), (key(6), "2024-03-02 00:00:00+00:00", None),
        (key(99), "2024-03-02 00:00:00+00:00", 9), (None, "2024-03-02 00:00:00+00:00", 9),
    ]  # fmt: skip
    fill(database, truth, left=left, right=right)
    source = opened(block(database))
    assert targets(source) == {
        0: None, 1: 11, 2: 20, 3: 30, 4: 41, 5: 52, 6: None, 7: None, 8: None, 9: None,
    }  # fmt: skip
    assert source.orphans() == 2
    assert source.orphans(DAY, DAY.replace(day=3)) == 2
    assert source.orphans(DAY.replace(day=3), DAY.replace(day=4)) == 0


def test_a_key_on_the_ground_truth_joins_plainly(database: Any, opened: Any) -> None:
    """Where ids are unique no row is numbered, and the result is the same."""
    fill(database, [(1, "2024-03-03 00:00:00+00:00", 11)], left="integer", right="integer primary key")
    source = opened(block(database))
    assert targets(source) == {0: None, 1: 11} | dict.fromkeys(range(2, 10))
    assert source.ground_truth.relation.unique("ref")
    assert source.orphans() == 0


def test_ground_truth_needs_no_time(database: Any, opened: Any) -> None:
    """Without a time column all rows of an id are equal, and orphans are counted over all."""
    fill(database, [(1, None, 11), (1, None, 12), (77, None, 1)], left="integer", right="integer")
    source = opened(block(database, time=None))
    assert targets(source)[1] == 12
    assert source.orphans(DAY, DAY) == 1


def test_where_holds_for_the_ground_truth_too(database: Any, opened: Any) -> None:
    """Only rows of this model count."""
    fill(database, [(1, "2024-03-03 00:00:00+00:00", 11), (1, "2024-03-02 00:00:00+00:00", 10)],
         left="integer", right="integer")  # fmt: skip
    assert targets(opened(block(database, where={"y": 10})))[1] == 10


def test_one_table_holds_both(database: Any, opened: Any) -> None:
    """The ground truth may be a column of the same table, joined with itself."""
    database.fill("p", f"id integer, at {moment(database)}, y integer",
                  [(i, f"2024-03-01 {i:02}:00:00+00:00", i) for i in range(10)])  # fmt: skip
    source = opened(block(database, table="p", id=None, time=None))
    assert targets(source) == {i: i for i in range(10)}


def test_target_inside_the_predictions(database: Any, opened: Any) -> None:
    """What is known at once stands beside the prediction."""
    database.fill("p", f"id integer, at {moment(database)}, y integer",
                  [(i, f"2024-03-01 {i:02}:00:00+00:00", i) for i in range(10)])  # fmt: skip
    asked = {"url": database.url, "predictions": {"table": "p", "id": "id", "time": "at", "target": "y"}}
    assert targets(opened(asked)) == {i: i for i in range(10)}


def test_ranking_joins_by_query_and_item(database: Any, opened: Any) -> None:
    """A recommended item finds its click by request and item together."""
    database.fill("p", f"request text, item integer, place integer, at {moment(database)}", [
        (f"r{r}", i, i + 1, f"2024-03-01 0{r}:00:00+00:00") for r in range(3) for i in range(4)
    ])  # fmt: skip
    database.fill("g", "request text, item text, clicked integer", [
        ("r0", "1", 1), ("r0", "1", 3), ("r2", "3", 1), ("r9", "1", 1), ("r1", "9", 1),
    ])  # fmt: skip
    source = opened({
        "url": database.url,
        "predictions": {"table": "p", "query": "request", "item": "item", "rank": "place", "time": "at"},
        "ground_truth": {"table": "g", "query": "request", "item": "item", "target": "clicked"},
    }, task="ranking")  # fmt: skip
    rows = [row for batch in source.scan() for row in batch.to_pylist()]
    found = {(row["query"], row["item"]): row["target"] for row in rows if row["target"] is not None}
    assert found == {("r0", 1): 3, ("r2", 3): 1}
    assert {(row["query"], row["item"], row["rank"]) for row in rows} == {
        (f"r{r}", i, i + 1) for r in range(3) for i in range(4)
    }
    assert source.orphans() == 2
    assert not source.unique_ids


def test_duplicate_predictions_all_come(database: Any, opened: Any) -> None:
    """The source hides no duplicates: they are counted further on."""
    database.fill("p", f"id integer, at {moment(database)}", [
        (1, "2024-03-01 00:00:00+00:00"), (1, "2024-03-01 01:00:00+00:00"), (None, "2024-03-01 02:00:00+00:00"),
    ])  # fmt: skip
    database.fill("g", f"ref integer, seen {moment(database)}, y integer", [
        (1, "2024-03-02 00:00:00+00:00", 5), (1, "2024-03-03 00:00:00+00:00", 6),
    ])  # fmt: skip
    source = opened(block(database))
    rows = [row for batch in source.scan() for row in batch.to_pylist()]
    assert sorted((row["id"] or 0, row["target"] or 0) for row in rows) == [(0, 0), (1, 6), (1, 6)]
    assert not source.unique_ids


def test_corrections_in_mixed_spellings(sqlite: Any, opened: Any) -> None:
    """The latest by instant counts even where SQLite's text sorts otherwise."""
    fill(sqlite, [
        (1, "2024-03-02T00:00:00Z", 1), (1, "2024-03-02 23:00:00Z", 2),
        (2, "2024-03-02 12:00:00+00:00", 1), (2, "2024-03-02 13:00:00+05:00", 2),
        (3, "2024-03-02 12:00:00.5Z", 2), (3, "2024-03-02 12:00:00Z", 1),
    ], left="integer", right="integer")  # fmt: skip
    found = targets(opened(block(sqlite)))
    assert (found[1], found[2], found[3]) == (2, 1, 2)


def test_corrections_in_text_and_numbers(sqlite: Any, opened: Any) -> None:
    """The latest by instant counts even where one side wrote text and the other numbers."""
    fill(sqlite, [], left="integer", right="integer")
    sqlite.fill("h", "ref integer, seen, y integer", [
        (1, 1709251200, 1), (1, "2024-03-02 00:00:00Z", 2),
        (2, "2024-03-02T00:00:00Z", 1), (2, 1710115200000, 2),
    ])  # fmt: skip
    found = targets(opened(block(sqlite, table="h")))
    assert (found[1], found[2]) == (2, 2)
