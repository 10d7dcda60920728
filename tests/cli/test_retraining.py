"""``monitor retraining``: listed, claimed, reported on and decided from a terminal; what ``status`` says of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.alerts.recommendation import Block, Event, Grounds, Moved, Reason, Recommendation
from monitor.domain.window import Window
from monitor.store import models, recommendations
from monitor.store.engine import open_store
from tests.cli.conftest import START, Desk
from tests.cli.test_incidents import opened

HOSTILE = "\x1b[31mred"
OPENED = datetime(2024, 3, 8, 6, 30, tzinfo=UTC)


def recommended(desk: Desk, number: str = "rec_01HK153X00WMA5R5T88QSR1ES9", **more: Any) -> str:
    """Enter a recommendation for the one model."""
    desk("apply")
    grounds = Grounds(
        (Reason("roc_auc worse by 0.03", "roc_auc", "critical", 0.61, 0.8, 210, 3, 3, "0.83 in the reference"),),
        (Window(START, OPENED),), Window(START, OPENED), 1200, 1100,
    )  # fmt: skip
    store = open_store("sqlite:///monitor.db", folder=desk.folder)
    with store.write() as conn:
        known = models.find(conn, "churn")
        assert known is not None
        found = Recommendation(number, "churn", "open", 1, OPENED, grounds, **more)
        assert recommendations.open_(conn, known.id, Moved(found, (Event(OPENED, "opened"),)))
    store.close()
    return number


def test_nothing_is_recommended(desk: Desk) -> None:
    """Empty lists are said in words, and are no lines of JSON."""
    desk("apply")
    assert desk("retraining", "list").out == "No model is to be trained anew.\n"
    assert desk("retraining", "list", "--all").out == "Nothing was ever recommended.\n"
    assert desk("retraining", "list", "--json").out == ""
    assert desk("retraining").code == 2


def test_from_the_list_to_the_deployment(desk: Desk) -> None:
    """What is due is claimed, prolonged and completed; the model then asks for a reference."""
    number = recommended(desk)
    listed = desk("retraining", "list").out
    assert "rec_01HK153X" in listed
    assert "due" in listed
    assert max(map(len, listed.splitlines())) <= 80
    assert "churn: training anew is recommended (due)" in desk("status").out
    shown = desk("retraining", "show", number[:10]).out
    assert "roc_auc 0.61, limit 0.8 (0.83 in the reference), 3 of 3 windows" in shown
    assert "1 200 rows, 1 100 with ground truth" in shown
    [ticket] = desk("retraining", "claim", number, "--run", "r1", "--as", "ann", "--json").records
    [again] = desk("retraining", "claim", number, "--run", "r1", "--as", "ann", "--json").records
    assert (again["claim_id"], again["fence"]) == (ticket["claim_id"], ticket["fence"])
    other = desk("retraining", "claim", number, "--run", "r2")
    assert (other.code, "ann has claimed it" in other.err) == (1, True)
    proof = (ticket["claim_id"], "--fence", str(ticket["fence"]))
    assert desk("retraining", "heartbeat", *proof).code == 0
    wrong = desk("retraining", "complete", proof[0], "--fence", "9", "--outcome", "deployed")
    assert (wrong.code, "do not deploy" in wrong.err) == (1, True)
    done = desk("retraining", "complete", *proof, "--outcome", "deployed", "--model-version", "v2")
    assert (done.code, "satisfied" in done.out) == (0, True)
    assert "churn: version v2 was deployed" in desk("status").out
    assert desk("retraining", "list", "--json").out == ""
    assert [one["status"] for one in desk("retraining", "list", "--all", "--json").records] == ["satisfied"]


def test_a_person_decides(desk: Desk) -> None:
    """What is blocked cannot be claimed before it is approved; what is declined is over."""
    number = recommended(desk, blocks=(Block("data_quality", f"the data are broken: {HOSTILE}"),))
    refused = desk("retraining", "claim", number, "--run", "r1")
    assert (refused.code, "the data are broken" in refused.err, "\x1b" in refused.err) == (1, True, False)
    assert "\x1b" not in desk("retraining", "show", number).out
    assert "due" in desk("retraining", "approve", number, "--note", "known").out
    assert "declined" in desk("retraining", "decline", number, "--note", "next month").out
    assert desk("retraining", "decline", number).out.startswith("unchanged: ")
    assert desk("retraining", "approve", number).code == 2


@pytest.mark.parametrize("metric", ["roc_auc", "psi"])
def test_resolving_an_incident_says_what_ends_with_it(desk: Desk, metric: str) -> None:
    """The recommendation that rests on it is named; an incident without a fall of performance ends none."""
    number = recommended(desk)
    incident = opened(desk, "churn", {"metric": metric})
    ends = f"  with it ends recommendation {number[:12]} to train anew: no other fall of performance is open"
    assert desk("incidents", "resolve", incident).out.splitlines()[1:] == ([ends] if metric == "roc_auc" else [])
    assert len(desk("incidents", "resolve", incident).out.splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("show", "rec_9"),
        ("claim", "rec_01HK153X00WMA5R5T88QSR1ES9", "--run", "r", "--for", "10s"),
        ("claim", "rec_01HK153X00WMA5R5T88QSR1ES9", "--run", " "),
        ("complete", "clm_1", "--fence", "1", "--outcome", "perfect"),
        ("list", "--model", "nobody"),
    ],
)
def test_wrong_usage(desk: Desk, words: tuple[str, ...]) -> None:
    """It is answered with 2 and a hint."""
    recommended(desk)
    said = desk("retraining", *words)
    assert (said.code, "hint" in said.err) == (2, True)
