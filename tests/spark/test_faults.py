"""What is wrong with a log in Spark is said as for any other log: where, what, and the cure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitor.config.source import SourceConfig
from monitor.errors import SourceError
from monitor.source import open_source
from tests.spark.logs import START, reader, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the log in it."""
    made = tmp_path_factory.mktemp("log")
    write(made, 200)
    return made


def opening(url: str, folder: Path, **predictions: Any) -> Any:
    """Open a source of predictions alone."""
    block = {"url": url, "predictions": {"id": "id", "time": "at", **predictions}}
    return open_source(SourceConfig.model_validate(block), columns=[], folder=folder, task="binary")


@pytest.mark.parametrize(("predictions", "state", "says"), [
    ({"table": "nowhere"}, "missing_table", "nowhere"),
    ({"table": "parquet:nowhere"}, "missing_table", "nowhere"),
    ({"table": "parquet:rows", "score": "scor"}, "missing_column", "scor"),
    ({"query": "SELECT * FROM parquet.`/nowhere`"}, "missing_table", "nowhere"),
    ({"query": "DROP TABLE rows"}, "unreadable", "Syntax error"),
    ({"table": "nosuchformat"}, "missing_table", "nosuchformat"),
    ({"table": "delta:rows"}, "unreadable", "delta"),
])  # fmt: skip
def test_faults_are_named(predictions: dict[str, Any], state: str, says: str, folder: Path, local: str) -> None:
    """Missing tables, paths, columns and formats, and what is no query, are told apart."""
    with pytest.raises(SourceError) as caught:
        opening(local, folder, **predictions)
    assert caught.value.state == state
    assert says in caught.value.message
    assert caught.value.hint


def test_a_fault_inside_the_work_comes_back_as_it_was(folder: Path, local: str) -> None:
    """A text that our own code refuses on an executor reaches the user as our own words."""
    _view(folder, local)
    source = opening(local, folder, query="SELECT *, CAST(at AS TIMESTAMP_NTZ) AS naive FROM rows_view", time="naive")
    with pytest.raises(SourceError) as caught:
        source.extent()
    assert caught.value.state in {"wrong_type", "unreadable"}
    assert "naive" in caught.value.message


def _view(folder: Path, local: str) -> None:
    """Make a view of the log that the session knows."""
    read = reader(folder, local)
    read.source.predictions.frame.createOrReplaceTempView("rows_view")  # type: ignore[attr-defined]


def test_a_view_of_the_session_is_a_table(folder: Path, local: str) -> None:
    """What the session's catalogue knows by a name is read by it, with a condition."""
    _view(folder, local)
    source = opening(local, folder, table="rows_view", where={"version": "v1"})
    found = sum(batch.num_rows for batch in source.scan())
    everything = sum(batch.num_rows for batch in opening(local, folder, table="rows_view").scan())
    assert 0 < found < everything == 200
    assert source.extent()[0] >= START
