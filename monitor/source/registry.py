"""Every kind of log, found by being in this folder: a file with ``SCHEMES`` and ``open_relation``.

Only the file of the kind in use is imported, so that no driver is loaded in vain.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from monitor.config.mask import mask
from monitor.config.source import CsvConfig
from monitor.errors import SourceError
from monitor.source.relation import Relation

GENERIC = "*"
# Not by `ast`: Python 3.11 cannot parse in two threads at once (SystemError).
_SCHEMES = re.compile(r"^SCHEMES = \((.*)\)$", re.MULTILINE)


def open_relation(
    url: str,
    *,
    table: str | None = None,
    query: str | None = None,
    csv: CsvConfig | None = None,
    folder: Path,
) -> Relation:
    """Open one table, query or set of files for reading.

    Parameters
    ----------
    url : str
        Where it is; its scheme chooses the kind.
    table, query : str, optional
        What in it; files take neither.
    csv : CsvConfig, optional
        How CSV files are written.
    folder : Path
        Where relative paths begin.

    Raises
    ------
    SourceError
        Nothing reads such a URL, or the log cannot be opened.
    """
    scheme = url.partition("://")[0].lower()
    known = schemes()
    module = known.get(scheme) or _generic(scheme, url, known)
    relation: Relation = import_module(module).open_relation(url, table=table, query=query, csv=csv, folder=folder)
    return relation


@cache
def schemes() -> dict[str, str]:
    """Return which module reads which URL scheme, without importing one.

    Examples
    --------
    >>> schemes()["sqlite"]
    'monitor.source.sqlite'
    """
    package = __name__.rpartition(".")[0]
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        for scheme in _declared(path):
            found[scheme] = f"{package}.{path.stem}"
    return found


def _declared(path: Path) -> list[str]:
    """Read the value of SCHEMES in a file's text."""
    found = _SCHEMES.search(path.read_text(encoding="utf-8"))
    return re.findall(r'"([^"]+)"', found[1]) if found else []


def _generic(scheme: str, url: str, known: dict[str, str]) -> str:
    """Leave a URL that only SQLAlchemy knows to the generic kind."""
    try:
        make_url(url).get_dialect()
    except (ArgumentError, NoSuchModuleError) as error:
        readable = ", ".join(sorted(set(known) - {GENERIC}))
        raise SourceError(
            f"nothing reads {mask(url)}: the scheme {scheme!r} is not known",
            f"use one of {readable}, or a URL of an installed SQLAlchemy dialect",
            state="unreadable",
        ) from error
    except ImportError as error:
        raise SourceError(
            f"the driver for {mask(url)} is not installed: {error}", f"install the Python driver of {scheme}"
        ) from error
    return known[GENERIC]
