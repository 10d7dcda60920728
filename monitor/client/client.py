"""The client of serving code: calls return at once, whatever becomes of the rows."""

from __future__ import annotations

import atexit
import os
import weakref
from collections.abc import Mapping
from datetime import datetime
from time import time as now
from types import TracebackType
from typing import Any, Self

from monitor.client.buffer import Buffer, Drop
from monitor.client.sender import Sender
from monitor.client.stats import Stats
from monitor.client.transport import Transport
from monitor.client.wire import PREDICTION, TRUTH, Names

Moment = datetime | float | str


class Client:
    """Logs predictions and ground truth of one model; nothing it does raises into serving code or waits.

    Rows wait in memory for up to ``interval`` seconds or ``batch`` of them, then a thread sends them, again and again
    until the monitor has them on disk. While it cannot be reached up to ``queue`` rows wait; beyond that the newest
    are dropped (``drop="oldest"``: the oldest), counted in `stats` and told to the logger ``monitor.client``. At the
    end of the process what waits is sent for up to ``exit_timeout`` seconds. A process that is killed loses what waits.
    A fork begins with an empty queue and a thread of its own: what waits in the parent is sent by the parent.

    Parameters
    ----------
    url : str
        Where the monitor answers: ``https://monitor.example.org``.
    key : str or None
        An API key of the role ``ingest``.
    model : str
        The model's name in monitor.yaml.
    version : str, optional
        The model's version, for predictions that do not say one.
    columns : mapping, optional
        What the roles are called in monitor.yaml, such as ``{"id": "prediction_id"}``.
    interval, timeout, exit_timeout : float
        Seconds between two batches, for one request, and at the end of the process.
    batch, queue : int
        Rows in one request, at most 5,000, and in the queue.
    drop : str
        ``newest`` or ``oldest``: which row goes when the queue is full.
    ca_file : str, optional
        Certificates to trust beside none other, for a monitor with a certificate of one's own.

    Raises
    ------
    ValueError
        The URL is no address, or a number is not above zero.
    """

    def __init__(
        self,
        url: str,
        key: str | None,
        model: str,
        *,
        version: str | None = None,
        columns: Mapping[str, Any] | None = None,
        interval: float = 1.0,
        timeout: float = 10.0,
        exit_timeout: float = 5.0,
        batch: int = 500,
        queue: int = 10_000,
        drop: Drop = "newest",
        ca_file: str | None = None,
    ) -> None:
        if min(interval, timeout, batch, queue) <= 0 or batch > 5_000 or drop not in ("newest", "oldest"):
            raise ValueError("interval, timeout, batch (at most 5000) and queue are above 0; drop is newest or oldest")
        self.model, self.version, self.exit_timeout = model, version, exit_timeout
        self._buffer = Buffer(queue, drop, min(batch, queue))
        transport = Transport(url, key, model, timeout, ca_file)
        self._sender = Sender(self._buffer, transport, Names(dict(columns or {})), interval)
        self._unloggable = 0
        _alive.add(self)

    def log(
        self,
        id: object,  # noqa: A002 - the role's name
        features: Mapping[str, object] | None = None,
        prediction: object = None,
        score: object = None,
        time: Moment | None = None,
        version: str | None = None,
        **columns: object,
    ) -> bool:
        """Log one prediction; returns whether it was taken into the queue.

        Parameters
        ----------
        id : str or int
            Identifies the prediction; ground truth names it later.
        features : mapping, optional
            The model's inputs by column; copied at once, so that they may change afterwards.
        score : float or mapping, optional
            The probability, or one for each class.
        time : datetime, float or str, optional
            When it was made: aware, seconds since 1970 or ISO text. The present if not said.
        columns : object
            Further columns, such as ``latency_ms=12.5``.
        """
        try:
            moment = now() if time is None else time
            copied = dict(features) if features else None
            entry = (PREDICTION, id, moment, version or self.version, prediction, score, copied, columns)
            taken = self._buffer.add(entry)
            if self._sender._thread is None:  # noqa: SLF001 - a call would take as long as all the rest
                self._sender.start()
        except Exception as error:  # noqa: BLE001 - serving goes on, whatever it was
            return self._failed(error)
        return taken or self._full()

    def truth(self, id: object, target: object, time: Moment | None = None, **columns: object) -> bool:  # noqa: A002
        """Log what really happened; may be late, early or a correction: the latest by time counts."""
        try:
            taken = self._buffer.add((TRUTH, id, now() if time is None else time, target, columns))
            self._sender.start()
        except Exception as error:  # noqa: BLE001
            return self._failed(error)
        return taken or self._full()

    @property
    def stats(self) -> Stats:
        """What became of everything that was logged in this process."""
        sender, buffer = self._sender, self._buffer
        waiting = len(buffer) + sender.flying
        return Stats(waiting, sender.sent, buffer.dropped, sender.refused + self._unloggable, sender.failures)

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until all that waits was sent; returns whether it was, in that time."""
        return self._sender.flush(timeout)

    def close(self, timeout: float | None = None) -> bool:
        """Send what waits for so many seconds, and drop the rest; returns whether there was none."""
        return self._sender.stop(self.exit_timeout if timeout is None else timeout)

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def _full(self) -> bool:
        self._sender.tell("full", f"the queue of {self._buffer.limit} rows is full: rows are dropped")
        return False

    def _failed(self, error: Exception) -> bool:
        self._unloggable += 1
        self._sender.tell("unloggable", f"a row cannot be logged: {type(error).__name__}: {error}")
        return False

    def _forked(self) -> None:
        self._buffer.reset()
        self._sender.reset()
        self._unloggable = 0


_alive: weakref.WeakSet[Client] = weakref.WeakSet()


def _after_fork() -> None:
    for client in list(_alive):
        client._forked()  # noqa: SLF001 - it is our own


def _at_exit() -> None:
    for client in list(_alive):
        client.close()


if hasattr(os, "register_at_fork"):  # Windows does not fork
    os.register_at_fork(after_in_child=_after_fork)
atexit.register(_at_exit)
