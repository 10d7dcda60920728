"""One connection to the monitor, kept open between requests; used by one thread."""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

MOST_ANSWER = 4_000_000
_DEAD = (http.client.RemoteDisconnected, ConnectionError)  # rows that came twice are kept once


@dataclass(frozen=True)
class Answer:
    """What the monitor said: status, seconds that it asks to wait if any, and the body."""

    status: int
    retry_after: float | None
    body: bytes


class Transport:
    """Sends bodies to a model's addresses below a URL.

    Raises
    ------
    ValueError
        The URL is none of http or https.
    """

    def __init__(self, url: str, key: str | None, model: str, timeout: float, ca_file: str | None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("the monitor's URL is not https://host[:port]")
        self.host, self.port, self.path = parts.hostname, parts.port, parts.path.rstrip("/")
        self.model, self.timeout = model, timeout
        self._key = key
        self._tls = ssl.create_default_context(cafile=ca_file) if parts.scheme == "https" else None
        self._connection: http.client.HTTPConnection | None = None

    def post(self, what: str, body: bytes) -> Answer:
        """Send rows of one kind; a connection that was kept and has died meanwhile is opened again, once.

        Raises
        ------
        OSError, http.client.HTTPException
            The monitor could not be reached or did not answer.
        """
        kept = self._connection is not None
        try:
            return self._post(self._connection or self._connected(), what, body)
        except _DEAD:
            if not kept:
                raise
        return self._post(self._connected(), what, body)

    def _post(self, connection: http.client.HTTPConnection, what: str, body: bytes) -> Answer:
        headers = {"Content-Type": "application/x-ndjson", "User-Agent": "model-monitor-client"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            target = f"{self.path}/api/v1/{what}:batch?model={quote(self.model, safe='')}"
            connection.request("POST", target, body, headers)
            found = connection.getresponse()
            answer = Answer(found.status, _seconds(found.getheader("Retry-After")), found.read(MOST_ANSWER))
        except BaseException:
            self.close()
            raise
        if found.will_close or not found.isclosed():
            self.close()
        return answer

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def forget(self) -> None:
        """Leave the connection to the process that opened it."""
        self._connection = None

    def _connected(self) -> http.client.HTTPConnection:
        if self._tls is None:
            self._connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        else:
            self._connection = http.client.HTTPSConnection(
                self.host, self.port, timeout=self.timeout, context=self._tls
            )
        return self._connection


def _seconds(header: str | None) -> float | None:
    """Read ``Retry-After``, seconds only."""
    return min(float(header), 300.0) if header is not None and header.isdecimal() else None
