"""The tests of drift that Evidently is given: its own default for categories cries wolf."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from monitor.metrics.homogeneity import chi_square, chi_square_tail

if TYPE_CHECKING:
    import pandas as pd

CATEGORICAL = "two_sample_chi_square"
NUMERIC = "ks"
LEVEL = 0.05


def homogeneity(reference: pd.Series, current: pd.Series) -> float:
    """Return the p-value of Pearson's two-sample chi-square test; missing values are left out, 1 without rows.

    Evidently's own test takes the reference for the truth and forgets that it is a sample: without any drift, at 1 000
    rows beside 1 000, it flags about half of all columns of ten categories. Categories expected less than five times in
    the smaller sample are joined first.
    """
    words, codes = np.unique(np.concatenate([_words(reference), _words(current)]), return_inverse=True)
    cut = len(_words(reference))
    old, new = (np.bincount(part, minlength=len(words)) for part in (codes[:cut], codes[cut:]))
    if not old.sum() or not new.sum():
        return 1.0
    expected = (old + new) * min(old.sum(), new.sum()) / (old.sum() + new.sum())
    rare = expected < 5
    if rare.sum() > 1:
        old, new = (np.append(side[~rare], side[rare].sum()) for side in (old, new))
    found = chi_square(old, new)
    return 1.0 if found is None else chi_square_tail(*found)


def _words(values: pd.Series) -> np.ndarray:
    return values.dropna().astype(str).to_numpy(dtype=object).astype(str)


@cache
def register() -> str:
    """Make the test known to Evidently and return its name there."""
    from evidently.legacy.calculations.stattests import StatTest, register_stattest  # noqa: PLC0415
    from evidently.legacy.core import ColumnType  # noqa: PLC0415

    def judge(reference: Any, current: Any, kind: Any, level: float) -> tuple[float, bool]:  # noqa: ARG001
        p = homogeneity(reference, current)
        return p, p < level

    kinds = [ColumnType.Categorical, ColumnType.Numerical]
    register_stattest(StatTest(CATEGORICAL, "two-sample chi-square p-value", kinds, LEVEL), default_impl=judge)
    return CATEGORICAL
