"""A starter monitor.yaml of CSV files with other signs than comma and point."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from monitor.config.source import CsvConfig
from monitor.errors import SourceError
from monitor.service.drafting.draft import draft
from monitor.source import open_relation
from tests.service.test_draft import written


def table(delimiter: str, decimal: str) -> str:
    """Make a log of two months."""
    lines = [["id", "made_at", "decided", "score", "amount"]]
    lines += [
        [f"p{i}", f"2024-{1 + i // 28:02}-{1 + i % 28:02}T00:00:00Z", str(i % 2), f"0{decimal}{i}", f"{i}{decimal}5"]
        for i in range(56)
    ]
    return "".join(delimiter.join(line) + "\n" for line in lines)


@pytest.mark.parametrize(
    ("delimiter", "decimal"), [(";", ","), (";", "."), ("\t", "."), ("\t", ","), ("|", "."), (",", ".")]
)
@pytest.mark.parametrize("name", ["scorings.csv", "scorings.csv.gz"])
def test_the_signs_of_a_file_are_seen(tmp_path: Path, delimiter: str, decimal: str, name: str) -> None:
    """Whatever parts fields and decimals, the roles are found and the file written validates."""
    text = table(delimiter, decimal).encode()
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    source = written(tmp_path, draft(f"csv:///{name}", folder=tmp_path))["source"]
    known = None if delimiter == "," else {"delimiter": delimiter, "decimal": decimal}
    assert source.get("csv") == known
    assert source["predictions"] == {"id": "id", "time": "made_at", "prediction": "decided", "score": "score"}


def test_ground_truth_is_read_by_the_same_signs(tmp_path: Path) -> None:
    """A file of ground truth beside such a log is read as the log is."""
    (tmp_path / "scorings.csv").write_text(table(";", ","))
    (tmp_path / "truth.csv").write_text("id;outcome\n" + "".join(f"p{i};{i % 2}\n" for i in range(56)))
    made = draft("csv:///scorings.csv", folder=tmp_path, truth_url="csv:///truth.csv")
    assert written(tmp_path, made)["source"]["ground_truth"]["target"] == "outcome"


def test_a_file_parted_by_another_sign_brings_the_setting(tmp_path: Path) -> None:
    """Where a header has one column and the rows have more, the cure is the delimiter, not another file."""
    (tmp_path / "x.csv").write_text("id;score\np1;0,5\n")
    with pytest.raises(SourceError, match="Expected 1 columns") as caught:
        open_relation("csv:///x.csv", folder=tmp_path).schema()
    assert 'delimiter: ";"' in str(caught.value.hint)
    assert open_relation("csv:///x.csv", csv=CsvConfig(delimiter=";"), folder=tmp_path).schema().names == [
        "id",
        "score",
    ]
