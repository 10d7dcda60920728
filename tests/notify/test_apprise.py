"""The long tail, through the library apprise in a process of its own."""

from __future__ import annotations

import pytest

from monitor.notify import Egress, Failed, Retry, Sent, send
from tests.notify.conftest import Canary, Recorder, message, receiver

pytest.importorskip("apprise", reason="apprise is not installed")


def _url(port: int) -> str:
    return f"json://127.0.0.1:{port}/hush-canary"


def test_it_is_told_by_its_own_protocol(recorder: Recorder, egress: Egress) -> None:
    """Title, text and how grave it is arrive at a service that apprise knows."""
    assert send(message(), receiver("apprise", url=_url(recorder.port)), egress) == Sent()
    (call,) = recorder.calls
    assert call.json["title"] == "[critical] Opened: flight-delay: 3 columns drift"
    assert call.json["type"] == "failure"
    assert "distance: psi 0.31" in call.json["message"]


def test_a_private_address_is_refused(canary: Canary, egress: Egress) -> None:
    """The library's own connections are judged, too: not one is opened."""
    to = receiver("apprise", url=_url(canary.port), allow_private=False)
    outcome = send(message(), to, egress)
    assert isinstance(outcome, Failed)
    assert "an address was denied" in outcome.reason
    assert canary.seen == 0


def test_a_failure_may_pass(recorder: Recorder, egress: Egress) -> None:
    """What the service did not take is tried again; the URL is not told."""
    recorder.script = [(500, {}, b"")] * 5
    assert send(message(), receiver("apprise", url=_url(recorder.port)), egress) == Retry("apprise: not delivered")


def test_an_unknown_scheme_is_wrong_for_good(egress: Egress) -> None:
    """A URL that apprise does not know will not be known later."""
    outcome = send(message(), receiver("apprise", url="nosuchthing://hush-canary"), egress)
    assert outcome == Failed("apprise: a URL is not one of its own")
