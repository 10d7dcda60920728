"""``monitor promote`` and ``monitor retry`` as typed."""

from __future__ import annotations

from tests.cli.conftest import NOW, Desk


def test_a_window_is_promoted_and_taken_back(desk: Desk) -> None:
    """Each step says what the reference is now; the list shows all of them, the newest first."""
    desk.ran()
    done = desk("promote", "--window", "2024-03-08", "--now", NOW)
    assert (done.code, done.err) == (0, "")
    first, note = done.out.splitlines()
    assert first.endswith("reference 2 is 2024-03-08: 48 rows, 48 with ground truth")
    assert "note: 48 rows are few" in note
    again = desk("promote", "--from", "2024-03-08", "--to", "2024-03-09", "--now", NOW)
    assert "unchanged: reference 2 is 2024-03-08 already" in again.out
    assert "reference 3 is 1 again" in desk("promote", "--undo", "--now", NOW).out
    listed = desk("promote", "--list", "--json").records
    assert [(r["version"], r["kind"], r["in_force"], r["restores"]) for r in listed] == [
        (3, listed[2]["kind"], True, 1), (2, "promoted", False, None), (1, listed[2]["kind"], False, None),
    ]  # fmt: skip
    table = desk("promote", "--list").out.splitlines()
    assert len(table) == 5
    assert table[2].endswith("in force, 1 again")


def test_a_dry_run_says_so(desk: Desk) -> None:
    """Nothing is stored, as text and as JSON."""
    desk.ran()
    said = desk("promote", "--from", "2024-03-07", "--to", "2024-03-09", "--dry-run", "--now", NOW)
    assert "2024-03-07 2d would be the reference: 96 rows" in said.out
    flat = desk("promote", "--from", "2024-03-07", "--to", "2024-03-09", "--dry-run", "--now", NOW, "--json").records
    assert (flat[0]["version"], flat[0]["rows"], flat[0]["changed"]) == (None, 96, False)
    assert len(desk("promote", "--list", "--json").records) == 1


def test_wrong_ways_to_promote_are_usage_errors(desk: Desk) -> None:
    """Exit code 2 and a hint, whatever is missing, doubled or out of range."""
    desk.ran()
    wrong = (
        (), ("--from", "2024-03-07"), ("--list", "--undo"), ("--undo",), ("--window", "2024-03-07T00:30"),
        ("--window", "2024-03-07", "--from", "2024-03-07"), ("--from", "2024-03-09", "--to", "2024-03-11"),
        ("--from", "2024-03-07", "--to", "2024-03-07T00:30"), ("--from", "2020-01-01", "--to", "2020-01-02"),
        ("--window", "2024-03-07", "--model", "nobody"),
    )  # fmt: skip
    for arguments in wrong:
        said = desk("promote", *arguments, "--now", NOW)
        assert said.code == 2, arguments
        assert "hint: " in said.err
        assert "Traceback" not in said.err


def test_one_model_is_promoted_at_a_time(desk: Desk) -> None:
    """With several models in the file one must be named; the list shows all of them."""
    desk.document["models"].append(desk.model | {"name": "other"})
    desk.write()
    desk.ran()
    said = desk("promote", "--undo")
    assert (said.code, "add --model, one of" in said.err) == (2, True)
    assert {r["model"] for r in desk("promote", "--list", "--json").records} == {desk.model["name"], "other"}


def test_restate_needs_both_ends(desk: Desk) -> None:
    """Nobody restates a whole history by accident; with both ends the windows are revised."""
    desk.ran()
    assert desk("run", "--restate", "--from", "2024-03-07", "--now", NOW).code == 2
    done = desk("run", "--restate", "--from", "2024-03-07", "--to", "2024-03-09", "--now", NOW)
    assert (done.code, "2 revised" in done.out) == (0, True)
    assert {r["cause"] for r in desk("runs", "--json").records} == {None, "restated"}


def test_retry_says_what_is_due_again(desk: Desk) -> None:
    """Nothing to retry is said too, and before the first run what makes the store."""
    before = desk("retry")
    assert (before.code, "monitor run" in before.err) == (1, True)
    desk.ran()
    assert desk("retry", "--all").out.endswith("nothing to retry\n")
    assert desk("retry", "--from", "2024-03-09", "--to", "2024-03-08").code == 2
