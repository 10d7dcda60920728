"""Plain tables for a terminal, at most 100 columns wide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from monitor.cli.visible import cut, visible, width

WIDEST = 100
NARROWEST = 8
GAP = "  "


def table(titles: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> Iterator[str]:
    r"""Yield the lines of a table: its titles, a rule, its rows.

    Parameters
    ----------
    titles : sequence of str
        One for each column.
    rows : iterable of sequences of str
        Cells; control characters in them are written out. Where the table is too wide the widest columns are cut.
    right : sequence of str
        Titles of the columns that are aligned to the right: numbers.

    Examples
    --------
    >>> print(*table(["metric", "value"], [["psi", "0.31"], ["roc_auc", "0.7"]], right=["value"]), sep="\n")
    metric   value
    -------  -----
    psi       0.31
    roc_auc    0.7
    """
    cells = [[visible(cell) for cell in row] for row in rows]
    widths = _fitted([max(width(row[i]) for row in [titles, *cells]) for i in range(len(titles))])
    to_right = [title in right for title in titles]
    yield _line(titles, widths, to_right)
    yield GAP.join("-" * size for size in widths)
    for row in cells:
        yield _line(row, widths, to_right)


def _fitted(widths: list[int]) -> list[int]:
    spare = WIDEST - len(GAP) * (len(widths) - 1)
    while sum(widths) > spare and max(widths) > NARROWEST:
        widest = widths.index(max(widths))
        widths[widest] -= 1
    return widths


def _line(cells: Sequence[str], widths: list[int], to_right: list[bool]) -> str:
    parts = []
    for cell, size, right in zip(cells, widths, to_right, strict=True):
        text = cut(cell, size)
        blank = " " * (size - width(text))
        parts.append(blank + text if right else text + blank)
    return GAP.join(parts).rstrip()
