"""Reading ahead: a thread fetches the next batch while the last one is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")
_LOOK = 0.1  # seconds after which a thread that waits for room looks whether it is still wanted
_END = object()


def ahead(items: Iterable[T], cancel: Callable[[], object] = lambda: None) -> Iterator[T]:
    """Yield the items, the next one fetched by a thread of its own meanwhile: one waits, one is being made.

    What fetching raises is raised here. Whoever stops early has ``cancel`` called, which is to end a fetch that waits
    for somebody else; the thread has ended when this has.

    Examples
    --------
    >>> list(ahead(range(3)))
    [0, 1, 2]
    """
    waiting: Queue[object] = Queue(1)
    over, failures = Event(), list[BaseException]()

    def fetch() -> None:
        try:
            for item in items:
                if not _put(waiting, item, over):
                    return
        except BaseException as error:  # noqa: BLE001 - it is raised where the items are wanted
            failures.append(error)
        _put(waiting, _END, over)

    thread = Thread(target=fetch, name="reading ahead", daemon=True)
    thread.start()
    item: object = None
    try:
        while (item := waiting.get()) is not _END:
            yield item  # type: ignore[misc]
    finally:
        over.set()
        if item is not _END:
            cancel()
        thread.join()
    if failures:
        raise failures[0]


def _put(waiting: Queue[object], item: object, over: Event) -> bool:
    """Hand an item over as soon as there is room; tell whether it is still wanted."""
    while not over.is_set():
        try:
            waiting.put(item, timeout=_LOOK)
        except Full:
            continue
        return True
    return False
