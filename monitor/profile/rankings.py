"""Rankings: how well recommended lists met what was relevant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MEASURES = ("ndcg", "precision", "recall", "map", "mrr", "hit_rate")


@dataclass(frozen=True, eq=False)
class Rankings:
    """Sums over the requests (queries) of one group, cut at ``k``.

    ``moments[name]`` (float64, shape ``(3,)``) holds for each of ``MEASURES`` the requests it is defined for, and
    the sum and sum of squares of its value. ``recommended`` counts the distinct reference items in the first ``k``
    places, ``items`` all the reference items; both 0 when not known.
    """

    k: int
    queries: int
    moments: dict[str, Floats]
    recommended: int
    items: int

    def of(self, name: str) -> Floats:
        """Return the moments of one measure."""
        return self.moments.get(name, np.zeros(3))
