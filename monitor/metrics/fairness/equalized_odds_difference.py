"""Larger of the gaps in true and in false positive rate between any two groups."""

from __future__ import annotations

from monitor.metrics.disparity import Group, Groups, difference
from monitor.metrics.estimate import Estimate
from monitor.metrics.rate import FALSE_POSITIVE, TRUE_POSITIVE
from monitor.metrics.registry import metric


@metric(
    kind="fairness",
    reads="groups",
    unit="share",
    worse="farther",
    tasks=("binary",),
    per_class=True,
    ideal=0.0,
    limits=(-1.0, 1.0),
)
def equalized_odds_difference(groups: Groups, against: Group | None = None) -> Estimate:
    """Larger of the gaps in true and in false positive rate between any two groups.

    0 means that all groups have the same two rates: errors of both kinds are shared alike. Against
    a reference group it is the one of the two gaps that lies farther from 0, with its sign.

    Parameters
    ----------
    groups : mapping of group to Confusion
        The groups to compare; with ``against`` exactly that one and one other.
    against : tuple of str or None, optional
        A reference group: then the other group's rates minus this one's.

    Returns
    -------
    Estimate
        A share, 0 to 1; against a reference group from -1 to 1. Its interval holds for both rates
        and all pairs of groups at once (see :mod:`monitor.metrics.gaps`). Undefined when fewer than
        two groups have rows of the positive, or of the negative, class.

    Notes
    -----
    Source: Hardt, Price and Srebro, "Equality of Opportunity in Supervised Learning", NeurIPS 2016;
    ``fairlearn.metrics.equalized_odds_difference``.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.confusion import Confusion
    >>> none = np.zeros(2, np.int64)
    >>> a = Confusion(("0", "1"), np.array([[40, 10], [20, 30]]), none, none, positive="1")
    >>> b = Confusion(("0", "1"), np.array([[45, 5], [25, 25]]), none, none, positive="1")
    >>> gap = equalized_odds_difference({("a",): a, ("b",): b})
    >>> round(gap.value, 3), round(gap.low, 3), round(gap.high, 3)
    (0.1, 0.0, 0.305)
    >>> round(equalized_odds_difference({("a",): a, ("b",): b}, against=("a",)).value, 3)
    -0.1
    """
    return difference(groups, against, TRUE_POSITIVE, FALSE_POSITIVE)
