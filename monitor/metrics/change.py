"""Change: how far an estimate has moved since the reference period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.intervals import newcombe


def change_of(current: Estimate, reference: Estimate, *, edge: float | None = None) -> Estimate:
    """Return an estimate minus the same one in the reference period.

    Parameters
    ----------
    current, reference : Estimate
        Of the same metric over rows that they do not share.
    edge : float, optional
        Where the metric's range ends by definition: a gap between extremes is never below 0, their ratio never above 1.

    Returns
    -------
    Estimate
        In the metric's unit; ``n`` is the current one's. Undefined when either is. The interval combines the two
        (method of variance estimates recovery, Zou and Donner 2008), so it keeps their lopsidedness; None without both.

    Notes
    -----
    That method takes the distance from a value to its bound for a measure of its noise. A bound that was stopped by the
    edge is none: for a gap that closes the interval was simulated to hold in 71 % of cases instead of 95. There the
    bounds are subtracted, which holds in 93 %.

    Examples
    --------
    >>> before = Estimate(0.1, n=900, low=0.07, high=0.2)
    >>> moved = change_of(Estimate(0.3, n=90, low=0.2, high=0.5), before)
    >>> round(moved.value, 3), round(moved.low, 3), round(moved.high, 3), moved.n
    (0.2, 0.059, 0.402, 90)
    """
    if current.value is not None and reference.value is None:
        return undefined(f"in the reference: {reference.reason}", n=current.n)
    moved = newcombe(current, reference)
    least, most = current.low, current.high
    before_least, before_most = reference.low, reference.high
    if edge is None or least is None or most is None or before_least is None or before_most is None:
        return moved
    low = least - before_most if edge in {least, before_most} else moved.low
    high = most - before_least if edge in {most, before_least} else moved.high
    return replace(moved, low=low, high=high)


def change_named(name: str, edge: float | None) -> Callable[[Estimate, Estimate], Estimate]:
    """Return :func:`change_of` as the function of the metric ``<name>_change``, title included.

    Examples
    --------
    >>> change_named("accuracy_difference", 0.0).__name__
    'accuracy_difference_change'
    """

    def change(current: Estimate, reference: Estimate) -> Estimate:
        return change_of(current, reference, edge=edge)

    change.__name__ = change.__qualname__ = f"{name}_change"
    change.__doc__ = f"Change of {name} since the reference period."
    return change
