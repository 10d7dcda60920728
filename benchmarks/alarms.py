"""False alarms without drift and power with it, at the default budget of one per 30 days, beside the rules of peers.

``python -m benchmarks.alarms [--quick] [--seed 1] [--jobs 2]``: 50 independent columns in hourly windows of 200, 1000
and 10 000 rows, a reference of 28 days, then 90 days without drift: plain, with a daily and weekly season, with
autocorrelated noise. Everything is judged and folded by the package's own code; streams are drawn as counts.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from statistics import median

import numpy as np

from benchmarks.alarm_peers import against_evidently, flags
from benchmarks.alarm_power import FAULTS, delays, subgroup
from benchmarks.alarm_run import Run
from benchmarks.alarm_streams import JUDGED, KINDS, Stream

SIZES = (200, 1_000, 10_000)
PEERS = ("plain p < 0.05", "Evidently defaults", "NannyML 3 sd")
WITHIN = (2, 3, 24, 48)
NOTES = """
A shift of 0.1 sd moves 4 % of the rows, less than the default limit of 5 %: it is not meant to be found. A peer alarms
when it flags any column; Evidently's preset by itself calls a data set drifted only when half of its columns are, and
so finds none of these faults. Evidently and NannyML leave missing values to other checks. 0.25 sd under autocorrelated
noise of 0.1 sd is within what the reference itself shows."""
Peers = dict[str, tuple[float, float]]


def quiet(kind: str, rows: int, seed: int, hours: int, days: int = 28) -> tuple[float, Peers]:
    """Return incidents per 30 days, and of each peer the hours of 100 with an alarm and such stretches per 30 days."""
    rng = np.random.default_rng((seed, rows, KINDS.index(kind)))
    stream = Stream.drawn(kind, rows, rng, hours=hours, reference=24 * days)
    run = Run(stream)
    run.go(hours)
    months = hours / 720
    peers = {}
    for name, flagged in flags(stream).items():
        some = flagged.any(axis=0)
        stretches = int((some & ~np.append(False, some[:-1])).sum())
        peers[name] = (100 * float(some.mean()), stretches / months)
    return len(run.opened) / months, peers


def false_alarms(
    pool: ProcessPoolExecutor, streams: int, sizes: tuple[int, ...], hours: int, seed: int
) -> Iterator[str]:
    """Yield the lines of the first table."""
    yield f"\n### Without drift: {streams} streams of {hours // 24} days each\n"
    heads = ["stream", "rows", "**incidents per 30 days** (standard error)", "worst stream"]
    yield row([*heads, *(f"{peer}: windows with an alarm (separate ones per 30 days)" for peer in PEERS)])
    yield row(["---"] * (len(heads) + len(PEERS)))
    cases = [(kind, rows, 28) for kind in KINDS for rows in sizes] + [("season", 1_000, 14)]
    for kind, rows, days in cases:
        jobs = [pool.submit(quiet, kind, rows, seed + i, hours, days) for i in range(streams)]
        found = [job.result() for job in jobs]
        ours = np.array([one[0] for one in found])
        error = ours.std(ddof=1) / np.sqrt(len(ours)) if len(ours) > 1 else 0.0
        name = kind if days == 28 else f"{kind}, reference of {days} days"
        cells = ["{:.0f} % ({:.0f})".format(*np.mean([one[1][peer] for one in found], axis=0)) for peer in PEERS]
        yield row([name, f"{rows:,}", f"**{ours.mean():.2f}** ({error:.2f})", f"{ours.max():.2f}", *cells])


def power(pool: ProcessPoolExecutor, runs: int, sizes: tuple[int, ...], seed: int) -> Iterator[str]:
    """Yield the lines of the second table."""
    yield f"\n### Planted faults: {runs} runs each; found within so many windows, and the median\n"
    heads = ["fault", "rows", *(f"in {n}" for n in WITHIN), "median"]
    yield row([*heads, *(f"{peer}, in 3" for peer in PEERS)])
    yield row(["---"] * (len(heads) + len(PEERS)))
    pieces = [list(range(seed + i, seed + runs, 4)) for i in range(4)]
    for name in FAULTS:
        for rows in sizes:
            jobs = [pool.submit(delays, name, rows, piece) for piece in pieces]
            each = [job.result() for job in jobs]
            theirs = {p: [d for _, peers in each for d in peers[p]] for p in PEERS}
            cells = [f"{share(theirs[p], 3):.0f} %" for p in PEERS]
            yield row([name, f"{rows:,}", *line([d for ours, _ in each for d in ours]), *cells])
    for rows in sizes:
        found = [d for job in [pool.submit(subgroup, rows, piece) for piece in pieces] for d in job.result()]
        yield row(["recall of a subgroup falls by 10 points", f"{rows:,}", *line(found), *([""] * len(PEERS))])
    steady = [pool.submit(subgroup, 1_000, piece, 0.0) for piece in pieces]
    yield f"\nWithout a fall, {share([d for job in steady for d in job.result()], 24):.0f} % of a day's runs alarm."


def row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def line(found: list[int | None]) -> list[str]:
    """Return the shares found in time, and the median."""
    middle = median([99 if d is None else d for d in found])
    return [*(f"{share(found, n):.0f} %" for n in WITHIN), f"{middle:.0f}" if middle < 99 else "none"]


def share(found: list[int | None], within: int) -> float:
    return 100 * float(np.mean([d is not None and d <= within for d in found]))


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--streams", type=int)
    parser.add_argument("--runs", type=int)
    given = parser.parse_args()
    started = time.monotonic()
    sizes = (200, 1_000) if given.quick else SIZES
    streams, runs = given.streams or (2 if given.quick else 20), given.runs or (12 if given.quick else 100)
    print("# Alarms at a budget of one false one per 30 days, 50 columns, hourly windows")
    with ProcessPoolExecutor(given.jobs) as pool:
        for text in false_alarms(pool, streams, sizes, 720 if given.quick else JUDGED, given.seed):
            print(text, flush=True)
        for text in power(pool, runs, sizes, given.seed):
            print(text, flush=True)
    print(NOTES)
    if not given.quick:
        same, looked, flagged = against_evidently(20, 200, np.random.default_rng(given.seed))
        print(
            f"\nEvidently's preset on 20 windows flags {flagged} of {looked} columns; the restatement agrees on {same}."
        )
    print(f"\nTook {time.monotonic() - started:.0f} s.", file=sys.stderr)


if __name__ == "__main__":
    main()
