"""Names that are not there, with the nearest that are."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from monitor.errors import SourceError


def did_you_mean(name: str, known: Iterable[str], what: str) -> str:
    """Return a hint with the nearest names, or with the first of all when none is near.

    Examples
    --------
    >>> did_you_mean("Scor", ["score", "time"], "columns")
    'did you mean `score`?'
    >>> did_you_mean("x", ["score", "time"], "columns")
    'its columns are `score`, `time`'
    """
    names = list(known)
    if not names:
        return f"it has no {what} at all, or none that this user may see"
    lower: dict[str, str] = {}
    for each in names:
        lower.setdefault(each.lower(), each)
    near = [lower[key] for key in get_close_matches(name.lower(), lower, n=3, cutoff=0.6)]
    if near:
        return f"did you mean {' or '.join(f'`{each}`' for each in near)}?"
    rest = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return f"its {what} are {', '.join(f'`{each}`' for each in names[:12])}{rest}"


def missing_column(place: str, name: str, known: Iterable[str]) -> SourceError:
    """Build the error for a column that is not there."""
    message = f"{place} has no column {name!r}"
    return SourceError(message, did_you_mean(name, known, "columns"), state="missing_column")


def missing_table(place: str, name: str, known: Iterable[str]) -> SourceError:
    """Build the error for a table that is not there."""
    message = f"{place} has no table {name!r}"
    return SourceError(message, did_you_mean(name, known, "tables"), state="missing_table")
