"""Who may see and do what: asked anew in every callback, whatever the browser sends."""

from __future__ import annotations

from typing import Any

import pytest

from dashboards.asking import asked
from monitor.domain.principal import LOCAL, ROLES, Principal
from monitor.service.access import audit
from monitor.store import incidents
from tests.dashboards.conftest import Dashboard

VIEWER = Principal("user viewer", ROLES["viewer"])
ELSEWHERE = Principal("user elsewhere", ROLES["operator"], ("calm",))
OPERATOR = Principal("user ann", ROLES["operator"])
SEARCH = [{"id": "url", "property": "search", "value": ""}, {"id": "version", "property": "data", "value": "1"}]


def at(pathname: str) -> list[dict[str, Any]]:
    return [{"id": "url", "property": "pathname", "value": pathname}]


def acting(
    dashboard: Dashboard, number: str, who: Principal | None, action: str, version: int, reason: str = "because"
) -> str:
    """Send the form as a forged body and return the answer."""
    output = next(name for name in registered(dashboard) if "acted.data" in name)
    state = [
        {"id": "wish", "property": "data", "value": action},
        {"id": "wish-reason", "property": "value", "value": reason},
        {"id": "wish-length", "property": "value", "value": "1h"},
        {"id": "wish-version", "property": "data", "value": version},
        *at(f"/dash/incidents/{number}"),
    ]
    answer = dashboard.ask(output, [{"id": "wish-do", "property": "n_clicks", "value": 1}], state, who)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def registered(dashboard: Dashboard) -> list[str]:
    """Return the names of all callbacks, as the browser is told them."""
    told = dashboard.server.test_client().get("/_dash-dependencies").get_json()
    return [one["output"] for one in told if not one.get("clientside_function")]


def incident_of(dashboard: Dashboard, number: str) -> Any:
    with dashboard.house.store.read() as conn:
        found = incidents.get(conn, number)
    assert found is not None
    return found.incident


@pytest.mark.parametrize("who", [None, Principal("user nobody"), ELSEWHERE], ids=["nobody", "no scope", "other models"])
def test_no_page_tells_of_a_model_that_may_not_be_seen(
    dashboard: Dashboard, number: str, who: Principal | None
) -> None:
    """Neither a page nor a part of one, asked for by a forged body, names the model or its columns."""
    paths = ["/dash/", "/dash/incidents", f"/dash/incidents/{number}", "/dash/explore", "/dash/models/credit"]
    told = [dashboard.page(path, who).text for path in paths]
    told.append(dashboard.ask("overview.children", SEARCH, at("/dash/"), who).text)
    told.append(dashboard.ask("incidents.children", SEARCH, at("/dash/incidents"), who).text)
    acted = [*SEARCH, {"id": "acted", "property": "data", "value": 1}]
    told.append(dashboard.ask("incident-body.children", acted, at(f"/dash/incidents/{number}"), who).text)
    for text in told:
        assert "amount" not in text
        assert 'models/credit"' not in text.replace("\\", "")


def test_every_callback_answers_nobody_with_nothing(dashboard: Dashboard) -> None:
    """Every callback there is, sent with nothing in it by nobody, gives no name away."""
    for output in registered(dashboard):
        answer = dashboard.ask(output, [], [], None)
        assert "credit" not in answer.text, output


@pytest.mark.parametrize("action", ["acknowledge", "unacknowledge", "resolve", "silence"])
@pytest.mark.parametrize("who", [None, VIEWER, ELSEWHERE], ids=["nobody", "viewer", "other models"])
def test_a_forged_action_is_refused(dashboard: Dashboard, number: str, who: Principal | None, action: str) -> None:
    """A body forged by somebody who may not act changes nothing and says so."""
    before = incident_of(dashboard, number)
    answer = acting(dashboard, number, who, action, before.version)
    assert "refusal" in answer
    assert incident_of(dashboard, number) == before


def test_an_operator_s_actions_are_done_and_recorded(dashboard: Dashboard, number: str) -> None:
    """Each action of somebody who may act is done under that name, with a line in the audit log."""
    version = incident_of(dashboard, number).version
    acting(dashboard, number, OPERATOR, "acknowledge", version, "on <b>it</b>")
    taken = incident_of(dashboard, number)
    assert (taken.state, taken.acknowledgement.actor, taken.acknowledgement.note) == (
        "acknowledged",
        "user ann",
        "on <b>it</b>",
    )
    acting(dashboard, number, OPERATOR, "unacknowledge", taken.version, "off shift")
    acting(dashboard, number, OPERATOR, "silence", taken.version + 1)
    silenced = incident_of(dashboard, number)
    acting(dashboard, number, OPERATOR, "resolve", silenced.version, "mended")
    assert (incident_of(dashboard, number).state, incident_of(dashboard, number).resolved_by) == (
        "resolved",
        "user ann",
    )
    with dashboard.house.store.read() as conn:
        notes = [one.note for one in incidents.entries(conn, number) if one.actor == "user ann"]
    assert [note for note in notes if note][:2] == ["on <b>it</b>", "off shift"]
    told = [(one["actor"], one["action"]) for one in audit.exported(dashboard.house.store)]
    names = ["incident.ack", "incident.unack", "silence.add", "incident.resolve"]
    assert told[-4:] == [("user ann", name) for name in names]


def test_a_stale_page_is_told_so(dashboard: Dashboard, number: str) -> None:
    """Whoever acts on what has changed since is told what it is now, and nothing is done."""
    version = incident_of(dashboard, number).version
    acting(dashboard, number, OPERATOR, "acknowledge", version)
    answer = acting(dashboard, number, OPERATOR, "resolve", version)
    assert "changed meanwhile: it is acknowledged now" in answer
    assert incident_of(dashboard, number).state == "acknowledged"


def test_a_reason_is_demanded(dashboard: Dashboard, number: str) -> None:
    """Nothing but giving back is done without a word for those who come after."""
    version = incident_of(dashboard, number).version
    assert "A reason is missing" in acting(dashboard, number, OPERATOR, "resolve", version, "  ")
    assert incident_of(dashboard, number).open


def test_an_action_nobody_knows_is_refused(dashboard: Dashboard, number: str) -> None:
    """A forged name of an action is no way to anything."""
    before = incident_of(dashboard, number)
    assert "there is no action" in acting(dashboard, number, OPERATOR, "delete", before.version)
    assert incident_of(dashboard, number) == before


def test_what_is_recorded_names_its_request(dashboard: Dashboard) -> None:
    """The request's id, which the answer and the service's log bear, is that of the audit log's entry."""
    known = {"asgi.scope": {"monitor.request_id": "req_7"}}
    with dashboard.server.test_request_context("/", environ_overrides=known):
        assert asked().request_id == "req_7"


def test_whoever_came_in_by_a_login_finds_the_way_out(dashboard: Dashboard) -> None:
    """A user is told under which name, beside the way out; who needs no login, or has none, is offered no way out."""
    told = {name: dashboard.page("/dash/", who).text for name, who in (("ann", OPERATOR), ("local", LOCAL), ("", None))}
    assert "signed in as ann" in told["ann"]
    assert "Log out" in told["ann"]
    assert "signed in as local" in told["local"]
    assert "not signed in" in told[""]
    assert "Log out" not in told["local"] + told[""]
