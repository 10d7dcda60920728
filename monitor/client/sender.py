"""The thread that empties the queue: batches, retries, and what it says when something is wrong."""

from __future__ import annotations

import http.client
import json
import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from monitor.client.buffer import Buffer, Entry
from monitor.client.transport import Answer, Transport
from monitor.client.wire import PREDICTION, TRUTH, Names, prediction_row, text, truth_row

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
TELL_SECONDS = 60.0
_RIGHTS = (401, 403, 404, 409)  # somebody will mend the key or the model; rows wait as long as there is room
_TOO_LARGE = 413
_log = logging.getLogger("monitor.client")
_BUILD: dict[str, Callable[[Names, Entry], dict[str, object]]] = {PREDICTION: prediction_row, TRUTH: truth_row}


class Sender:
    """Sends what is in a buffer, in order, again and again until it is acknowledged."""

    def __init__(self, buffer: Buffer, transport: Transport, names: Names, interval: float) -> None:
        self.buffer, self.transport, self.names, self.interval = buffer, transport, names, interval
        self.reset()

    def reset(self) -> None:
        """Begin anew, as after a fork: whatever was on its way is the parent's."""
        self.transport.forget()
        self.sent = self.refused = self.failures = self.flying = 0
        self.deadline: float | None = None
        self.hurried = threading.Event()
        self.idle = threading.Condition()
        self._told: dict[str, float] = {}
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def start(self) -> None:
        """Have the thread run; may be called again and again."""
        if self._thread is None:
            with self._starting:
                if self._thread is None and self.deadline is None:
                    self._thread = threading.Thread(target=self._run, name="monitor-client", daemon=True)
                    self._thread.start()

    def flush(self, timeout: float) -> bool:
        """Send what waits now; returns whether all of it was dealt with in time."""
        if self._thread is None:
            return not len(self.buffer)
        self.buffer.ready.set()
        with self.idle:
            return self.idle.wait_for(self._done, timeout)

    def stop(self, timeout: float) -> bool:
        """Send what waits, for so long; then drop the rest. Returns whether nothing was dropped."""
        before = self.buffer.dropped
        if self.deadline is None:
            self.deadline = time.monotonic() + timeout
            self.hurried.set()
            self.buffer.ready.set()
        if self._thread is not None:
            with self.idle:
                self.idle.wait_for(self._done, timeout)
            self._thread.join(timeout=min(timeout, 1.0))
        left = self.buffer.abandon()
        if left:
            self.tell("left", f"{left} rows were left at the end and are dropped")
        return self.buffer.dropped == before and not self.flying

    def _done(self) -> bool:
        return not len(self.buffer) and not self.flying

    def _run(self) -> None:
        while self.deadline is None or (len(self.buffer) and not self._late()):
            if self.deadline is None:
                self.buffer.ready.wait(self.interval)
                self.buffer.ready.clear()
            self._drain()
        self.transport.close()

    def _drain(self) -> None:
        while not self._late():
            with self.idle:
                entries = self.buffer.take(self.buffer.batch)
                self.flying = len(entries)
            try:
                self._send_each(entries)
            except Exception as error:  # noqa: BLE001 - a thread that dies would lose all that is to come
                self.refused += self.flying
                self.tell("failed", f"rows could not be sent: {type(error).__name__}: {error}")
            with self.idle:
                self.flying = 0
                self.idle.notify_all()
            if not entries:
                return

    def _send_each(self, entries: Sequence[Entry]) -> None:
        """Send entries of one kind after those of the other, each kind in its order."""
        for what in (PREDICTION, TRUTH):
            lines = []
            for entry in entries:
                if entry[0] == what:
                    line = self._line(entry)
                    lines += [] if line is None else [line]
            if lines:
                self._send(what, lines)

    def _line(self, entry: Entry) -> str | None:
        try:
            return text(_BUILD[entry[0]](self.names, entry))
        except Exception as error:  # noqa: BLE001 - serving code may have logged anything
            self.refused += 1
            self.flying -= 1
            self.tell("unwritable", f"a row cannot be written as JSON: {type(error).__name__}: {error}")
            return None

    def _send(self, what: str, lines: list[str]) -> None:
        wait = FIRST_WAIT
        while True:
            answer = self._attempt(what, lines)
            if answer is not None and answer.status in (200, 207):
                self._acknowledged(answer, len(lines))
                return
            if answer is not None and answer.status == _TOO_LARGE and len(lines) > 1:
                half = len(lines) // 2
                self._send(what, lines[:half])
                self._send(what, lines[half:])
                return
            if answer is not None and not _temporary(answer.status):
                self._count(refused=len(lines))
                self.tell("refused", f"{len(lines)} rows were refused: {_detail(answer)}")
                return
            self.failures += 1
            asked = None if answer is None else answer.retry_after
            if answer is not None and answer.status in _RIGHTS:
                wait = LONGEST_WAIT
            if not self._pause(asked if asked is not None else wait * random.uniform(0.5, 1.0)):  # noqa: S311
                self.buffer.dropped += len(lines)
                self.flying -= len(lines)
                self.tell("dropped", f"{len(lines)} rows could not be sent in time and are dropped")
                return
            wait = min(wait * 2, LONGEST_WAIT)

    def _attempt(self, what: str, lines: Sequence[str]) -> Answer | None:
        try:
            answer = self.transport.post(what, "\n".join(lines).encode("utf-8", "surrogatepass"))
        except (OSError, http.client.HTTPException) as error:
            self.tell("unreachable", f"the monitor cannot be reached, rows wait: {type(error).__name__}: {error}")
            return None
        if answer.status not in (200, 207) and _temporary(answer.status):
            self.tell("unwilling", f"the monitor does not take rows now, they wait: {_detail(answer)}")
        return answer

    def _acknowledged(self, answer: Answer, number: int) -> None:
        told: dict[str, Any] = json.loads(answer.body) if answer.status != 200 else {}
        refused = min(int(told.get("rejected", 0)), number)
        self._count(sent=number - refused, refused=refused)
        if refused:
            first = next(iter(told.get("errors") or [{}]))
            self.tell("refused", f"{refused} rows were refused, the first: {first.get('field')} {first.get('detail')}")

    def _count(self, *, sent: int = 0, refused: int = 0) -> None:
        self.sent += sent
        self.refused += refused
        self.flying -= sent + refused

    def _late(self) -> bool:
        return self.deadline is not None and time.monotonic() >= self.deadline

    def _pause(self, seconds: float) -> bool:
        """Wait before another attempt; returns False when there is no time for one."""
        if self.deadline is None:
            self.hurried.wait(seconds)
            return True
        left = self.deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(seconds, left))
        return not self._late()

    def tell(self, kind: str, message: str) -> None:
        """Log a warning, each kind at most once a minute; `Stats` counts every row."""
        now = time.monotonic()
        if now - self._told.get(kind, -TELL_SECONDS) >= TELL_SECONDS:
            self._told[kind] = now
            _log.warning("%s", message)


def _temporary(status: int) -> bool:
    return status in (408, 425, 429, *_RIGHTS) or status >= 500


def _detail(answer: Answer) -> str:
    try:
        return f"{answer.status} {json.loads(answer.body).get('detail', '')}"[:300]
    except (ValueError, AttributeError):
        return str(answer.status)
