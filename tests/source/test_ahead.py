"""Items fetched by a thread come as they would without one."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from monitor.source.ahead import ahead


def test_failures_come_after_what_was_fetched() -> None:
    """What fetching raises is raised to whoever asks, once the items before it are given out."""

    def items() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    given = ahead(items())
    assert next(given) == 1
    with pytest.raises(OSError, match="gone"):
        next(given)


def test_no_more_is_fetched_than_one_waits() -> None:
    """While one item is looked at, one waits and one is made, however many there are."""
    made: list[int] = []

    def items() -> Iterator[int]:
        for each in range(1, 1_000):
            made.append(each)
            yield each

    most = max(made[-1] - each for each in ahead(items()))
    assert most <= 3


def test_who_stops_early_ends_the_fetch() -> None:
    """A fetch that would wait for ever is cancelled, and its thread is gone."""
    cancelled = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        cancelled.wait()

    before = threading.active_count()
    given = ahead(items(), cancelled.set)
    assert next(given) == 1
    given.close()  # type: ignore[attr-defined]
    assert cancelled.is_set()
    assert threading.active_count() == before
