"""A connection to somebody outside, whose address was judged before it was used, and again once it stood."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from monitor.notify.address import denied, parse_address
from monitor.notify.refusal import RefusedError, UnreachableError

# An address as sockets take it: the first two places are the address in digits and the port.
Place = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int]]
Resolve = Callable[[str, int], Sequence[Place]]
Dial = Callable[[Place, float], socket.socket]

_MEANT = "write allow_private: true at this receiver if you mean an address of your own network"


def resolve(host: str, port: int) -> Sequence[Place]:
    """Return every address of a name, as the system finds them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [(family, place) for family, _, _, _, place in found]  # type: ignore[misc]


def dial(place: Place, seconds: float) -> socket.socket:
    """Connect to an address in digits; no name is looked up again."""
    family, address = place
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.settimeout(seconds)
        opened.connect(address)
    except BaseException:
        opened.close()
        raise
    return opened


def connect(
    host: str, port: int, *, allow_private: bool, seconds: float, resolve: Resolve, dial: Dial
) -> socket.socket:
    """Return a socket that is connected to ``host``, at an address that we may send to.

    All addresses of the name are judged, and one bad one refuses them all: a name that mixes them is up to something.
    The connection is made to the judged address itself, and the socket is asked where it really leads.

    Raises
    ------
    RefusedError
        An address is denied.
    UnreachableError
        The name is not known, or nobody answers in time.
    """
    until = time.monotonic() + seconds
    places = _looked_up(host, port, seconds, resolve)
    for _, address in places:
        _check(address[0], allow_private=allow_private)
    trouble = "no address"
    for index, place in enumerate(places):
        left = (until - time.monotonic()) / (len(places) - index)
        if left <= 0:
            raise UnreachableError("timeout while connecting")
        try:
            opened = dial(place, left)
        except OSError as error:
            trouble = said(error)
            continue
        return _verified(opened, place, allow_private=allow_private)
    raise UnreachableError(f"cannot connect: {trouble}")


@contextmanager
def cut_after(line: socket.socket, seconds: float) -> Iterator[threading.Event]:
    """Cut a connection when the time is over, however slowly it still drips; reading from it then ends.

    Gives the event that says whether it was cut.

    Raises
    ------
    UnreachableError
        The time was over.
    """
    over = threading.Event()
    line.settimeout(max(0.0, seconds) + 1.0)  # never before it is cut: one clock decides
    held = line.dup()  # wrapping a socket in TLS takes its own handle away

    def cut() -> None:
        over.set()
        try:
            held.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the other side was faster

    timer = threading.Timer(max(0.0, seconds), cut)
    timer.daemon = True
    timer.start()
    try:
        yield over
    except (OSError, EOFError, UnreachableError) as error:
        raise (UnreachableError("timeout") if over.is_set() else error) from None
    finally:
        timer.cancel()
        timer.join()
        held.close()


def said(error: OSError) -> str:
    """Return in few words what happened to a connection, without where it led."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "TLS: the certificate is not valid"
    if isinstance(error, ssl.SSLError):
        return "TLS failed"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ConnectionError):
        return "connection lost"
    return "network unreachable" if error.errno is not None else type(error).__name__


def _looked_up(host: str, port: int, seconds: float, resolve: Resolve) -> Sequence[Place]:
    """Look a name up in a thread of its own: the system's resolver knows no time limit."""
    found: list[Sequence[Place]] = []

    def look() -> None:
        try:
            found.append(resolve(host, port))
        except (OSError, ValueError):
            found.append([])

    looking = threading.Thread(target=look, name="look-up", daemon=True)
    looking.start()
    looking.join(seconds)
    if not found:
        raise UnreachableError("timeout while looking up the name")
    if not found[0]:
        raise UnreachableError("the name is not known", "check the receiver's address, and this machine's DNS")
    return found[0]


def _verified(opened: socket.socket, place: Place, *, allow_private: bool) -> socket.socket:
    try:
        _check_peer(opened.getpeername()[0], place[1][0], allow_private=allow_private)
    except OSError as error:
        opened.close()
        raise UnreachableError(f"cannot connect: {said(error)}") from None
    except RefusedError:
        opened.close()
        raise
    return opened


def _check_peer(peer: str, meant: str, *, allow_private: bool) -> None:
    if parse_address(peer) != parse_address(meant):
        raise RefusedError("the connection leads elsewhere than to the address that was checked")
    _check(peer, allow_private=allow_private)


def _check(text: str, *, allow_private: bool) -> None:
    why = denied(parse_address(text), allow_private=allow_private)
    if why is not None:
        raise RefusedError(f"the receiver's name leads to {why}", None if allow_private else _MEANT)
