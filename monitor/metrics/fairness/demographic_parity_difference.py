"""Largest minus smallest selection rate of any group."""

from __future__ import annotations

from monitor.metrics.disparity import Group, Groups, difference
from monitor.metrics.estimate import Estimate
from monitor.metrics.rate import SELECTION
from monitor.metrics.registry import metric


@metric(
    kind="fairness",
    reads="groups",
    unit="share",
    worse="farther",
    tasks=("binary",),
    per_class=True,
    ground_truth=False,
    ideal=0.0,
    limits=(-1.0, 1.0),
)
def demographic_parity_difference(groups: Groups, against: Group | None = None) -> Estimate:
    """Largest minus smallest selection rate of any group.

    The selection rate is the share predicted positive; 0 means that all groups have the same. Needs
    no ground truth: equal shares, whatever the truth. It is the gap to watch when the decision
    hands out a good.

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
        larger selection rate. Its interval holds for all pairs of groups at once (see
        :mod:`monitor.metrics.gaps`). Undefined when fewer than two groups have predictions; the
        others are left out.

    Notes
    -----
    Source: Agarwal et al., "A Reductions Approach to Fair Classification", ICML 2018;
    ``fairlearn.metrics.demographic_parity_difference``.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.confusion import Confusion
    >>> none = np.zeros(2, np.int64)
    >>> a = Confusion(("0", "1"), np.array([[40, 10], [20, 30]]), none, none, positive="1")
    >>> b = Confusion(("0", "1"), np.array([[45, 5], [25, 25]]), none, none, positive="1")
    >>> gap = demographic_parity_difference({("a",): a, ("b",): b})
    >>> round(gap.value, 3), round(gap.low, 3), round(gap.high, 3)
    (0.1, 0.0, 0.227)
    >>> round(demographic_parity_difference({("a",): a, ("b",): b}, against=("a",)).value, 3)
    -0.1
    """
    return difference(groups, against, SELECTION)
