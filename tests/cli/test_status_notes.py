"""What stands below the table of ``status``: why a number is not there, and when ground truth comes."""

from __future__ import annotations

import sqlite3

from tests.cli.conftest import NOW, Desk


def test_status_says_why_the_key_metric_has_no_value(desk: Desk) -> None:
    """Labels none of which is the positive class leave the key metric empty, and the status names the reason."""
    desk.model["positive_class"] = "ja"
    desk.write()
    desk.ran()
    out = desk("status", "--now", NOW).out
    assert "churn: roc_auc has no value: only one class among the targets\n  `monitor validate` tells" in out
    [one] = desk("status", "--now", NOW, "--json").records
    assert (one["key_value"], one["key_reason"]) == (None, "only one class among the targets")


def test_status_says_nothing_of_labels_to_come(desk: Desk) -> None:
    """Without ground truth so far there is no value and nothing to mend."""
    connection = sqlite3.connect(desk.folder / "logs.db")
    connection.executescript("DELETE FROM outcomes")
    connection.close()
    desk.ran()
    assert "has no value" not in desk("status", "--now", NOW).out
