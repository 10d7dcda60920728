"""Intake: the bytes of a push become rows; JSON and NDJSON here, Arrow in `monitor.service.pushing.intake_arrow`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Literal

from monitor.service.pushing.rows import MOST_ROWS, IntakeError, RowFault, Rows, by_column

Format = Literal["json", "ndjson", "arrow"]
FORMATS: dict[str, Format] = {
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "application/vnd.apache.arrow.stream": "arrow",
}
MEGABYTE = 1_000_000
MOST_BYTES: dict[Format, int] = {"json": 16 * MEGABYTE, "ndjson": 16 * MEGABYTE, "arrow": 64 * MEGABYTE}
_SPLIT = "send fewer rows at a time, or send Arrow"


def format_of(content_type: str) -> Format:
    """Return the format that a media type names.

    Raises
    ------
    IntakeError
        State ``unsupported``.

    Examples
    --------
    >>> format_of("application/json; charset=utf-8")
    'json'
    """
    found = FORMATS.get(content_type.partition(";")[0].strip().lower())
    if found is None:
        raise IntakeError("rows of this media type are not read", f"send {', '.join(FORMATS)}", state="unsupported")
    return found


def parse(body: bytes, kind: Format) -> Iterator[Rows]:
    """Yield the rows of a body, the later parts of a long one read after the earlier were yielded.

    Raises
    ------
    IntakeError
        It is too large, or no rows of that format.

    Examples
    --------
    >>> [part] = parse(b'{"rows": [{"id": "a"}]}', "json")
    >>> part.number, part.columns
    (1, {'id': ['a']})
    """
    if len(body) > MOST_BYTES[kind]:
        most = MOST_BYTES[kind] // MEGABYTE
        raise IntakeError(f"the body is larger than {most} MB", _SPLIT, state="too_large")
    if kind == "arrow":
        from monitor.service.pushing.intake_arrow import parts  # noqa: PLC0415  few pushes are Arrow

        yield from parts(body)
        return
    yield _of_json(body) if kind == "json" else _of_lines(body)


def _of_json(body: bytes) -> Rows:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _malformed(error) from None
    rows = found.get("rows") if isinstance(found, dict) else None
    if not isinstance(rows, list):
        raise IntakeError("the body holds no list of rows", 'send {"rows": [{…}, …]}', state="wrong_shape")
    if isinstance(found, dict) and len(found) > 1:
        extra = next(name for name in found if name != "rows")
        raise IntakeError(f"the body holds {extra[:80]!r} beside its rows", 'send {"rows": […]}', state="wrong_shape")
    _demand_few(len(rows))
    return by_column(rows)


def _of_lines(body: bytes) -> Rows:
    lines = [line for line in body.split(b"\n") if line.strip()]
    _demand_few(len(lines))
    rows: list[object] = []
    faults = []
    for at, line in enumerate(lines):
        try:
            rows.append(json.loads(line))
        except (ValueError, RecursionError) as error:
            rows.append(None)
            faults.append(RowFault(at, None, f"is no JSON: {_said(error)}"))
    return by_column(rows, faults)


def _demand_few(number: int) -> None:
    if number > MOST_ROWS:
        raise IntakeError(f"the body holds {number} rows, and {MOST_ROWS} are the most", _SPLIT, state="too_large")


def _malformed(error: Exception) -> IntakeError:
    return IntakeError(f"the body is no JSON: {_said(error)}", 'send {"rows": [{…}, …]}', state="malformed")


def _said(error: Exception) -> str:
    """Say where JSON ends being JSON; never what stands there."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return "it is nested too deep" if isinstance(error, RecursionError) else "a number in it has too many digits"
