"""Labelled rows beside those whose ground truth is still to come."""

from __future__ import annotations

import numpy as np

from monitor.profile.scores import Scores


def score_gap(scores: Scores) -> float:
    """Return the largest gap between the score distributions of labelled and unlabelled rows; both must have some.

    Examples
    --------
    >>> one, none = np.array([0, 1]), np.zeros(2, np.int64)
    >>> score_gap(Scores(one, none, one[::-1], none > 0, 0.0, 0.0, 0.0, 0.0, np.zeros((3, 10)), True))
    1.0
    """
    labelled = np.cumsum(scores.positive + scores.negative) / scores.n
    late = np.cumsum(scores.unlabelled) / scores.unlabelled.sum()
    return float(np.abs(labelled - late).max())
