"""What was read is kept until the store changes: fifty people who look at one page cost as much as one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar, cast

from dashboards.asking import Asked
from monitor.service.view.pulse import pulse

MOST = 64
T = TypeVar("T")
_VALUES: OrderedDict[Hashable, object] = OrderedDict()
_LOCKS: dict[Hashable, Lock] = {}
_LOCK = Lock()


def kept(asked: Asked, what: Hashable, make: Callable[[], T]) -> T:
    """Return what ``make`` gives, from the last time where nothing was stored since and the minute is the same.

    Many who ask for one thing at once wait for the first of them.

    Parameters
    ----------
    what : hashable
        What is asked for, with everything it depends on beside the store and the minute: the models that may be seen.
    """
    key = (str(asked.store.url), id(asked.config), pulse(asked.store, asked.now), what)
    with _LOCK:
        mine = _LOCKS.setdefault(key, Lock())
    with mine:
        if key in _VALUES:
            return cast("T", _VALUES[key])
        try:
            found = make()
        except BaseException:
            _LOCKS.pop(key, None)  # nothing is kept that would take it along
            raise
        with _LOCK:
            _VALUES[key] = found
            while len(_VALUES) > MOST:
                _LOCKS.pop(_VALUES.popitem(last=False)[0], None)
        return found
