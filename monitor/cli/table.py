"""Plain tables for a terminal, as wide as the terminal, at most 100 columns in a pipe."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence

from monitor.cli.visible import cut, visible, width

WIDEST = 100
NARROW = 80
NARROWEST = 8
GAP = "  "


def table(
    titles: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[str] = (),
    cuttable: Sequence[str] = (),
    widest: int = WIDEST,
) -> Iterator[str]:
    r"""Yield the lines of a table: its titles, a rule, its rows.

    Parameters
    ----------
    titles : sequence of str
        One for each column.
    rows : iterable of sequences of str
        Cells; control characters in them are written out.
    right : sequence of str
        Titles of the columns that are aligned to the right: numbers.
    cuttable : sequence of str
        Titles of the columns that are cut where the table is too wide, the widest first; by default all but ``right``.
    widest : int
        How wide it may be where the terminal is no wider.

    Examples
    --------
    >>> print(*table(["metric", "value"], [["psi", "0.31"], ["roc_auc", "0.7"]], right=["value"]), sep="\n")
    metric   value
    -------  -----
    psi       0.31
    roc_auc    0.7
    """
    cells = [[visible(cell) for cell in row] for row in rows]
    may_shrink = [title in cuttable if cuttable else title not in right for title in titles]
    widths = _fitted([max(width(row[i]) for row in [titles, *cells]) for i in range(len(titles))], may_shrink, widest)
    to_right = [title in right for title in titles]
    yield _line(titles, widths, to_right)
    yield GAP.join("-" * size for size in widths)
    for row in cells:
        yield _line(row, widths, to_right)


def _fitted(widths: list[int], may_shrink: list[bool], room_for: int) -> list[int]:
    surplus = sum(widths) + len(GAP) * (len(widths) - 1) - _room(room_for)
    while surplus > 0:
        widest = max((i for i, may in enumerate(may_shrink) if may), key=widths.__getitem__, default=None)
        if widest is None or widths[widest] <= NARROWEST:
            break
        widths[widest] -= 1
        surplus -= 1
    return widths


def _room(least: int) -> int:
    """Return how wide a table may be: as wide as the terminal, but never narrower than ``least``."""
    return max(least, shutil.get_terminal_size((least, 24)).columns if sys.stdout.isatty() else least)


def _line(cells: Sequence[str], widths: list[int], to_right: list[bool]) -> str:
    parts = []
    for cell, size, right in zip(cells, widths, to_right, strict=True):
        text = cut(cell, size)
        blank = " " * (size - width(text))
        parts.append(blank + text if right else text + blank)
    return GAP.join(parts).rstrip()
