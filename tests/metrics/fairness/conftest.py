"""What the fairness tests share: a group's counts by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from monitor.profile.confusion import Confusion

Count = Callable[..., Confusion]


@pytest.fixture
def count() -> Count:
    """Give a function from true negatives, false positives, false negatives and true positives to counts."""

    def build(tn: int, fp: int, fn: int, tp: int, *, unlabelled: tuple[int, int] = (0, 0)) -> Confusion:
        matrix = np.array([[tn, fp], [fn, tp]], np.int64)
        waiting = np.array(unlabelled, np.int64)
        return Confusion(("0", "1"), matrix, waiting, np.zeros(2, np.int64), positive="1")

    return build
