"""Prometheus Alertmanager: against a recorder, and against a real one where there is one."""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import pytest

from monitor.notify import Egress, Sent, repeats, send
from tests.notify.conftest import HOSTILE, Recorder, hostile, message, receiver

PROGRAM = os.environ.get("MONITOR_TEST_ALERTMANAGER") or shutil.which("prometheus-alertmanager")


def test_an_open_incident_ends_in_four_minutes(recorder: Recorder, egress: Egress) -> None:
    """It is posted again each minute; three posts may fail before it is forgotten."""
    to = receiver("alertmanager", url=recorder.url(""), labels={"site": "lab"})
    assert send(message(), to, egress) == Sent()
    (call,) = recorder.calls
    assert call.path == "/api/v2/alerts"
    (alert,) = call.json
    assert alert["labels"] == {
        "alertname": "ModelIncident",
        "model": "flight-delay",
        "incident": "flight-delay-7",
        "severity": "critical",
        "team": "risk",
        "site": "lab",
    }
    assert (alert["startsAt"], alert["endsAt"]) == ("2026-03-02T11:05:00Z", "2026-03-02T14:09:00Z")
    assert alert["generatorURL"] == message().link
    assert alert["annotations"]["runbook_url"] == message().runbook
    every = repeats("alertmanager")
    assert every is not None
    assert every.total_seconds() == 60


def test_a_resolved_incident_ends_now(recorder: Recorder, egress: Egress) -> None:
    """Its labels stay the same, whatever it was resolved for, so that it is the same alert."""
    to = receiver("alertmanager", url=recorder.url(""))
    for kind, reason in (("opened", "drift"), ("resolved", "recovered")):
        send(message(kind=kind, reason=reason), to, egress)
    (first,), (last,) = (call.json for call in recorder.calls)
    assert first["labels"] == last["labels"]
    assert last["endsAt"] == "2026-03-02T14:05:00Z"


def test_a_risen_severity_ends_the_lesser_alert(recorder: Recorder, egress: Egress) -> None:
    """The severity is a label, so a graver alert is another one: the lesser end in the same post."""
    send(message(kind="severity_up"), receiver("alertmanager", url=recorder.url("")), egress)
    ends = {alert["labels"]["severity"]: alert["endsAt"][11:16] for alert in recorder.calls[0].json}
    assert ends == {"critical": "14:09", "info": "14:05", "warning": "14:05"}


def test_a_digest_is_not_posted(recorder: Recorder, egress: Egress) -> None:
    """It is no alert, and says so."""
    outcome = send(message(kind="digest"), receiver("alertmanager", url=recorder.url("")), egress)
    assert (outcome, recorder.calls) == (Sent(note="a digest is no alert"), [])


@dataclass
class Running:
    """A real Alertmanager and the hook that it tells."""

    url: str
    told: Recorder

    def alerts(self) -> list[dict[str, Any]]:
        """Return the alerts that it holds active."""
        found: list[dict[str, Any]] = json.loads(_got(f"{self.url}/api/v2/alerts"))
        return found


@pytest.fixture
def alertmanager(tmp_path: Path, recorder: Recorder) -> Iterator[Running]:
    """Start a real Alertmanager that tells our recorder at once, and stop it at the end."""
    if PROGRAM is None:
        reason = "no prometheus-alertmanager on the PATH, nor in MONITOR_TEST_ALERTMANAGER"
        print(reason)  # noqa: T201 - pytest shows it with -rP
        pytest.skip(reason)
    (tmp_path / "am.yml").write_text(
        "route: {receiver: hook, group_by: [incident], group_wait: 0s, group_interval: 1s}\n"
        f"receivers: [{{name: hook, webhook_configs: [{{url: '{recorder.url()}', send_resolved: true}}]}}]\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    call = [PROGRAM, f"--config.file={tmp_path / 'am.yml'}", f"--storage.path={tmp_path}", "--cluster.listen-address="]
    call.append(f"--web.listen-address=127.0.0.1:{port}")
    with (tmp_path / "log").open("w") as log, subprocess.Popen(call, stdout=log, stderr=log) as process:
        running = Running(f"http://127.0.0.1:{port}", recorder)
        try:
            assert _until(lambda: bool(_got(f"{running.url}/-/ready"))), (tmp_path / "log").read_text()
            yield running
        finally:
            process.terminate()


def test_a_real_one_opens_and_resolves(alertmanager: Running) -> None:
    """It takes hostile names, holds one alert however often it is posted, and tells its receiver of both ends."""
    egress = Egress()
    now = datetime.now(UTC)
    to = receiver("alertmanager", url=alertmanager.url + "/")
    for sent in (hostile(since=now), message(since=now), message(since=now, kind="repeated")):
        assert send(sent, to, egress) == Sent()
    assert _until(lambda: len(alertmanager.alerts()) == 2)
    assert HOSTILE not in {alert["labels"]["model"] for alert in alertmanager.alerts()}
    assert _until(lambda: "firing" in _told(alertmanager))
    assert send(message(since=now, kind="resolved", reason="recovered"), to, egress) == Sent()
    assert _until(lambda: [alert["labels"]["model"] for alert in alertmanager.alerts()] != ["flight-delay"])
    assert _until(lambda: "resolved" in _told(alertmanager))


def _told(running: Running) -> list[str]:
    """Return what the hook was told of our incident."""
    bodies = [call.json for call in running.told.calls]
    return [body["status"] for body in bodies if body["groupLabels"] == {"incident": "flight-delay-7"}]


def _until(true: Any, seconds: float = 300.0) -> bool:
    """Ask again and again until it is so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if true():
                return True
        except URLError:
            select.select([], [], [], 0.05)  # let the other process have its turn
        select.select([], [], [], 0.05)
    return False


def _got(url: str) -> bytes:
    """Get a page, by no proxy of the environment."""
    with build_opener(ProxyHandler({})).open(url, timeout=60) as answer:
        page: bytes = answer.read()
    return page
