"""Python's collector of garbage, kept from stopping answers."""

from __future__ import annotations

import gc

YOUNG, MIDDLE, OLD = 100_000, 20, 100


def rarely() -> None:
    """Leave what is loaded out of collections for good, and have the rest collected a hundred times less often.

    A full collection goes through everything that is kept between questions: with 50 models it held an answer up
    for 150 ms. What is dropped is freed at once all the same; only circles wait.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
