"""Incidents in a browser: found, understood, acted on."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from monitor.domain.principal import ROLES, Principal
from monitor.service.oncall import incidents
from tests.browser.conftest import Opener, Site, serving


def of_credit(site: Site) -> str:
    found = incidents.listed(site.house.config, site.house.store, ["credit"])
    return next(one.id for one in found)


def act(page: Page, button: str, reason: str) -> None:
    """Press a button of the head, write a reason, send."""
    dialog = page.get_by_role("dialog")
    expect(dialog).to_have_count(0)  # the one before may still be going
    page.locator(".headline").get_by_role("button", name=button).click()
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name=button, exact=True)).to_be_visible()
    if reason:
        dialog.get_by_label("Reason").fill(reason)
        expect(dialog.get_by_label("Reason")).to_have_value(reason)
    dialog.get_by_role("button", name=button, exact=True).click()


def test_the_list_leads_to_the_incident(site: Site, opened: Opener) -> None:
    """What is open stands in the list with its model and columns; filters are kept in the address."""
    page = opened(site, "/dash/incidents")
    row = page.locator(".incident", has_text="credit")
    expect(row).to_contain_text("amount")
    page.get_by_role("navigation", name="Incidents by state").get_by_text("Resolved").click()
    page.wait_for_url(re.compile("state=resolved"))
    page.go_back()
    expect(row).to_contain_text("amount")
    row.get_by_role("link").first.click()
    page.wait_for_url(re.compile("/dash/incidents/inc_"))
    for words in ("Evidence", "Timeline", "Notices sent", "Related", "What if the limit were another one?"):
        expect(page.get_by_role("heading", name=words)).to_be_visible()
    expect(page.get_by_role("region", name="Evidence")).to_contain_text("amount")


def test_an_incident_is_looked_after_given_back_silenced_and_resolved(own_site: Site, opened: Opener) -> None:
    """Each action asks for a reason, shows at once, and stands in the timeline."""
    page = opened(own_site, f"/dash/incidents/{of_credit(own_site)}")
    act(page, "Acknowledge", "")
    expect(page.locator(".refusal")).to_contain_text("A reason is missing")
    page.keyboard.press("Escape")
    act(page, "Acknowledge", "on it")
    expect(page.locator(".timeline").first).to_contain_text("on it")
    act(page, "Give back", "")
    expect(page.locator(".timeline").first).to_contain_text("Given back")
    act(page, "Silence", "known")
    expect(page.locator(".headline")).to_contain_text("Silenced")
    act(page, "Resolve", "mended")
    expect(page.locator(".headline .badge").nth(1)).to_contain_text("Resolved")
    expect(page.locator(".headline").get_by_role("button")).to_have_count(0)


def test_who_acts_on_what_has_changed_is_told(own_site: Site, opened: Opener) -> None:
    """Two people look at one incident: the second is told what the first did, and nothing is done twice."""
    house, number = own_site.house, of_credit(own_site)
    page = opened(own_site, f"/dash/incidents/{number}")
    page.locator(".headline").get_by_role("button", name="Resolve").click()
    expect(page.get_by_role("dialog").get_by_label("Reason")).to_be_visible()
    incidents.acknowledge(house.config, house.store, number, actor="bob", note="mine")
    expect(page.locator("#incident")).to_contain_text("bob")  # drawn anew behind the form, which is of before
    page.get_by_role("dialog").get_by_label("Reason").fill("done")
    page.get_by_role("dialog").get_by_role("button", name="Resolve", exact=True).click()
    expect(page.locator(".refusal")).to_contain_text("acknowledged now")
    assert incidents.listed(house.config, house.store, ["credit"])[0].incident.state == "acknowledged"


def test_a_viewer_may_look_not_act(own_site: Site, opened: Opener) -> None:
    """Without the scope there are no buttons."""
    with serving(own_site.house, Principal("user viewer", ROLES["viewer"])) as site:
        page = opened(site, f"/dash/incidents/{of_credit(site)}")
        expect(page.locator(".headline")).to_contain_text("You may look, not act")
        expect(page.locator(".headline").get_by_role("button")).to_have_count(0)
        page.wait_for_selector(".js-plotly-plot .main-svg")
        page.wait_for_load_state("networkidle")
        page.close()  # before its server goes


def test_a_limit_on_trial_says_how_often_it_would_have_fired(site: Site, opened: Opener) -> None:
    """The slider judges the stored past again and says when the rule would have fired, and what was real of it."""
    page = opened(site, f"/dash/incidents/{of_credit(site)}")
    page.locator("#trial-slider [role=slider]").focus()
    page.keyboard.press("ArrowRight")
    said = page.locator(".verdict-line")
    expect(said).to_contain_text(re.compile(r"it would have fired (once|\d+ times) in 24 days"), timeout=120_000)
    expect(page.locator("#trial-said")).to_contain_text("an incident there was")
