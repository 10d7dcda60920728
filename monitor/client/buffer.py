"""A bounded queue between serving code and the thread that sends."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any, Literal

Drop = Literal["newest", "oldest"]
Entry = tuple[Any, ...]


class Buffer:
    """A queue that never blocks: when it is full, something is dropped and counted.

    Parameters
    ----------
    limit : int
        How many entries it holds.
    drop : str
        ``newest``: an entry that finds it full is not taken. ``oldest``: the one that has waited longest makes room.
    batch : int
        From how many entries on `ready` is set.

    Examples
    --------
    >>> buffer = Buffer(2, "oldest", 10)
    >>> [buffer.add((name,)) for name in "abc"], buffer.dropped, buffer.take(9)
    ([True, True, True], 1, [('b',), ('c',)])
    """

    def __init__(self, limit: int, drop: Drop, batch: int) -> None:
        self._room, self.drop, self.batch = limit, drop, batch
        self.reset()

    def reset(self) -> None:
        """Forget everything, locks included: a fork may have copied one that somebody held."""
        self.limit = self._room
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque()
        self.ready = threading.Event()
        self.dropped = 0

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._entries)

    def add(self, entry: Entry) -> bool:
        """Take an entry; returns whether it was taken."""
        with self._lock:
            entries = self._entries
            if len(entries) >= self.limit:
                self.dropped += 1
                if self.drop == "newest" or not entries:
                    return False
                entries.popleft()
            entries.append(entry)
            if len(entries) == self.batch:
                self.ready.set()
        return True

    def take(self, most: int) -> list[Entry]:
        """Take out the entries that have waited longest."""
        with self._lock:
            entries = self._entries
            return [entries.popleft() for _ in range(min(most, len(entries)))]

    def abandon(self) -> int:
        """Drop everything that waits and whatever comes from now on; returns how many waited."""
        with self._lock:
            self.limit = 0
            number = len(self._entries)
            self._entries.clear()
            self.dropped += number
        return number
