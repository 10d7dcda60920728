"""Reasons: the plain words for why a number is not there."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate, undefined
from monitor.profile.confusion import Confusion
from monitor.profile.residuals import Residuals

NO_TARGET = "no rows with ground truth"
NO_SCORED_TARGET = "no rows with ground truth have a score"
NO_POSITIVE_TARGETS = "no positive targets"
NO_NEGATIVE_TARGETS = "no negative targets"
NO_POSITIVE_PREDICTIONS = "nothing was predicted positive"
NO_POSITIVES = "no positive targets or predictions"
ONE_TARGET = "only one class among the targets"
ONE_PREDICTION = "only one class among the predictions"
NO_PROBABILITIES = "scores are not probabilities"
NO_REQUESTS = "no requests"
NO_GAIN = "no request has only relevances of 0 or more"
NO_RELEVANT = "no request has a relevant item"
TOO_MANY_CLASSES = "more than 1,000 classes: numbers by class are not kept"
TOO_MANY_LABELS = "more than 100,000 combinations of group and class in one tile or window: they are not counted"
EQUAL_TARGETS = "the targets are all equal"


def unlabelled(confusion: Confusion) -> Estimate:
    """Return the undefined estimate for a confusion without a row that has both target and prediction.

    Examples
    --------
    >>> import numpy as np
    >>> none = np.zeros(2, dtype=np.int64)
    >>> unlabelled(Confusion(("0", "1"), np.zeros((2, 2), np.int64), none, none)).reason
    'no rows with ground truth'
    """
    return undefined("no rows with ground truth have a prediction" if confusion.labelled else NO_TARGET)


def without_residuals(residuals: Residuals) -> str:
    """Return why there are no errors to add up."""
    if residuals.unusable:
        return "no row has a finite prediction and target"
    return NO_TARGET
