"""Planted faults: in how many runs each is found, and after how many windows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.alarm_peers import flags
from benchmarks.alarm_run import LEVELS, Run
from benchmarks.alarm_streams import MISSING, REFERENCE, Stream, draw, shares, shifts, windows
from monitor.alerts.fold import fold_each
from monitor.domain.measurement import Measurement
from monitor.domain.verdict import Verdict
from monitor.metrics.intervals import wilson
from monitor.rules.defaults import rules_of
from monitor.rules.judge import judge
from monitor.rules.measured import Before
from monitor.rules.select import Attributes
from monitor.rules.situation import Situation

QUIET, LATER = 24, 48  # windows before the fault, and after it
Fault = Callable[
    [np.random.Generator, int, np.ndarray], np.ndarray
]  # of the rows an hour, and each hour's healthy shift


def shifted(by: float) -> Fault:
    return lambda rng, rows, shift: draw(rng, rows, shares(True, shift + by))


def spread(rng: np.random.Generator, rows: int, shift: np.ndarray) -> np.ndarray:
    return draw(rng, rows, shares(True, shift, spread=1.5))


def missing(rng: np.random.Generator, rows: int, shift: np.ndarray) -> np.ndarray:
    return draw(rng, rows, shares(True, shift, missing=MISSING + 0.2))


def unit(rng: np.random.Generator, rows: int, shift: np.ndarray) -> np.ndarray:
    share = np.zeros((len(shift), 103))
    share[:, [0, 101, 102]] = (1 - MISSING) / 2, (1 - MISSING) / 2, MISSING
    return draw(rng, rows, share)


def category(rng: np.random.Generator, rows: int, shift: np.ndarray) -> np.ndarray:
    share = shares(False, shift) * 0.9
    share[:, -2] += 0.1
    return draw(rng, rows, share)


FAULTS: dict[str, tuple[Fault, int, str]] = {
    "0.1 sd in 1 of 50": (shifted(0.1), 1, "plain"),
    "0.1 sd in 5 of 50": (shifted(0.1), 5, "plain"),
    "0.25 sd in 1 of 50": (shifted(0.25), 1, "plain"),
    "0.25 sd in 5 of 50": (shifted(0.25), 5, "plain"),
    "0.5 sd in 1 of 50": (shifted(0.5), 1, "plain"),
    "0.5 sd in 5 of 50": (shifted(0.5), 5, "plain"),
    "0.25 sd in 1 of 50, with a season": (shifted(0.25), 1, "season"),
    "0.5 sd in 1 of 50, autocorrelated noise": (shifted(0.5), 1, "autocorrelated"),
    "spread 1.5 times": (spread, 1, "plain"),
    "20 points more missing": (missing, 1, "plain"),
    "10 % in a new category": (category, 1, "plain"),
    "unit broken (1000 times)": (unit, 1, "plain"),
}


def planted(name: str, rows: int, rng: np.random.Generator) -> tuple[Stream, int]:
    """Draw a stream of the columns concerned, the fault beginning `QUIET` hours after the reference."""
    fault, columns, kind = FAULTS[name]
    number, counts = fault is not category, {}
    for i in range(columns):
        shift = shifts(kind, REFERENCE + QUIET + LATER, rng)
        healthy = draw(rng, rows, shares(number, shift[:-LATER]))
        counts[f"column:{'x' if number else 'c'}{i}"] = np.concatenate([healthy, fault(rng, rows, shift[-LATER:])])
    return Stream(rows, counts), QUIET + LATER


def delays(name: str, rows: int, seeds: list[int]) -> tuple[list[int | None], dict[str, list[int | None]]]:
    """Return after how many windows each run was found, by us and by peers; None where it was not in 48."""
    ours: list[int | None] = []
    theirs: dict[str, list[int | None]] = {}
    for seed in seeds:
        stream, hours = planted(name, rows, np.random.default_rng((seed, rows)))
        run = Run(stream)
        run.go(hours, stop=True)
        ours.append(run.opened[0] - QUIET + 1 if run.opened and run.opened[0] >= QUIET else None)
        for peer, flagged in flags(stream).items():
            at = np.flatnonzero(flagged[:, QUIET:].any(axis=0))
            theirs.setdefault(peer, []).append(int(at[0]) + 1 if len(at) else None)
    return ours, theirs


def subgroup(rows: int, seeds: list[int], fall: float = 0.1, checks: int = 20) -> list[int | None]:
    """Return after how many windows a subgroup's recall, fallen from 0.8, is found: half of the rows, 30 % positive."""
    found: list[int | None] = []
    rules = [rule for rule in rules_of(None, "binary", "f1") if rule.metric == "recall"]
    positives = int(rows * 0.15)
    known = Attributes(groups=(("g",),))
    names = [f"g{i}" for i in range(checks)]
    for seed in seeds:
        rng = np.random.default_rng((seed, rows))
        before = [wilson(int(rng.binomial(positives * REFERENCE, 0.8)), positives * REFERENCE) for _ in names]
        past = Before.of([("recall", None, {"g": g}, one) for g, one in zip(names, before, strict=True)])
        verdicts: list[Verdict] = []
        for window in windows(REFERENCE, QUIET):
            ms = []
            for i, g in enumerate(names):
                e = wilson(int(rng.binomial(positives, 0.8 - (fall if i == 0 else 0.0))), positives)
                ms.append(
                    Measurement(
                        "m",
                        window.start,
                        window.end,
                        "recall",
                        e.value,
                        rows // 2,
                        None,
                        {"g": g},
                        low=e.low,
                        high=e.high,
                    )
                )
            verdicts += judge(Situation("m", window), rules, LEVELS, measurements=ms, before=past, known=known)
        fired = [t.window for one in fold_each(verdicts).values() for t in one.transitions if t.kind == "fired"]
        first = min((w.start for w in fired), default=None)
        found.append(
            None if first is None else int((first - windows(REFERENCE, 1)[0].start).total_seconds() // 3600) + 1
        )
    return found
