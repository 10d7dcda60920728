"""Rows that come late, go away or are corrected are told from those that get their first ground truth."""

from __future__ import annotations

import pyarrow as pa
import pytest

from monitor.domain.model import Model
from monitor.profile.build import build
from monitor.profile.freezer import freeze
from monitor.profile.moved import corrected, moved

N = 40
MODELS = {
    "binary": Model(
        "m",
        "binary",
        {"column:x": "numeric", "prediction": "categorical", "score": "numeric", "target": "categorical"},
        frozenset({"prediction", "score", "target"}),
    ),
    "regression": Model(
        "m",
        "regression",
        {"column:x": "numeric", "prediction": "numeric", "target": "numeric"},
        frozenset({"prediction", "target"}),
    ),
    "ranking": Model(
        "m", "ranking", {"column:x": "numeric", "target": "numeric"}, frozenset({"item", "rank", "target"})
    ),
}


def table_of(task: str, target: list[int | None], rows: list[int]) -> pa.RecordBatch:
    """Make the rows of these numbers; what a row holds depends on its number only."""
    truth = [None if (y := target[i]) is None else str(y) if task == "binary" else float(y) for i in rows]
    made: dict[str, pa.Array] = {
        "time": pa.array([0] * len(rows), pa.timestamp("us", "UTC")),
        "column:x": pa.array([float(i) for i in rows], pa.float64()),
        "target": pa.array(truth, pa.string() if task == "binary" else pa.float64()),
    }
    if task == "binary":
        made |= {"prediction": pa.array([str(i % 2) for i in rows]), "score": pa.array([i / 99 for i in rows])}
    elif task == "regression":
        made["prediction"] = pa.array([i / 7 for i in rows], pa.float64())
    else:
        made |= {"query": pa.array(rows), "item": pa.array(rows), "rank": pa.array([1] * len(rows))}
    return pa.RecordBatch.from_pydict(made)


def change(task: str, new: list[int | None], rows: list[int]) -> tuple[int, int]:
    """Return what moved, and how many labels, from forty rows, half of them labelled, to these."""
    old: list[int | None] = [i % 2 if i < N // 2 else None for i in range(2 * N)]
    layout = freeze(MODELS[task], [table_of(task, [i % 2 for i in range(2 * N)], list(range(2 * N)))])
    one = build(layout, [table_of(task, old, list(range(N)))])
    other = build(layout, [table_of(task, new, rows)])
    return moved(layout, one, other), corrected(layout, one, other)


def truth(labelled: int, *, wrong: range = range(0)) -> list[int | None]:
    return [(i + (i in wrong)) % 2 if i < labelled else None for i in range(2 * N)]


@pytest.mark.parametrize("task", MODELS)
@pytest.mark.parametrize(
    ("new", "rows", "expected"),
    [
        (truth(N // 2), range(N), 0),
        (truth(N), range(N), 0),
        (truth(N // 2), range(N + 3), 3),
        (truth(N // 2), range(5, N), 5),
        (truth(N // 2), range(5, N + 3), 8),
        (truth(N // 2, wrong=range(0, 6, 2)), range(N), 3),
        (truth(N // 2 - 4), range(N), 4),
        (truth(N // 2, wrong=range(0, 6, 2)), range(N + 2), 5),
        (truth(0), range(0), N),
    ],
    ids=["same", "first", "late", "gone", "both", "changed", "taken back", "changed and late", "all"],
)  # fmt: skip
def test_each_row_that_moved_is_counted_once(task: str, new: list[int | None], rows: range, expected: int) -> None:
    """First labels are no move; a row that goes takes its label with it."""
    assert change(task, new, list(rows))[0] == expected


def test_a_swap_of_labels_is_seen_by_what_was_predicted() -> None:
    """As many of each class as before, but on other rows: the confusion tells."""
    swapped = truth(N // 2)
    swapped[0], swapped[1] = swapped[1], swapped[0]
    assert change("binary", swapped, list(range(N))) == (2, 2)


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_changes_among_first_labels_are_seen_by_scores_and_errors(task: str) -> None:
    """First labels would hide them where only classes are counted."""
    assert change(task, truth(N, wrong=range(0, 6, 2)), list(range(N))) == (3, 3)


def test_nothing_to_go_by_is_no_move() -> None:
    """A layout without columns tells nothing; its rows are told by their ids elsewhere."""
    rows = pa.RecordBatch.from_pydict({"time": pa.array([0, 1], pa.timestamp("us", "UTC"))})
    layout = freeze(Model("m", "binary", {}, frozenset()), [rows])
    assert moved(layout, build(layout, [rows]), build(layout, [])) == 0
