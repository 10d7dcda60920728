"""What stands below the table of ``status``: why a number is not there, and when ground truth comes."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from monitor.cli.status_notes import notes
from monitor.domain.delay_curve import DelayCurve
from monitor.service.status.model import Status
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


@pytest.mark.parametrize(
    ("days", "shares", "words"),
    [
        ((5, 7), (0.0, 0.1), "more than half of the ground truth comes later than 7d; 90 % of rows ever get it"),
        ((5, 7), (0.1, 0.5), "half of the ground truth comes within 7d; 90 % of rows ever get it"),
        ((), (), "how soon ground truth comes is not known yet; 90 % of rows ever get it"),
    ],
)
def test_no_more_is_said_of_late_labels_than_is_known(
    days: tuple[int, ...], shares: tuple[float, ...], words: str
) -> None:
    """Ground truth that comes after the last age looked at is later than that age, not just before the horizon."""
    curve = DelayCurve(tuple(timedelta(days=n) for n in days), shares, 0.9, 1000)
    assert list(notes(Status("churn", "binary", "ok", windows=9, label_delay=curve))) == [f"churn: {words}"]
