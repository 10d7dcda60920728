"""By which signs the fields and the decimals of a CSV file are parted."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa

from monitor.config.source import CsvConfig
from monitor.source.csv import ENDINGS, SCHEMES
from monitor.source.files import find

LOOK = 1 << 16  # bytes
_COMMA, _POINT = re.compile(r"[-+]?\d+,\d+"), re.compile(r"[-+]?\d+\.\d+")


def csv_signs(url: str, folder: Path) -> CsvConfig | None:
    """Return how the first CSV file of a URL is written; None when it is as most are, or when it is no CSV file.

    Raises
    ------
    SourceError
        There is no such file.
    """
    if url.partition("://")[0].lower() not in SCHEMES:
        return None
    path = find(url, folder, ENDINGS)[0]
    if path.lower().removesuffix(".gz").endswith(".tsv"):
        return None
    return signs_of(_beginning(path))


def signs_of(text: str) -> CsvConfig | None:
    r"""Return how a CSV text is written by its header and the fields below; None for comma and point.

    Examples
    --------
    >>> signs_of("id;at;score\n1;2024-01-01;0,5\n")
    CsvConfig(delimiter=';', decimal=',')
    >>> signs_of("id|at\n1|2\n")
    CsvConfig(delimiter='|', decimal='.')
    >>> signs_of("id,at;utc\n1,2\n"), signs_of("id")
    (None, None)
    """
    header, *lines = text.splitlines() or [""]
    delimiter = max(",;\t|", key=header.count)
    if delimiter == ",":
        return None
    fields = [field.strip('" ') for line in lines for field in line.split(delimiter)]
    comma = any(map(_COMMA.fullmatch, fields)) and not any(map(_POINT.fullmatch, fields))
    return CsvConfig(delimiter=delimiter, decimal="," if comma else ".")


def _beginning(path: str) -> str:
    """Return the first whole lines of a file; nothing of one that cannot be read, which its reader says better."""
    packed = "gzip" if path.lower().endswith(".gz") else None
    try:
        with pa.input_stream(path, compression=packed) as stream:
            text: str = stream.read(LOOK).decode("utf-8-sig", "replace")
    except OSError:
        return ""
    return text.rpartition("\n")[0] or text  # the last line may be a part of one
