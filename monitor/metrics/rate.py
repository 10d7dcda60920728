"""Rates that groups are compared by: of which rows, how many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from monitor.profile.confusion import Confusion

Share = tuple[int, int]


@dataclass(frozen=True)
class Rate:
    """A share of the rows of one group.

    ``count`` takes a group's confusion and returns the rows that count and the rows asked; ``name`` is what people call
    the share, ``among`` the rows asked. ``of_class``: it concerns one class; a confusion without ``positive`` has none.
    """

    name: str
    among: str
    count: Callable[[Confusion], Share]
    of_class: bool = True

    def share(self, confusion: Confusion) -> Share:
        """Return the rows that count and the rows asked.

        Examples
        --------
        >>> import numpy as np
        >>> none = np.zeros(2, np.int64)
        >>> group = Confusion(("0", "1"), np.array([[40, 10], [20, 30]]), none, none, positive="1")
        >>> TRUE_POSITIVE.share(group), ACCURACY.share(group)
        ((30, 50), (70, 100))
        """
        if self.of_class and confusion.positive is None:
            return 0, 0
        return self.count(confusion)


def _accurate(confusion: Confusion) -> Share:
    if confusion.positive is None:
        return int(confusion.hits.sum()), confusion.n
    return confusion.true_positive + confusion.true_negative, confusion.n


SELECTION = Rate("selection rate", "predictions", lambda c: (c.selected, c.decided))
TRUE_POSITIVE = Rate(
    "true positive rate",
    "rows of the positive class",
    lambda c: (c.true_positive, c.true_positive + c.false_negative),
)
FALSE_POSITIVE = Rate(
    "false positive rate",
    "rows of the negative class",
    lambda c: (c.false_positive, c.false_positive + c.true_negative),
)
PRECISION = Rate(
    "precision",
    "rows predicted positive",
    lambda c: (c.true_positive, c.true_positive + c.false_positive),
)
ACCURACY = Rate("accuracy", "rows with target and prediction", _accurate, of_class=False)
