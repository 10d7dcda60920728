"""What holds for every kind of receiver, by walking the folder; and that secrets stay in it."""

from __future__ import annotations

import gc
import io
import logging
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any, get_args

import pytest

from monitor import telemetry
from monitor.config.heartbeat import HeartbeatConfig
from monitor.config.receiver import ReceiverConfig
from monitor.notify import Egress, Failed, Retry, Sent, send
from monitor.notify.heartbeat import beat
from monitor.notify.registry import kinds
from tests.notify.conftest import SECRET, Recorder, hostile, message, receiver

SIGNING = "whsec_Y2FuYXJ5LTdmM2E5Y2NhbmFyeS03ZjNhOWM="  # the canary, twice


def _every(port: int, **more: Any) -> list[Any]:
    """Return one of each kind whose every secret is a canary, all leading to a port of this machine."""
    url = f"http://127.0.0.1:{port}/500/{SECRET}"
    mail = {"host": "127.0.0.1", "port": port, "security": "none", "username": "u", "password": SECRET}
    return [
        receiver("webhook", url=url, secret=SIGNING, **more),
        receiver("slack", url=url, **more),
        receiver("pagerduty", url=url, routing_key=SECRET, **more),
        receiver("alertmanager", url=url, **more),
        receiver("email", **mail, **{"from": "a@example.org", "to": "b@example.org"}, **more),
        receiver("apprise", url=f"json://user:{SECRET}@127.0.0.1:{port}/{SECRET}", **more),
        receiver("log", **more),
    ]


def test_each_type_of_monitor_yaml_has_its_file() -> None:
    """The types that can be written are the files that are here."""
    written = {get_args(one.model_fields["type"].annotation)[0] for one in get_args(get_args(ReceiverConfig)[0])}
    assert set(kinds()) == written == {one.type for one in _every(1)}
    assert all(module == f"monitor.notify.{kind}" for kind, module in kinds().items())


class Waste:
    """Garbage in a circle, whose end runs code: other threads may come in between."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        sum(range(200))


def test_kinds_are_found_by_many_threads_at_once() -> None:
    """The first notices of a process come from several threads, and garbage is collected meanwhile."""

    def found(_: int) -> bool:
        Waste()
        return kinds.__wrapped__() == kinds()

    often, soon = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(50)
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            assert all(threads.map(found, range(80)))
    finally:
        gc.set_threshold(*often)
        sys.setswitchinterval(soon)


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_each_kind_says_what_it_is(kind: str) -> None:
    """Its file and its ``send`` have a sentence each."""
    module = import_module(kinds()[kind])
    assert module.__doc__
    assert module.send.__doc__


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_secrets_are_told_to_nobody(kind: str, recorder: Recorder, caplog: pytest.LogCaptureFixture) -> None:
    """Neither what is logged nor how an attempt ended nor any ``repr`` holds a secret, however it fails."""
    caplog.set_level(logging.DEBUG)
    out = io.StringIO()
    telemetry.configure(out, human=False, level=logging.DEBUG)
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = free.getsockname()[1]
    said = []
    for port in (recorder.port, closed):
        (to,) = (one for one in _every(port, timeout="2s") if one.type == kind)
        outcome = send(hostile(), to, Egress())
        said += [repr(outcome), repr(to), str(to.model_dump()), to.model_dump_json()]
    everything = "".join([*said, out.getvalue(), caplog.text])
    assert SECRET not in everything
    assert SIGNING not in everything


@pytest.mark.parametrize("kind", sorted(set(kinds()) - {"log", "apprise"}))
def test_a_closed_port_is_tried_again(kind: str) -> None:
    """Every kind that leaves the house may be tried again when nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = free.getsockname()[1]
    (to,) = (one for one in _every(closed, timeout="2s") if one.type == kind)
    assert isinstance(send(message(), to, Egress()), Retry)


def test_only_the_kind_in_use_is_loaded() -> None:
    """Drawing and the long tail cost nothing to who does not use them."""
    from subprocess import run

    code = (
        "import sys, monitor.notify; monitor.notify.registry.kinds();"
        "print(sorted({'matplotlib', 'apprise', 'smtplib', 'httpx', 'PIL'} & set(sys.modules)))"
    )
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_sign_of_life_goes_the_same_way(recorder: Recorder) -> None:
    """It is posted by the guarded way out, so that it falls silent when alarms could not leave either."""
    there = HeartbeatConfig.model_validate({"url": recorder.url("/ping"), "allow_private": True})
    assert beat(there, Egress()) == Sent()
    assert [(call.path, call.body) for call in recorder.calls] == [("/ping", b"")]
    inside = HeartbeatConfig.model_validate({"url": "https://inside.example/ping"})
    blocked = Egress(resolve=lambda *_: [(socket.AF_INET, ("10.0.0.1", 443))])
    assert beat(inside, blocked) == Failed("the receiver's name leads to a private address")
    assert beat(inside, Egress(resolve=lambda *_: [])) == Retry("the name is not known")
