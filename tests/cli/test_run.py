"""``run``, ``measurements``, ``status`` and ``runs`` on a small log."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.cli.conftest import NOW, Desk, fill

KEYS = [
    "model", "version", "window_start", "window_end", "revision", "metric", "column", "group",
    "value", "low", "high", "n", "provisional", "in_reference", "reason",
]  # fmt: skip


def test_json_lines_are_measurements(desk: Desk) -> None:
    """``run --json`` prints what it stored, each with the keys in their order; a second run prints nothing."""
    said = desk("run", "--now", NOW, "--json")
    assert said.code == 0, said.err
    assert all(list(record) == KEYS for record in said.records)
    one = next(r for r in said.records if r["metric"] == "row_count" and r["window_start"] == "2024-03-07T00:00:00Z")
    assert one == {
        "model": "churn", "version": None, "window_start": "2024-03-07T00:00:00Z",
        "window_end": "2024-03-08T00:00:00Z", "revision": 0, "metric": "row_count", "column": None, "group": None,
        "value": 48.0, "low": None, "high": None, "n": 48, "provisional": False, "in_reference": False, "reason": None,
    }  # fmt: skip
    assert "NaN" not in said.out
    again = desk("run", "--now", NOW, "--json")
    assert (again.code, again.out) == (0, "")


def test_what_is_printed_is_what_is_stored(desk: Desk) -> None:
    """``measurements --json`` gives the same records as the run that stored them."""
    ran = desk("run", "--now", NOW, "--json").records
    stored = desk("measurements", "--json").records
    assert sorted(map(json.dumps, ran)) == sorted(map(json.dumps, stored))


def test_summary(desk: Desk) -> None:
    """Without ``--json`` a line a model says what was done."""
    said = desk("run", "--now", NOW)
    count = len(desk("measurements", "--json").records)
    assert said.out == f"churn  6 new windows, {count} measurements\n".replace(
        str(count), f"{count:,}".replace(",", " ")
    )
    assert desk("run", "--now", NOW).out == "churn  nothing new\n"


def test_an_interval_is_local_time(desk: Desk) -> None:
    """``--from`` and ``--to`` without an offset mean the model's clocks."""
    desk.model["window_timezone"] = "America/New_York"
    desk.model["reference"] = {"start": "2024-03-04", "end": "2024-03-06"}
    desk.write()
    said = desk("run", "--from", "2024-03-07", "--to", "2024-03-08", "--json")
    assert {record["window_start"] for record in said.records} == {"2024-03-07T05:00:00Z"}
    stored = desk("measurements", "--from", "2024-03-07", "--to", "2024-03-08", "--metric", "row_count", "--json")
    assert [record["value"] for record in stored.records] == [48.0]


def test_single_is_one_window(desk: Desk) -> None:
    """``--single`` evaluates that one interval."""
    said = desk("run", "--from", "2024-03-07T06:00Z", "--to", "2024-03-08T18:00Z", "--single", "--json")
    assert {(r["window_start"], r["window_end"]) for r in said.records} == {
        ("2024-03-07T06:00:00Z", "2024-03-08T18:00:00Z")
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "--single"), "--single needs both"),
        (("run", "--from", "2024-03-08", "--to", "2024-03-07"), "is not after"),
        (("run", "--now", "yesterday"), "--now: 'yesterday' is not a date or time"),
        (("run", "--model", "chrun"), "did you mean churn?"),
        (("measurements", "--model", "chrun"), "did you mean churn?"),
        (("measurements", "--metric", "roc_acu"), "did you mean roc_auc?"),
        (("measurements", "--group", "JFK"), "names no group"),
        (("measurements", "--json", "--csv"), "exclude each other"),
        (("status", "--model", "x"), "its models: churn"),
    ],
)
def test_wrong_words_are_two(desk: Desk, arguments: tuple[str, ...], words: str) -> None:
    """Names and times that mean nothing are refused with what was probably meant."""
    desk.ran()
    said = desk(*arguments)
    assert said.code == 2
    assert words in said.err


def test_filters(desk: Desk) -> None:
    """Measurements are chosen by metric, column, group and window."""
    desk.model["groups"] = ["place"]
    desk.write()
    desk.ran()
    one = desk("measurements", "--metric", "recall", "--group", "place=A", "--from", "2024-03-08", "--json").records
    assert [(r["window_start"][:10], r["group"]) for r in one] == [
        ("2024-03-08", {"place": "A"}), ("2024-03-09", {"place": "A"}),
    ]  # fmt: skip
    same = desk("measurements", "--metric", "recall", "--group", '{"place":"A"}', "--from", "2024-03-08", "--json")
    assert same.records == one
    total = desk("measurements", "--metric", "recall", "--group", "null", "--json").records
    assert {r["group"] for r in total} == {None}
    assert {r["column"] for r in desk("measurements", "--column", "amount", "--json").records} == {"amount"}


