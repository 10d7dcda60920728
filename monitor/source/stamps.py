"""Stamps: texts by which a log shows, without being read, that nobody has written to it.

A file's stamp is its size and the instant of its last change. An instant of the last two seconds proves
nothing: what is written next may get the same one, since clocks of file systems tick slowly.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

Witness = tuple[str, int, int]  # path, size in bytes, last change in nanoseconds since the epoch

SETTLED = 2_000_000_000
UNKNOWN = 2**63 - 1  # a last change that never settles


def stamp_of(found: Iterable[Witness], now: int | None = None) -> str | None:
    """Return the stamp of some files, whatever their order; None while one of them is too fresh.

    Parameters
    ----------
    found : iterable of Witness
        Every file, those that may appear later left out.
    now : int, optional
        Nanoseconds since the epoch; the present by default.

    Examples
    --------
    >>> one, other = ("a.csv", 10, 0), ("b.csv", 20, 5)
    >>> stamp_of([one, other]) == stamp_of([other, one]) != stamp_of([one])
    True
    >>> stamp_of([one], now=1_500_000_000) is None
    True
    """
    known = sorted(found)
    present = time.time_ns() if now is None else now
    if any(changed > present - SETTLED for _, _, changed in known):
        return None
    return blake2b(repr(known).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def file_stamp(*paths: str | Path) -> str | None:
    """Return the stamp of local files, those that are not there left out; None when one cannot be looked at."""
    found: list[Witness] = []
    for path in paths:
        try:
            seen = Path(path).stat()
        except FileNotFoundError:
            continue
        except OSError:
            return None
        found.append((str(path), seen.st_size, seen.st_mtime_ns))
    return stamp_of(found)
