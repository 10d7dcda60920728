"""What pages load beside their own: known, small, packed once, kept by browsers."""

from __future__ import annotations

import gzip
import re
from hashlib import sha256
from typing import Any

import pytest

from dashboards.library import PLOTLY
from tests.dashboards.conftest import Dashboard

CHARTS = "/_dash-component-suites/plotly/package_data/plotly.min.js"
PACKED = {"Accept-Encoding": "gzip"}
YEAR = "max-age=31536000"


def fetched(dashboard: Dashboard, path: str, coding: str = "identity") -> Any:
    """Ask for a file with what the asker can unpack."""
    answer = dashboard.server.test_client().get(path, headers={"Accept-Encoding": coding})
    answer.get_data()
    answer.close()
    return answer


def scripts(dashboard: Dashboard) -> list[str]:
    """Return the addresses of the scripts that every page loads, as the dashboard itself knows them."""
    text = dashboard.server.test_client().get("/").text
    return [path.removeprefix("/dash") for path in re.findall(r'<script src="([^"]+)"', text)]


def test_what_others_made_is_what_they_published() -> None:
    """The bundle that lies here is the one its readme names, byte for byte."""
    told = (PLOTLY.parent / "README.md").read_text(encoding="utf-8")
    assert sha256(gzip.decompress(PLOTLY.read_bytes())).hexdigest() in told


def test_a_third_of_plotly_is_served(dashboard: Dashboard) -> None:
    """Whatever page is open, the charts' library is the part of it that is drawn with here, packed or not."""
    client = dashboard.server.test_client()
    packed = client.get(CHARTS, headers=PACKED)
    assert (packed.status_code, packed.mimetype, packed.content_encoding) == (200, "text/javascript", "gzip")
    assert packed.data == PLOTLY.read_bytes()
    plain = client.get(CHARTS)
    assert (plain.status_code, plain.content_encoding) == (200, None)
    assert b"plotly.js (cartesian - minified) v2.35.2" in plain.data[:200]
    again = client.get(CHARTS, headers=PACKED | {"If-None-Match": packed.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_scripts_are_packed_and_kept(dashboard: Dashboard) -> None:
    """Each script of a page comes packed to whom packing means something, and is asked for once."""
    for path in scripts(dashboard):
        packed, plain = fetched(dashboard, path, "gzip"), fetched(dashboard, path)
        assert packed.content_encoding == "gzip", path
        assert gzip.decompress(packed.data) == plain.data
        assert "Accept-Encoding" in packed.vary
        assert ("immutable" in packed.headers["Cache-Control"]) is (YEAR in packed.headers["Cache-Control"])
        assert path.endswith("scheme.js") or YEAR in packed.headers["Cache-Control"], path


def test_no_page_loads_the_library_of_tables(dashboard: Dashboard) -> None:
    """It is named where a table finds it, and served from there."""
    client = dashboard.server.test_client()
    assert not [path for path in scripts(dashboard) if "ag_grid" in path]
    found = re.search(r'<meta name="tables" content="/dash([^"]+)"', client.get("/").text)
    assert found is not None
    assert client.get(found[1], headers=PACKED).status_code == 200


@pytest.mark.parametrize("coding", ["identity", "gzip;q=0", "br"])
def test_who_wants_nothing_packed_gets_nothing_packed(dashboard: Dashboard, coding: str) -> None:
    """A client that does not know gzip can read what it gets."""
    for path in (CHARTS, *scripts(dashboard)[:3]):
        assert fetched(dashboard, path, coding).content_encoding is None
