"""Train a model anew when the monitor says so: plain Python, standard library only; copy it and change what you need.

    python poller.py --url http://127.0.0.1:8050 --model flight-delay --train ./train.sh --deploy ./deploy.sh

It asks the gate, claims the recommendation, keeps the claim alive while ``--train`` runs, and deploys only while the
claim is still its own: two pollers may run at once, one of them trains. The key comes from MONITOR_API_KEY.

``--train`` finds MONITOR_MODEL, MONITOR_TRAIN_START, MONITOR_TRAIN_END and MONITOR_RECOMMENDATION in its environment
and prints the new version as its last line. It ends with 0 when the new model is better, 3 when it is not, anything
else when training failed. ``--deploy`` finds MONITOR_VERSION and MONITOR_FENCE too; a registry that refuses a smaller
fence than it has seen is safe even from a poller that was frozen in between.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

NO_IMPROVEMENT = 3
CLAIM_LOST = 4


class RefusedError(Exception):
    """The monitor has refused a request; ``problem`` says why."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status}: {problem.get('detail', '')}")
        self.status, self.problem = status, problem

    @property
    def kind(self) -> str:
        """Its kind, such as ``claim-lost``."""
        return str(self.problem.get("type", "")).rpartition(":")[2]


@dataclass(frozen=True)
class Monitor:
    """A client for what a trainer needs of the monitor."""

    url: str
    key: str | None = field(default=None, repr=False)
    timeout: float = 30.0

    def due(self, model: str) -> str | None:
        """Return the recommendation to claim now; None while the gate is shut.

        Raises
        ------
        RefusedError
            The key is wrong, or there is no such model for it: waiting would not help.
        """
        try:
            return str(self._ask("GET", f"models/{quote(model, safe='')}/retraining-gate")["recommendation"])
        except RefusedError as refused:
            if refused.status == 404:
                return None
            raise

    def recommendation(self, number: str) -> dict[str, Any]:
        """Return a recommendation: why, which rows to train on, what blocks it."""
        return self._ask("GET", f"retraining-recommendations/{number}")

    def claim(self, number: str, claimant: str, run_id: str, seconds: int = 3600) -> dict[str, Any] | None:
        """Claim a recommendation; None when somebody else was faster, or it is not to be claimed any more."""
        body = {"claimant": claimant, "run_id": run_id, "ttl_s": seconds}
        try:
            return self._ask("POST", f"retraining-recommendations/{number}/claim", body)
        except RefusedError as refused:
            if refused.status == 409:
                return None
            raise

    def heartbeat(self, ticket: dict[str, Any]) -> dict[str, Any]:
        """Keep a claim; `RefusedError` with kind ``claim-lost`` when it is lost."""
        return self._ask("PUT", f"retraining-claims/{ticket['claim_id']}/heartbeat", {"fence": ticket["fence"]})

    def complete(self, ticket: dict[str, Any], outcome: str, version: str | None = None) -> dict[str, Any]:
        """Report ``deployed``, ``no_improvement`` or ``failed``; `RefusedError` when the claim is lost."""
        body = {"fence": ticket["fence"], "outcome": outcome, "model_version": version}
        return self._ask("POST", f"retraining-claims/{ticket['claim_id']}/complete", body)

    def release(self, ticket: dict[str, Any]) -> dict[str, Any]:
        """Give a claim back."""
        return self._ask("POST", f"retraining-claims/{ticket['claim_id']}/release", {"fence": ticket["fence"]})

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {self.key}"} if self.key else {})
        sent = None if body is None else json.dumps(body).encode()
        headers |= {} if body is None else {"Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self.url}/api/v1/{path}", sent, headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(asked, timeout=self.timeout) as answer:  # noqa: S310 - the user's own address
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            with error:
                text = error.read()
            raise RefusedError(error.code, json.loads(text) if text.startswith(b"{") else {}) from None


class Heart(threading.Thread):
    """Keeps a claim alive until stopped; ``lost`` is set when it is somebody else's, or nobody could say in time."""

    def __init__(self, monitor: Monitor, ticket: dict[str, Any], seconds: int) -> None:
        super().__init__(daemon=True)
        self.monitor, self.ticket, self.seconds = monitor, ticket, seconds
        self.stopped, self.lost = threading.Event(), threading.Event()

    def run(self) -> None:
        """Beat three times in the life of a claim; a monitor that does not answer is asked again."""
        answered = time.monotonic()
        while not self.stopped.wait(self.seconds / 3):
            try:
                self.monitor.heartbeat(self.ticket)
                answered = time.monotonic()
            except RefusedError as refused:
                if refused.status < 500:
                    self.lost.set()
            except OSError as error:
                print(f"the monitor does not answer: {error}", file=sys.stderr)
            if time.monotonic() - answered > self.seconds:
                self.lost.set()
            if self.lost.is_set():
                return


def run(command: str, facts: dict[str, str], lost: threading.Event) -> tuple[int, str]:
    """Run a command; return its exit code and the last line it printed. It is ended when the claim is lost."""
    child = subprocess.Popen(  # noqa: S603 - the user's own command
        shlex.split(command), env=os.environ | facts, stdout=subprocess.PIPE, text=True
    )
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(child.stdout or ()), daemon=True)
    reader.start()
    while child.poll() is None:
        if lost.wait(0.1):
            child.terminate()
            child.wait()
            return CLAIM_LOST, ""
    reader.join()
    if child.stdout is not None:
        child.stdout.close()
    return child.returncode, lines[-1].strip() if lines else ""


