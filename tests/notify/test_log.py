"""The service's own log as a receiver."""

from __future__ import annotations

import io
import json

from monitor import telemetry
from monitor.notify import Egress, Sent, send
from tests.notify.conftest import hostile, message, receiver


def test_a_notice_is_one_event(egress: Egress) -> None:
    """An open incident is a warning with its fields, a resolved one is not; a hostile one stays one line."""
    out = io.StringIO()
    telemetry.configure(out, human=False)
    for sent in (message(), message(kind="resolved"), hostile()):
        assert send(sent, receiver("log"), egress) == Sent()
    first, second, third = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["level"], second["level"], third["level"]) == ("warning", "info", "warning")
    assert first["event"] == "[critical] Opened: flight-delay: 3 columns drift"
    assert (first["kind"], first["model"], first["incident"]) == ("opened", "flight-delay", "7")
    assert first["columns"][0] == "distance: psi 0.31, limit 0.2, p 0.0004"
    assert "\r" not in third["event"]
