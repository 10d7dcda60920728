"""What pages load beside their own: the part of plotly.js that is drawn with, and tables only where one is seen."""

from __future__ import annotations

import gzip
from hashlib import sha256
from pathlib import Path

import dash_ag_grid as dag
import flask
from dash.fingerprint import build_fingerprint
from flask import request

from dashboards.asking import PREFIX

PLOTLY = Path(__file__).parent / "vendor" / "plotly-cartesian.min.js.gz"
TABLES = "dash_ag_grid.min.js"
A_DAY = 86_400  # seconds


def charts(server: flask.Flask) -> None:
    """Serve a third of plotly.js in place of the whole: the rest draws maps and solids."""
    packed = PLOTLY.read_bytes()
    tag = sha256(packed).hexdigest()[:16]

    def instead() -> flask.Response | None:
        if not request.path.endswith("/plotly/package_data/plotly.min.js"):
            return None
        asked_packed = request.accept_encodings.quality("gzip") > 0
        found = flask.Response(packed if asked_packed else gzip.decompress(packed), mimetype="text/javascript")
        if asked_packed:
            found.content_encoding = "gzip"
        found.vary.add("Accept-Encoding")
        found.cache_control.public, found.cache_control.max_age = True, A_DAY
        found.set_etag(tag, weak=True)
        return found.make_conditional(request)  # type: ignore[return-value]

    server.before_request(instead)


def tables() -> str:
    """Keep the library of wide tables out of the pages, and return where ``assets/tables.js`` finds it when needed."""
    for one in dag._js_dist:  # noqa: SLF001 - what it tells Dash to load
        if one["relative_package_path"] == TABLES:
            one["dynamic"] = True
    file = Path(dag.__file__).parent / TABLES
    name = build_fingerprint(TABLES, dag.__version__, int(file.stat().st_mtime))  # type: ignore[no-untyped-call]
    return f"{PREFIX}/_dash-component-suites/{dag.__name__}/{name}"
