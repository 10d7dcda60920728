"""Waiting until a page stands still, so that what is looked at next is there."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

PATIENCE = 60_000  # milliseconds: machines that test are busy
expect.set_options(timeout=PATIENCE)
SHOWN = ", ".join(
    (
        "article.model",
        ".incidents",
        ".timeline",
        ".main-svg",
        ".ag-row",
        ".blank",
        "[role=tabpanel] table",
        "#report-make",
    )
)
STILL = """shown => {
    const all = (parts) => [...document.querySelectorAll(parts)].filter(part => part.getClientRects().length > 0);
    return all(shown).length > 0
        && document.querySelector('[data-dash-is-loading=true]') === null
        && all('.chart').every(chart => chart.querySelector('.main-svg') !== null);
}"""


def repeated(page: Page, act: Callable[[], object], done: Callable[[], bool]) -> None:
    """Do something until it has worked: a hand tries again, too, when a busy machine has missed a key or a click."""
    for _ in range(PATIENCE // 5_000):
        act()
        for _ in range(50):
            if done():
                return
            page.wait_for_timeout(100)
    raise AssertionError("not within the deadline")


def until(page: Page, condition: Callable[[], bool]) -> None:
    """Look until something holds; asked from here, since the page may not evaluate text by itself."""
    for _ in range(PATIENCE // 100):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError("not within the deadline")


def drawn(page: Page) -> None:
    """Wait until there is something to see, nothing is on its way, and every visible chart has its lines."""
    until(page, lambda: bool(page.evaluate(STILL, SHOWN)))
    page.wait_for_load_state("networkidle")
    until(page, lambda: bool(page.evaluate(STILL, SHOWN)))


def fits(page: Page) -> None:
    """Wait until nothing is wider than the screen."""
    until(page, lambda: bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")))