def test_table(desk: Desk) -> None:
    """The table fits 100 columns and shows each window by the model's clocks."""
    desk.ran()
    said = desk("measurements", "--metric", "roc_auc")
    lines = said.out.splitlines()
    assert lines[0].split() == ["window", "metric", "value", "low", "high", "n", "note"]
    assert lines[2].startswith("2024-03-04  roc_auc  ")
    assert lines[2].endswith("in reference")
    assert max(map(len, lines)) <= 100


def test_nothing_fits(desk: Desk) -> None:
    """No measurement is a sentence in a table, and nothing in JSON."""
    desk.ran()
    assert desk("measurements", "--from", "2030-01-01").out == "No measurement is stored that fits.\n"
    assert desk("measurements", "--from", "2030-01-01", "--json").out == ""


def test_csv_does_no_harm(desk: Desk) -> None:
    """A column that is called like a formula is text in the CSV."""
    (desk.folder / "logs.db").unlink()
    fill(desk.folder / "logs.db", "=HYPERLINK(1)")
    desk.model["features"] = {"numeric": ["=HYPERLINK(1)"]}
    desk.write()
    desk.ran()
    rows = list(csv.DictReader(io.StringIO(desk("measurements", "--metric", "psi", "--csv").out)))
    assert list(rows[0]) == KEYS
    assert "'=HYPERLINK(1)" in {row["column"] for row in rows}


def test_hostile_names_are_seen_as_they_are(desk: Desk) -> None:
    """Escape sequences in a column's name reach a terminal written out, and JSON unchanged."""
    evil = "a\x1b[2Jb\u202e"
    (desk.folder / "logs.db").unlink()
    fill(desk.folder / "logs.db", evil)
    desk.model["features"] = {"numeric": [evil]}
    desk.write()
    desk.ran()
    shown = desk("measurements", "--metric", "psi").out
    assert "a\\x1b[2Jb\\u202e" in shown
    assert "\x1b" not in shown
    spread = desk("measurements", "--metric", "psi", "--csv").out
    assert "a\\x1b[2Jb\\u202e" in spread
    assert "\x1b" not in spread
    assert evil in {record["column"] for record in desk("measurements", "--metric", "psi", "--json").records}


def test_status(desk: Desk) -> None:
    """The status tells how far a model is, its key metric, and how late it is."""
    desk.ran()
    [one] = desk("status", "--now", NOW, "--json").records
    assert one["state"] == "ok"
    assert (one["windows"], one["rows"], one["window_start"]) == (6, 288, "2024-03-09T00:00:00Z")
    assert (one["key_metric"], one["key_window_start"]) == ("roc_auc", "2024-03-09T00:00:00Z")
    assert one["lateness_seconds"] is None
    [later] = desk("status", "--now", "2024-03-12T06:00:00Z", "--json").records
    assert (later["state"], later["lateness_seconds"]) == ("late", 86400 + 6 * 3600)
    lines = desk("status", "--now", NOW).out.splitlines()
    assert lines[2].split()[:6] == ["churn", "ok", "6", "2024-03-09", "288", "roc_auc"]


def test_status_of_a_log_that_has_ended(desk: Desk) -> None:
    """A log without new rows for longer than the catch-up is not late for years: it has ended, and the day is said."""
    desk.ran()
    now = "2026-01-01T00:00:00Z"
    assert desk("status", "--now", now, "--json").records[0]["state"] == "late"
    assert desk("run").code == 0
    [one] = desk("status", "--now", now, "--json").records
    assert (one["state"], one["lateness_seconds"], one["window_start"]) == ("ended", None, "2024-03-15T00:00:00Z")
    assert "  ended 2024-03-09  " in desk("status", "--now", now).out
    (desk.folder / "logs.db").unlink()
    assert desk("status", "--now", now, "--json").records[0]["state"] == "late"


def test_status_before_the_first_run(desk: Desk) -> None:
    """A model without windows is new, and is told what to do."""
    desk("apply")
    said = desk("status")
    assert "churn: no window yet; `monitor run` evaluates what is due" in said.out


def test_status_while_learning(desk: Desk) -> None:
    """A model without a reference tells until when it learns, and from how many rows so far."""
    del desk.model["reference"]
    desk.write()
    said = desk("run", "--now", NOW)
    assert said.out.startswith("churn  learning until 2024-03-18 UTC")
    (desk.folder / "logs.db").rename(desk.folder / "away.db")  # nobody needs to ask the log
    [one] = desk("status", "--now", NOW, "--json").records
    assert (one["state"], one["learning_until"], one["rows"]) == ("learning", "2024-03-18T00:00:00Z", 288)
    assert desk("status", "--now", "2024-03-18T01:00:00Z", "--json").records[0]["state"] == "new"


