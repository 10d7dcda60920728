"""Counters of jobs: how long workers took for windows and chores, as a histogram for Prometheus."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from monitor.service.scrape.counters import PREFIX, Sample
from monitor.store import model_counters, models
from monitor.store.engine import Store
from monitor.store.lease import PREPARE, RETAIN, SWEEP, WINDOW

KINDS = (WINDOW, PREPARE, SWEEP, RETAIN)
BOUNDS = (0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0)  # seconds; a worker ends what takes 900 by default
NAME = f"{PREFIX}job_seconds"
TOTAL = f"{PREFIX}model_job_seconds_total"
TOLD = "How long workers took for windows and chores, of all models that are seen."
TOLD_TOTAL = "Seconds that workers took for windows and chores of a model."


def names_of(kind: str, seconds: float) -> dict[str, int]:
    """Return what is counted in the store when a piece of work is done.

    Examples
    --------
    >>> names_of("window", 0.7)
    {'job.window.ms': 700, 'job.window.le2': 1}
    """
    return {f"job.{kind}.ms": round(seconds * 1000), f"job.{kind}.le{bisect_left(BOUNDS, seconds)}": 1}


def job_counters(store: Store, sees: Callable[[str], bool]) -> list[Sample]:
    """Return the samples of the work for models that somebody sees."""
    with store.read() as conn:
        counted = model_counters.every(conn)
        mine = [one for one in models.every(conn, retired=True) if sees(one.name)]
    return job_samples({one.name: counted.get(one.id, {}) for one in mine})


def job_samples(counted: Mapping[str, Mapping[str, int]]) -> list[Sample]:
    """Return samples, those of one name side by side, as the text format demands.

    Examples
    --------
    >>> found = job_samples({"m": names_of("window", 0.7), "n": names_of("window", 2.0)})
    >>> [(one.labels.get("le"), one.value) for one in found if one.name.endswith("bucket")][1:4]
    [('0.5', 0.0), ('1', 1.0), ('5', 2.0)]
    """
    sums: Counter[str] = Counter()
    for named in counted.values():
        sums.update({name: number for name, number in named.items() if name.startswith("job.")})
    seen = [kind for kind in KINDS if any(name.startswith(f"job.{kind}.") for name in sums)]
    return [*_histogram(sums, seen), *_totals(counted, seen)]


def _histogram(sums: Mapping[str, int], kinds: Iterable[str]) -> Iterator[Sample]:
    for kind in kinds:
        number = 0
        for place, bound in enumerate((*BOUNDS, None)):
            number += sums.get(f"job.{kind}.le{place}", 0)
            labels = {"kind": kind, "le": "+Inf" if bound is None else f"{bound:g}"}
            yield Sample(f"{NAME}_bucket", labels, float(number), TOLD, "histogram", NAME)
        yield Sample(f"{NAME}_sum", {"kind": kind}, sums.get(f"job.{kind}.ms", 0) / 1000, TOLD, "histogram", NAME)
        yield Sample(f"{NAME}_count", {"kind": kind}, float(number), TOLD, "histogram", NAME)


def _totals(counted: Mapping[str, Mapping[str, int]], kinds: Iterable[str]) -> Iterator[Sample]:
    for model, named in counted.items():
        for kind in kinds:
            if f"job.{kind}.ms" in named:
                labels = {"model": model, "kind": kind}
                yield Sample(TOTAL, labels, named[f"job.{kind}.ms"] / 1000, TOLD_TOTAL, "counter")
