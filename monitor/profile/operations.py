"""Operations: how many answers, how slow, how many failed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Operations:
    """Served requests of one window.

    ``rows`` counts all; ``with_status`` those with a status, ``errors`` those among them that failed (HTTP status
    500 or more, or text other than ok, success, true and 2xx). ``sizes`` and ``size_counts`` (ascending, shape
    ``(b,)``) are the histogram of latency in milliseconds, right within 0.1 %.
    """

    rows: int
    with_status: int
    errors: int
    sizes: NDArray[np.float64]
    size_counts: NDArray[np.int64]
