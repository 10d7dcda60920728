"""What only screen readers and scripts see."""

from __future__ import annotations

from typing import Any


def aria(**words: str) -> dict[str, Any]:
    """Return attributes ``aria-…`` to be given to a component.

    Examples
    --------
    >>> aria(label="Close", hidden="true")
    {'aria-label': 'Close', 'aria-hidden': 'true'}
    """
    return {f"aria-{name}": word for name, word in words.items()}


def data(**words: str) -> dict[str, Any]:
    """Return attributes ``data-…`` to be given to a component.

    Examples
    --------
    >>> data(form="day")
    {'data-form': 'day'}
    """
    return {f"data-{name}": word for name, word in words.items()}
