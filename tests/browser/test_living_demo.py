"""The overview of a demo that goes on moves before the eyes of whoever looks, without a reload."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Opener
from tests.living import built, served


@dataclass(frozen=True)
class Place:
    """Where it is served."""

    address: str


@pytest.fixture
def living(tmp_path: Path) -> Iterator[Place]:
    """Give a demo that goes on."""
    built(tmp_path / "demo")
    with served(tmp_path / "demo") as address:
        yield Place(address)


def test_the_overview_moves(living: Place, opened: Opener) -> None:
    """The demo's day, the card's newest window and its line move on while the page stays."""
    page = opened(living, "/dash/")
    page.evaluate("() => { window.stayed = true; }")
    note = page.locator("#overview p.muted", has_text="A demo: a day passes every 20 s.")
    day = note.locator("time").get_attribute("datetime")
    newest, line = _newest(page), _line(page)
    for moved in (
        lambda: note.locator("time").get_attribute("datetime") != day,
        lambda: _newest(page) > newest,
        lambda: _line(page) != line,
    ):
        _moved(page, moved)
    assert page.evaluate("() => window.stayed")


def _moved(page: Page, moved: Callable[[], bool]) -> None:
    """Look until something has moved: a day lasts 20 s there, on a busy machine much longer."""
    for _ in range(1_800):
        if moved():
            return
        page.wait_for_timeout(100)
    raise AssertionError("nothing moved within the deadline")


def _newest(page: Page) -> str:
    """Return the end of the newest window that the card tells of."""
    told = page.locator("article.model .model-facts time").get_attribute("datetime")
    assert told is not None
    return told


def _line(page: Page) -> str | None:
    return page.locator("article.model .spark").get_attribute("style")
