"""Pages for everybody: usable with a keyboard and a screen reader, and safe whatever names there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from monitor.service.oncall import incidents
from tests.browser.conftest import Opener, Site
from tests.dashboards.house import HOSTILE, PAYLOADS

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")


def serious(page: Page) -> list[Any]:
    """Return what axe finds that keeps people out."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        (one["id"], one["impact"], [node["html"][:160] for node in one["nodes"][:3]])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def light(page: Page) -> bool:
    """Tell whether a page, opened cold, weighs less than 1.5 MB; tables and charts cost only those that show them."""
    found = page.evaluate("performance.getEntriesByType('resource').map(r => [r.name, r.transferSize])")
    assert sum(size for _, size in found) > 300_000  # what comes from a cache weighs nothing
    tables, charts = ".ag-root", ".js-plotly-plot"
    needed = {"ag_grid": page.locator(tables).count(), "plotly.min": page.locator(charts).count()}
    idle = [name for name, _ in found for part, number in needed.items() if part in name and not number]
    return sum(size for _, size in found) < 1_500_000 and not idle


def paths(site: Site, model: str) -> list[str]:
    [number, *_] = [one.id for one in incidents.listed(site.house.config, site.house.store, [model], resolved=True)]
    return [
        "/dash/",
        "/dash/?view=table",
        "/dash/incidents",
        f"/dash/incidents/{number}",
        f"/dash/explore?model={quote(model)}",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_people_out(site: Site, opened: Opener, scheme: str) -> None:
    """No page has a serious finding of axe, in either colour scheme, or weighs more than it may."""
    for path in paths(site, "credit"):
        page = opened(site, path, scheme=scheme)
        assert not serious(page), path
        assert light(page), path


def test_no_name_is_run(site: Site, opened: Opener) -> None:
    """Models, columns, categories, versions and segments that are scripts are shown as the texts they are."""
    column = quote(PAYLOADS[0])
    more = [
        "/dash/?q=" + quote(HOSTILE),
        "/dash/incidents?model=" + quote(HOSTILE) + "&q=" + quote(HOSTILE),
        f"/dash/explore?model={quote(HOSTILE)}&metric=psi&column={column}",
        f"/dash/explore?model={quote(HOSTILE)}&metric={column}&group={column}&version={column}&a={column}&b={column}",
        f"/dash/incidents/{column}",
        f"/dash/{column}",
    ]
    for path in [*paths(site, HOSTILE), *more]:
        page = opened(site, path)
        assert page.evaluate("window.hit") is None, path
