"""The overview in a browser: what needs care is seen first, found, sorted, and kept in the address."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, Site
from tests.browser.drawing import drawn, fits, repeated
from tests.dashboards.house import NOW


def test_what_needs_care_comes_first(site: Site, opened: Opener) -> None:
    """The gravest model is the first card, says why in a sentence, and leads to its page and its incident."""
    page = opened(site, "/dash/")
    first = page.locator("article.model").first
    expect(first).to_contain_text("credit")
    expect(first).to_contain_text("amount moved")
    expect(first.locator(".badge")).to_contain_text("Drift · critical")
    expect(first.locator(".spark")).to_have_attribute("role", "img")
    expect(first.locator("a").first).to_have_attribute("href", "/dash/models/credit")
    first.get_by_role("link", name="Incident").click()
    page.wait_for_url(re.compile("/dash/incidents/inc_"))
    expect(page.locator("h1")).to_contain_text("amount")


def test_models_are_searched_sorted_and_counted_by_the_address(site: Site, opened: Opener) -> None:
    """Search, pile and order stand in the address; the back button and a reload keep them."""
    page = opened(site, "/dash/?sort=name")
    expect(page.locator(".strip")).to_contain_text("Needs care")
    page.keyboard.press("/")
    expect(page.get_by_label("Search models")).to_be_focused()
    page.keyboard.type("cal")
    page.wait_for_url(re.compile("q=cal"))
    expect(page.locator("article.model")).to_have_count(1)
    page.reload()
    drawn(page)
    expect(page.get_by_label("Search models")).to_have_value("cal")
    expect(page.locator("article.model")).to_have_count(1)
    page.get_by_label("Search models").fill("")
    page.wait_for_url(re.compile(r"\?sort=name$"))
    page.go_back()
    expect(page.get_by_label("Search models")).to_have_value("cal")


def test_a_pile_shows_those_alone(site: Site, opened: Opener) -> None:
    """A number of the strip is a link to the models that it counts."""
    page = opened(site, "/dash/")
    page.get_by_role("navigation", name="Models by state").get_by_text("Learning").click()
    page.wait_for_url(re.compile("state=learning"))
    expect(page.locator("article.model").first).to_contain_text("Waiting for its first window")
    expect(page.locator("article.model", has_text="credit")).to_have_count(0)


def test_the_table_has_the_same_models(site: Site, opened: Opener) -> None:
    """All models stand in a table too, their names links."""
    page = opened(site, "/dash/")
    page.get_by_text("Table", exact=True).click()
    row = page.locator(".ag-row", has_text="Drift · critical").first
    expect(row.first).to_be_visible()
    page.locator(".cell-link", has_text="credit").first.click()
    page.wait_for_url(re.compile("/dash/models/credit$"))


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_keys_lead_everywhere(site: Site, opened: Opener) -> None:
    """The pages are reached by two keys, and a question mark tells which."""
    page = opened(site, "/dash/")
    for key, path in (("i", "/dash/incidents"), ("e", "/dash/explore"), ("o", "/dash/")):
        repeated(page, partial(press, page, "g", key), lambda end=path: page.url.endswith(end))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("these keys")


def test_the_scheme_follows_the_system_until_chosen(site: Site, opened: Opener) -> None:
    """A dark system gets a dark page; what is chosen stays."""
    page = opened(site, "/dash/", scheme="dark")
    root = page.locator("html")
    expect(root).to_have_attribute("data-mantine-color-scheme", "dark")
    page.get_by_label("Light or dark").click()
    expect(root).to_have_attribute("data-mantine-color-scheme", "light")
    page.reload()
    page.wait_for_selector("article.model")
    expect(root).to_have_attribute("data-mantine-color-scheme", "light")


def test_a_phone_scrolls_one_way(site: Site, opened: Opener) -> None:
    """On a phone nothing is wider than the screen, and the pages are at hand."""
    for path in ("/dash/", "/dash/incidents", "/dash/explore"):
        page = opened(site, path, width=390, height=844)
        fits(page)
        expect(page.get_by_role("navigation", name="Pages").get_by_role("link", name="Incidents")).to_be_visible()


def test_times_are_the_viewer_s_with_utc_beside(site: Site, opened: Opener) -> None:
    """An instant is shown in the zone of whoever looks; the pointer tells it in UTC."""
    page = opened(site, "/dash/incidents")
    when = page.locator("time.instant").first
    utc = when.get_attribute("title")
    assert utc is not None
    assert utc.endswith("UTC")
    clock = "t => new Date(t).toLocaleTimeString('en-GB', {hour: '2-digit', minute: '2-digit'})"
    shown = page.evaluate(clock, when.get_attribute("datetime"))
    expect(when).to_contain_text(shown)


def test_an_open_page_follows_the_store(own_site: Site, opened: Opener) -> None:
    """What changes is seen without a reload: here the clock goes on, and a model becomes late."""
    page = opened(own_site, "/dash/")
    expect(page.locator("article.model", has_text="calm")).to_contain_text("OK")
    page.evaluate("window.kept = true")
    own_site.house.now = NOW + timedelta(days=3)
    expect(page.locator("article.model", has_text="calm")).to_contain_text("Late")
    assert page.evaluate("window.kept")


def test_no_such_page_is_said_in_words(site: Site, opened: Opener) -> None:
    """An address that leads nowhere says so and leads back."""
    page = opened(site, "/dash/nowhere")
    expect(page.get_by_role("alert")).to_contain_text("There is no such page")
    page.get_by_role("link", name="Go to the overview").click()
    expect(page.locator("article.model").first).to_be_visible()
