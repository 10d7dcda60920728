"""Relevance measures of ranked lists, request by request."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_LARGEST = 1e100  # gains whose sums cannot overflow


def measures(query: Ints, place: Ints, relevance: Floats, queries: int, k: int) -> dict[str, Floats]:
    """Return how well the first k places of each request meet what was relevant.

    An item is relevant when its relevance is above 0. ``ndcg`` is the gain of the first k places, each relevance
    divided by ``log2(place + 2)``, over the gain of the best order of the request's rows, 0 where nothing is relevant;
    ``precision`` the relevant items among the first k, over k; ``recall`` the same over all relevant ones; ``map`` the
    mean, over the best possible number of hits ``min(k, relevant)``, of the precision at each relevant place; ``mrr``
    one over the number of the first relevant place, 0 when it is not among the first k; ``hit_rate`` 1 when any of the
    first k is relevant, else 0.

    Parameters
    ----------
    query : int64 array, shape (n,)
        Request of each row, from 0, ascending.
    place : int64 array, shape (n,)
        Place of the row in its request's list, from 0, ascending inside each request.
    relevance : float64 array, shape (n,)
        Relevance of the row, 0 where none is known.
    queries : int
        Number of requests.
    k : int
        Places looked at, at least 1.

    Returns
    -------
    dict of str to float64 array, shape (queries,)
        By measure, from 0 to 1. NaN where undefined: everything for a request without rows, ``recall`` and ``map``
        without a relevant row, ``ndcg`` with a relevance below 0 or above 1e100, where a gain has no meaning.

    Notes
    -----
    Only the rows of the list count: what was relevant and never recommended is not known here. Source: Järvelin and
    Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002, for ndcg, with the gains of scikit-learn's.

    Examples
    --------
    >>> query, place = np.array([0, 0, 0, 1, 1]), np.array([0, 1, 2, 0, 1])
    >>> found = measures(query, place, np.array([0.0, 1.0, 1.0, 0.0, 0.0]), 2, k=2)
    >>> {name: values.round(3).tolist() for name, values in found.items()}
    {'ndcg': [0.387, 0.0], 'precision': [0.5, 0.0], 'recall': [0.5, nan], 'map': [0.25, nan], 'mrr': [0.5, 0.0],
    'hit_rate': [1.0, 0.0]}
    """
    top = place < k
    relevant = relevance > 0
    hits = np.where(top & relevant, 1.0, 0.0)
    hit = _sum(query, hits, queries)
    known = _sum(query, relevant, queries)
    found = {
        "ndcg": _ndcg(query, place, relevance, queries, k),
        "precision": hit / k,
        "recall": _over(hit, known),
        "map": _over(_precisions(query, place, hits, queries), np.minimum(known, k)),
        "mrr": _first(query, place, hits, queries),
        "hit_rate": np.where(hit > 0, 1.0, 0.0),
    }
    present = np.bincount(query, minlength=queries) > 0
    return {name: np.where(present, values, np.nan) for name, values in found.items()}


def _sum(query: Ints, values: NDArray[np.float64 | np.bool_], queries: int) -> Floats:
    sums: Floats = np.bincount(query, values, queries).astype(np.float64)
    return sums


def _over(part: Floats, whole: Floats) -> Floats:
    """Divide, NaN where there is nothing to divide by."""
    quotient: Floats = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
    return quotient


def _ndcg(query: Ints, place: Ints, relevance: Floats, queries: int, k: int) -> Floats:
    usable = (relevance >= 0) & (relevance <= _LARGEST)
    gain = np.where(usable, relevance, 0.0)
    best = gain[np.lexsort((-gain, query))]
    first = np.searchsorted(query, np.arange(queries))
    order = np.arange(len(query)) - first[query]  # the best place of a row in the best order
    actual = _sum(query, _discounted(gain, place, k), queries)
    ideal = _sum(query, _discounted(best, order, k), queries)
    ratio: Floats = np.divide(actual, ideal, out=np.zeros(queries), where=ideal > 0)
    ratio[query[~usable]] = np.nan
    return ratio


def _discounted(gain: Floats, place: Ints, k: int) -> Floats:
    return np.where(place < k, gain / np.log2(place + 2.0), 0.0)


def _precisions(query: Ints, place: Ints, hits: Floats, queries: int) -> Floats:
    """Return the sum over relevant places among the first k of the precision there."""
    running = np.cumsum(hits)
    first = np.searchsorted(query, np.arange(queries))
    before = np.append(0.0, running)[first]
    return _sum(query, hits * (running - before[query]) / (place + 1.0), queries)


def _first(query: Ints, place: Ints, hits: Floats, queries: int) -> Floats:
    """Return one over the number of the first relevant place, 0 without."""
    found = np.zeros(queries)
    rows = np.flatnonzero(hits)[::-1]
    found[query[rows]] = 1.0 / (place[rows] + 1.0)  # the first of a request is written last
    return found
