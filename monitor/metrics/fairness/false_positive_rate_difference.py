"""Largest minus smallest false positive rate of any group."""

from __future__ import annotations

from monitor.metrics.disparity import Group, Groups, difference
from monitor.metrics.estimate import Estimate
from monitor.metrics.rate import FALSE_POSITIVE
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
def false_positive_rate_difference(groups: Groups, against: Group | None = None) -> Estimate:
    """Largest minus smallest false positive rate of any group.

    The false positive rate is the share of the negative class predicted positive; 0 means that all
    groups have the same. Is every group wrongly flagged as often?

    Parameters
    ----------
    groups : mapping of group to Confusion
        The groups to compare; with ``against`` exactly that one and one other.
    against : tuple of str or None, optional
        A reference group: then the other group's rate minus this one's.

    Returns
    -------
    Estimate
        A share, 0 to 1; against a reference group from -1 to 1, negative when that group has the
        larger false positive rate. Its interval holds for all pairs of groups at once (see
        :mod:`monitor.metrics.gaps`). Undefined when fewer than two groups have rows of the negative
        class; the others are left out.

    Notes
    -----
    Source: Chouldechova, "Fair Prediction with Disparate Impact", Big Data 5, 2017;
    ``fairlearn.metrics.false_positive_rate_difference``.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.confusion import Confusion
    >>> none = np.zeros(2, np.int64)
    >>> a = Confusion(("0", "1"), np.array([[40, 10], [20, 30]]), none, none, positive="1")
    >>> b = Confusion(("0", "1"), np.array([[45, 5], [25, 25]]), none, none, positive="1")
    >>> gap = false_positive_rate_difference({("a",): a, ("b",): b})
    >>> round(gap.value, 3), round(gap.low, 3), round(gap.high, 3)
    (0.1, 0.0, 0.242)
    >>> round(false_positive_rate_difference({("a",): a, ("b",): b}, against=("a",)).value, 3)
    -0.1
    """
    return difference(groups, against, FALSE_POSITIVE)