def once(monitor: Monitor, model: str, train: str, deploy: str | None, *, claimant: str, seconds: int = 3600) -> str:
    """Look once, and train if it is time; return what came of it: ``waiting``, ``deployed``, ``lost`` and so on."""
    number = monitor.due(model)
    if number is None:
        return "waiting"
    attempts = monitor.recommendation(number)["attempts"]
    ticket = monitor.claim(number, claimant, f"{claimant}-{number}-{attempts}-{os.getpid()}", seconds)
    if ticket is None:
        return "waiting"
    heart = Heart(monitor, ticket, seconds)
    heart.start()
    try:
        return trained(monitor, ticket, train, deploy, heart.lost)
    except RefusedError as refused:
        if refused.kind == "claim-lost":
            return "lost"
        raise
    finally:
        heart.stopped.set()


def trained(monitor: Monitor, ticket: dict[str, Any], train: str, deploy: str | None, lost: threading.Event) -> str:
    """Train under a claim, deploy if it is still ours, and report; return the outcome."""
    told = ticket["recommendation"]
    facts = {
        "MONITOR_MODEL": told["model"],
        "MONITOR_RECOMMENDATION": told["id"],
        "MONITOR_TRAIN_START": told["training"]["start"],
        "MONITOR_TRAIN_END": told["training"]["end"],
    }
    code, version = run(train, facts, lost)
    if code == CLAIM_LOST:
        return "lost"
    outcome = "deployed" if code == 0 else "no_improvement" if code == NO_IMPROVEMENT else "failed"
    if outcome == "deployed" and deploy is not None:
        monitor.heartbeat(ticket)  # the last moment to hear that the claim is lost
        facts |= {"MONITOR_VERSION": version, "MONITOR_FENCE": str(ticket["fence"])}
        code, _ = run(deploy, facts, lost)
        outcome = "deployed" if code == 0 else "failed"
    monitor.complete(ticket, outcome, version or None)
    return outcome


def main() -> int:
    """Poll until stopped, or look once with ``--once``."""
    options = argparse.ArgumentParser(description="Train a model anew when the monitor says so.")
    options.add_argument("--url", default="http://127.0.0.1:8050")
    options.add_argument("--model", required=True)
    options.add_argument("--train", required=True, help="the command that trains")
    options.add_argument("--deploy", help="the command that deploys what was trained")
    options.add_argument("--every", type=float, default=60.0, help="seconds between two looks")
    options.add_argument("--seconds", type=int, default=3600, help="how long a claim lasts between two heartbeats")
    options.add_argument("--as", dest="claimant", default="poller")
    options.add_argument("--once", action="store_true")
    asked = options.parse_args()
    monitor = Monitor(asked.url.rstrip("/"), os.environ.get("MONITOR_API_KEY"))
    while True:
        try:
            said = once(monitor, asked.model, asked.train, asked.deploy, claimant=asked.claimant, seconds=asked.seconds)
            print(said, flush=True)
        except OSError as error:
            print(f"the monitor does not answer: {error}", file=sys.stderr)
            said = "failed"
        except RefusedError as refused:
            if refused.status < 500:
                print(f"refused: {refused}", file=sys.stderr)
                return 2
            said = "failed"
        if asked.once:
            return 0 if said in {"waiting", "deployed", "no_improvement"} else 1
        time.sleep(asked.every)


if __name__ == "__main__":
    sys.exit(main())
