"""The page of a model in a browser: understood from its heading, followed from tab to tab, linked to, acted on."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from dashboards.pages.model import TABS
from tests.browser.conftest import Opener, Site
from tests.browser.drawing import drawn, fits, repeated, until
from tests.browser.test_everybody import light, serious
from tests.dashboards.house import HOSTILE

CREDIT = "/dash/models/credit"


def test_every_tab_is_drawn_and_kept_in_the_address(site: Site, opened: Opener) -> None:
    """The heading says what happened; each tab shows its own, and the back button goes back."""
    page = opened(site, CREDIT)
    expect(page.locator(".verdict-line")).to_contain_text("amount has moved")
    for name, tab in TABS.items():
        page.get_by_role("tab", name=tab.TITLE).click()
        drawn(page)
        assert name == "performance" or f"tab={name}" in page.url
    page.go_back()
    page.wait_for_url(re.compile("tab=runs"))
    expect(page.get_by_role("tab", name="Runs")).to_have_attribute("aria-selected", "true")


def test_a_cell_leads_to_its_column(site: Site, opened: Opener) -> None:
    """A click on the heatmap shows that column in that window, under an address that shows it again."""
    page = opened(site, f"{CREDIT}?tab=drift&range=all")
    plot = page.locator("[role=tabpanel]:visible .js-plotly-plot").first
    box = plot.locator(".nsewdrag").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.3
    page.mouse.move(x, y)
    repeated(page, lambda: page.mouse.click(x, y), lambda: "column=" in page.url)
    column = re.search("column=([^&]+)", page.url)
    assert column is not None
    expect(page.locator("#drift-detail h2")).to_contain_text(column[1])
    page.reload()
    expect(page.locator("#drift-detail h2")).to_contain_text(column[1])
    expect(page.locator("#drift-detail")).to_contain_text("Evidence")


def test_pickers_narrow_the_page(site: Site, opened: Opener) -> None:
    """Range, version and segment go into the address, and a link with them shows the same."""
    page = opened(site, CREDIT)
    page.get_by_role("radiogroup", name="Range").get_by_text("7 d").click()
    page.wait_for_url(re.compile("range=7d"))
    page.get_by_role("textbox", name="Version").click()
    page.get_by_role("option", name="version v1").click()
    page.wait_for_url(re.compile("version=v1"))
    page.reload()
    drawn(page)
    expect(page.get_by_role("textbox", name="Version")).to_have_value("version v1")


def test_charts_share_their_time(site: Site, opened: Opener) -> None:
    """Zooming one chart zooms the others, too; all go by the viewer's clocks."""
    page = opened(site, CREDIT)
    plots = page.locator("[role=tabpanel]:visible .chart.linked .js-plotly-plot")
    box = plots.first.locator(".nsewdrag").first.bounding_box()
    assert box is not None
    before = plots.nth(1).evaluate("plot => plot._fullLayout.xaxis.range[0]")
    assert "09:00" in before  # midnight in UTC

    def drag() -> None:
        page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 60, steps=4)
        page.mouse.up()

    repeated(page, drag, lambda: plots.nth(1).evaluate("plot => plot._fullLayout.xaxis.range[0]") != before)


def test_charts_follow_the_scheme(site: Site, opened: Opener) -> None:
    """In the dark the lines are light, at once and after a change."""
    page = opened(site, CREDIT, scheme="dark")
    ink = "() => document.querySelector('.js-plotly-plot').layout.font.color"
    until(page, lambda: page.evaluate(ink) == "#e7eaf0")
    page.locator("#scheme").click()
    until(page, lambda: page.evaluate(ink) == "#171a21")


def test_an_incident_is_taken_on(own_site: Site, opened: Opener) -> None:
    """The button says who looks after it from then on."""
    page = opened(own_site, CREDIT)
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".model-acts")).to_contain_text("taken by local")
    expect(page.get_by_role("button", name="Acknowledge")).to_have_count(0)


@pytest.mark.parametrize("tab", ["performance", "drift", "fairness", "quality", "runs"])
def test_nothing_keeps_people_out(site: Site, opened: Opener, tab: str) -> None:
    """No tab has a serious finding of axe, in either colour scheme, or weighs more than it may."""
    for scheme in ("light", "dark"):
        page = opened(site, f"{CREDIT}?tab={tab}", scheme=scheme)
        assert not serious(page), scheme
        assert light(page), scheme


def test_a_phone_shows_it_without_scrolling_sideways(site: Site, opened: Opener) -> None:
    """Everything fits a narrow screen; tables and the strip of tabs scroll inside themselves."""
    for tab in TABS:
        page = opened(site, f"{CREDIT}?tab={tab}", width=390, height=844)
        fits(page)


def test_no_name_is_run(site: Site, opened: Opener) -> None:
    """Columns, categories, versions and segments that are scripts are shown as the texts they are."""
    for tab in TABS:
        page = opened(site, f"/dash/models/{quote(HOSTILE, safe='')}?tab={tab}&columns=all")
        assert page.evaluate("window.hit") is None, tab
