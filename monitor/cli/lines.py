"""Records as lines for machines: JSON, one object a line, and CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from monitor.cli.visible import visible

RISKY = ("=", "+", "-", "@", "\t", "\r", "\0")


def print_json(records: Iterable[Mapping[str, Any]]) -> None:
    """Print one JSON object a line; NaN and infinity never leave, they would be no JSON."""
    # What a terminal cannot show is escaped by JSON itself.
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    encoder = json.JSONEncoder(ensure_ascii=not utf8, allow_nan=False, separators=(",", ":"))
    for record in records:
        line = encoder.encode(record)
        if utf8 and not _encodable(line):
            line = json.dumps(record, allow_nan=False, separators=(",", ":"))
        sys.stdout.write(line + "\n")


def print_csv(fields: Sequence[str], records: Iterable[Mapping[str, Any]]) -> None:
    """Print CSV with a line of titles; text that a spreadsheet would run as a formula gets an apostrophe."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(fields)
    for record in records:
        writer.writerow([_cell(record[field]) for field in fields])


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return harmless(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    return harmless(value) if isinstance(value, str) else value


def harmless(text: str) -> str:
    r"""Return text that no spreadsheet takes for a formula and that no terminal obeys.

    Examples
    --------
    >>> print(harmless("=1+1"), harmless("psi"), harmless("\tred\x1b[31m"))
    '=1+1 psi '\tred\x1b[31m
    """
    risky = text.startswith(RISKY)
    return f"'{visible(text)}" if risky else visible(text)


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
