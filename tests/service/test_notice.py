"""What people are told in words: what is wrong, how sure that is, where to look; whatever the names are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.alerts.digest import Line
from monitor.alerts.incident import Incident
from monitor.alerts.ledger import Ledger, NoticeKind
from monitor.alerts.member import Member, member_of
from monitor.alerts.send_decision import Decision
from monitor.domain.evidence import Evidence
from monitor.notify.cloud_event import cloud_event
from monitor.notify.message import Message
from monitor.notify.saved import dump, load
from monitor.service.notices.notice import Stationery, digest, notice
from tests.alerts.conftest import HOUR, START, folded, window
from tests.notify.conftest import HOSTILE, hostile

PAPER = Stationery(
    "https://monitor.example.org", {"fraud": {"team": "risk"}}, {"fraud": "https://wiki.example.org/fraud"}
)


def member(metric: str, column: str | None = None, letters: str = "BBB", **more: Any) -> Member:
    """Make a member that fires."""
    numbers = {
        key: more.pop(key) for key in ("value", "limit", "effect", "p_corrected", "n", "note", "level") if key in more
    }
    labels = {"metric": metric, **({"column": column} if column else {}), **more}
    found = member_of(folded(letters, labels=labels, evidence=Evidence(metric, column, **numbers), model="fraud"))
    assert found is not None
    return found


def told(*members: Member, kind: NoticeKind = "opened", **more: Any) -> Message:
    """Make the notice of an incident with these members."""
    end = window(3).end
    incident = Incident(
        "fraud", "fraud", "d" * 32, 1, "open", 1, "warning", end, START, end, members, **more
    )  # fmt: skip
    decision = Decision(kind, Ledger("open", 1))
    return notice(PAPER, "inc_1", incident, decision, "team", incident.members, end)


def test_columns_that_moved_most_come_first() -> None:
    """Five columns are named, by effect, the rest counted; one column is named once."""
    drifting = [member("drift_effect", f"x{number}", effect=number / 100) for number in range(50)]
    message = told(*drifting, member("missing_rate_change", "x49", value=0.01))
    assert [mark.name for mark in message.columns] == ["x49", "x48", "x47", "x46", "x45"]
    assert (message.more, message.title) == (45, "fraud: missing values in x49, 50 columns drift")


def test_graver_members_come_first() -> None:
    """A critical fall of performance stands before a warning that moved more."""
    message = told(member("psi", "x", effect=0.9), member("roc_auc", letters="CCC", value=0.61, limit=0.75))
    assert (message.severity, message.columns[0].name) == ("critical", "roc_auc")
    assert message.title == "fraud: roc_auc out of bounds, x drifts"
    assert "roc_auc is 0.61, limit 0.75, and 1 more." in message.summary
    assert "Likely cause: x, which moved most" in message.summary


def test_how_sure() -> None:
    """The p-value after the correction and the rows on both sides stand in the summary."""
    message = told(member("drift_effect", "x", effect=0.3, limit=0.05, p_corrected=0.0004, n=958))
    assert "x has moved by 0.3, limit 0.05." in message.summary
    assert "chance alone does this with p 0.0004, corrected for all tests; 958 rows." in message.summary
    assert "Look first at what feeds x." in message.summary


def test_how_sure_without_a_p_value() -> None:
    """What is judged by an interval says so, and the reference's number beside it."""
    message = told(member("roc_auc", value=0.61, limit=0.75, level=0.001, n=300, note="0.8 in the reference"))
    assert "its interval at level 0.001 excludes that all is well; 300 rows; 0.8 in the reference." in message.summary


def test_missing_data_says_where_to_look() -> None:
    """What is wrong with the data's arrival is said plainly."""
    message = told(member("no_rows"), kind="opened")
    assert message.title == "fraud: no rows arrive"
    assert "Look at what writes the log" in message.summary


def test_groups_and_segments_are_named() -> None:
    """A fall inside a group names it, missing values included."""
    assert told(member("recall", carrier="UA", origin=None)).columns[0].name == "recall (carrier=UA, origin=missing)"


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("repeated", "Nobody has looked after it since 2024-01-01 04:00 UTC."),
        ("escalated", "Nobody has acknowledged it since 2024-01-01 04:00 UTC."),
        ("severity_up", "It has become warning."),
        ("flapping", "It comes and goes"),
    ],
)
def test_why_it_is_told_now(kind: NoticeKind, said: str) -> None:
    """Each kind of notice begins with what is new."""
    assert told(member("psi", "x"), kind=kind).summary.startswith(said)


def test_what_is_over() -> None:
    """A resolve tells how long it lasted and what it concerned."""
    message = told(member("psi", "x"), kind="resolved", resolved_at=START + 9 * HOUR, resolved_by="ann")
    assert message.summary == (
        "It lasted from 2024-01-01 00:00 UTC to 2024-01-01 09:00 UTC and concerned x. Resolved by ann."
    )


def test_one_id_one_text() -> None:
    """The same notice has the same id and text however often it is made; another receiver's or number has another."""
    first, again = told(member("psi", "x")), told(member("psi", "x"))
    assert (first, len(first.id)) == (again, 26)
    assert first.link == "https://monitor.example.org/dash/incidents/inc_1"
    assert (first.runbook, first.labels) == ("https://wiki.example.org/fraud", {"team": "risk"})


def test_hostile_names_are_saved_and_told() -> None:
    """Whatever names hold, a notice is saved as plain ASCII, comes back the same, and is sent below 20 kB."""
    message = replace(told(*(member(HOSTILE, f"{HOSTILE}{n}" * 30, **{HOSTILE: HOSTILE}) for n in range(9))), late=True)
    assert load(dump(message)) == message
    assert dump(message).isascii()
    assert len(cloud_event(message)) < 20_000
    enemy = hostile(picture=b"\x89PNG", columns=())
    assert load(dump(enemy)) == enemy
    with pytest.raises(ValueError, match="no notice"):
        load("{}")


def test_secrets_are_taken_out() -> None:
    """What a note quotes goes through the eraser before it is stored."""
    paper = replace(PAPER, clean=lambda text: text.replace("hunter2", "***"))
    one = member("source_error", note="cannot log in with hunter2", value=1.0)
    end = window(3).end
    incident = Incident("fraud", "fraud", "d" * 32, 1, "open", 1, "warning", end, START, end, (one,))
    message = notice(paper, "inc_1", incident, Decision("opened", Ledger()), "team", [one], end)
    assert "hunter2" not in dump(message)


def test_a_digest_lists_what_was_not_told() -> None:
    """Up to ten incidents are listed, the rest counted, oldest first."""
    lines = [
        Line(f"{n:032}", "fraud", "warning", START + n * HOUR, START + (n + 1) * HOUR, ("x", "y"), "over")
        for n in range(12)
    ]
    message = digest(PAPER, "team", lines, START + timedelta(days=1))
    assert message.title == "12 incidents were not told at the time"
    assert "fraud (x, y): warning, 2024-01-01 00:00 UTC to 2024-01-01 01:00 UTC" in message.summary
    assert message.summary.endswith("; and 2 more.")
    assert digest(PAPER, "team", lines[:1], START).title == "an incident was not told at the time"
