"""The page of a model: every tab draws, what is clicked stands in the address, nobody acts on what they may not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboards.pages.model import TABS
from monitor.domain.principal import LOCAL, ROLES, Principal
from monitor.service.access import audit
from monitor.store import incidents
from tests.dashboards.conftest import Dashboard
from tests.dashboards.house import HOSTILE

PATH = "/dash/models/credit"
VIEWER = Principal("user viewer", ROLES["viewer"])
ELSEWHERE = Principal("user elsewhere", ROLES["operator"], ("calm",))
HEADING = "model-heading.children"


def output_with(dashboard: Dashboard, part: str) -> str:
    """Return the name of the callback whose outputs hold a text."""
    told = dashboard.server.test_client().get("/_dash-dependencies").get_json()
    return next(one["output"] for one in told if part in one["output"] and not one.get("clientside_function"))


def value(ident: Any, prop: str, what: Any) -> dict[str, Any]:
    return {"id": ident, "property": prop, "value": what}


def drawn(dashboard: Dashboard, search: str, *, before: str | None = None, path: str = PATH, who: Any = LOCAL) -> Any:
    """Ask for the tabs as a browser does; return the answer by output."""
    inputs = [
        value("url", "search", search), value("version", "data", "1"), value("scheme-now", "data", "light"),
        value("narrow", "data", 0),
    ]  # fmt: skip
    state = [value("url", "pathname", path), value("drawn", "data", before)]
    answer = dashboard.ask(output_with(dashboard, "panel-performance"), inputs, state, who)
    return answer.get_json()["response"] if answer.status_code == 200 else {}


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("model", ["credit", "calm", HOSTILE])
def test_every_tab_draws(dashboard: Dashboard, tab: str, model: str) -> None:
    """Each tab of each model draws its own panel, and leaves the others alone."""
    from urllib.parse import quote

    answer = drawn(dashboard, f"?tab={tab}&range=all", path=f"/dash/models/{quote(model, safe='')}")
    panels = [name for name in answer if name.startswith("panel-")]
    assert panels == [f"panel-{tab}"]
    assert answer[f"panel-{tab}"]["children"]


def test_a_tab_that_stands_there_is_not_drawn_again(dashboard: Dashboard) -> None:
    """A new pulse without news, or another column looked at, leaves the tab as it is."""
    first = drawn(dashboard, "?tab=drift")
    assert drawn(dashboard, "?tab=drift&column=amount&window=2024-03-20T00:00:00", before=first["drawn"]["data"]) == {}
    assert "panel-drift" in drawn(dashboard, "?tab=drift&range=7d", before=first["drawn"]["data"])


def test_every_chart_is_small_enough(dashboard: Dashboard) -> None:
    """No trace has more than 2 000 points, and every chart says in words what it shows."""
    for tab in TABS:
        figures = list(_figures(drawn(dashboard, f"?tab={tab}&range=all")))
        for words, figure in figures:
            assert words
            for trace in figure["data"]:
                assert max(len(trace.get(axis) or ()) for axis in ("x", "y")) <= 2_000
        assert figures or tab in ("runs", "report")


def _figures(node: Any, words: str = "") -> Any:
    if isinstance(node, dict):
        words = node.get("aria-label") or words
        if isinstance(node.get("figure"), dict):
            yield words, node["figure"]
        for child in node.values():
            yield from _figures(child, words)
    elif isinstance(node, list):
        for child in node:
            yield from _figures(child, words)


def test_the_heading_says_what_happened(dashboard: Dashboard) -> None:
    """One sentence names the column that moved and how the performance fares."""
    text = dashboard.page(PATH).text
    assert "Drifting since" in text
    assert "amount" in text
    assert "Acknowledge" in text


def test_a_viewer_is_offered_nothing_to_do(dashboard: Dashboard) -> None:
    """The button is not there for somebody who may only read."""
    assert '"model-ack"' not in dashboard.page(PATH, VIEWER).text


def test_nobody_is_shown_nothing(dashboard: Dashboard) -> None:
    """A forged question about a model that may not be seen is answered as if there were none."""
    for who in (None, ELSEWHERE):
        answer = json.dumps(drawn(dashboard, "?tab=drift", who=who))
        assert "amount" not in answer
        detail = dashboard.ask(
            "drift-detail.children",
            [value("url", "search", "?tab=drift&column=amount"), value("scheme-now", "data", "light"),
             value("narrow", "data", 0)],
            [value("url", "pathname", PATH)], who,
        )  # fmt: skip
        assert "Distribution" not in detail.text


@pytest.mark.parametrize(
    ("cookie", "x", "window"),
    [
        ("", "2024-03-20 00:00", "2024-03-20T00%3A00%3A00"),
        ("monitor-zone=Asia/Tokyo", "2024-03-20 09:00", "2024-03-20T00%3A00%3A00"),
        ("monitor-zone=../../etc/passwd", "2024-03-20 00:00", "2024-03-20T00%3A00%3A00"),
        ("monitor-zone=Asia/Tokyo", "0001-01-01 00:00", ""),
    ],
    ids=["UTC", "another zone", "no zone", "no instant"],
)
def test_a_click_on_a_cell_stands_in_the_address(dashboard: Dashboard, cookie: str, x: str, window: str) -> None:
    """The column and the window that were clicked on can be linked to, by whatever clocks the chart was drawn."""
    clicked = {"points": [{"x": x, "y": 0}]}
    inputs = [[value({"name": "drift", "type": "chart"}, "clickData", clicked)]]
    state = [value("url", "search", "?tab=drift"), value("url", "pathname", PATH)]
    body = {
        "output": output_with(dashboard, "url.search@"), "outputs": {"id": "url", "property": "search"},
        "inputs": inputs, "state": state, "changedPropIds": ['{"name":"drift","type":"chart"}.clickData'],
    }  # fmt: skip
    answer = dashboard.server.test_client(use_cookies=False).post(
        "/_dash-update-component",
        json=body,
        headers={"Cookie": cookie},
        environ_overrides={"monitor.principal": LOCAL},
    )
    search = answer.get_json()["response"]["url"]["search"]
    assert search == f"?tab=drift&window={window}&column=amount"


@pytest.mark.parametrize(
    ("who", "done"),
    [(LOCAL, True), (VIEWER, False), (ELSEWHERE, False), (None, False)],
    ids=["operator", "viewer", "other models", "nobody"],
)
def test_an_incident_is_taken_on_by_whoever_may(dashboard: Dashboard, number: str, who: Any, done: bool) -> None:
    """The button acknowledges under the name of whoever presses it, on the record; a forged press does nothing."""
    store = dashboard.house.store
    with store.read() as conn:
        found = incidents.get(conn, number)
    assert found is not None
    inputs = [value("model-ack", "n_clicks", 1)]
    state = [value("model-ack", "value", f"{number}@{found.incident.version}"), value("url", "pathname", PATH)]
    calm = [state[0], value("url", "pathname", "/dash/models/calm")]  # a forged address is no way around
    odd = [value("model-ack", "value", f"{number}@x"), state[1]]
    for given in (odd, calm, state) if not done else (odd, state):
        dashboard.ask(output_with(dashboard, "model-said.children"), inputs, given, who)
    with store.read() as conn:
        now = incidents.get(conn, number)
    assert now is not None
    assert now.incident.state == ("acknowledged" if done else "open")
    recorded = [one["action"] for one in audit.exported(store)]
    assert (recorded[-1:] == ["incident.ack"]) is done
