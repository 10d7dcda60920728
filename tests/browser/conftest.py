"""A real browser before the real application; a test fails when the browser has anything to complain of."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Request, Response, sync_playwright

from monitor.api.app import as_principal, create
from monitor.api.mount import dashboard
from monitor.domain.principal import LOCAL, Principal
from tests.browser.drawing import PATIENCE, drawn
from tests.dashboards.house import House, copied, filled


@pytest.fixture(scope="session")
def filled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give, once, a folder with a filled store."""
    return filled(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Give the path of a browser, installed now if it can be; without one the tests are left out, and say so."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-q"], check=False, capture_output=True, timeout=120)
        subprocess.run(["apt-get", "install", "-qy", "chromium"], check=False, capture_output=True, timeout=300)
        found = shutil.which("chromium")
    if found is None:
        pytest.skip("no browser: install Debian's chromium to run these tests")
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Give a browser."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield found
        found.close()


@dataclass
class Site:
    """The application over a store, serving."""

    house: House
    address: str


@contextmanager
def serving(house: House, who: Principal = LOCAL) -> Iterator[Site]:
    """Serve a store for as long as the block lasts, as if whoever asks were ``who``."""
    backend = house.backend()
    app = create(backend, access=as_principal(who), dashboard=dashboard(backend))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, log_level="warning", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield Site(house, f"http://127.0.0.1:{listening.getsockname()[1]}")
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="session")
def site(filled_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give an application that no test changes."""
    house = copied(filled_folder, tmp_path_factory.mktemp("site") / "house")
    with serving(house) as found:
        yield found
    house.store.close()


@pytest.fixture
def own_site(filled_folder: Path, tmp_path: Path) -> Iterator[Site]:
    """Give an application that a test may change."""
    house = copied(filled_folder, tmp_path / "house")
    with serving(house) as found:
        yield found
    house.store.close()


@dataclass
class Watched:
    """What a browser complained of: errors, failed requests, requests to other hosts, things it refused to run."""

    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Page, address: str) -> None:
        """Listen to a page of that address."""

        def asked(request: Request) -> None:
            if not request.url.startswith((address, "data:", "blob:")):
                self.complaints.append(f"another host: {request.url}")

        def said(message: Any) -> None:
            if message.type in ("error", "warning"):
                self.complaints.append(f"{message.type}: {message.text[:300]}")

        page.on("console", said)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", asked)
        page.on("requestfailed", self.failed)
        page.on("response", self.answered)

    def answered(self, answer: Response) -> None:
        """Note an answer that tells of a fault."""
        if answer.status >= 400:
            self.complaints.append(f"{answer.status} {answer.url}")

    def failed(self, request: Request) -> None:
        """Note a request that came to nothing, unless the page was left meanwhile."""
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url} {request.failure}")


Opener = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opener]:
    """Give a function that opens a page of a site and waits for it; at the end nothing may have been complained of."""
    watched, contexts = Watched(), []

    def open_page(site: Site, path: str, *, width: int = 1440, height: int = 900, scheme: Any = "light") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            timezone_id="Asia/Tokyo",
            locale="en-GB",
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        watched.watch(page, site.address)
        page.goto(site.address + path)
        drawn(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not watched.complaints
