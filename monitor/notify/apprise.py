"""The long tail of services, by the library apprise, in a process of its own.

That library opens its own connections. A child process lets every one of them be judged, takes the environment's
proxies away, and can be ended when the time is over; see `monitor.notify.apprise_child`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec

from monitor.config.receiver import AppriseReceiver
from monitor.notify.apprise_child import ANSWERS, NOTHING_TAKEN
from monitor.notify.egress import Egress
from monitor.notify.message import Message
from monitor.notify.outcome import Failed, Outcome, Retry, Sent
from monitor.notify.plain import plain
from monitor.notify.wording import headline, text

RECEIVES = "apprise"

_START_UP = 20.0  # seconds that loading the library may take on a busy machine, beside the receiver's own timeout
_TYPES = {"critical": "failure", "warning": "warning", "info": "info"}
_PASSED = {"PATH", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "SSL_CERT_FILE", "SSL_CERT_DIR", "TMPDIR"}


def send(message: Message, receiver: AppriseReceiver, egress: Egress) -> Outcome:  # noqa: ARG001 - it has its own way
    """Hand a notice to apprise; the URLs, which are secrets, go through a pipe."""
    if find_spec("apprise") is None:
        return Failed("the library apprise is not installed: pip install 'model-monitor[apprise]'")
    asked = {
        "urls": [url.get_secret_value() for url in receiver.url],
        "title": plain(headline(message)),
        "body": text(message),
        "type": "success" if message.kind == "resolved" else _TYPES[message.severity],
        "allow_private": receiver.allow_private,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "monitor.notify.apprise_child"],
            input=json.dumps(asked).encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # it may quote the URLs
            env={name: os.environ[name] for name in _PASSED & os.environ.keys()} | {"NETRC": os.devnull},
            timeout=receiver.timeout.total_seconds() + _START_UP,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Retry("apprise: timeout")
    if done.returncode == 0:
        return Sent()
    reason = f"apprise: {ANSWERS.get(done.returncode, f'ended with exit code {done.returncode}')}"
    return Failed(reason) if done.returncode in NOTHING_TAKEN else Retry(reason)
