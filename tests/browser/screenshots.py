"""Pictures of every page, light and dark, wide and narrow: ``python -m tests.browser.screenshots .demo shots``."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import func, select

from monitor.config import load
from monitor.service.oncall import incidents
from monitor.service.opening import opened
from monitor.store.engine import Store
from monitor.store.tables import runs
from tests.browser.conftest import serving
from tests.browser.drawing import PATIENCE, drawn
from tests.dashboards.house import House

SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


def shots(home: Path, to: Path) -> list[Path]:
    """Take the pictures of a demo's pages and return their files."""
    config = load(home / "monitor.yaml", {})
    to.mkdir(parents=True, exist_ok=True)
    made = []
    with opened(config) as store, serving(House(home, config, store, _last(store))) as site:
        found = incidents.listed(config, store, resolved=True)
        model = found[0].incident.model if found else config.models[0].name
        pages = {
            "overview": "/dash/",
            "table": "/dash/?view=table",
            "incidents": "/dash/incidents?state=all",
            "explore": f"/dash/explore?model={model}&metric=drift_effect",
            **({"incident": f"/dash/incidents/{found[0].id}"} if found else {}),
            **{
                tab: f"/dash/models/{model}?tab={tab}"
                for tab in ("performance", "drift", "fairness", "quality", "runs")
            },
        }
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            for scheme in ("light", "dark"):
                for size, (width, height) in SIZES.items():
                    page = browser.new_context(
                        viewport={"width": width, "height": height},
                        color_scheme="dark" if scheme == "dark" else "light",
                    ).new_page()
                    made += [
                        _shot(page, site.address + path, to / f"{name}-{size}-{scheme}.png")
                        for name, path in pages.items()
                    ]
            browser.close()
    return made


def _last(store: Store) -> datetime:
    """Return when the last window was done: as if the pictures were taken then, however old the demo is by now."""
    with store.read() as conn:
        return conn.execute(select(func.max(runs.c.finished_at))).scalar() or datetime.now(UTC)


def _shot(page: Page, address: str, file: Path) -> Path:
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    drawn(page)
    page.screenshot(path=file)
    return file


if __name__ == "__main__":
    for path in shots(Path(sys.argv[1]), Path(sys.argv[2])):
        print(path)  # noqa: T201
