"""A starter monitor.yaml beside ground truth whose columns nobody can guess."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from monitor.errors import SourceError
from monitor.service.drafting.draft import draft
from tests.service.test_draft import database, log, written


def test_what_cannot_be_guessed_is_left_to_its_reader(tmp_path: Path) -> None:
    """The file is written with ground truth as a comment, and says which column could not be told."""
    rows = log()
    lost = pd.DataFrame({"tx": rows["customer_uuid"], "fraud?": [i % 2 for i in range(60)]})
    url = database(tmp_path / "bank.db", {"scorings": rows, "chargebacks": lost})
    made = draft(url, folder=tmp_path, table="scorings", truth_table="chargebacks")
    model = written(tmp_path, made)
    assert made.truth is None
    assert "ground_truth" not in model["source"]
    [remark] = [one for one in made.remarks if "ground_truth" in one]
    assert "the column with the ids of 'customer_uuid' of chargebacks could not be guessed" in remark
    assert "'tx', 'fraud?'" in remark
    told = made.text.replace("# ground_truth:", "ground_truth:").replace("id: COLUMN", "id: tx")
    [completed] = yaml.safe_load(told.replace("target: COLUMN", 'target: "fraud?"'))["models"]
    assert completed["source"]["ground_truth"] == {"table": "chargebacks", "id": "tx", "target": "fraud?"}


def test_a_target_that_cannot_be_told_is_left_out(tmp_path: Path) -> None:
    """Of several columns that may be the target none is taken; the key that was found is kept."""
    rows = log()
    many = pd.DataFrame({"Customer-UUID": rows["customer_uuid"], "a": 1, "b": 2})
    (tmp_path / "many.csv").write_text(many.to_csv(index=False))
    url = database(tmp_path / "bank.db", {"scorings": rows})
    made = draft(url, folder=tmp_path, table="scorings", truth_url="csv:///many.csv")
    assert '# ground_truth: {url: "csv:///many.csv", id: Customer-UUID, target: COLUMN}' in made.text
    assert any("a target of csv:///many.csv could not be guessed" in remark for remark in made.remarks)


def test_ground_truth_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    """A table that does not exist is refused as before."""
    url = database(tmp_path / "bank.db", {"scorings": log()})
    with pytest.raises(SourceError, match="chargebacks"):
        draft(url, folder=tmp_path, table="scorings", truth_table="chargebacks")
