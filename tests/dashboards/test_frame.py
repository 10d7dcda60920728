"""The frame: addresses lead to pages, nobody sees anything, no page asks another host."""

from __future__ import annotations

import re
from pathlib import Path

from dashboards.page import found, pages

ASSETS = Path(__file__).parents[2] / "dashboards" / "assets"


def test_every_page_has_its_own_address() -> None:
    """No two pages lie at the same path, and each is found there."""
    paths = [page.PATH for page in pages()]
    assert len(set(paths)) == len(paths)
    for page in pages():
        way = found("/dash" + re.sub(r"\{\w+\}", "x", page.PATH))
        assert way is not None
        assert way[0] is page


def test_no_asset_names_another_host() -> None:
    """Nothing that a browser loads from here leads elsewhere; the names of XML languages are no addresses."""
    for path in ASSETS.rglob("*"):
        if path.suffix in {".css", ".js", ".svg"}:
            text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
            assert not re.findall(r"https?:|//[a-z]+\.[a-z]", text), path.name
