"""Pushed rows as they come: by column, with the faults found on the way, each told by row, field and cure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from monitor.errors import MonitorError
from monitor.service.pushing.column import Values

MOST_ROWS = 5_000
MOST_COLUMNS = 2_000
LONGEST_NAME = 200


class IntakeError(MonitorError):
    """Nothing of a push could be taken.

    ``state`` names why for machines: ``malformed``, ``too_large``, ``unsupported``, ``wrong_shape``.
    """

    def __init__(self, message: str, hint: str, *, state: str) -> None:
        super().__init__(message, hint)
        self.state = state


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why one row was not taken: its place in what was sent, its field if it was one, and what to do."""

    index: int
    field: str | None
    detail: str


@dataclass(frozen=True)
class Rows:
    """Some rows by column, missing values None; rows that are among the faults are not to be taken."""

    number: int
    columns: Mapping[str, Values]
    faults: list[RowFault] = field(default_factory=list)


def by_column(rows: Sequence[object], faults: Iterable[RowFault] = ()) -> Rows:
    """Turn rows into columns.

    Parameters
    ----------
    rows : sequence
        What came as rows, mappings from names to values if they are right.
    faults : iterable of RowFault
        Those known already.

    Examples
    --------
    >>> found = by_column([{"id": "a", "x": 1}, {"id": "b"}, 7])
    >>> dict(found.columns), [fault.index for fault in found.faults]
    ({'id': ['a', 'b', None], 'x': [1, None, None]}, [2])
    """
    found = list(faults)
    known = {fault.index for fault in found}
    good: list[dict[str, object]] = []
    names: dict[str, None] = {}
    for at, row in enumerate(rows):
        if not isinstance(row, dict):
            if at not in known:
                found.append(RowFault(at, None, 'is no object: send {"name": value, …}'))
            good.append({})
            continue
        fault = None if row.keys() <= names.keys() else _welcome(at, row, names)
        found += [] if fault is None else [fault]
        good.append(row if fault is None else {})
    return Rows(len(good), {name: [row.get(name) for row in good] for name in names}, found)


def _welcome(at: int, row: dict[str, object], names: dict[str, None]) -> RowFault | None:
    """Add a row's names to those known; return what is wrong with one."""
    fresh = [name for name in row if name not in names]
    for name in fresh:
        problem = name_problem(name)
        if problem is not None:
            return RowFault(at, name[:LONGEST_NAME], problem)
    if len(names) + len(fresh) > MOST_COLUMNS:
        return RowFault(at, fresh[-1], f"is one column too many: a push has at most {MOST_COLUMNS}")
    names.update(dict.fromkeys(fresh))
    return None


def name_problem(name: str) -> str | None:
    r"""Return what is wrong with a column's name; None for nothing, whatever characters it has.

    Examples
    --------
    >>> name_problem("Größe; DROP TABLE"), name_problem("a\0b")
    (None, 'is no name for a column: it holds a NUL character')
    """
    if not name:
        return "is no name for a column: it is empty"
    if len(name) > LONGEST_NAME:
        return f"is no name for a column: it is longer than {LONGEST_NAME} characters"
    if "\0" in name:
        return "is no name for a column: it holds a NUL character"
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return "is no name for a column: it holds half of a surrogate pair"
    return None
