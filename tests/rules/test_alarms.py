"""False alarms and power at the default budget, in small; `benchmarks/alarms.py` is the same for 90 days."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.alarm_power import delays, subgroup
from benchmarks.alarm_run import SCALES, Run, candidates, judged
from benchmarks.alarm_streams import Stream

DAYS = 7


@pytest.mark.parametrize("kind", ["plain", "season", "autocorrelated"])
def test_no_false_alarms(kind):
    """Fifty columns of 200 rows an hour, undrifted for a week, alarm nobody: the budget is one in 30 days."""
    stream = Stream.drawn(kind, 200, np.random.default_rng(11), hours=DAYS * 24)
    run = Run(stream)
    run.go(DAYS * 24)
    assert run.opened == []


def test_the_filter_leaves_no_breach_out():
    """Two breaches of a column within three windows are never left out by the benchmark's cheap filter."""
    stream = Stream.drawn("season", 200, np.random.default_rng(5), columns=5, hours=60)
    for column, rows in stream.counts.items():
        if "x" in column:
            rows[-30:] = rows[-30:, ::-1]  # some drift, in part of the numbers
    stream = Stream(200, stream.counts)
    wanted = candidates(stream, 60)
    seen: dict[tuple[str, int], list[int]] = {}
    for hour in range(24, 60):
        for verdict in judged(stream, hour, SCALES):
            if verdict.state == "breach":
                seen.setdefault((verdict.labels["column"], verdict.scale), []).append(hour)
    twice = {(s, h) for (_, s), hours in seen.items() for h in hours if any(0 < abs(h - o) <= 2 for o in hours)}
    assert twice
    assert all(wanted[SCALES.index(scale), hour] for scale, hour in twice)


@pytest.mark.parametrize(
    ("fault", "rows", "within"),
    [
        ("0.25 sd in 1 of 50", 1000, 3),
        ("0.25 sd in 1 of 50", 200, 24),
        ("unit broken (1000 times)", 200, 2),
        ("20 points more missing", 200, 2),
        ("10 % in a new category", 1000, 3),
    ],
)
def test_faults_are_found(fault, rows, within):
    """A planted fault in one of fifty columns is found in time in every run."""
    found, _ = delays(fault, rows, list(range(6)))
    assert all(delay is not None and delay <= within for delay in found)


def test_a_subgroup_that_falls_is_found():
    """A recall that falls by ten points in one of twenty groups is found, and none that does not."""
    assert all(delay is not None for delay in subgroup(10_000, list(range(3))))
    assert subgroup(1000, list(range(3)), fall=0.0) == [None] * 3
