"""Smaller of the ratios of true and of false positive rates between any two groups."""

from __future__ import annotations

from monitor.metrics.disparity import Group, Groups, ratio
from monitor.metrics.estimate import Estimate
from monitor.metrics.rate import FALSE_POSITIVE, TRUE_POSITIVE
from monitor.metrics.registry import metric


@metric(
    kind="fairness",
    reads="groups",
    unit="ratio",
    worse="farther",
    tasks=("binary",),
    per_class=True,
    ideal=1.0,
    limits=(0.0, None),
)
def equalized_odds_ratio(groups: Groups, against: Group | None = None) -> Estimate:
    """Smaller of the ratios of true and of false positive rates between any two groups.

    1 means that all groups have the same two rates: errors of both kinds are shared alike. Against
    a reference group it is the smaller of the two ratios.

    Parameters
    ----------
    groups : mapping of group to Confusion
        The groups to compare; with ``against`` exactly that one and one other.
    against : tuple of str or None, optional
        A reference group: then the other group's rates over this one's.

    Returns
    -------
    Estimate
        0 to 1; against a reference group 0 or more. Its interval holds for both rates and all pairs
        of groups at once (see :mod:`monitor.metrics.gaps`). Undefined when fewer than two groups
        have rows of the positive, or of the negative, class, and when a rate divided by is 0: a
        model without any false positive has no ratio.

    Notes
    -----
    Source: Hardt, Price and Srebro, "Equality of Opportunity in Supervised Learning", NeurIPS 2016;
    ``fairlearn.metrics.equalized_odds_ratio``.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.confusion import Confusion
    >>> none = np.zeros(2, np.int64)
    >>> a = Confusion(("0", "1"), np.array([[40, 10], [20, 30]]), none, none, positive="1")
    >>> b = Confusion(("0", "1"), np.array([[45, 5], [25, 25]]), none, none, positive="1")
    >>> gap = equalized_odds_ratio({("a",): a, ("b",): b})
    >>> round(gap.value, 3), round(gap.low, 3), round(gap.high, 3)
    (0.5, 0.168, 1.0)
    >>> round(equalized_odds_ratio({("a",): a, ("b",): b}, against=("a",)).value, 3)
    0.5
    """
    return ratio(groups, against, TRUE_POSITIVE, FALSE_POSITIVE)
