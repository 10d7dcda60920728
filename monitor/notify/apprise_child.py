"""The process in which apprise runs: told by its standard input, answering by its exit code.

No connection is made to a denied address: Python tells of each before it is made, and here it may be forbidden.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from monitor.notify.address import denied, parse_address

_NOT_A_URL, _DENIED, _NOT_TAKEN = 3, 4, 5
ANSWERS = {
    _NOT_A_URL: "a URL is not one of its own",
    _DENIED: "an address was denied; write allow_private: true if you mean your own network",
    _NOT_TAKEN: "not delivered",
}
NOTHING_TAKEN = frozenset({_NOT_A_URL, _DENIED})  # trying again is no use


def watch(allow_private: bool, met: Callable[[], None]) -> None:
    """Forbid every connection of this process to a denied address; ``met`` is called for each.

    It cannot be undone, and is meant for a process that ends soon.
    """

    def judge(event: str, given: tuple[object, ...]) -> None:
        if event not in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
            return
        address = given[1]
        inward = isinstance(address, tuple) and bool(address) and isinstance(address[0], str)
        if inward and _forbidden(str(address[0]), allow_private):  # type: ignore[index]
            met()
            raise PermissionError("denied")

    sys.addaudithook(judge)


def _forbidden(host: str, allow_private: bool) -> bool:
    try:
        return denied(parse_address(host), allow_private=allow_private) is not None
    except ValueError:
        return True  # a name, which would be looked up where nobody can judge it


def _main() -> int:
    import apprise  # noqa: PLC0415 - heavy, and only here

    asked = json.load(sys.stdin)
    told = apprise.Apprise()
    if not all(told.add(url) for url in asked["urls"]):
        return _NOT_A_URL
    met: list[None] = []
    watch(asked["allow_private"], lambda: met.append(None))
    taken = told.notify(title=asked["title"], body=asked["body"], notify_type=asked["type"], body_format="text")
    if taken:
        return 0
    return _DENIED if met else _NOT_TAKEN


if __name__ == "__main__":
    sys.exit(_main())
