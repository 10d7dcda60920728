"""Explore in a browser: any window against any other, kept in the address, taken away as files."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Opener, Site
from tests.browser.drawing import drawn


def test_a_window_is_put_beside_another(site: Site, opened: Opener) -> None:
    """What is chosen stands in the address; chart, shapes and numbers follow it."""
    page = opened(site, "/dash/explore?model=credit&metric=psi&column=amount")
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    expect(page.locator(".facts")).to_contain_text("The reference")
    page.get_by_role("textbox", name="Window B").click()
    page.get_by_role("option", name="a week earlier").click()
    page.wait_for_url(re.compile("b=week"))
    expect(page.locator(".facts")).to_contain_text("Window B")
    page.reload()
    drawn(page)
    expect(page.get_by_role("textbox", name="Window B")).to_have_value("a week earlier")
    expect(page.get_by_role("region", name="What moved most")).to_contain_text("amount")
    expect(page.locator(".ag-row")).to_have_count(0)
    page.get_by_text("to sort and to search").click()
    expect(page.locator(".ag-row").first).to_be_visible()


def test_days_are_chosen_freely(site: Site, opened: Opener) -> None:
    """Any days can be put beside any others; what makes no sense is said."""
    days = "a=custom&a_from=2024-03-18&a_to=2024-03-20&b=custom&b_from=2024-03-05&b_to=2024-03-07"
    page = opened(site, f"/dash/explore?model=credit&{days}")
    expect(page.locator(".facts")).to_contain_text("432 rows")
    page = opened(site, "/dash/explore?model=credit&a=custom&a_from=2024-03-18&a_to=2024-03-10")
    expect(page.locator("#explore")).to_contain_text("Window A ends before it begins")


def test_another_metric_finds_a_column_by_itself(site: Site, opened: Opener) -> None:
    """Whoever chooses a metric of columns gets one of them, and may choose another."""
    page = opened(site, "/dash/explore?model=credit")
    page.get_by_role("textbox", name="Metric").click()
    page.get_by_role("option", name="PSI", exact=True).click()
    page.wait_for_url(re.compile("metric=psi"))
    expect(page.get_by_role("textbox", name="Column")).not_to_have_value("")
    expect(page.locator(".js-plotly-plot").first).to_be_visible()


def test_files_are_taken_away(site: Site, opened: Opener) -> None:
    """The line and the numbers as CSV, the chart as PNG, the page as its address."""
    page = opened(site, "/dash/explore?model=credit")
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    with page.expect_download() as line:
        page.locator("#explore-csv").click()
    rows = Path(line.value.path()).read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("model,window_start")
    assert len(rows) == 25
    with page.expect_download() as numbers:
        page.locator("#explore-numbers-csv").click()
    assert "drift_effect,amount" in Path(numbers.value.path()).read_text(encoding="utf-8")
    with page.expect_download() as picture:
        page.locator("#explore-png").click()
    assert Path(picture.value.path()).read_bytes()[:4] == b"\x89PNG"
    page.locator("#explore-link").click()
    expect(page.locator("#explore-copied")).to_have_text("Copied")
