"""How sure a breach is, in sentences; each place that shows them brings its own way of writing numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from monitor.domain.evidence import Evidence


class Figure(Protocol):
    """A way of writing a value, with so many significant digits when they are given."""

    def __call__(self, value: float | None, digits: int = ..., /) -> str:
        """Return the value as people read it."""


def chance(value: float | None, figure: Figure) -> str:
    """Return a p-value as people read it; zero is only smaller than what a computer can hold."""
    return f"< {figure(1e-300, 1)}" if value == 0 else figure(value, 2)


def how_sure(name: str, found: Evidence, figure: Figure, count: Callable[[int | None], str]) -> str:
    """Return what a breach rests on, as far as the evidence says.

    Parameters
    ----------
    name : str
        What was measured, as it is called in sentences.
    figure, count : callable
        How values and numbers of rows are written.

    Examples
    --------
    >>> from monitor.domain.evidence import Evidence
    >>> def figure(value, digits=4):
    ...     return f"{value:.{digits}g}"
    >>> how_sure("psi of age", Evidence("psi", value=0.31, limit=0.2, n=1200), figure, str)
    'psi of age is 0.31, the limit 0.2, on 1200 rows.'
    """
    said = f"{name} is {figure(found.value)}"
    said += f", the limit {figure(found.limit)}" if found.limit is not None else ""
    beside = f" beside {count(found.n_reference)} of the reference" if found.n_reference is not None else ""
    said += f", on {count(found.n)} rows{beside}." if found.n is not None else "."
    said += _by_chance(found, figure)
    if found.reference_high is not None or found.reference_low is not None:
        said += f" The reference itself shows {figure(found.reference_low)} to {figure(found.reference_high)}."
    if found.scale > 1:
        said += f" {found.scale} windows were looked at together."
    if found.season:
        said += f" Compared with {found.season}."
    return f"{said} {found.note.rstrip('.')}." if found.note else said


def _by_chance(found: Evidence, figure: Figure) -> str:
    if found.chance is None:
        return ""
    corrected = "" if found.p_corrected is None else " after correction for all tests of the window"
    level = f", where {figure(found.level, 2)} was asked for" if found.level is not None else ""
    return f" By chance alone: p {chance(found.chance, figure)}{corrected}{level}."