def test_a_broken_source(desk: Desk) -> None:
    """A source that fails exits 1; status and ledger name model and fault until it is back."""
    desk.ran()
    (desk.folder / "logs.db").rename(desk.folder / "away.db")
    said = desk("run", "--now", "2024-03-11T06:00:00Z")
    assert said.code == 1
    assert "model 'churn'" in said.err
    [one] = desk("status", "--json").records
    assert (one["state"], one["source_state"]) == ("failing", "unreachable")
    first = desk("runs", "--json").records[0]
    assert (first["model"], first["status"], first["error_state"]) == ("churn", "failed", "unreachable")
    assert "logs.db" in first["error"]
    (desk.folder / "away.db").rename(desk.folder / "logs.db")
    assert desk("run", "--now", "2024-03-11T06:00:00Z").code == 0
    assert desk("status", "--json").records[0]["source_error"] is None


def test_ledger(desk: Desk) -> None:
    """``runs`` lists windows, newest first."""
    desk.ran()
    found = desk("runs", "--json").records
    assert [record["window_start"][:10] for record in found][:2] == ["2024-03-09", "2024-03-08"]
    assert {record["status"] for record in found} == {"done"}
    assert found[0]["rows"] == 48
    assert len(desk("runs", "--limit", "2").out.splitlines()) == 4


def test_apply_tells_what_changed(desk: Desk) -> None:
    """``apply`` is idempotent and names the keys that differ."""
    assert desk("apply").out == "churn  added (configuration 1)\n"
    assert desk("apply").out == "churn  unchanged (configuration 1)\n"
    desk.model["delay"] = "2h"
    desk.model["source"]["predictions"]["version"] = "place"
    desk.write()
    assert desk("apply").out == "churn  changed: delay, source.predictions.version (configuration 2)\n"
    desk.model["name"] = "other"
    desk.write()
    assert desk("apply").out == "other  added (configuration 1)\n"
    assert desk("apply", "--prune").out == (
        "other  unchanged (configuration 1)\nchurn  no longer monitored; its history is kept\n"
    )


def test_backup_and_db(desk: Desk) -> None:
    """A backup is a store by itself; ``db`` tells where its tables are."""
    assert "upgraded to revision" in desk("db", "upgrade").out
    assert "already at revision" in desk("db", "upgrade").out
    assert desk("db", "check").code == 0
    desk.ran()
    assert desk("backup", "copy.db").code == 0
    desk.document["store"] = "sqlite:///copy.db"
    desk.write()
    assert len(desk("runs", "--json").records) == 6


def test_doctor(desk: Desk) -> None:
    """The doctor says ``ok`` for each thing that is well, and fails with a cure for what is not."""
    desk.ran()
    said = desk("doctor")
    assert said.code == 0
    assert "fail" not in said.out
    (desk.folder / "logs.db").unlink()
    said = desk("doctor")
    assert said.code == 1
    assert "fail  source of churn: there is no SQLite file" in said.out
    assert "cure: " in said.out


def test_pruning(desk: Desk) -> None:
    """``db prune`` says what would go, removes it, and ``db compact`` gives the room back."""
    desk.ran()
    desk.model["ground_truth_horizon"] = desk.model["catchup_window"] = "1d"
    desk.document["retention"] = {"measurements": "1d", "hourly_counts": "1d"}
    desk.write()
    told = desk("db", "prune", "--dry-run", "--now", "2024-03-13T00:00:00Z")
    assert told.out.startswith("churn  would remove 4 windows, ")
    done = desk("db", "prune", "--now", "2024-03-13T00:00:00Z", "--model", "churn")
    assert done.out.startswith("churn  removed 4 windows, ")
    assert "monitor db compact" in done.out
    assert len(desk("runs", "--json").records) == 2
    assert desk("db", "prune", "--now", "2024-03-13T00:00:00Z").out == "churn  nothing is too old\n"
    size = (desk.folder / "monitor.db").stat().st_size
    assert desk("db", "compact").code == 0
    assert (desk.folder / "monitor.db").stat().st_size < size
    assert desk("db", "prune", "--model", "nobody").code == 2


def test_backup_replaces_nothing_unasked(desk: Desk) -> None:
    """A file that is there is replaced with ``--force`` only."""
    desk.ran()
    (desk.folder / "copy.db").write_text("mine", encoding="utf-8")
    said = desk("backup", "copy.db")
    assert said.code == 1
    assert "--force" in said.err
    assert (desk.folder / "copy.db").read_text(encoding="utf-8") == "mine"
    assert desk("backup", "copy.db", "--force").code == 0
